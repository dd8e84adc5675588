"""An issue that is ready to be approved, for the tests of the checks."""

from tests.sending.conftest import issue, join, publication, way_out  # noqa: F401 - the same issue as for sending

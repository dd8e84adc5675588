"""The people and the publication of a stage before."""

from tests.sending.conftest import join, publication, way_out  # noqa: F401 - fixtures of that stage

"""Runs one check so that its failure is a finding and the other checks still run."""

import logging
from collections.abc import Callable, Iterator

from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.doctor_finding import Finding, wrong

log = logging.getLogger(__name__)


def heard(
    name: str, check: Callable[[Installation], Iterator[Finding]], installation: Installation
) -> Iterator[Finding]:
    """Yield the findings of a check. If it fails, yield a finding that says so, and let the other checks run."""
    try:
        yield from check(installation)
    except Exception as error:
        log.exception("We could not complete the check “%s”.", name)
        yield wrong(
            name,
            (f"We could not complete this check because of an unexpected error ({type(error).__name__})."),
            "For details, see the log.",
        )

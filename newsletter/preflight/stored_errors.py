"""The errors that the latest checks stored about an email, for pages that run no checks themselves."""

from newsletter.issues.models import Issue, PreflightRun
from newsletter.preflight.finding import Level
from newsletter.preflight.models import OverruledFinding


def stored_errors(issue: Issue, digest: str) -> list[str]:
    """Return the errors that the checks found in the emails with this digest, without those overruled since.

    An approval runs the checks again, and might no longer find an error.
    """
    run = PreflightRun.objects.filter(issue=issue, digest=digest, errors__gt=0).first() if digest else None
    if run is None:
        return []
    overruled = set(OverruledFinding.objects.filter(issue=issue).values_list("finding", flat=True))
    return [
        each["what"]
        for each in run.findings
        if each["level"] == Level.ERROR.value
        and not each["overruled_because"]
        and each.get("fingerprint") not in overruled
    ]

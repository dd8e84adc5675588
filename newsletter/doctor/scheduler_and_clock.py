"""The clock: signed links, schedules and webhooks are read by it. SendGrid's answers say what time it is. And whether
the press's own, which does what is due, ticks.
"""

from collections.abc import Iterator

from django.utils import timezone

from newsletter.doctor.finding import Finding, left_out, ok, warning, wrong
from newsletter.doctor.installation import Installation
from newsletter.errors import NewsletterError
from newsletter.instance import scheduler_heartbeat

CHECK = "clock"
SOME_SECONDS, TOO_MANY_SECONDS = 30, 300
START = "Start `newsletter serve`, or `newsletter scheduler`."
MEND = "Let the machine set its clock by NTP: `timedatectl set-ntp true`."


def check(installation: Installation) -> Iterator[Finding]:
    """When the press's clock last ticked, and how far this machine's is from SendGrid's, as its answer said."""
    yield _ticking(installation)
    if installation.environment.transport != "sendgrid":
        yield left_out(CHECK, "There is nobody to compare it with: only SendGrid's answers say the time.")
        return
    yield _compared(installation)


def _ticking(installation: Installation) -> Finding:
    if not installation.database_is_ready:
        return left_out(CHECK, "The database is not ready, so nobody knows whether a clock ticks.")
    ago = scheduler_heartbeat.heartbeat_age()
    problem = scheduler_heartbeat.why_overdue(ago)
    if ago is not None and scheduler_heartbeat.is_in_future(ago):
        return wrong(
            CHECK, problem, f"{MEND} Then start `newsletter serve`, or `newsletter scheduler`, again."
        )
    if ago is None or problem:
        return warning(CHECK, problem, START)
    return ok(CHECK, f"last tick {abs(ago.total_seconds()):,.0f} seconds ago.")


def _compared(installation: Installation) -> Finding:
    try:
        theirs = installation.account.clock
    except NewsletterError:
        theirs = None
    if theirs is None:
        return left_out(CHECK, "SendGrid did not say what time it is.")
    seconds = (timezone.now() - theirs).total_seconds()
    said = f"This machine is {abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} SendGrid"
    if abs(seconds) > TOO_MANY_SECONDS:
        return wrong(CHECK, f"{said}: schedules and webhooks go wrong.", MEND)
    if abs(seconds) > SOME_SECONDS:
        return warning(CHECK, f"{said}.", MEND)
    return ok(CHECK, "It agrees with SendGrid's.")

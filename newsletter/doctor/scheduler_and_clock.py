"""Check the scheduler and this machine's clock. Signed links, schedules and webhooks depend on the time, which we
compare with SendGrid's responses.
"""

from collections.abc import Iterator

from django.utils import timezone

from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.doctor_finding import Finding, left_out, ok, warning, wrong
from newsletter.errors import NewsletterError
from newsletter.instance import process_heartbeats

CHECK = "clock"
SOME_SECONDS, TOO_MANY_SECONDS = 30, 300
START = "Start `newsletter serve`, or `newsletter scheduler`."
MEND = "Turn on automatic time synchronisation (NTP) on this machine, for example with `timedatectl set-ntp true`."


def check(installation: Installation) -> Iterator[Finding]:
    """Check when the scheduler last ran, and how far this machine's clock is from SendGrid's."""
    yield _ticking(installation)
    if installation.environment.transport != "sendgrid":
        yield left_out(
            CHECK,
            (
                "We did not check this machine’s clock, because we compare it with SendGrid’s, and "
                "this installation does not use SendGrid."
            ),
        )
        return
    yield _compared(installation)


def _ticking(installation: Installation) -> Finding:
    if not installation.database_is_ready:
        return left_out(
            CHECK, "We do not know when the scheduler last ran, because the database is not ready."
        )
    ago = process_heartbeats.heartbeat_age()
    problem = process_heartbeats.why_overdue(ago)
    if ago is not None and process_heartbeats.is_in_future(ago):
        return wrong(CHECK, problem, f"{MEND} Then restart `newsletter serve` or `newsletter scheduler`.")
    if ago is None or problem:
        return warning(CHECK, problem, START)
    return ok(CHECK, f"The scheduler last ran {abs(ago.total_seconds()):,.0f} seconds ago.")


def _compared(installation: Installation) -> Finding:
    try:
        theirs = installation.account.clock
    except NewsletterError:
        theirs = None
    if theirs is None:
        return left_out(
            CHECK,
            (
                "We could not check this machine’s clock, because SendGrid’s response did not contain the "
                "time."
            ),
        )
    seconds = (timezone.now() - theirs).total_seconds()
    said = f"This machine’s clock is {abs(seconds):.0f} seconds {'ahead of' if seconds > 0 else 'behind'} SendGrid’s"
    if abs(seconds) > TOO_MANY_SECONDS:
        return wrong(CHECK, f"{said}. Schedules and webhooks will not work properly.", MEND)
    if abs(seconds) > SOME_SECONDS:
        return warning(CHECK, f"{said}.", MEND)
    return ok(CHECK, "This machine’s clock agrees with SendGrid’s.")

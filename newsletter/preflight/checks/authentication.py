"""Check that receivers can recognise the sender: what the doctor found in the DNS today. Nothing is asked here."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from newsletter.doctor import dkim, dmarc, sender_identity, spf
from newsletter.doctor.doctor_finding import Level as DoctorLevel
from newsletter.doctor.run_checks_job import findings_of, latest_findings
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule
from newsletter.sending_settings.current import sending_settings
from subscribers.phrases import written_moment

CHECK = "authentication"
GOOGLE = Basis(
    "Google’s email sender guidelines", "https://support.google.com/a/answer/81126", "November 2026"
)
WRONG = Rule(
    "authentication.wrong",
    "The sender’s domain is not set up",
    Level.ERROR,
    "Google, Yahoo and others reject newsletters without SPF, DKIM and DMARC, or mark them as spam.",
    "Ask the person who runs the server to correct the DNS records as the system checks advise.",
    GOOGLE,
)
WEAK = Rule(
    "authentication.weak",
    "The sender’s domain could be set up better",
    Level.WARNING,
    "Email providers trust a sender less if its domain is not completely set up.",
    "Ask the person who runs the server to look at the system checks.",
    GOOGLE,
)
RULES = (WRONG, WEAK)
PLACE = Place("settings", "sender")
CHECKS = frozenset({spf.CHECK, dkim.CHECK, dmarc.CHECK, sender_identity.CHECK})
# The DNS of a domain seldom changes, and an old answer is worse than none.
COUNTS_FOR = timedelta(days=1)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Repeat what the doctor found today about the domain of this sender."""
    job = latest_findings()
    if sending_settings().transport == "maildir" or job is None or job.ended_at is None:
        return
    if timezone.now() - job.ended_at > COUNTS_FOR:
        return
    domain = checked.publication.sender_address.rpartition("@")[2].lower()
    at = written_moment(job.ended_at.astimezone(checked.publication.tzinfo))
    for each in findings_of(job):
        if each.check in CHECKS and domain in each.sentence.lower():
            rule = {DoctorLevel.WRONG: WRONG, DoctorLevel.WARNING: WEAK}.get(each.level)
            if rule is not None:
                yield rule.found(f"{each.sentence} ({each.check}, {at})", PLACE, mend=each.fix)

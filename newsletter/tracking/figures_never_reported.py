"""Which figures of a mailing can be known: a server that takes an email by SMTP does not say whether anybody opened it.

A figure that nobody reports is not 0, and a page must not show it as if it were.
"""

from collections.abc import Mapping

from newsletter.tracking.mailing_report import MailingReport

_NEVER_REPORTED: Mapping[str, frozenset[str]] = {
    "maildir": frozenset({"delivered", "opened", "clicked", "complained", "bounced"}),
    "smtp": frozenset({"delivered", "opened", "clicked"}),
}
_WHY: Mapping[str, str] = {
    "maildir": "This server saved the emails in a folder instead of sending them, so nobody could open or reject them.",
    "smtp": (
        "Your mail server does not report who opened the email or clicked a link in it, so we cannot count "
        "opens and clicks."
    ),
}


def figures_not_reported(report: MailingReport, transport: str) -> frozenset[str]:
    """Return the names of the figures in `report.counts` that the mailing’s transport does not report.

    They are not known. A figure above 0 was reported all the same, for example by the mailbox for bounces.
    """
    never = _NEVER_REPORTED.get(transport, frozenset[str]())
    return frozenset(name for name in never if not getattr(report.counts, name))


def why_not_reported(report: MailingReport, transport: str) -> str:
    """Return why opened and clicked are not known for a mailing by this transport, or an empty string if they are."""
    unknown = {"opened", "clicked"} <= figures_not_reported(report, transport)
    return _WHY.get(transport, "") if unknown else ""

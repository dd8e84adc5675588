"""Which figures of a mailing can be known: a server that takes an email by SMTP does not say whether anybody opened it.

A figure that nobody reports is not 0, and a page must not show it as if it were.
"""

from collections.abc import Mapping

from newsletter.sending_settings.current import sending_settings
from newsletter.tracking.mailing_report import MailingReport

_NEVER_REPORTED: Mapping[str, frozenset[str]] = {
    "maildir": frozenset({"delivered", "opened", "clicked", "complained", "bounced"}),
    "smtp": frozenset({"delivered", "opened", "clicked"}),
}
_WHY: Mapping[str, str] = {
    "maildir": "This server saves emails in a folder instead of sending them, so nobody can open or reject them.",
    "smtp": (
        "Your mail server does not report who opened the email or clicked a link in it, so we cannot count "
        "opens and clicks."
    ),
}


def never_reported() -> frozenset[str]:
    """Return the names of the figures that the transport of now does not report."""
    return _NEVER_REPORTED.get(sending_settings().transport, frozenset())


def figures_not_reported(report: MailingReport, never: frozenset[str] | None = None) -> frozenset[str]:
    """Return the names of the figures in `report.counts` that the transport does not report, and so are not known.

    A figure above 0 was reported all the same, perhaps before the transport was changed. A page of many reports asks
    for `never_reported` once.
    """
    names = never_reported() if never is None else never
    return frozenset(name for name in names if not getattr(report.counts, name))


def why_not_reported(report: MailingReport) -> str:
    """Return why opened and clicked are not known, or an empty string if they are."""
    unknown = {"opened", "clicked"} <= figures_not_reported(report)
    return _WHY.get(sending_settings().transport, "") if unknown else ""

"""How the pages about sending say things: which settings the environment has, and what a finding means here."""

import re
from collections.abc import Iterable, Mapping

from django.conf import settings

from newsletter.doctor.finding import Finding
from newsletter.doctor.sending_report import LABELS
from newsletter.environment import variable_of
from newsletter.sending_settings.chosen_fields import set_in_environment
from newsletter.web.desk.formatting import without_commands

TRANSPORTS: Mapping[str, tuple[str, str]] = {
    "sendgrid": ("Through SendGrid", "For most newsletters. SendGrid reports bounces, complaints and opens."),
    "smtp": ("Through an SMTP server", "Your own mail server, or a provider that gives you one."),
    "maildir": (
        "Keep them on this server",
        "Nothing is sent. Every email is saved in a folder, to try things out.",
    ),
}
NOW: Mapping[str, str] = {
    "sendgrid": "Emails are sent through SendGrid.",
    "smtp": "Emails are sent through an SMTP server.",
    "maildir": "No email leaves this server: each is saved in a folder.",
}
# What the fields are called on these pages.
FIELDS: Mapping[str, str] = {
    "SENDGRID_API_KEY": "the API key",
    "NEWSLETTER_SENDGRID_HOST": "the region",
    "NEWSLETTER_SENDGRID_WEBHOOK_KEY": "the verification key of the event webhook",
    "NEWSLETTER_TRANSPORT": "how emails are sent",
    "NEWSLETTER_SMTP_HOST": "the server",
    "NEWSLETTER_SMTP_PORT": "the port",
    "NEWSLETTER_SMTP_SECURITY": "the encryption",
    "NEWSLETTER_SMTP_USER": "the user name",
    "NEWSLETTER_SMTP_PASSWORD": "the password",
}
VARIABLE = re.compile(r"\b(?:NEWSLETTER|SENDGRID)_[A-Z_]+\b")


def taken() -> dict[str, str]:
    """Return the settings that the environment sets, each with the name of its variable."""
    return {name: variable_of(name) for name in set_in_environment(settings.NEWSLETTER)}


def at_the_desk(sentences: str) -> str:
    """Return sentences of the doctor as a page shows them: without commands, and with the names of the fields."""
    said = without_commands(sentences) if sentences else ""
    return VARIABLE.sub(lambda found: FIELDS.get(found[0], found[0]), said)


def shown_findings(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Return findings as a page lists them."""
    return [
        {
            "label": LABELS.get(each.check, each.check),
            "level": each.level.value,
            "sentence": at_the_desk(each.sentence),
            "fix": at_the_desk(each.fix),
        }
        for each in findings
    ]

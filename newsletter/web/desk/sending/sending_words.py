"""How the pages about sending say things: which settings the environment has, and what a finding means here."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings

from newsletter.doctor.doctor_finding import Finding
from newsletter.doctor.sending_report import LABELS
from newsletter.environment import variable_of
from newsletter.sending.sendgrid_account_setup import DnsRecord
from newsletter.sending.status_sentences import Status
from newsletter.sending_settings.chosen_fields import set_in_environment
from newsletter.web.desk.formatting import without_commands

TRANSPORTS: Mapping[str, tuple[str, str]] = {
    "sendgrid": (
        "Through SendGrid",
        "This suits most newsletters. SendGrid reports bounces, complaints and opens.",
    ),
    "smtp": ("Through an SMTP server", "Your own mail server, or a provider that gives you one."),
    "maildir": (
        "Keep emails on this server",
        "Use this to try things out. Nothing is sent, and every email is saved in a folder.",
    ),
}
NOW: Mapping[str, str] = {
    "sendgrid": "Emails are sent through SendGrid.",
    "smtp": "Emails are sent through an SMTP server.",
    "maildir": "Emails do not leave this server. They are saved in a folder.",
}
# What the fields are called on these pages.
FIELDS: Mapping[str, str] = {
    "SENDGRID_API_KEY": "the API key",
    "NEWSLETTER_SENDGRID_HOST": "the region",
    "NEWSLETTER_SENDGRID_WEBHOOK_KEY": "the event webhook’s verification key",
    "NEWSLETTER_TRANSPORT": "how emails are sent",
    "NEWSLETTER_SMTP_HOST": "the server",
    "NEWSLETTER_SMTP_PORT": "the port",
    "NEWSLETTER_SMTP_SECURITY": "the encryption",
    "NEWSLETTER_SMTP_USER": "the username",
    "NEWSLETTER_SMTP_PASSWORD": "the password",
}
# Sentences of the doctor that are about the environment alone, and what they mean on these pages.
INSTEAD: Sequence[tuple[str, str]] = (
    (r"the key in NEWSLETTER_SENDGRID_WEBHOOK_KEY", "the key that is stored here"),
    (
        r"because NEWSLETTER_SENDGRID_WEBHOOK_KEY is not set",
        "because its verification key is not stored here",
    ),
    (r"Set NEWSLETTER_SENDGRID_WEBHOOK_KEY to \S+", "Set up the event webhook again."),
    (r"Set NEWSLETTER_SMTP_SECURITY to tls if", "Choose TLS if"),
    (r"Set it to none only", "Choose None only"),
    (r"Set NEWSLETTER_SMTP_SECURITY to starttls or tls\b", "Choose STARTTLS or TLS"),
    (r"Set NEWSLETTER_SMTP_SECURITY to starttls\b", "Choose STARTTLS"),
    (r"Set NEWSLETTER_SMTP_SECURITY to tls\b", "Choose TLS"),
    (r"Then set SENDGRID_API_KEY to the new key", "Then enter the new key here"),
)
ADD_RECORD = re.compile(r"Add a TXT record to (\S+): “([^”]+)”\.")
VARIABLE = re.compile(r"\b(?:NEWSLETTER|SENDGRID)_[A-Z_]+\b")


def taken() -> dict[str, str]:
    """Return the settings that the environment sets, each with the name of its variable."""
    return {name: variable_of(name) for name in set_in_environment(settings.NEWSLETTER)}


def at_the_desk(sentences: str) -> str:
    """Return sentences of the doctor as a page shows them: without commands, and with the names of the fields."""
    said = without_commands(sentences) if sentences else ""
    for before, instead in INSTEAD:
        said = re.sub(before, instead, said)
    return VARIABLE.sub(lambda found: FIELDS.get(found[0], found[0]), said)


def sentence_of_sending(sentence: str) -> str:
    """Return a sentence about sending as an issue's page shows it: with the names of fields, and where they are."""
    said = at_the_desk(sentence)
    names_a_field = any(found in FIELDS for found in VARIABLE.findall(sentence))
    return f"{said} An administrator can change this under Settings → Sending." if names_a_field else said


def status_of_sending(status: Status) -> Status:
    """Return the status of an issue or a mailing as an issue's page shows it."""
    return replace(status, sentence=sentence_of_sending(status.sentence))


def shown_findings(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as a page lists them. A DNS record that is missing is apart from the sentence, to be copied."""
    return [
        {
            "label": LABELS.get(each.check, each.check),
            "level": each.level.value,
            "sentence": at_the_desk(each.sentence),
            "fix": "" if ADD_RECORD.search(each.fix) else at_the_desk(each.fix),
            "records": [
                DnsRecord("TXT", host, data, is_found=False) for host, data in ADD_RECORD.findall(each.fix)
            ],
        }
        for each in findings
    ]

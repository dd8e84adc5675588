"""How sending stands now, for a page: what the SendGrid key may do, the senders' domains, findings, and credits.

It asks SendGrid, the DNS and our own public address, and changes nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from newsletter.accounts.actor import Role, require_role
from newsletter.doctor import (
    dkim,
    dmarc,
    public_base_url,
    sender_identity,
    sendgrid_api_key,
    sendgrid_webhook,
    spf,
    transport_usable,
)
from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.dns_lookup import Records
from newsletter.doctor.doctor_finding import Finding, Level
from newsletter.doctor.run_one_check import heard
from newsletter.environment import Environment
from newsletter.errors import NewsletterError
from newsletter.sending.sendgrid_account_setup import SenderDomain, sender_domain_names, sender_domain_of
from newsletter.sending.sendgrid_plan_credits import PlanCredits, credits_of_account
from newsletter.sending_settings.change import ACT

# What each permission is for. The name of the permission is SendGrid's.
PERMISSIONS: Mapping[str, str] = {
    "mail.send": "Send emails",
    "suppression.read": "See the bounces and complaints that SendGrid has recorded",
    "whitelabel.read": "Check the sender’s domain",
    "whitelabel.create": "Add the sender’s domain from this page",
    "user.webhooks.event.settings.read": "Check the event webhook",
    "user.webhooks.event.settings.create": "Set up the event webhook from this page",
    "user.credits.read": "See how many emails are left in the plan",
}
CHECKS = (transport_usable, public_base_url, sender_identity)
LABELS: Mapping[str, str] = {
    "transport": "Connection",
    "base URL": "Links in emails",
    "key": "API key",
    "sender": "Sender",
    "webhook": "Event webhook",
}


@dataclass(frozen=True, slots=True)
class Permission:
    """What the key may do, or may not."""

    words: str
    scope: str
    is_given: bool


@dataclass(frozen=True, slots=True)
class SendingReport:
    """How sending stands. `problem` says why SendGrid could not be asked."""

    findings: list[Finding]
    permissions: list[Permission] = field(default_factory=list)
    domains: list[SenderDomain] = field(default_factory=list)
    credits_left: PlanCredits | None = None
    problem: str = ""

    def may(self, scope: str) -> bool:
        """Return whether the key has a permission."""
        return any(each.scope == scope and each.is_given for each in self.permissions)

    def of(self, check: str) -> list[Finding]:
        """Return the findings of one check."""
        return [each for each in self.findings if each.check == check]

    def is_well(self, check: str) -> bool:
        """Return whether a check was made and found nothing wrong."""
        found = self.of(check)
        return bool(found) and all(each.level is Level.OK for each in found)


def sending_report(environment: Environment) -> SendingReport:
    """Return how sending stands with these settings. Only administrators may ask."""
    require_role(Role.ADMINISTRATOR, ACT)
    if environment.transport == "maildir":
        return SendingReport([])
    installation = Installation(environment, Records(environment.dns_server), database_is_ready=True)
    try:
        if environment.transport == "sendgrid":
            return _of_sendgrid(installation)
        return SendingReport(list(_findings(installation)))
    finally:
        installation.close()


def _of_sendgrid(installation: Installation) -> SendingReport:
    try:
        scopes = installation.account.scopes()
        known = installation.authenticated if "whitelabel.read" in scopes else {}
    except NewsletterError as error:
        return SendingReport([], problem=str(error))
    return SendingReport(
        findings=[
            *_findings(installation),
            *heard(sendgrid_webhook.CHECK, sendgrid_webhook.check, installation),
            *(
                each
                for each in heard(sendgrid_api_key.CHECK, sendgrid_api_key.check, installation)
                if "Email Logs" in each.sentence or "far more" in each.sentence
            ),
        ],
        permissions=[Permission(words, scope, scope in scopes) for scope, words in PERMISSIONS.items()],
        domains=[
            sender_domain_of(known[name]) if name in known else SenderDomain(name)
            for name in sender_domain_names()
        ],
        credits_left=credits_of_account(installation.environment),
    )


def _findings(installation: Installation) -> Iterator[Finding]:
    for check in CHECKS:
        yield from heard(check.CHECK, check.check, installation)
    if installation.domains:
        for of_domain in (spf, dkim, dmarc):
            yield from heard(of_domain.CHECK, of_domain.check, installation)

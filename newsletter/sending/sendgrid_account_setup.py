"""What is set up in the SendGrid account after the key: the event webhook, and the domains that emails come from."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from newsletter.accounts import audit_log
from newsletter.accounts.actor import Role, require_role
from newsletter.accounts.one_at_a_time import one_at_a_time
from newsletter.errors import Invalid, InvalidFields, Refused, refuse_if
from newsletter.issues.models import Publication
from newsletter.sending.build_message import domain_of
from newsletter.sending_settings.change import ACT, choose_sending
from newsletter.sending_settings.chosen_fields import checked
from newsletter.sending_settings.current import sending_settings
from newsletter.sending_settings.webhook_public_key import public_key_of

if TYPE_CHECKING:
    from newsletter.sending.transports.sendgrid_account import AuthenticatedDomain
    from newsletter.sending.transports.sendgrid_setup import AccountSetUp

# Longer than their three requests take, each of at most ten seconds (transports/sendgrid_account.py).
LONGEST_SET_UP = timedelta(minutes=1)
EVENT_WEBHOOK = "the event webhook"


class SetUpInProgressError(Refused):
    """Another request is setting up the same thing now, so this one asked SendGrid nothing."""

    def __init__(self, thing: str) -> None:
        super().__init__(
            f"We are already waiting for SendGrid’s response about {thing}. Reload this page in a minute."
        )


@dataclass(frozen=True, slots=True)
class DnsRecord:
    """A record that SendGrid wants in the DNS, and whether it found it there when it last looked."""

    kind: str
    host: str
    data: str
    is_found: bool


@dataclass(frozen=True, slots=True)
class SenderDomain:
    """A domain that publications send from. `number` is 0 and there are no records if it is not set up in SendGrid."""

    name: str
    number: int = 0
    is_valid: bool = False
    records: tuple[DnsRecord, ...] = ()


def sender_domain_names() -> tuple[str, ...]:
    """Return the domains of the addresses that publications send from, in ASCII."""
    found = set()
    for address in Publication.objects.values_list("sender_address", flat=True):
        try:
            found.add(domain_of(address.lower()))
        except Invalid:
            continue
    return tuple(sorted(found))


def set_up_domain(name: str) -> SenderDomain:
    """Add a sender's domain in SendGrid, or let SendGrid look at its DNS records again if it is there.

    Raises Refused if no publication sends from the domain or the key may not, SetUpInProgressError if another request
    does this now, and Unreachable without a response.
    """
    require_role(Role.ADMINISTRATOR, ACT)
    if name not in sender_domain_names():
        raise Refused("No newsletter is sent from this domain.")
    with _alone_with(name):
        return _add_or_check(name)


def act_on(thing: str) -> str:
    """Return the name by which one request at a time claims the set-up of a domain or of the event webhook."""
    return f"set up {thing} in SendGrid"


@contextmanager
def _alone_with(thing: str) -> Iterator[None]:
    with one_at_a_time(act_on(thing), longest=LONGEST_SET_UP) as is_ours:
        if not is_ours:
            raise SetUpInProgressError(thing)
        yield


def _add_or_check(name: str) -> SenderDomain:
    with _account() as account:
        known = [each for each in account.authenticated_domains() if each.domain == name]
        if not known:
            made = sender_domain_of(account.authenticate_domain(name))
            audit_log.write("sending", f"Added the domain {name} in SendGrid.", thing="sending")
            return made
        chosen = max(known, key=lambda each: each.valid)
        is_valid = account.validate_domain(chosen.id) if chosen.id else chosen.valid
        found = [each for each in account.authenticated_domains() if each.id == chosen.id]
    audit_log.write("sending", f"Asked SendGrid to check the DNS records for {name}.", thing="sending")
    domain = sender_domain_of(found[0] if found else chosen)
    return SenderDomain(domain.name, domain.number, is_valid, domain.records)


def make_event_webhook(url: str) -> None:
    """Make the event webhook in SendGrid for our address, and store the key that it signs with beside earlier ones.

    Raises Refused if the key may not, SetUpInProgressError if another request does this now, Unreachable without a
    response, and Invalid if SendGrid gives no usable key.
    """
    require_role(Role.ADMINISTRATOR, ACT)
    with _alone_with(EVENT_WEBHOOK):
        _make_event_webhook(url)


def _make_event_webhook(url: str) -> None:
    with _account() as account:
        key = account.make_webhook(url)
    environment = sending_settings()
    try:
        [new] = checked({"sendgrid_webhook_key": key})["sendgrid_webhook_key"]
        public_key_of(new)
    except (InvalidFields, ValueError):
        raise Invalid("SendGrid sent a verification key that we cannot use. Try again later.") from None
    if new in environment.sendgrid_webhook_key:
        audit_log.write("sending", "Set up the event webhook in SendGrid.", thing="sending")
        return
    # Posts that are on their way may still be signed with the key before.
    keys = ",".join([new, *environment.sendgrid_webhook_key[:1]])
    choose_sending({"sendgrid_webhook_key": keys}, act="Set up the event webhook in SendGrid.")


@contextmanager
def _account() -> Iterator["AccountSetUp"]:
    # The SendGrid client takes longer to import than most commands to run.
    from newsletter.sending.transports.sendgrid_setup import AccountSetUp

    environment = sending_settings()
    refuse_if("" if environment.sendgrid_api_key.get_secret_value() else "Enter your SendGrid API key first.")
    account = AccountSetUp(environment)
    try:
        yield account
    finally:
        account.close()


def sender_domain_of(found: "AuthenticatedDomain") -> SenderDomain:
    """Return a domain as SendGrid describes it."""
    records = tuple(
        DnsRecord(
            kind=str(each.get("type", "cname")).upper(),
            host=str(each.get("host", "")),
            data=str(each.get("data", "")),
            is_found=each.get("valid") is True,
        )
        for each in found.dns.values()
    )
    return SenderDomain(found.domain, found.id, found.valid, records)

"""What the checks look at: the settings, the senders, the SendGrid account and the DNS, each asked once."""

from dataclasses import dataclass
from functools import cached_property

from newsletter.doctor.dns_lookup import Records
from newsletter.environment import Environment
from newsletter.errors import Invalid, NewsletterError
from newsletter.issues.models import Publication
from newsletter.sending.build_message import domain_of
from newsletter.sending.transports.sendgrid_account import Account, AuthenticatedDomain

# SendGrid lists the record of the domain that bounces go to under these names.
RETURN_PATHS = ("mail_cname", "subdomain_spf", "mail_server")
MAX_LABELS = 8


def above(domain: str) -> list[str]:
    """Return the domains above a domain, nearest first. The top-level domain is left out, since it cannot be a
    sender's.
    """
    labels = domain.split(".")[-MAX_LABELS:]
    names = (".".join(labels[start:]) for start in range(len(labels) - 1))
    return [name for name in names if name != domain]


@dataclass(frozen=True)
class Installation:
    """One installation. `senders` is empty while the database is not ready. Properties that cannot be read raise."""

    environment: Environment
    records: Records
    database_is_ready: bool

    @cached_property
    def senders(self) -> tuple[str, ...]:
        """Return the addresses that publications send from, in lower case."""
        if not self.database_is_ready:
            return ()
        addresses = Publication.objects.values_list("sender_address", flat=True)
        return tuple(sorted({address.lower() for address in addresses}))

    @cached_property
    def sender_names(self) -> tuple[tuple[str, str, str], ...]:
        """Return the slug of each publication, its sender's name, and the name that it chose for SendGrid."""
        if not self.database_is_ready:
            return ()
        return tuple(
            Publication.objects.values_list("slug", "sender_name", "sender_name_ascii").order_by("slug")
        )

    @cached_property
    def languages(self) -> tuple[tuple[str, str, str], ...]:
        """Return the slug, language and theme of each publication."""
        if not self.database_is_ready:
            return ()
        return tuple(Publication.objects.values_list("slug", "language", "theme").order_by("slug"))

    @cached_property
    def domains(self) -> tuple[str, ...]:
        """Return the senders' domains, in ASCII. A domain that mail cannot use is reported by the sender's check."""
        found = set()
        for address in self.senders:
            try:
                found.add(domain_of(address))
            except Invalid:
                continue
        return tuple(sorted(found))

    def bounce_domain_of(self, domain: str) -> str:
        """Return the domain that receives bounces by SMTP: the sender's, or the one of NEWSLETTER_BOUNCE_ADDRESS."""
        return self.environment.bounce_address.rpartition("@")[2] or domain

    @cached_property
    def account(self) -> Account:
        """Return the SendGrid account. Raises Invalid without a key."""
        return Account(self.environment)

    @property
    def authenticated(self) -> dict[str, AuthenticatedDomain]:
        """Return the domains that SendGrid may sign for, by name. If a name occurs twice, the valid one counts.

        If SendGrid does not answer, raises the same NewsletterError each time.
        """
        if isinstance(self._authenticated, NewsletterError):
            raise self._authenticated
        return self._authenticated

    @cached_property
    def _authenticated(self) -> dict[str, AuthenticatedDomain] | NewsletterError:
        try:
            domains = sorted(self.account.authenticated_domains(), key=lambda each: each.valid)
        except NewsletterError as error:
            return error
        return {each.domain: each for each in domains}

    def authentication_of(self, domain: str) -> AuthenticatedDomain | None:
        """Return what was set up in SendGrid for a sender's domain itself or, failing that, for a domain above
        it.
        """
        names = [domain, *above(domain)]
        return next((self.authenticated[name] for name in names if name in self.authenticated), None)

    def return_path_of(self, domain: str) -> tuple[str, str] | None:
        """Return where bounces of a sender's domain go by SendGrid, as host and data of the record, if this was
        set up.

        Raises NewsletterError if SendGrid does not answer.
        """
        authentication = self.authentication_of(domain)
        if authentication is None:
            return None
        records = (authentication.dns[name] for name in RETURN_PATHS if name in authentication.dns)
        record = next(records, None)
        return (str(record.get("host", "")), str(record.get("data", ""))) if record else None

    def close(self) -> None:
        """Close the connection, if there is one."""
        if "account" in self.__dict__:
            self.account.close()

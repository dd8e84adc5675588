"""The sender's identity: SendGrid takes mail only from domains or addresses that were proven to be yours."""

from collections.abc import Iterator

from newsletter.doctor.finding import Finding, left_out, ok, warning, wrong
from newsletter.doctor.installation import Installation
from newsletter.errors import Invalid, NewsletterError
from newsletter.sending.build_message import domain_of

CHECK = "sender"
AUTHENTICATE = "At SendGrid, under Settings, Sender Authentication, authenticate the domain {domain}."


def check(installation: Installation) -> Iterator[Finding]:
    """Whether each publication's address may send."""
    if not installation.database_is_ready:
        yield left_out(CHECK, "The database is not ready, so nobody knows who sends.")
        return
    if not installation.senders:
        yield warning(
            CHECK,
            "There is no publication yet, so nobody sends.",
            "`newsletter publications load FILE` makes one.",
        )
        return
    for address in installation.senders:
        try:
            domain = domain_of(address)
        except Invalid as error:
            yield wrong(CHECK, str(error), "`newsletter publications load FILE` changes it.")
            continue
        if installation.environment.transport == "sendgrid":
            yield _identity(installation, address, domain)
    if installation.environment.transport != "sendgrid":
        yield left_out(CHECK, "Only SendGrid can be asked whether it knows the sender.")


def _identity(installation: Installation, address: str, domain: str) -> Finding:
    try:
        authentication = installation.authentication_of(domain)
        if authentication is None:
            return _single(installation, address, domain)
    except NewsletterError as error:
        return left_out(
            CHECK, f"{address}: {error}", "Give the key “Sender Authentication” with read access."
        )
    fix = AUTHENTICATE.format(domain=authentication.domain)
    if not authentication.valid:
        return wrong(
            CHECK,
            f"{authentication.domain} waits at SendGrid for its DNS records.",
            f"{fix} Add the records that it shows, then press “Verify”.",
        )
    if authentication.domain != domain:
        return warning(
            CHECK,
            f"{address}: SendGrid knows {authentication.domain}, and not {domain} itself.",
            AUTHENTICATE.format(domain=domain),
        )
    return ok(CHECK, f"{address}: SendGrid knows the domain {domain} as yours.")


def _single(installation: Installation, address: str, domain: str) -> Finding:
    if address in installation.account.verified_senders():
        return warning(
            CHECK,
            f"{address} is verified, its domain is not: Gmail and others ask for the domain's signature.",
            AUTHENTICATE.format(domain=domain),
        )
    return wrong(
        CHECK,
        f"SendGrid does not know {address} and would refuse its mail (403).",
        AUTHENTICATE.format(domain=domain),
    )

"""Check the sender's identity: SendGrid accepts mail only from domains or addresses that you have verified."""

from collections.abc import Iterator

from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.doctor_finding import Finding, left_out, ok, warning, wrong
from newsletter.errors import Invalid, NewsletterError
from newsletter.rendering.ascii_sender_names import ascii_name_warning
from newsletter.sending.build_message import domain_of

CHECK = "sender"
AUTHENTICATE = (
    "In SendGrid, go to Settings, then Sender Authentication, and authenticate the domain {domain}."
)


def check(installation: Installation) -> Iterator[Finding]:
    """Check whether each publication's address may send."""
    if not installation.database_is_ready:
        yield left_out(CHECK, "We do not know which sender to check, because the database is not ready.")
        return
    if not installation.senders:
        yield warning(
            CHECK,
            "We did not check any senders, because you have no publications yet.",
            "To create a publication, run `newsletter publications load FILE`.",
        )
        return
    for address in installation.senders:
        try:
            domain = domain_of(address)
        except Invalid as error:
            yield wrong(
                CHECK,
                str(error),
                "To change the sender, run `newsletter publications edit SLUG sender_address=ADDRESS`.",
            )
            continue
        if installation.environment.transport == "sendgrid":
            yield _identity(installation, address, domain)
    if installation.environment.transport == "sendgrid":
        yield from _names(installation)
    if installation.environment.transport != "sendgrid":
        yield left_out(CHECK, "We did not check this, because the check only works with SendGrid.")


def _names(installation: Installation) -> Iterator[Finding]:
    for slug, name, chosen in installation.sender_names:
        if sentence := ascii_name_warning(name, chosen):
            yield warning(
                CHECK, sentence, f"Run `newsletter publications edit {slug} sender_name_ascii=NAME`."
            )


def _identity(installation: Installation, address: str, domain: str) -> Finding:
    try:
        authentication = installation.authentication_of(domain)
        if authentication is None:
            return _single(installation, address, domain)
    except NewsletterError as error:
        return left_out(
            CHECK,
            f"We could not check the sender {address}. {error}",
            "Give the API key read access to “Sender Authentication”.",
        )
    fix = AUTHENTICATE.format(domain=authentication.domain)
    if not authentication.valid:
        return wrong(
            CHECK,
            (f"SendGrid cannot send for {authentication.domain} yet, because its DNS records are missing."),
            f"{fix} Add the DNS records that SendGrid shows, then select “Verify”.",
        )
    if authentication.domain != domain:
        return warning(
            CHECK,
            (
                f"{address}: the domain {authentication.domain} is authenticated in SendGrid, but "
                f"{domain} is not."
            ),
            AUTHENTICATE.format(domain=domain),
        )
    return ok(CHECK, f"{address}: the domain {domain} is authenticated in your SendGrid account.")


def _single(installation: Installation, address: str, domain: str) -> Finding:
    if address in installation.account.verified_senders():
        return warning(
            CHECK,
            f"{address} is verified in SendGrid, but its domain is not authenticated. Gmail and other "
            "providers expect emails to be signed by the domain.",
            AUTHENTICATE.format(domain=domain),
        )
    return wrong(
        CHECK,
        (f"{address} is not a verified sender in SendGrid, so SendGrid would reject its emails (403)."),
        AUTHENTICATE.format(domain=domain),
    )

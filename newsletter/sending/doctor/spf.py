"""SPF (RFC 7208): the domain that bounces go to names the servers that may send for it, and fits the sender's."""

from collections.abc import Iterator

from newsletter.errors import PressError, Unreachable
from newsletter.sending.doctor.installation import Installation
from newsletter.sending.doctor.line import Line, left_out, ok, warning, wrong
from newsletter.sending.doctor.records import SPF
from newsletter.sending.transports.sendgrid_account import AuthenticatedDomain

CHECK = "SPF"
# By these names SendGrid lists the record of the domain that bounces go to.
RETURN_PATHS = ("mail_cname", "subdomain_spf", "mail_server")


def check(installation: Installation) -> Iterator[Line]:
    """Whether receivers find that the mail comes from where it may."""
    if installation.environment.transport == "maildir":
        yield left_out(CHECK, "Letters stay on this machine.")
        return
    for domain in installation.domains:
        try:
            yield _of(installation, domain)
        except Unreachable as error:
            yield left_out(CHECK, str(error))


def _of(installation: Installation, domain: str) -> Line:
    if installation.environment.transport != "sendgrid":
        return _own(installation, domain)
    try:
        authentication = installation.authentication_of(domain)
    except PressError:
        authentication = None
    record = _return_path(authentication)
    if record is None:
        return _own(installation, domain, include="sendgrid.net")
    host, data = record
    found = installation.records.matching(host, SPF)
    if not found:
        return wrong(
            CHECK,
            f"{host}, where bounces go, has no SPF record.",
            f"Add the record of SendGrid: {host} → {data}.",
        )
    return _single(host, found) or ok(
        CHECK, f"{domain}: bounces go to {host}, whose record is there and fits."
    )


def _return_path(authentication: AuthenticatedDomain | None) -> tuple[str, str] | None:
    if authentication is None:
        return None
    records = (authentication.dns[name] for name in RETURN_PATHS if name in authentication.dns)
    record = next(records, None)
    return (str(record.get("host", "")), str(record.get("data", ""))) if record else None


def _own(installation: Installation, domain: str, *, include: str = "") -> Line:
    found = installation.records.matching(domain, SPF)
    if not found:
        example = f"v=spf1 include:{include} ~all" if include else "v=spf1 mx ~all"
        return wrong(
            CHECK, f"{domain} has no SPF record.", f"Add a TXT record to {domain}, such as “{example}”."
        )
    several = _single(domain, found)
    if several:
        return several
    if include and include not in found[0].lower():
        return warning(
            CHECK,
            f"The SPF record of {domain} does not name {include}.",
            f"Add include:{include} to it, or authenticate the domain.",
        )
    return ok(CHECK, f"{domain} has a record: “{found[0]}”.")


def _single(host: str, found: list[str]) -> Line | None:
    if len(found) > 1:
        return wrong(CHECK, f"{host} has {len(found)} SPF records, so none counts.", "Make one of them.")
    return None

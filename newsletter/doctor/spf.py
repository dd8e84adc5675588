"""Check SPF (RFC 7208): the domain that bounces go to names the servers that may send for it, and matches the
sender's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.dns_lookup import LIKE_SPF, SPF, IpAddress
from newsletter.doctor.doctor_finding import Finding, left_out, ok, warning, wrong
from newsletter.doctor.spf_evaluation import evaluate
from newsletter.doctor.spf_rules import Evaluation
from newsletter.errors import NewsletterError, Unreachable

CHECK = "SPF"
SENDGRID = "sendgrid.net"
RESULTS = {"-": "fail", "~": "softfail", "?": "neutral"}


@dataclass(frozen=True, slots=True)
class SpfLocation:
    """Where to look for a record, at the sender's domain or where bounces go, and the record that belongs there."""

    domain: str
    host: str
    fix: str
    include: str = ""


def check(installation: Installation) -> Iterator[Finding]:
    """Check whether the SPF record allows the servers that send the mail."""
    if installation.environment.transport == "maildir":
        yield left_out(
            CHECK, "We did not check this, because this installation does not send emails to the internet."
        )
        return
    places = [_place(installation, domain) for domain in installation.domains]
    servers = _own_servers(installation)
    for lines in installation.records.at_once(lambda place: _of(installation, place, servers), places):
        yield from lines


def names(installation: Installation, domain: str) -> list[str]:
    """Return the names whose TXT records this check reads."""
    return [_place(installation, domain).host]


def _place(installation: Installation, domain: str) -> SpfLocation:
    """Return where the SPF record must be. By SMTP, bounces go to the sender's domain or to the bounce mailbox.

    By SendGrid, they go to one of its hosts if the domain was set up for that.
    """
    if installation.environment.transport != "sendgrid":
        host = installation.bounce_domain_of(domain)
        return SpfLocation(domain, host, f"Add a TXT record to {host}, such as “v=spf1 mx ~all”.")
    try:
        record = installation.return_path_of(domain)
    except NewsletterError:
        record = None  # the sender's check reports the error
    if record is None:
        example = f"v=spf1 include:{SENDGRID} ~all"
        return SpfLocation(
            domain, domain, f"Add a TXT record to {domain}, such as “{example}”.", include=SENDGRID
        )
    host, data = record
    # An alias leads to a record of SendGrid, which names its servers. A record of your own has to include it.
    include = SENDGRID if data.lower().startswith("v=spf1") else ""
    return SpfLocation(domain, host, f"Add SendGrid’s DNS record: {host} → {data}.", include)


def _of(installation: Installation, place: SpfLocation, servers: list[IpAddress]) -> list[Finding]:
    try:
        texts = installation.records.texts(place.host)
    except Unreachable as error:
        return [warning(CHECK, f"We could not check {place.domain}.", str(error))]
    found = [text for text in texts if SPF.match(text)]
    if not found:
        return [_missing(place, texts)]
    if len(found) > 1:
        return [
            wrong(
                CHECK,
                f"{place.host} has {len(found)} SPF records, so email providers ignore all of them.",
                "Combine these records into one.",
            )
        ]
    evaluation = evaluate(installation.records, place.host, found[0])
    lines = [*evaluation.problems]
    if not evaluation.is_broken:
        lines += _covered(installation, place, evaluation, servers)
    return lines or [_well(place, evaluation, found[0])]


def _missing(place: SpfLocation, texts: list[str]) -> Finding:
    where = (
        f"{place.host}, the domain that bounces are sent to," if place.host != place.domain else place.domain
    )
    like = next((text for text in texts if LIKE_SPF.match(text)), "")
    if like:
        return wrong(
            CHECK,
            f"{where} has an SPF record that email providers ignore, because it does not begin with “v=spf1 "
            f"”: “{like}”.",
            "Begin the record with “v=spf1” and a space, without quotation marks.",
        )
    return wrong(CHECK, f"{where} has no SPF record.", place.fix)


def _well(place: SpfLocation, evaluation: Evaluation, text: str) -> Finding:
    asked = f"It uses {evaluation.lookups} of the 10 DNS lookups that SPF allows"
    if place.host != place.domain:
        return ok(
            CHECK,
            (f"{place.domain}: bounces are sent to {place.host}, which has a suitable SPF record. {asked}."),
        )
    return ok(CHECK, f"{place.domain} has a suitable SPF record: “{text}”. {asked}.")


def _covered(
    installation: Installation, place: SpfLocation, evaluation: Evaluation, servers: list[IpAddress]
) -> Iterator[Finding]:
    """Check whether the record allows the servers that this transport uses, as far as we know them."""
    include = place.include
    if include and not any(
        allowed == include or allowed.endswith(f".{include}") for allowed in evaluation.allowed
    ):
        yield warning(
            CHECK,
            f"The SPF record of {place.host} does not include {include}.",
            (f"Add include:{include} to the record before “all”, or authenticate the domain in SendGrid."),
        )
    host = installation.environment.smtp_host
    refused = {address: evaluation.result(address) for address in servers}
    refused = {address: result for address, result in refused.items() if result != "+"}
    if refused:
        said = ", ".join(f"{address}: {RESULTS[result]}" for address, result in refused.items())
        yield warning(
            CHECK,
            f"The SPF record of {place.host} does not allow {host} to send ({said}).",
            f"If {host} delivers emails itself, add a:{host} before “all”. If it passes them to a "
            "provider, add the include that the provider gives you.",
        )


def _own_servers(installation: Installation) -> list[IpAddress]:
    """Return the public addresses of the SMTP server. Empty if it is on this network or cannot be resolved."""
    if installation.environment.transport != "smtp":
        return []
    host = installation.environment.smtp_host
    try:
        addresses = [ip_address(host.strip("[]"))]
    except ValueError:
        try:
            addresses = installation.records.addresses(host)
        except Unreachable:
            return []
    return [address for address in addresses if address.is_global]

"""DMARC (RFC 7489): the sender's domain says what becomes of forgeries, and what signs fits that domain.

The record is sought at the domain and then above it, label by label, which needs no list of public suffixes.
"""

from collections.abc import Iterator

from newsletter.errors import PressError, Unreachable
from newsletter.sending.doctor.installation import Installation
from newsletter.sending.doctor.line import Line, left_out, ok, warning, wrong
from newsletter.sending.doctor.records import DMARC, tags_of

CHECK = "DMARC"
POLICIES = frozenset({"none", "quarantine", "reject"})
LABELS_AT_MOST = 8


def check(installation: Installation) -> Iterator[Line]:
    """Whether the big mailbox providers would take the mail for the sender's own."""
    if installation.environment.transport == "maildir":
        yield left_out(CHECK, "Letters stay on this machine.")
        return
    for domain in installation.domains:
        try:
            yield from _of(installation, domain)
        except Unreachable as error:
            yield left_out(CHECK, str(error))


def _of(installation: Installation, domain: str) -> Iterator[Line]:
    where, found = _record(installation, domain)
    if not found:
        yield wrong(
            CHECK,
            f"{domain} has no DMARC record: Gmail, Yahoo and Outlook ask senders of newsletters for one.",
            f"Add a TXT record to _dmarc.{domain}: “v=DMARC1; p=none; rua=mailto:dmarc@{domain}”.",
        )
        return
    if len(found) > 1:
        yield wrong(CHECK, f"_dmarc.{where} has {len(found)} records, so none counts.", "Keep one of them.")
        return
    tags = tags_of(found[0])
    if tags.get("p", "").lower() not in POLICIES:
        yield wrong(
            CHECK, f"The record of {where} has no policy.", "Give it p=none, p=quarantine or p=reject."
        )
        return
    yield ok(CHECK, f"{domain}: {where} has a record, “{found[0]}”.")
    yield _alignment(installation, domain, strict=tags.get("adkim", "r").lower() == "s")


def _record(installation: Installation, domain: str) -> tuple[str, list[str]]:
    labels = domain.split(".")[-LABELS_AT_MOST:]
    above = [domain, *(".".join(labels[start:]) for start in range(1, len(labels) - 1))]
    for name in above:
        found = installation.records.matching(f"_dmarc.{name}", DMARC)
        if found:
            return name, found
    return domain, []


def _alignment(installation: Installation, domain: str, *, strict: bool) -> Line:
    """Whether the domain that signs is the sender's: exactly where the record asks for that."""
    if installation.environment.transport != "sendgrid":
        return left_out(
            CHECK, f"{domain}: only your SMTP server knows which domain signs; it must be {domain}."
        )
    try:
        authentication = installation.authentication_of(domain)
    except PressError as error:
        return left_out(CHECK, f"{domain}: whether the signature fits is not known. {error}")
    mend = f"At SendGrid, under Settings, Sender Authentication, authenticate {domain} itself."
    if authentication is None or not authentication.valid:
        return wrong(
            CHECK, f"{domain}: nothing that SendGrid sends is signed by it, so it fails DMARC.", mend
        )
    if strict and authentication.domain != domain:
        return wrong(
            CHECK, f"{domain} asks for its own signature (adkim=s), and {authentication.domain} signs.", mend
        )
    if authentication.domain != domain:
        return warning(CHECK, f"{domain}: {authentication.domain}, which is above it, signs.", mend)
    return ok(CHECK, f"{domain}: the signature is its own, so From is aligned.")

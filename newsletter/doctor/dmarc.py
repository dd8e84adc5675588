"""DMARC (RFC 7489): the sender's domain says what becomes of forgeries, and what signs fits that domain.

The record is sought at the domain and then above it, label by label, which needs no list of public suffixes.
"""

from collections.abc import Iterator

from newsletter.doctor import dkim
from newsletter.doctor.dmarc_record import DmarcRecord
from newsletter.doctor.dns_records import DMARC, LIKE_DMARC
from newsletter.doctor.finding import Finding, left_out, ok, warning, wrong
from newsletter.doctor.installation import Installation, above
from newsletter.errors import NewsletterError, Unreachable

CHECK = "DMARC"


def check(installation: Installation) -> Iterator[Finding]:
    """Whether the big mailbox providers would take the mail for the sender's own."""
    if installation.environment.transport == "maildir":
        yield left_out(CHECK, "Letters stay on this machine.")
        return
    for domain in installation.domains:
        try:
            yield from _of(installation, domain)
        except Unreachable as error:
            yield warning(CHECK, f"{domain} was not looked at.", str(error))


def names(installation: Installation, domain: str) -> list[str]:  # noqa: ARG001 - as the other checks
    """The names whose TXT records are looked at."""
    return [f"_dmarc.{name}" for name in (domain, *above(domain))]


def _of(installation: Installation, domain: str) -> Iterator[Finding]:
    where, found = domain, []
    malformed = []
    for name in names(installation, domain):
        where = name.removeprefix("_dmarc.")
        texts = installation.records.texts(name)
        found = [text for text in texts if DMARC.match(text)]
        if found:
            break
        malformed += [(where, text) for text in texts if LIKE_DMARC.match(text)]
    for place, text in malformed:
        yield (warning if found else wrong)(
            CHECK,
            f"_dmarc.{place} has a record that nobody reads, because it does not begin with “v=DMARC1;”: “{text}”.",
            "Begin it with v=DMARC1; in capital letters as here, and then p=.",
        )
    if len(found) > 1:
        yield wrong(CHECK, f"_dmarc.{where} has {len(found)} records, so none counts.", "Keep one of them.")
    elif found:
        yield from _judged(installation, DmarcRecord(domain, where, found[0]))
    elif not malformed:
        yield wrong(
            CHECK,
            f"{domain} has no DMARC record: Gmail, Yahoo and Outlook ask senders of newsletters for one.",
            f"Add a TXT record to _dmarc.{domain}: “v=DMARC1; p=none; rua=mailto:dmarc@{domain}”.",
        )


def _judged(installation: Installation, record: DmarcRecord) -> Iterator[Finding]:
    if not record.policy:
        yield wrong(
            CHECK,
            f"The record of {record.where} has no policy that counts ({', '.join(record.wrong_policies())}).",
            "Give it p=none, p=quarantine or p=reject.",
        )
        return
    lines = list(_weak(record))
    whose = "its own record" if record.where == record.domain else f"the record of {record.where}"
    counts = f"{record.policy_tag}={record.policy} of {whose}"
    yield from lines or [ok(CHECK, f"{record.domain}: {counts} counts, “{record.text}”.")]
    if lines and not record.wrong_policies():
        yield ok(CHECK, f"{record.domain}: {counts} counts.")
    yield from _alignment(installation, record)


def _weak(record: DmarcRecord) -> Iterator[Finding]:
    if mistaken := record.wrong_policies():
        yield warning(
            CHECK,
            f"The record of {record.where} has {', '.join(mistaken)}, which receivers take for p=none.",
            "Give it p=none, p=quarantine or p=reject, and the same for sp.",
        )
    for weakness, fix in record.weaknesses():
        yield warning(CHECK, f"The record of {record.where} {weakness}.", fix)


def _alignment(installation: Installation, record: DmarcRecord) -> Iterator[Finding]:
    """Whether the domain that signs is the sender's, and where bounces go: exactly where the record asks for that."""
    look = _by_sendgrid if installation.environment.transport == "sendgrid" else _by_smtp
    yield from look(installation, record)


def _by_smtp(installation: Installation, record: DmarcRecord) -> Iterator[Finding]:
    """Without a bounce mailbox elsewhere SPF fits always. Which domain signs, the selector tells."""
    domain = record.domain
    signs = dkim.key_domain(installation, domain)
    bounces = installation.bounce_domain_of(domain)
    spf = f"bounces go to {'it' if bounces == domain else bounces}, so SPF is aligned"
    if not (domain.endswith(f".{bounces}") or f".{bounces}".endswith(f".{domain}")):
        spf = f"bounces go to {bounces}, for which SPF speaks then"
    if record.is_strict("aspf") and bounces != domain:
        yield warning(
            CHECK,
            f"{domain} asks for its own return path (aspf=s), and bounces go to {bounces}: only the signature "
            "can be aligned.",
            "Write aspf=r, or remove aspf.",
        )
    if not installation.environment.dkim_selector:
        yield left_out(
            CHECK,
            f"{domain}: {spf}; only your SMTP server knows which domain signs, which must be {domain}.",
        )
    elif record.is_strict("adkim") and signs not in {"", domain}:
        yield wrong(
            CHECK,
            f"{domain} asks for its own signature (adkim=s), and the key is at {signs}.",
            f"Let your mail server sign with {domain}, or write adkim=r.",
        )


def _by_sendgrid(installation: Installation, record: DmarcRecord) -> Iterator[Finding]:
    domain = record.domain
    try:
        authentication = installation.authentication_of(domain)
        return_path = installation.return_path_of(domain)
    except NewsletterError as error:
        yield left_out(CHECK, f"{domain}: whether the signature fits is not known. {error}")
        return
    fix = f"At SendGrid, under Settings, Sender Authentication, authenticate {domain} itself."
    if authentication is None or not authentication.valid:
        yield wrong(CHECK, f"{domain}: nothing that SendGrid sends is signed by it, so it fails DMARC.", fix)
        return
    if record.is_strict("aspf") and return_path and return_path[0].lower().rstrip(".") != domain:
        yield warning(
            CHECK,
            f"{domain} asks for its own return path (aspf=s), and bounces go to {return_path[0]}: only the signature "
            "speaks for its mail.",
            "Write aspf=r, or remove aspf.",
        )
    if record.is_strict("adkim") and authentication.domain != domain:
        yield wrong(
            CHECK, f"{domain} asks for its own signature (adkim=s), and {authentication.domain} signs.", fix
        )
    elif authentication.domain != domain:
        yield warning(CHECK, f"{domain}: {authentication.domain}, which is above it, signs.", fix)
    else:
        yield ok(CHECK, f"{domain}: the signature is its own, so From is aligned.")

"""Check DMARC (RFC 7489): the sender's domain says what to do with forged mail, and its signature or return path
matches it.

We look for the record at the domain and then above it, label by label, which needs no list of public suffixes.
"""

from collections.abc import Iterator

from newsletter.doctor import dkim
from newsletter.doctor.check_inputs import Installation, above
from newsletter.doctor.dmarc_record import DmarcRecord
from newsletter.doctor.dns_lookup import DMARC, LIKE_DMARC
from newsletter.doctor.doctor_finding import Finding, left_out, ok, warning, wrong
from newsletter.errors import NewsletterError, Unreachable

CHECK = "DMARC"


def check(installation: Installation) -> Iterator[Finding]:
    """Check whether the big mailbox providers will accept the mail as the sender's own."""
    if installation.environment.transport == "maildir":
        yield left_out(
            CHECK, "We did not check this, because this installation does not send emails to the internet."
        )
        return
    for domain in installation.domains:
        try:
            yield from _of(installation, domain)
        except Unreachable as error:
            yield warning(CHECK, f"We could not check {domain}.", str(error))


def names(installation: Installation, domain: str) -> list[str]:  # noqa: ARG001 - as the other checks
    """Return the names whose TXT records this check reads."""
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
            (
                f"Email providers ignore this TXT record for _dmarc.{place}, because it does not begin with "
                f"“v=DMARC1;”: “{text}”."
            ),
            "Begin the record with v=DMARC1; in capital letters, followed by p=.",
        )
    if len(found) > 1:
        yield wrong(
            CHECK,
            f"_dmarc.{where} has {len(found)} DMARC records, so email providers ignore all of them.",
            "Delete all but one of these records.",
        )
    elif found:
        yield from _judged(installation, DmarcRecord(domain, where, found[0]))
    elif not malformed:
        yield wrong(
            CHECK,
            f"{domain} has no DMARC record. Gmail, Yahoo and Outlook require one from newsletter senders.",
            f"Add a TXT record to _dmarc.{domain}: “v=DMARC1; p=none; rua=mailto:dmarc@{domain}”.",
        )


def _judged(installation: Installation, record: DmarcRecord) -> Iterator[Finding]:
    if not record.policy:
        yield wrong(
            CHECK,
            f"The DMARC record for {record.where} does not have a valid policy "
            f"({', '.join(record.wrong_policies())}).",
            "Set p=none, p=quarantine or p=reject.",
        )
        return
    lines = list(_weak(record))
    whose = "the domain’s own record" if record.where == record.domain else f"the record for {record.where}"
    counts = f"{record.policy_tag}={record.policy}, from {whose}"
    yield from lines or [
        ok(CHECK, f"{record.domain}: the DMARC policy is {counts}. The record is “{record.text}”.")
    ]
    if lines and not record.wrong_policies():
        yield ok(CHECK, f"{record.domain}: the DMARC policy is {counts}.")
    yield from _alignment(installation, record)


def _weak(record: DmarcRecord) -> Iterator[Finding]:
    if mistaken := record.wrong_policies():
        yield warning(
            CHECK,
            (
                f"The DMARC record for {record.where} contains {', '.join(mistaken)}, which email providers "
                "treat as p=none."
            ),
            ("Set p to none, quarantine or reject. If the record has sp, set sp to one of these too."),
        )
    for weakness, fix in record.weaknesses():
        yield warning(CHECK, weakness, fix)


def _alignment(installation: Installation, record: DmarcRecord) -> Iterator[Finding]:
    """Check whether the signing domain and the return path match the sender's domain, exactly if the record asks
    for that.
    """
    look = _by_sendgrid if installation.environment.transport == "sendgrid" else _by_smtp
    yield from look(installation, record)


def _by_smtp(installation: Installation, record: DmarcRecord) -> Iterator[Finding]:
    """Check alignment by SMTP. Without a separate bounce mailbox SPF is always aligned; the selector tells which
    domain signs.
    """
    domain = record.domain
    signs = dkim.key_domain(installation, domain)
    bounces = installation.bounce_domain_of(domain)
    spf = f"bounces are sent to {'the domain itself' if bounces == domain else bounces}, so SPF is aligned"
    if not (domain.endswith(f".{bounces}") or f".{bounces}".endswith(f".{domain}")):
        spf = f"bounces are sent to {bounces}, so SPF only authenticates that domain"
    if record.is_strict("aspf") and bounces != domain:
        yield warning(
            CHECK,
            f"{domain} requires that bounces are sent to the domain itself (aspf=s), but they are sent "
            f"to {bounces}. This means that only the DKIM signature can be aligned.",
            "Change aspf=s to aspf=r in the DMARC record.",
        )
    if not installation.environment.dkim_selector:
        yield left_out(
            CHECK,
            f"{domain}: {spf}. We cannot check the DKIM signature. Make sure that your SMTP server "
            f"signs emails with DKIM for {domain}.",
        )
    elif record.is_strict("adkim") and signs not in {"", domain}:
        yield wrong(
            CHECK,
            (
                f"{domain} requires that emails are signed by the domain itself (adkim=s), but the DKIM "
                f"key belongs to {signs}."
            ),
            (
                f"Configure your mail server to sign with {domain}, or change adkim=s to adkim=r in the "
                "DMARC record."
            ),
        )


def _by_sendgrid(installation: Installation, record: DmarcRecord) -> Iterator[Finding]:
    domain = record.domain
    try:
        authentication = installation.authentication_of(domain)
        return_path = installation.return_path_of(domain)
    except NewsletterError as error:
        yield left_out(CHECK, f"{domain}: we could not check whether the DKIM signature is aligned. {error}")
        return
    fix = f"In SendGrid, go to Settings, then Sender Authentication, and authenticate {domain} itself."
    if authentication is None or not authentication.valid:
        yield wrong(
            CHECK,
            (
                f"{domain}: emails from this domain fail DMARC, because SendGrid does not sign them "
                "with DKIM for this domain."
            ),
            fix,
        )
        return
    if record.is_strict("aspf") and return_path and return_path[0].lower().rstrip(".") != domain:
        yield warning(
            CHECK,
            f"{domain} requires that bounces are sent to the domain itself (aspf=s), but they are sent "
            f"to {return_path[0]}. This means that only the DKIM signature can be aligned.",
            "Change aspf=s to aspf=r in the DMARC record.",
        )
    if record.is_strict("adkim") and authentication.domain != domain:
        yield wrong(
            CHECK,
            (
                f"{domain} requires that emails are signed by the domain itself (adkim=s), but they are "
                f"signed by {authentication.domain}."
            ),
            fix,
        )
    elif authentication.domain != domain:
        yield warning(
            CHECK,
            (
                f"{domain}: emails are signed by {authentication.domain}, a parent domain, instead of "
                "the domain itself."
            ),
            fix,
        )
    else:
        yield ok(CHECK, f"{domain}: emails are signed by the domain itself, so DKIM is aligned with From.")

"""Check DKIM (RFC 6376): emails are signed with a key that the sender's domain publishes in the DNS."""

from collections.abc import Iterator
from stat import S_IROTH

from newsletter.doctor.check_inputs import Installation, above
from newsletter.doctor.dkim_key import fault_of, weaknesses_of
from newsletter.doctor.dns_lookup import tags_of
from newsletter.doctor.doctor_finding import Finding, left_out, ok, warning, wrong
from newsletter.errors import Invalid, NewsletterError, Unreachable
from newsletter.sending.dkim_signing import Signer, signer_of

CHECK = "DKIM"
# SendGrid's names for its selectors, unless the domain was set up otherwise.
USUAL = ("s1", "s2")


def check(installation: Installation) -> Iterator[Finding]:
    """Check whether receivers can find the key and use it."""
    environment = installation.environment
    if environment.transport == "maildir":
        yield left_out(
            CHECK, "We did not check this, because this installation does not send emails to the internet."
        )
        return
    if environment.transport == "smtp" and environment.dkim_key_file is not None:
        yield from _signed_here(installation)
        return
    if environment.transport == "smtp" and not environment.dkim_selector:
        yield left_out(
            CHECK,
            (
                "We could not check the DKIM key that your SMTP server signs emails with, because we "
                "do not know its selector."
            ),
            "Set NEWSLETTER_DKIM_SELECTOR to the selector of the key.",
        )
        return
    look = _by_sendgrid if environment.transport == "sendgrid" else _by_smtp
    for domain in installation.domains:
        try:
            yield from look(installation, domain)
        except Unreachable as error:
            yield warning(CHECK, f"We could not check {domain}.", str(error))


def _signed_here(installation: Installation) -> Iterator[Finding]:
    """Check whether this installation can sign, and whether the DNS has the key it signs with."""
    environment = installation.environment
    assert environment.dkim_key_file is not None
    try:
        signer = signer_of(environment)
        assert signer is not None
        signers = {signer.domain_for(sender): None for sender in installation.senders}
    except Invalid as error:
        yield wrong(
            CHECK,
            f"We could not sign emails with DKIM. {error}",
            "Correct this. Until then, all mailings are paused.",
        )
        return
    if environment.dkim_key_file.stat().st_mode & S_IROTH:
        yield warning(
            CHECK,
            f"All users of this machine can read the DKIM key {environment.dkim_key_file}.",
            f"Run `chmod 600 {environment.dkim_key_file}`.",
        )
    for domain in signers:
        try:
            yield _shown(installation, domain, signer)
        except Unreachable as error:
            yield warning(CHECK, f"We could not check {domain}.", str(error))


def _shown(installation: Installation, domain: str, signer: Signer) -> Finding:
    host = f"{signer.selector}._domainkey.{domain}"
    texts = installation.records.texts(host)
    add = f"Set a single TXT record for {host}: {signer.record}"
    if fault := fault_of(texts):
        return wrong(CHECK, f"{domain}: emails fail DKIM because of the TXT record for {host}. {fault}", add)
    if not any(tags_of(text).get("p", "").replace(" ", "") == tags_of(signer.record)["p"] for text in texts):
        return wrong(
            CHECK,
            (
                f"{domain}: emails fail DKIM, because the TXT record for {host} contains a different key "
                "from the one we sign with."
            ),
            add,
        )
    for weakness, fix in weaknesses_of(texts):
        return warning(CHECK, f"{domain}: the DKIM record for {host} should be improved. {weakness}", fix)
    return ok(CHECK, f"{domain}: we sign emails with DKIM, and the DNS contains the matching key ({host}).")


def names(installation: Installation, domain: str) -> list[str]:
    """Return the names whose TXT records this check reads."""
    if installation.environment.transport == "sendgrid":
        return list(_hosts_at_sendgrid(installation, domain) or ())
    environment = installation.environment
    selector, known = environment.dkim_selector, environment.dkim_key_file is not None
    domains = (environment.dkim_domain or domain,) if known else (domain, *above(domain))
    return [f"{selector}._domainkey.{name}" for name in domains] if selector else []


def key_domain(installation: Installation, domain: str) -> str:
    """Return, for SMTP, the sender's domain or the one above it that has a key at the selector. Empty if neither
    has.

    Raises Unreachable.
    """
    for host in names(installation, domain):
        if installation.records.texts(host):
            return host.partition("._domainkey.")[2]
    return ""


def _by_smtp(installation: Installation, domain: str) -> Iterator[Finding]:
    signs = key_domain(installation, domain) or domain
    host = f"{installation.environment.dkim_selector}._domainkey.{signs}"
    texts = installation.records.texts(host)
    if fault := fault_of(texts):
        yield wrong(
            CHECK,
            f"{domain}: emails fail DKIM because of the TXT record for {host}. {fault}",
            "Add the TXT record that your mail server shows for its key, or correct "
            "NEWSLETTER_DKIM_SELECTOR.",
        )
        return
    weaknesses = list(weaknesses_of(texts))
    for weakness, fix in weaknesses:
        yield warning(CHECK, f"{domain}: the DKIM record for {host} should be improved. {weakness}", fix)
    if not weaknesses:
        yield ok(CHECK, f"{domain}: the DNS contains a valid DKIM key ({host}).")


def _hosts_at_sendgrid(installation: Installation, domain: str) -> dict[str, str] | None:
    """Return where SendGrid expects its keys, with the data of each record. None if SendGrid does not sign for
    the domain.
    """
    usual = {f"{selector}._domainkey.{domain}": "" for selector in USUAL}
    try:
        authentication = installation.authentication_of(domain)
    except NewsletterError:
        return usual  # the sender's check reports the error; we can still look at the usual names
    if authentication is None:
        return None
    listed = {
        str(record.get("host", "")): str(record.get("data", ""))
        for name, record in authentication.dns.items()
        if name.startswith("dkim")
    }
    return listed or usual


def _by_sendgrid(installation: Installation, domain: str) -> Iterator[Finding]:
    hosts = _hosts_at_sendgrid(installation, domain)
    if hosts is None:
        yield wrong(
            CHECK,
            f"SendGrid signs emails with its own domain instead of {domain}.",
            f"In SendGrid, go to Settings, then Sender Authentication, and authenticate {domain}.",
        )
        return
    judged = {host: fault_of(installation.records.texts(host)) for host in hosts}
    faults = {host: fault for host, fault in judged.items() if fault}
    if not faults:
        yield ok(CHECK, f"{domain}: the DNS contains SendGrid’s DKIM keys ({', '.join(hosts)}).")
        return
    said = " ".join(f"{host}: {fault}" for host, fault in faults.items())
    first = next(iter(faults))
    fix = f"Add SendGrid's record: {first}{f' → {hosts[first]}' if hosts[first] else ''}."
    if len(faults) == len(hosts):
        yield wrong(CHECK, f"{domain}: SendGrid’s DKIM keys are missing or wrong. {said}", fix)
    else:
        yield warning(
            CHECK,
            (
                f"{domain}: one of SendGrid’s DKIM keys is missing or wrong, and SendGrid uses its keys in "
                f"turn. {said}"
            ),
            fix,
        )

"""DKIM (RFC 6376): letters are signed with a key that the sender's domain shows in the DNS."""

from collections.abc import Iterator

from newsletter.errors import PressError, Unreachable
from newsletter.sending.doctor.installation import Installation
from newsletter.sending.doctor.line import Line, left_out, ok, warning, wrong
from newsletter.sending.doctor.records import tags_of

CHECK = "DKIM"
# What SendGrid calls its selectors, unless the domain was set up otherwise.
USUAL = ("s1", "s2")


def check(installation: Installation) -> Iterator[Line]:
    """Whether receivers find the key."""
    match installation.environment.transport:
        case "maildir":
            yield left_out(CHECK, "Letters stay on this machine.")
        case "smtp":
            yield left_out(CHECK, "Your SMTP server signs, and nobody here knows by which selector.")
        case "sendgrid":
            for domain in installation.domains:
                try:
                    yield _of(installation, domain)
                except Unreachable as error:
                    yield left_out(CHECK, str(error))


def _of(installation: Installation, domain: str) -> Line:
    hosts = {f"{selector}._domainkey.{domain}": "" for selector in USUAL}
    try:
        authentication = installation.authentication_of(domain)
    except PressError:
        pass  # the sender's check says why; the usual names can be looked at all the same
    else:
        if authentication is None:
            return wrong(
                CHECK,
                f"SendGrid signs with a domain of its own, not with {domain}.",
                f"At SendGrid, under Settings, Sender Authentication, authenticate {domain}.",
            )
        listed = {
            str(record.get("host", "")): str(record.get("data", ""))
            for name, record in authentication.dns.items()
            if name.startswith("dkim")
        }
        hosts = listed or hosts
    missing = [host for host in hosts if not _has_key(installation, host)]
    if not missing:
        return ok(CHECK, f"{domain}: the keys are there ({', '.join(hosts)}).")
    data = hosts[missing[0]]
    mend = f"Add the record of SendGrid: {missing[0]}{f' → {data}' if data else ''}."
    if len(missing) == len(hosts):
        return wrong(CHECK, f"{domain}: there is no key at {' or '.join(missing)}.", mend)
    return warning(CHECK, f"{domain}: {missing[0]} has no key, and SendGrid changes between both.", mend)


def _has_key(installation: Installation, host: str) -> bool:
    return any(tags_of(text).get("p") for text in installation.records.texts(host))

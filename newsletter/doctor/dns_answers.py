"""Check whether the DNS answers at all. If it does not, one finding says so, and no domain is checked."""

from collections.abc import Iterator

from newsletter.doctor import dkim, dmarc, spf
from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.doctor_finding import Finding, warning

CHECK = "DNS"
MAX_NAMED = 3


def check(installation: Installation) -> Iterator[Finding]:
    """Ask all questions about the domains at the same time. Yield a finding only if none was answered."""
    names = [
        name
        for domain in installation.domains
        for each in (spf, dkim, dmarc)
        for name in each.names(installation, domain)
    ]
    problem = installation.records.why_silent(names)
    if problem:
        domains = [*installation.domains[:MAX_NAMED]]
        more = ["…"] if len(installation.domains) > MAX_NAMED else []
        yield warning(
            CHECK,
            f"We could not check SPF, DKIM and DMARC for {', '.join(domains + more)}, because no "
            "DNS server responded.",
            f"Check this machine’s network connection. {problem}",
        )

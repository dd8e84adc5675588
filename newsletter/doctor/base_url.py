"""The public address: links in letters start with it, so readers must reach it, and over https."""

from collections.abc import Iterator
from ipaddress import ip_address

from newsletter.doctor.finding import Finding, left_out, ok, warning, wrong
from newsletter.doctor.http_probe import status_at
from newsletter.doctor.installation import Installation
from newsletter.errors import Unreachable

CHECK = "base URL"
OWN = ("localhost", ".localhost", ".local", ".internal", ".test", ".invalid", ".example")


def check(installation: Installation) -> Iterator[Finding]:
    """Whether readers can follow the links."""
    environment = installation.environment
    if environment.debug:
        yield warning(
            CHECK,
            "NEWSLETTER_DEBUG is on: faults show their details to whoever meets them.",
            "Switch it off on a public server.",
        )
    url, host = environment.root_url, environment.base_url.host or ""
    if environment.transport == "maildir":
        yield left_out(CHECK, f"{url} was not tried: letters stay on this machine.")
        return
    yield _as_readers_see_it(url, host)
    try:
        status = status_at(f"{url}/")
    except Unreachable as error:
        yield wrong(
            CHECK,
            f"{error} Links in letters would be dead.",
            "Start `newsletter serve`, and check DNS, proxy and firewall.",
        )
        return
    if status >= 400:  # noqa: PLR2004 - an error, whichever
        yield wrong(
            CHECK, f"{url} answers {status}.", "Lead it to `newsletter serve`, and check NEWSLETTER_BASE_URL."
        )
    elif status >= 300:  # noqa: PLR2004 - a redirect breaks one-click unsubscribing (RFC 8058)
        yield wrong(
            CHECK,
            f"{url} leads elsewhere ({status}): unsubscribing in one step needs an answer.",
            "Set NEWSLETTER_BASE_URL to the final address.",
        )
    else:
        yield ok(CHECK, f"{url} answers from here.")


def _as_readers_see_it(url: str, host: str) -> Finding:
    if _is_private(host):
        return wrong(
            CHECK, f"{url} leads nowhere for readers.", "Set NEWSLETTER_BASE_URL to the public address."
        )
    if not url.startswith("https://"):
        return wrong(
            CHECK,
            f"{url} is not https, and unsubscribing in one step asks for it (RFC 8058).",
            "Get a certificate, and set NEWSLETTER_BASE_URL to https://….",
        )
    return ok(CHECK, f"{url} is https.")


def _is_private(host: str) -> bool:
    try:
        return not ip_address(host.strip("[]")).is_global
    except ValueError:
        return "." not in host or any(host == own or host.endswith(own) for own in OWN)

"""Check the public address: links in emails start with it, so readers must be able to reach it, over HTTPS."""

from collections.abc import Iterator
from ipaddress import ip_address

from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.finding import Finding, left_out, ok, warning, wrong
from newsletter.doctor.http_probe import status_at
from newsletter.errors import Unreachable

CHECK = "base URL"
OWN = ("localhost", ".localhost", ".local", ".internal", ".test", ".invalid", ".example")


def check(installation: Installation) -> Iterator[Finding]:
    """Check whether readers can follow links to the base URL."""
    environment = installation.environment
    if environment.debug:
        yield warning(
            CHECK,
            "NEWSLETTER_DEBUG is on, so error pages show internal details to anyone.",
            "Switch it off on a public server.",
        )
    url, host = environment.root_url, environment.base_url.host or ""
    if environment.transport == "maildir":
        yield left_out(CHECK, f"{url} was not checked, because emails are kept on this machine.")
        return
    yield _as_readers_see_it(url, host)
    try:
        status = status_at(f"{url}/")
    except Unreachable as error:
        yield wrong(
            CHECK,
            f"{error} Links in emails would not work.",
            "Start `newsletter serve`, and check DNS, proxy and firewall.",
        )
        return
    if status >= 400:  # noqa: PLR2004 - an error, whichever
        yield wrong(
            CHECK,
            f"{url} returns status {status}.",
            "Route this address to `newsletter serve`, and check NEWSLETTER_BASE_URL.",
        )
    elif status >= 300:  # noqa: PLR2004 - a redirect breaks one-click unsubscribing (RFC 8058)
        yield wrong(
            CHECK,
            f"{url} redirects ({status}). One-click unsubscribe does not work with redirects.",
            "Set NEWSLETTER_BASE_URL to the final address.",
        )
    else:
        yield ok(CHECK, f"{url} can be reached from here.")


def _as_readers_see_it(url: str, host: str) -> Finding:
    if _is_private(host):
        return wrong(CHECK, f"Readers cannot reach {url}.", "Set NEWSLETTER_BASE_URL to the public address.")
    if not url.startswith("https://"):
        return wrong(
            CHECK,
            f"{url} does not use HTTPS, which one-click unsubscribe needs (RFC 8058).",
            "Get a certificate, and set NEWSLETTER_BASE_URL to https://….",
        )
    return ok(CHECK, f"{url} uses HTTPS.")


def _is_private(host: str) -> bool:
    try:
        return not ip_address(host.strip("[]")).is_global
    except ValueError:
        return "." not in host or any(host == own or host.endswith(own) for own in OWN)

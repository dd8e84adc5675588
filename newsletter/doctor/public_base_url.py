"""Check the public address: links in emails start with it, so readers must be able to reach it, over HTTPS."""

from collections.abc import Iterator

from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.doctor_finding import Finding, left_out, ok, warning, wrong
from newsletter.doctor.request_own_address import status_at
from newsletter.errors import Unreachable
from newsletter.http.private_hosts import is_private_host

CHECK = "base URL"


def check(installation: Installation) -> Iterator[Finding]:
    """Check whether readers can follow links to the base URL."""
    environment = installation.environment
    if environment.debug:
        yield warning(
            CHECK,
            "NEWSLETTER_DEBUG is on, so error pages show internal details to anyone.",
            "Set NEWSLETTER_DEBUG=false on a public server.",
        )
    url, host = environment.root_url, environment.base_url.host or ""
    if environment.transport == "maildir":
        yield left_out(
            CHECK, f"We did not check {url}, because this installation does not send emails to the internet."
        )
        return
    yield _as_readers_see_it(url, host)
    try:
        status = status_at(f"{url}/")
    except Unreachable as error:
        yield wrong(
            CHECK,
            f"Links in emails would not work. {error}",
            "Start `newsletter serve`. If it is already running, check the DNS, the proxy and the firewall.",
        )
        return
    if status >= 400:  # noqa: PLR2004 - an error, whichever
        yield wrong(
            CHECK,
            f"{url} responds with status {status} instead of a page.",
            (
                "Configure your proxy to pass requests for this address to `newsletter serve`, and check "
                "NEWSLETTER_BASE_URL."
            ),
        )
    elif status >= 300:  # noqa: PLR2004 - a redirect breaks one-click unsubscribing (RFC 8058)
        yield wrong(
            CHECK,
            (
                f"{url} redirects to another address ({status}). One-click unsubscribe does not work "
                "with redirects."
            ),
            "Set NEWSLETTER_BASE_URL to the address that it redirects to.",
        )
    else:
        yield ok(CHECK, f"This machine can reach {url}.")


def _as_readers_see_it(url: str, host: str) -> Finding:
    if is_private(host):
        return wrong(
            CHECK,
            f"{url} is not a public address, so readers cannot reach it.",
            "Set NEWSLETTER_BASE_URL to the public address.",
        )
    if not url.startswith("https://"):
        return wrong(
            CHECK,
            (f"{url} does not use HTTPS. Without HTTPS, one-click unsubscribe does not work (RFC 8058)."),
            "Get a certificate, and set NEWSLETTER_BASE_URL to https://….",
        )
    return ok(CHECK, f"{url} uses HTTPS.")


def is_private(host: str) -> bool:
    """Return whether readers cannot reach a host, by its name alone. Nobody can own a name that ends in .example."""
    return is_private_host(host) or host.rstrip(".").endswith(".example")

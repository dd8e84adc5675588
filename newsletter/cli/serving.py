"""`newsletter serve`: the press on one machine, in one process."""

import signal
import sys
from typing import Annotated

import typer
from django.conf import settings

from newsletter.cli.output import print_text


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for every network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    threads: Annotated[int, typer.Option(help="How many requests are answered at once.", min=1)] = 8,
) -> None:
    """Answer readers and editors in the browser, and do what is due, until stopped.

    Example: `newsletter serve --port 8000`
    """
    import waitress

    from newsletter.worker import ticking
    from newsletter.wsgi import application

    address = settings.NEWSLETTER.root_url
    print_text(f"Listening on http://{host}:{port} (public address: {address}). Ctrl-C stops.")
    # The clock sends these mails, so that no answer tells by its time whether one was sent.
    settings.SUBSCRIBERS_MAIL_AT_ONCE = False
    # As Ctrl-C does, a service's SIGTERM ends the server, and the clock finishes what it began.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with ticking():
        waitress.serve(application, host=host, port=port, threads=threads, ident=None, **_believed_proxies())


def _believed_proxies() -> dict[str, object]:
    """What waitress is told of the proxies in front: only their word on who asked, and how, is taken."""
    proxies = settings.NEWSLETTER.proxies
    if not proxies:
        return {"clear_untrusted_proxy_headers": True}
    return {
        "trusted_proxy": "*",
        "trusted_proxy_count": proxies,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
        "clear_untrusted_proxy_headers": True,
    }

"""`newsletter serve`: the press on one machine, in one process."""

from typing import Annotated

import typer
from django.conf import settings

from newsletter.cli.output import print_text


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for every network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    threads: Annotated[int, typer.Option(help="How many requests are answered at once.", min=1)] = 8,
) -> None:
    """Answer readers and editors in the browser until stopped.

    Example: `newsletter serve --port 8000`
    """
    import waitress

    from newsletter.wsgi import application

    print_text(
        f"Listening on http://{host}:{port} (public address: {settings.NEWSLETTER.root_url}). Ctrl-C stops."
    )
    waitress.serve(
        application, host=host, port=port, threads=threads, ident=None, clear_untrusted_proxy_headers=True
    )

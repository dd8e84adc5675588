"""`newsletter serve`, `web` and `scheduler`: commands that run until stopped. (`newsletter worker` is in
worker.py.)
"""

import os
import signal
import sys
from functools import partial
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from django.conf import settings
from django.db import connections
from pydantic import HttpUrl

from newsletter.cli.child_processes import UntilEof, run_as_child_process, with_child_processes
from newsletter.cli.output import print_status
from newsletter.cli.prepare_to_fork import prepare_to_fork
from newsletter.cli.startup_checks import home_is_empty, require_ready, set_up_home
from newsletter.logs import log_everything
from newsletter.stop_signals import stopped_by_signals

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.web.waitress_server import Server

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})

Host = Annotated[
    str, typer.Option(help="Network address to listen on. Use 0.0.0.0 to listen on all networks.")
]
Port = Annotated[int, typer.Option(help="Port to listen on. Use 0 for any free port.", min=0, max=65535)]
Threads = Annotated[int, typer.Option(help="Number of requests to handle at the same time.", min=1)]


def serve(host: Host = "127.0.0.1", port: Port = 8000, threads: Threads = 8) -> None:
    """Run the web server, scheduler and worker on one machine until you stop them.

    The web server is this process. It starts `newsletter scheduler` and `newsletter worker` as separate processes,
    and restarts them if they fail. If the web server itself fails, all three end: let systemd or your container
    engine restart the command. To stop, press Ctrl-C or send SIGTERM. Emails in progress are sent first.

    If the home folder is empty, the command first creates the database and the secret key, as `newsletter init` does.

    Example: `newsletter serve --port 8000`
    """
    log_everything()
    _set_up_an_empty_home()
    require_ready()
    prepare_to_fork()
    with with_child_processes(
        "scheduler", "worker", run=_run_companion, learn_port=_use_port_in_links
    ) as start_companions:
        _end_on_sigterm()
        server = _server(host, port, threads)
        _use_port_in_links(server.port)
        _say_where(host, server)
        start_companions(server.port)
        _show_setup_link(server)
        _answer(server)


def web(host: Host = "127.0.0.1", port: Port = 8000, threads: Threads = 8) -> None:
    """Run only the web server, for readers and editors, until you stop it.

    You must also run `newsletter scheduler` and `newsletter worker` with the same database.

    Example: `newsletter web --host 0.0.0.0`
    """
    log_everything()
    _end_on_sigterm()
    require_ready()
    server = _server(host, port, threads)
    _say_where(host, server)
    _answer(server)


def scheduler(until_eof: UntilEof = False) -> None:
    """Run the scheduler until you stop it. It fetches articles, drafts issues, starts mailings, sends
    notifications, runs imports, exports and backups from the desk, and processes reports from SendGrid. Issues are
    sent by `newsletter worker`.

    To stop the scheduler, press Ctrl-C or send SIGTERM. It then finishes its current work. You can run any
    number of schedulers at the same time.

    Example: `newsletter scheduler`
    """
    stopping = Event()
    log_everything()
    with stopped_by_signals(stopping.set):
        from newsletter.scheduler import running_scheduler

        require_ready(columns=not until_eof)
        if until_eof:
            run_as_child_process()
        with running_scheduler():
            stopping.wait()


def _set_up_an_empty_home() -> None:
    """Create the installation if there is none, and say where, in case it was looked for in the wrong folder."""
    if home_is_empty():
        set_up_home()
        print_status(
            f"We created a new installation. All its data is in "
            f"{settings.NEWSLETTER.home.resolve()}. To keep it elsewhere, set NEWSLETTER_HOME."
        )


def _run_companion(name: str) -> int:
    """Run `newsletter scheduler` or `newsletter worker` in a fork of this process.

    It is not run by the command line: making that again would copy the memory that the fork shares with `serve`.
    """
    from newsletter.cli.commands import run_command
    from newsletter.cli.worker import worker

    commands: dict[str, Callable[..., None]] = {"scheduler": scheduler, "worker": worker}
    return run_command(partial(commands[name], until_eof=True))


def _server(host: str, port: int, threads: int) -> "Server":
    """Return a server that has bound its port. Raises Refused if the port is taken."""
    from newsletter.web.waitress_server import Server
    from newsletter.wsgi import application

    # The scheduler sends these emails, so that the response time does not reveal whether one was sent.
    settings.SUBSCRIBERS_MAIL_AT_ONCE = False
    return Server(application, host=host, port=port, threads=threads)


def _use_port_in_links(port: int) -> None:
    """Begin links and pictures with the port that we listen on, unless the public address is set.

    The web server, scheduler and worker must agree on it: an issue whose links would change after its approval is not
    sent.
    """
    if "base_url" in settings.NEWSLETTER.model_fields_set:
        return
    address = f"http://localhost:{port}"
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"base_url": HttpUrl(address)})
    settings.SUBSCRIBERS_BASE_URL = address
    # A process that is started again reads its settings from here.
    os.environ["NEWSLETTER_BASE_URL"] = address


def _say_where(host: str, server: "Server") -> None:
    address = settings.NEWSLETTER.root_url
    print_status(
        f"Listening on http://{host}:{server.port} (public address: {address}). Press Ctrl-C to stop."
    )


def _show_setup_link(server: "Server") -> None:
    """Print the address where the first account is made, while there is none. Nothing else shows its token.

    It is the last that we print, so that nobody opens another address first.
    """
    from newsletter.accounts.first_account_link import new_setup_token
    from newsletter.issues.page_urls import setup_path

    token = new_setup_token()
    if not token:
        return
    base, path = settings.NEWSLETTER.base_url, setup_path(token)
    if base.host in LOCAL_HOSTS:
        where = "in a browser on this machine"
        address = f"{base.scheme}://{base.host}:{server.port}{path}"
    else:
        where = (
            "in a browser. Your domain must already point to this machine. Keep the link secret: until you use it, "
            "anyone who has it can set up the newsletter"
        )
        address = f"{settings.NEWSLETTER.root_url}{path}"
    print_status(
        f"\nTo set up your newsletter, open this link {where}. You can use it only once:\n\n{address}\n"
    )


def _end_on_sigterm() -> None:
    """From now on, let SIGTERM end the server as Ctrl-C does. Requests that have begun are answered.

    The server wakes every second, so that it also notices a signal that another thread received.
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        # Only once: a second signal must not interrupt what the first one is finishing.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)


def _answer(server: "Server") -> None:
    # This thread only waits for requests from now on.
    connections.close_all()
    server.run()
    server.close()

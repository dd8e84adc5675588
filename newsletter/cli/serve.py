"""`newsletter serve`, `web` and `scheduler`: what runs until it is stopped. (`newsletter worker` is in worker.py.)"""

import gc
import signal
import sys
from importlib import import_module
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from django.conf import settings

from newsletter.cli.child_processes import UntilEof, run_as_child_process, with_child_processes
from newsletter.cli.output import print_status
from newsletter.cli.startup_checks import require_ready
from newsletter.logs import log_everything
from newsletter.stop_signals import stopped_by_signals

if TYPE_CHECKING:
    from newsletter.web.server import Server

Host = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for every network.")]
Port = Annotated[int, typer.Option(help="Port to listen on; 0 for any free one.", min=0, max=65535)]
Threads = Annotated[int, typer.Option(help="How many requests are answered at once.", min=1)]


def serve(host: Host = "127.0.0.1", port: Port = 8000, threads: Threads = 8) -> None:
    """Be the whole press on one machine: answer readers and editors, do what is due, send; until stopped.

    It is `newsletter web`, with `newsletter scheduler` and `newsletter worker` in processes of their own beside it,
    which are started again when they die. Ctrl-C or SIGTERM takes no more requests, finishes what is being posted,
    starts nothing more, and ends with 0.

    Example: `newsletter serve --port 8000`
    """
    from newsletter.cli.commands import run

    log_everything()
    require_ready()
    _import_what_all_use()
    with with_child_processes(["scheduler"], ["worker"], run=run) as start_companions:
        _end_on_sigterm()
        server = _server(host, port, threads)
        start_companions()
        _answer(server)


def web(host: Host = "127.0.0.1", port: Port = 8000, threads: Threads = 8) -> None:
    """Answer readers and editors in the browser until stopped, and nothing else.

    Somewhere a `newsletter scheduler` and a `newsletter worker` must run on the same database.

    Example: `newsletter web --host 0.0.0.0`
    """
    log_everything()
    _end_on_sigterm()
    _answer(_server(host, port, threads))


def scheduler(until_eof: UntilEof = False) -> None:
    """Do what is due at its time until stopped: fetch, draft, release, tell, fold reports. It posts no letter.

    Ctrl-C or SIGTERM finishes the pieces of work that began. Any number of schedulers can run at once.

    Example: `newsletter scheduler`
    """
    stopping = Event()
    log_everything()
    with stopped_by_signals(stopping.set):
        from newsletter.scheduler import running_scheduler

        require_ready()
        if until_eof:
            run_as_child_process()
        with running_scheduler():
            stopping.wait()


def _import_what_all_use() -> None:
    """Bring into memory, before this process is copied, what it and its copies use while nothing is due.

    The collector leaves it alone from then on: looking at an object writes to its page, which then is copied.
    """
    for name in ("newsletter.urls", "newsletter.wsgi", "newsletter.scheduler", "newsletter.cli.worker"):
        import_module(name)
    gc.collect()
    gc.freeze()


def _server(host: str, port: int, threads: int) -> "Server":
    """A server that has its port, so that nothing is started when the port is taken, or the database not usable."""
    from newsletter.web.server import Server
    from newsletter.wsgi import application

    require_ready()
    # The scheduler sends these mails, so that no answer tells by its time whether one was sent.
    settings.SUBSCRIBERS_MAIL_AT_ONCE = False
    server = Server(application, host=host, port=port, threads=threads)
    address = settings.NEWSLETTER.root_url
    print_status(f"Listening on http://{host}:{server.port} (public address: {address}). Ctrl-C stops.")
    return server


def _end_on_sigterm() -> None:
    """Have SIGTERM end the server as Ctrl-C does, from now on; requests that began are answered.

    The server looks up every second, so that a signal which another thread took is heard by then.
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        # Once: a second one must not break off what the first one finishes.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)


def _answer(server: "Server") -> None:
    server.run()
    server.close()

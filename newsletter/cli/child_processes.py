"""Run the other processes of `newsletter serve` beside the web server: restart each when it dies, and end it with
this process.

Each holds the reading end of a pipe whose writing end only this process has open. When this process ends, for
whatever reason, the pipe closes, and the others stop as after SIGTERM.

Where that is safe (on Linux, before this process has threads) each begins as a fork of this process, so that all
of them share the memory of what is imported. A process that died is started again by its command.
"""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Annotated, BinaryIO, NoReturn

import typer
from django.db import close_old_connections, connection, connections

from newsletter.errors import NewsletterError
from newsletter.sending.repeated_failures import RepeatedWork

UntilEof = Annotated[
    bool,
    typer.Option(
        "--until-eof",
        help="Run at a lower priority, and stop when standard input closes. `newsletter serve` uses "
        "this option for the processes that it starts.",
    ),
]

log = logging.getLogger(__name__)
Popen = subprocess.Popen[bytes]
RunCommand = Callable[[str], int]
LearnPort = Callable[[int], None]

CAN_COPY = sys.platform == "linux"
LOOK_UP_SECONDS = 0.5
LONGEST_PORT = len("65535\n")
# A process that ran this long did not die because of how it was started.
LONG_ENOUGH = 60.0
# Readers and SendGrid's reports wait for a response. A mailing takes minutes anyway.
NICE = 5


class ChildProcess:
    """One command in its own process. It begins with `start` and is kept running until `dismiss`."""

    def __init__(self, name: str, *, run: RunCommand, learn_port: LearnPort) -> None:
        """Prepare a process. A fork of this process calls `learn_port`, then `run` with the command's name."""
        self.name = name
        self._process: Popen | Copy | None = Copy(run, name, learn_port) if CAN_COPY else None
        self._dismissed, self._starting = Event(), Lock()
        # After a second Ctrl-C, do not wait for the process.
        self._keeping = Thread(target=self._keep, name=name, daemon=True)

    def start(self, port: int) -> None:
        """Start the process, and start it again whenever it ends unexpectedly. `port` is that of the web server."""
        if isinstance(self._process, Copy):
            self._process.go(port)
        self._keeping.start()

    def dismiss(self) -> None:
        """Let the process finish its current work, and do not start it again."""
        with self._starting:
            self._dismissed.set()
            if self._process and self._process.stdin:
                self._process.stdin.close()

    def wait(self) -> None:
        """Return when the process has ended."""
        # With a time-out, so that a second Ctrl-C is noticed, whichever thread receives it.
        while self._keeping.is_alive():
            self._keeping.join(LOOK_UP_SECONDS)

    def _keep(self) -> None:
        work = RepeatedWork("`newsletter serve`", f"keep `newsletter {self.name}` running")
        if isinstance(self._process, Copy):
            self._await(self._process, work)
        while not self._dismissed.is_set():
            try:
                self._run(work)
            except Exception as error:  # noqa: BLE001 - no memory or no more files, for now: it is logged
                self._dismissed.wait(work.failed(error))
            finally:
                close_old_connections()

    def _await(self, copy: "Copy", work: RepeatedWork) -> None:
        """Wait until the fork has ended."""
        code = copy.wait()
        if not self._dismissed.is_set():
            self._dismissed.wait(work.failed(NewsletterError(f"The process ended with exit code {code}.")))

    def _run(self, work: RepeatedWork) -> None:
        """Start the process and wait until it has ended. Raises NewsletterError if it ended without being asked
        to.
        """
        process = self._started()
        if process is None:
            return
        try:
            code = process.wait(LONG_ENOUGH)
        except subprocess.TimeoutExpired:
            work.succeeded()
            connection.close()
            code = process.wait()
        if not self._dismissed.is_set():
            raise NewsletterError(f"The process ended with exit code {code}.")

    def _started(self) -> "Popen | None":
        with self._starting:
            if self._dismissed.is_set():
                return None
            # -P: do not import modules from the current folder. A new session: Ctrl-C reaches this process only,
            # which then tells the others.
            command = [sys.executable, "-P", "-m", "newsletter", self.name, "--until-eof"]
            self._process = started = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603 - words of ours
            return started


class Copy:
    """A fork of this process that runs one command when `go` is called, with the end of a pipe as its input.

    The port of the web server comes through the pipe: when the fork is made, none is bound yet.

    Create it before this process has threads: a lock that another thread holds would stay locked in the fork for
    ever.
    """

    def __init__(self, run: RunCommand, name: str, learn_port: LearnPort) -> None:
        connections.close_all()
        reading, writing = os.pipe()
        self._process = os.fork()
        if not self._process:
            os.close(writing)
            _be_the_copy(reading, run, name, learn_port)
        os.close(reading)
        # Do not pass this on to forks made later: each would keep the pipe open.
        self.stdin = os.fdopen(writing, "wb", buffering=0)
        _written_to.append(self.stdin)

    def go(self, port: int) -> None:
        """Let the fork start its command."""
        with suppress(BrokenPipeError):
            self.stdin.write(f"{port}\n".encode())

    def wait(self) -> int:
        """Wait for the fork to end, and return its exit code."""
        _process, status = os.waitpid(self._process, 0)
        return os.waitstatus_to_exitcode(status)


# The pipe ends that this process writes to its forks with.
_written_to: list[BinaryIO] = []


def _be_the_copy(reading: int, run: RunCommand, name: str, learn_port: LearnPort) -> NoReturn:
    """Run the command in this new process, then exit without finishing anything that the parent had begun."""
    code = 1
    try:
        os.setsid()
        os.dup2(reading, sys.__stdin__.fileno() if sys.__stdin__ else 0)
        for each in (reading, *(parent.fileno() for parent in _written_to)):
            os.close(each)
        with suppress(OSError):
            Path("/proc/self/comm").write_text(name)
        # What is written to a pipe at once is read at once.
        if port := os.read(0, LONGEST_PORT):
            learn_port(int(port))
            code = run(name)
    except BaseException:
        log.exception("`newsletter %s` ended", name)
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


@contextmanager
def with_child_processes(
    *commands: str, run: RunCommand, learn_port: LearnPort
) -> Iterator[Callable[[int], None]]:
    """Run these commands beside this process, from when the yielded function is called until the block ends.

    At the end of the block, the commands finish their current work. `run` runs a command by name. Call the yielded
    function with the port of the web server. Each process that began as a fork of this process first passes the port
    to `learn_port`.
    """
    companions = [ChildProcess(name, run=run, learn_port=learn_port) for name in commands]

    def start(port: int) -> None:
        for each in companions:
            each.start(port)

    try:
        yield start
    finally:
        for each in companions:
            each.dismiss()
        for each in companions:
            each.wait()


def run_as_child_process() -> None:
    """Lower this process's priority below the web server's, and stop as after SIGTERM when standard input ends.

    Also close the connection to the database that this thread began with: other threads do the work.
    """
    connections.close_all()
    os.nice(NICE)
    Thread(target=_wait_for_end, name="end of input", daemon=True).start()


def _wait_for_end() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)

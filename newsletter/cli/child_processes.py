"""The processes beside the web server of `newsletter serve`: each is started again when it dies, and ends with us.

Each holds the end of a pipe that only this process has open. When this process is gone, however it went, the pipe
ends, and they stop as SIGTERM would have them do.

Where that is safe (on Linux, before this process has threads) each begins as a copy of this process, so that what all
of them have imported is in memory once. One that has died is started anew, by its command.
"""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
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
    typer.Option("--until-eof", help="End with standard input, and yield to others: so `serve` starts it."),
]

log = logging.getLogger(__name__)
Popen = subprocess.Popen[bytes]
CommandLine = Callable[[list[str]], int]

CAN_COPY = sys.platform == "linux"
LOOK_UP_SECONDS = 0.5
# Whoever ran for so long did not die of how it was started.
LONG_ENOUGH = 60.0
# Readers and SendGrid's reports wait for an answer; a mailing takes its minutes anyway.
NICE = 5


class ChildProcess:
    """One command of ours in a process of its own. It begins with `start`, and keeps running until it is dismissed."""

    def __init__(self, *words: str, run: CommandLine) -> None:
        """`run` is the command line: what a copy of this process calls with the words."""
        self.words = [*words, "--until-eof"]
        self._process: Popen | Copy | None = Copy(run, self.words) if CAN_COPY else None
        self._dismissed, self._starting = Event(), Lock()
        # With a second Ctrl-C, nobody waits for it.
        self._keeping = Thread(target=self._keep, name=words[0], daemon=True)

    def start(self) -> None:
        """Start it, and again whenever it dies."""
        if isinstance(self._process, Copy):
            self._process.go()
        self._keeping.start()

    def dismiss(self) -> None:
        """Let it finish what it began, and not start again."""
        with self._starting:
            self._dismissed.set()
            if self._process and self._process.stdin:
                self._process.stdin.close()

    def wait(self) -> None:
        """Come back when it has ended."""
        # With a time-out, so that a second Ctrl-C is heard meanwhile, whichever thread takes it.
        while self._keeping.is_alive():
            self._keeping.join(LOOK_UP_SECONDS)

    def _keep(self) -> None:
        work = RepeatedWork("`newsletter serve`", f"keep `newsletter {self.words[0]}` running")
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
        """Wait until the first process has ended."""
        code = copy.wait()
        if not self._dismissed.is_set():
            self._dismissed.wait(work.failed(NewsletterError(f"It ended with {code}.")))

    def _run(self, work: RepeatedWork) -> None:
        """Start it, and wait until it has ended. Raises NewsletterError when nobody asked it to."""
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
            raise NewsletterError(f"It ended with {code}.")

    def _started(self) -> "Popen | None":
        with self._starting:
            if self._dismissed.is_set():
                return None
            # -P: modules in the folder where we were started are not ours. A session of its own: Ctrl-C is for us, and
            # we tell it.
            command = [sys.executable, "-P", "-m", "newsletter", *self.words]
            self._process = started = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603 - words of ours
            return started


class Copy:
    """A copy of this process that runs one command line, once it is told to go, with the end of a pipe as its input.

    To be made while this process has no threads: a lock that one of them holds would stay held in the copy for ever.
    """

    def __init__(self, run: CommandLine, words: list[str]) -> None:
        connections.close_all()
        reading, writing = os.pipe()
        self._process = os.fork()
        if not self._process:
            os.close(writing)
            _be_the_copy(reading, run, words)
        os.close(reading)
        # Not for copies that are made after this one: each would keep the pipe open.
        self.stdin = os.fdopen(writing, "wb", buffering=0)
        _written_to.append(self.stdin)

    def go(self) -> None:
        """Let it begin."""
        with suppress(BrokenPipeError):
            self.stdin.write(b"\n")

    def wait(self) -> int:
        """The exit code, once it has ended."""
        _process, status = os.waitpid(self._process, 0)
        return os.waitstatus_to_exitcode(status)


# What this process writes to in its copies.
_written_to: list[BinaryIO] = []


def _be_the_copy(reading: int, run: CommandLine, words: list[str]) -> NoReturn:
    """Run the command in this new process, and end it. Nothing of what its parent began is finished here."""
    code = 1
    try:
        os.setsid()
        os.dup2(reading, sys.__stdin__.fileno() if sys.__stdin__ else 0)
        for each in (reading, *(parent.fileno() for parent in _written_to)):
            os.close(each)
        with suppress(OSError):
            Path("/proc/self/comm").write_text(words[0])
        if os.read(0, 1):
            code = run(words)
    except BaseException:
        log.exception("`newsletter %s` ended", words[0])
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


@contextmanager
def with_child_processes(*commands: Sequence[str], run: CommandLine) -> Iterator[Callable[[], None]]:
    """While inside, these commands run beside this process, from when what this gives is called.

    At the end they finish what they began. `run` is the command line.
    """
    companions = [ChildProcess(*words, run=run) for words in commands]

    def start() -> None:
        for each in companions:
            each.start()

    try:
        yield start
    finally:
        for each in companions:
            each.dismiss()
        for each in companions:
            each.wait()


def run_as_child_process() -> None:
    """Let the web server have the processor first, and end as by SIGTERM when standard input ends."""
    os.nice(NICE)
    Thread(target=_wait_for_end, name="end of input", daemon=True).start()


def _wait_for_end() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)

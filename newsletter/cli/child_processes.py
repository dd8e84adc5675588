"""The processes beside the web server of `newsletter serve`: each is started again when it dies, and ends with us.

Each holds the end of a pipe that only this process has open. When this process is gone, however it went, the pipe
ends, and they stop as SIGTERM would have them do.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Annotated

import typer
from django.db import close_old_connections, connection

from newsletter.errors import PressError
from newsletter.sending.repeated_failures import Work

UntilEof = Annotated[
    bool,
    typer.Option("--until-eof", help="End with standard input, and yield to others: so `serve` starts it."),
]

LOOK_UP_SECONDS = 0.5
# Whoever ran for so long did not die of how it was started.
LONG_ENOUGH = 60.0
# Readers and SendGrid's reports wait for an answer; a mailing takes its minutes anyway.
NICE = 5


class Companion:
    """One command of ours in a process of its own."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self._process: subprocess.Popen[bytes] | None = None
        self._dismissed, self._starting = Event(), Lock()
        # With a second Ctrl-C, nobody waits for it.
        self._keeping = Thread(target=self._keep, name=words[0], daemon=True)

    def start(self) -> None:
        """Start it, and again whenever it dies."""
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
        work = Work("`newsletter serve`", f"keep `newsletter {self.words[0]}` running")
        while not self._dismissed.is_set():
            try:
                self._run(work)
            except Exception as error:  # noqa: BLE001 - no memory or no more files, for now: it is logged
                self._dismissed.wait(work.failed(error))
            finally:
                close_old_connections()

    def _run(self, work: Work) -> None:
        """Start it, and wait until it has ended. Raises PressError when nobody asked it to."""
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
            raise PressError(f"It ended with {code}.")

    def _started(self) -> subprocess.Popen[bytes] | None:
        with self._starting:
            if self._dismissed.is_set():
                return None
            # -P: modules in the folder where we were started are not ours. A session of its own: Ctrl-C is for us, and
            # we tell it.
            command = [sys.executable, "-P", "-m", "newsletter", *self.words, "--until-eof"]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603 - words of ours
            return self._process


@contextmanager
def accompanied_by(*commands: Sequence[str]) -> Iterator[None]:
    """While inside, these commands run beside this process. At the end they finish what they began."""
    companions = [Companion(*words) for words in commands]
    try:
        for each in companions:
            each.start()
        yield
    finally:
        for each in companions:
            each.dismiss()
        for each in companions:
            each.wait()


def be_companion() -> None:
    """Let the web server have the processor first, and end as by SIGTERM when standard input ends."""
    os.nice(NICE)
    Thread(target=_wait_for_end, name="end of input", daemon=True).start()


def _wait_for_end() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)

"""The connections of one process to the SMTP server: as many at once, and for as long, as the server allows.

We learn the limits from the server: if it turns a connection away while others work, the thread waits for one of those.
If it ends a connection after the same number of messages twice, we end later ones politely before that.
"""

from collections.abc import Callable
from contextlib import suppress
from threading import Condition

from newsletter.environment import Environment
from newsletter.sending.transports.smtp_reconnecting import ReconnectingSmtp
from newsletter.steady_clock import steady_seconds

# Servers close connections that carry too many messages; a new one now and then is cheap.
MESSAGES_PER_CONNECTION = 100
ALLOWED_AGAIN_SECONDS = 300.0
REST_SECONDS = 5.0
LOOK_SECONDS, LOOKS_AT_LEAST, MAX_LOOKS = 0.1, 5, 300


class SmtpPool:
    """The connections that threads take and give back."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._free: list[ReconnectingSmtp] = []
        self._taken: list[ReconnectingSmtp] = []
        self._allowed = 1_000
        self._allowed_until = 0.0
        self._messages, self._ended_after = MESSAGES_PER_CONNECTION, 0
        self._rests_until = 0.0
        self._changed = Condition()

    def take(self, *, may_wait: Callable[[], bool]) -> ReconnectingSmtp | None:
        """Take a connection for this thread alone. None if there is none for half a minute, or `may_wait` says no."""
        with self._changed:
            for look in range(MAX_LOOKS):
                if self._allowed_until < steady_seconds():
                    self._allowed = 1_000
                may_open = steady_seconds() >= self._rests_until and len(self._taken) < max(self._allowed, 1)
                if self._free or may_open:
                    line = self._free.pop() if self._free else ReconnectingSmtp(self._environment)
                    self._taken.append(line)
                    return line
                if look >= LOOKS_AT_LEAST and not may_wait():
                    break
                self._changed.wait(LOOK_SECONDS)
        return None

    def give_back(self, line: ReconnectingSmtp) -> None:
        """Let other threads use a connection between two messages."""
        self.tend(line)
        with self._changed:
            self._taken.remove(line)
            if line.is_open:
                self._free.append(line)
            self._changed.notify()

    def tend(self, line: ReconnectingSmtp) -> None:
        """After a message, learn how many the server accepts on one connection, and hang up before it does."""
        if line.ended_after:
            if line.ended_after == self._ended_after:
                self._messages = min(line.ended_after, MESSAGES_PER_CONNECTION)
            self._ended_after, line.ended_after = line.ended_after, 0
        if line.is_open and line.carried >= self._messages:
            line.hang_up()

    def are_crowded(self, turned_away: ReconnectingSmtp) -> bool:
        """Return whether other connections are open, so that we have reached the server's limit; remember the limit."""
        with self._changed:
            others = sum(line.is_open for line in [*self._free, *self._taken] if line is not turned_away)
            if not others:
                return False
            self._allowed, self._allowed_until = others, steady_seconds() + ALLOWED_AGAIN_SECONDS
            return True

    def rest(self) -> None:
        """Open no more connections for a while: other processes have all that the server allows."""
        with self._changed:
            self._rests_until = steady_seconds() + REST_SECONDS

    def close(self) -> None:
        """Close every connection that no thread uses."""
        with self._changed:
            free, self._free = self._free, []
        for line in free:
            with suppress(Exception):
                line.hang_up()

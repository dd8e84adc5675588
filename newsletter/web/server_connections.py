"""The connections of the web server: each has deadlines, and all together stay within bounds."""

import logging
import socket
import time
from array import array
from contextlib import suppress
from dataclasses import dataclass
from fcntl import ioctl
from termios import TIOCOUTQ
from typing import Any

from waitress.channel import HTTPChannel

from newsletter.web.trusted_proxies import is_trusted_proxy
from newsletter.web.waitress_requests import Answer, Parser, Refusal
from subscribers.rate_limits import household_of

log = logging.getLogger(__name__)

# While a body is larger than this, the total memory of unfinished bodies is checked (in bytes).
LARGE = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The limits for clients. Times are in seconds by the monotonic clock, sizes in bytes."""

    connections: int = 1_000
    connections_of_a_client: int = 64
    first_byte: float = 20.0
    headers: float = 20.0
    body: float = 60.0
    # Longer than the 60 seconds that nginx keeps an idle connection to its upstream, so that nginx closes it first.
    idle: float = 75.0
    # A client must read a response at 1 KB a second or faster, measured over this many seconds.
    answer: float = 20.0
    answer_rate: int = 1_024
    # How long a refused client's data is read and dropped, so that the client can read the refusal.
    linger: float = 2.0
    unfinished_bodies: int = 64_000_000


class Channel(HTTPChannel):
    """One connection, with the time since when it waits for its client."""

    parser_class = Parser
    task_class = Answer
    error_task_class = Refusal
    refused = False

    def __init__(self, server: Any, sock: socket.socket, addr: Any, *rest: Any, **named: Any) -> None:
        self.lingering_since: float | None = None
        self.answered_before = False
        self.waiting_since = time.monotonic()
        self.sent = 0
        # When the speed of the client was last measured, and how much it had read by then.
        self.speed_measured: tuple[float, int] | None = None
        self.client = _client_of(addr)
        super().__init__(server, sock, addr, *rest, **named)
        server.connections.add(self)

    def del_channel(self, *arguments: Any) -> None:
        """Remove the connection from the server's connections. Waitress calls this whenever a connection is closed."""
        super().del_channel(*arguments)
        self.server.connections.remove(self)

    def received(self, data: bytes) -> Any:
        """Take received data, unless unfinished bodies hold too much memory already."""
        before = self.request
        if (
            before is not None
            and before.body_bytes_received > LARGE
            and self.server.connections.holds_too_much_memory()
        ):
            self.server.connections.schedule_close(self, "incomplete requests use too much memory")
            return False
        taken = super().received(data)
        if self.request is not before or before is None:
            self.waiting_since = time.monotonic()
        return taken

    def service(self) -> None:
        """Answer one request, and start waiting for the next."""
        super().service()
        self.answered_before = True
        self.waiting_since = time.monotonic()

    def send(self, data: bytes, do_close: bool = True) -> int:  # noqa: FBT001, FBT002 - waitress' signature
        """Send as much as the client takes now, and return how many bytes that was."""
        sent: int = super().send(data, do_close=do_close)
        self.sent += sent
        return sent

    def readable(self) -> bool:
        """Return whether to read from the client now."""
        return self.lingering_since is not None or bool(super().readable())

    def writable(self) -> bool:
        """Return whether there is something to send, or the connection is to be closed."""
        return self.lingering_since is None and bool(super().writable())

    def handle_read(self) -> None:
        """Read data. After a refusal, drop it."""
        if self.lingering_since is None:
            super().handle_read()
            return
        with suppress(OSError):
            self.recv(self.adj.recv_bytes)  # closes the connection at its end

    def handle_write(self) -> None:
        """Send data. After a refusal, end the response and leave the client time to read it."""
        if not (self.refused and self.close_when_flushed):
            super().handle_write()
            return
        self._flush_exception(self._flush_some)
        if self.will_close:
            self.handle_close()
        elif not self.total_outbufs_len:
            self.lingering_since = time.monotonic()
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)

    def is_waiting(self) -> bool:
        """Return whether the connection waits for its client: nothing is being answered or sent."""
        return not self.requests and not self.total_outbufs_len

    def why_close(self, now: float, bounds: Bounds) -> str:
        """Return why this connection must be closed, or an empty string."""
        if self.lingering_since is not None:
            return "we refused the request" if now - self.lingering_since > bounds.linger else ""
        if not self.is_waiting():
            return self._why_close_answering(now, bounds)
        self.speed_measured = None
        waited = now - self.waiting_since
        if self.request is None:
            allowed = bounds.idle if self.answered_before else bounds.first_byte
            return "the client did not send a request in time" if waited > allowed else ""
        if not self.request.headers_finished:
            return "the client did not send the headers in time" if waited > bounds.headers else ""
        return "the client did not send the body in time" if waited > bounds.body else ""

    def _why_close_answering(self, now: float, bounds: Bounds) -> str:
        # If there is little to send, the connection waits for the application and not for its client.
        if self.requests and self.total_outbufs_len < self.adj.send_bytes:
            self.speed_measured = None
            return ""
        if self.speed_measured is None:
            self.speed_measured = (now, self._taken())
            return ""
        since, taken_before = self.speed_measured
        if now - since < bounds.answer:
            return ""
        taken = self._taken()
        self.speed_measured = (now, taken)
        too_slow = taken - taken_before < bounds.answer_rate * bounds.answer
        return "the client reads the response too slowly" if too_slow else ""

    def _taken(self) -> int:
        """Return how many bytes the client has read. Some megabytes of what was sent may still wait in the kernel."""
        waiting = array("i", [0])
        with suppress(OSError):
            ioctl(self.socket.fileno(), TIOCOUTQ, waiting)
        return self.sent - waiting[0]


class Connections:
    """All open connections, by client and by age."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._all: dict[Channel, None] = {}
        self._by_client: dict[str, dict[Channel, None]] = {}
        self._to_close: dict[Channel, str] = {}

    def __len__(self) -> int:
        return len(self._all)

    def add(self, channel: Channel) -> None:
        """Add a connection. If there are too many, close the one that has waited longest, or else the new one."""
        self._all[channel] = None
        if len(self._all) > self.bounds.connections:
            self._make_room(self._all, channel, "too many connections are open")
        # A trusted proxy stands for many clients.
        if is_trusted_proxy(channel.client):
            return
        mine = self._by_client.setdefault(household_of(channel.client), {})
        mine[channel] = None
        if len(mine) > self.bounds.connections_of_a_client:
            self._make_room(mine, channel, "the client has too many open connections")

    def remove(self, channel: Channel) -> None:
        """Remove a connection that was closed."""
        self._all.pop(channel, None)
        self._to_close.pop(channel, None)
        network = household_of(channel.client)
        mine = self._by_client.get(network, {})
        mine.pop(channel, None)
        if not mine:
            self._by_client.pop(network, None)

    def schedule_close(self, channel: Channel, why: str) -> None:
        """Close a connection in the next round. In this round, a new connection could get its file descriptor."""
        self._to_close.setdefault(channel, why)

    def holds_too_much_memory(self) -> bool:
        """Return whether the bodies of unfinished and unanswered requests hold more memory than allowed."""
        held = 0
        for channel in self._all:
            requests = [*channel.requests, channel.request]
            held += sum(request.body_bytes_received for request in requests if request is not None)
        return held > self.bounds.unfinished_bodies

    def close_expired(self, now: float) -> None:
        """Close the connections that are past a deadline, and those scheduled to be closed."""
        for channel in self._all:
            if why := channel.why_close(now, self.bounds):
                self.schedule_close(channel, why)
        self.close_scheduled()

    def close_scheduled(self) -> None:
        """Close the connections that are scheduled to be closed."""
        for channel, why in list(self._to_close.items()):
            log.info("We closed a connection because %s.", why)
            channel.handle_close()

    def _make_room(self, among: dict[Channel, None], newest: Channel, why: str) -> None:
        waiting = (each for each in among if each.is_waiting() and each not in self._to_close)
        self.schedule_close(next(waiting, newest), why)


def _client_of(address: Any) -> str:
    return str(address[0]).partition("%")[0]

"""The connections of a web server: each knows since when it waits for what, and all together stay within bounds."""

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

from newsletter.web.http_requests import Answer, Parser, Refusal
from newsletter.web.proxies import is_believed
from subscribers.rate_limits import household_of

log = logging.getLogger(__name__)

# Where a body is larger than this, the memory that all unfinished bodies hold is looked at.
LARGE = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a client may take. Times are in seconds by the monotonic clock, sizes in bytes."""

    connections: int = 1_000
    connections_of_a_client: int = 64
    first_byte: float = 20.0
    headers: float = 20.0
    body: float = 60.0
    # Longer than the 60 seconds for which nginx keeps a connection to its upstream, so that it closes first.
    idle: float = 75.0
    # An answer is taken at 1 KB a second or faster, looked at every so often.
    answer: float = 20.0
    answer_rate: int = 1_024
    # So long is read and dropped what a client still sends after it was refused, so that it reads the refusal.
    farewell: float = 2.0
    unfinished_bodies: int = 64_000_000


class Channel(HTTPChannel):
    """One connection, which knows since when it waits for what."""

    parser_class = Parser
    task_class = Answer
    error_task_class = Refusal
    refused = False

    def __init__(self, server: Any, sock: socket.socket, addr: Any, *rest: Any, **named: Any) -> None:
        self.farewell_since: float | None = None
        self.answered_before = False
        self.waiting_since = time.monotonic()
        self.sent = 0
        # When taking the answer was last judged, and how much had been taken by then.
        self.judged: tuple[float, int] | None = None
        self.client = _client_of(addr)
        super().__init__(server, sock, addr, *rest, **named)
        server.crowd.enter(self)

    def del_channel(self, *arguments: Any) -> None:
        """Leave the crowd; waitress calls this whenever a connection is closed."""
        super().del_channel(*arguments)
        self.server.crowd.leave(self)

    def received(self, data: bytes) -> Any:
        """Take what has come, unless bodies that never end hold too much already."""
        before = self.request
        if before is not None and before.body_bytes_received > LARGE and self.server.crowd.is_overfed():
            self.server.crowd.send_away(self, "unfinished bodies hold too much memory")
            return False
        taken = super().received(data)
        if self.request is not before or before is None:
            self.waiting_since = time.monotonic()
        return taken

    def service(self) -> None:
        """Answer one request; the next may be waited for from then on."""
        super().service()
        self.answered_before = True
        self.waiting_since = time.monotonic()

    def send(self, data: bytes, do_close: bool = True) -> int:  # noqa: FBT001, FBT002 - waitress' signature
        """Send what the client takes now; says how much that was."""
        sent: int = super().send(data, do_close=do_close)
        self.sent += sent
        return sent

    def readable(self) -> bool:
        """Whether more is read from the client now."""
        return self.farewell_since is not None or bool(super().readable())

    def writable(self) -> bool:
        """Whether there is something to send, or the connection is to be closed."""
        return self.farewell_since is None and bool(super().writable())

    def handle_read(self) -> None:
        """Read; after a refusal only to drop it."""
        if self.farewell_since is None:
            super().handle_read()
            return
        with suppress(OSError):
            self.recv(self.adj.recv_bytes)  # closes the connection at its end

    def handle_write(self) -> None:
        """Send; when a refusal is sent, say that nothing more comes, and leave the client time to read it."""
        if not (self.refused and self.close_when_flushed):
            super().handle_write()
            return
        self._flush_exception(self._flush_some)
        if self.will_close:
            self.handle_close()
        elif not self.total_outbufs_len:
            self.farewell_since = time.monotonic()
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)

    def is_waiting(self) -> bool:
        """Whether the client owes the next step: nothing is being answered or sent."""
        return not self.requests and not self.total_outbufs_len

    def why_cut(self, now: float, bounds: Bounds) -> str:
        """Why this connection has had its time, or nothing."""
        if self.farewell_since is not None:
            return "it was refused" if now - self.farewell_since > bounds.farewell else ""
        if not self.is_waiting():
            return self._why_cut_answering(now, bounds)
        self.judged = None
        waited = now - self.waiting_since
        if self.request is None:
            allowed = bounds.idle if self.answered_before else bounds.first_byte
            return "no request came" if waited > allowed else ""
        if not self.request.headers_finished:
            return "its headers did not end" if waited > bounds.headers else ""
        return "its body did not end" if waited > bounds.body else ""

    def _why_cut_answering(self, now: float, bounds: Bounds) -> str:
        # With little to send, a request that is being answered waits for the application, not for its client.
        if self.requests and self.total_outbufs_len < self.adj.send_bytes:
            self.judged = None
            return ""
        if self.judged is None:
            self.judged = (now, self._taken())
            return ""
        since, taken_before = self.judged
        if now - since < bounds.answer:
            return ""
        taken = self._taken()
        self.judged = (now, taken)
        too_slow = taken - taken_before < bounds.answer_rate * bounds.answer
        return "it takes its answer too slowly" if too_slow else ""

    def _taken(self) -> int:
        """How many bytes the client has taken: of what was sent, some megabytes may still wait in the kernel."""
        waiting = array("i", [0])
        with suppress(OSError):
            ioctl(self.socket.fileno(), TIOCOUTQ, waiting)
        return self.sent - waiting[0]


class Connections:
    """Everybody who is connected, by client and by age."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._all: dict[Channel, None] = {}
        self._by_client: dict[str, dict[Channel, None]] = {}
        self._to_close: dict[Channel, str] = {}

    def __len__(self) -> int:
        return len(self._all)

    def enter(self, channel: Channel) -> None:
        """Let somebody in; where there are too many, whoever waited longest gives way, or nobody else comes in."""
        self._all[channel] = None
        if len(self._all) > self.bounds.connections:
            self._make_room(self._all, channel, "there are too many connections")
        # A proxy that is believed is many clients.
        if is_believed(channel.client):
            return
        mine = self._by_client.setdefault(household_of(channel.client), {})
        mine[channel] = None
        if len(mine) > self.bounds.connections_of_a_client:
            self._make_room(mine, channel, "its client has too many connections")

    def leave(self, channel: Channel) -> None:
        """Forget a connection that is closed."""
        self._all.pop(channel, None)
        self._to_close.pop(channel, None)
        network = household_of(channel.client)
        mine = self._by_client.get(network, {})
        mine.pop(channel, None)
        if not mine:
            self._by_client.pop(network, None)

    def send_away(self, channel: Channel, why: str) -> None:
        """Close a connection in the next round: in this one, its number could go to another and be mistaken."""
        self._to_close.setdefault(channel, why)

    def is_overfed(self) -> bool:
        """Whether the bodies that are not whole, or not answered, hold more memory than they may."""
        held = 0
        for channel in self._all:
            requests = [*channel.requests, channel.request]
            held += sum(request.body_bytes_received for request in requests if request is not None)
        return held > self.bounds.unfinished_bodies

    def cut_off(self, now: float) -> None:
        """Close what was sent away, and what has had its time."""
        for channel in self._all:
            if why := channel.why_cut(now, self.bounds):
                self.send_away(channel, why)
        self.close_sent_away()

    def close_sent_away(self) -> None:
        """Close what was sent away."""
        for channel, why in list(self._to_close.items()):
            log.info("A connection was cut: %s.", why)
            channel.handle_close()

    def _make_room(self, among: dict[Channel, None], newest: Channel, why: str) -> None:
        waiting = (each for each in among if each.is_waiting() and each not in self._to_close)
        self.send_away(next(waiting, newest), why)


def _client_of(address: Any) -> str:
    return str(address[0]).partition("%")[0]

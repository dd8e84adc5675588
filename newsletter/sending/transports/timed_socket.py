"""A socket with one deadline for a whole conversation; time-outs of the standard library are per operation.

A process that is stopped in the middle must not let the rest leave later: before every piece the deadline is looked at
again, by a clock that counts suspension, and a conversation that failed is cut off, so that what the system still holds
for it is thrown away. The same happens when the process dies.
"""

import io
import select
import socket
import ssl
import struct
from contextlib import suppress
from typing import Any

from newsletter.sending.transports.final_answer import Ending, Reading
from newsletter.steady_clock import steady_seconds

PIECE = 65_536
# Of what was handed to the system, not much more than this waits there to leave (Linux: tcp(7)).
UNSENT_AT_MOST = 131_072
# What close() does with what has not left (socket(7)): throw it away, or see to it that it arrives.
CUT_OFF, IN_ORDER = struct.pack("ii", 1, 0), struct.pack("ii", 0, 0)


class TimedSocket:
    """A socket whose every operation ends at one deadline, however slowly the other side drips."""

    def __init__(self, connected: socket.socket) -> None:
        self.connected = connected
        self.deadline = float("inf")
        self.sent = 0
        self.failed = False
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CUT_OFF)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_AT_MOST)

    def begin(self, seconds: float) -> None:
        """Let a new conversation last so many seconds; `sent` counts its bytes."""
        self.deadline, self.sent = steady_seconds() + seconds, 0

    def fail(self) -> None:
        """Have the connection cut off when it is closed."""
        self.failed = True

    def sendall(self, data: Any, flags: int = 0) -> None:
        """As socket.sendall, until the deadline."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._send(rest[:PIECE], flags) :]
        except OSError:
            self.fail()
            raise

    def recv_into(self, buffer: Any) -> int:
        """As socket.recv_into, until the deadline."""
        try:
            self.connected.settimeout(self._left())
            return self.connected.recv_into(buffer)
        except OSError:
            self.fail()
            raise

    def _left(self) -> float:
        left = self.deadline - steady_seconds()
        if left <= 0:
            raise TimeoutError("the deadline passed")
        return left

    def _send(self, piece: memoryview, flags: int) -> int:
        # Never blocking: a process that was stopped while it waited looks at the deadline before it sends.
        while True:
            left = self._left()
            self.connected.settimeout(0)
            try:
                count = self.connected.send(piece, flags)
            except (BlockingIOError, ssl.SSLWantWriteError):
                select.select([], [self.connected], [], left)
            except ssl.SSLWantReadError:
                select.select([self.connected], [], [], left)
            else:
                self.sent += count
                return count

    def makefile(self, *_arguments: Any, **_options: Any) -> io.BufferedReader:
        """What http.client reads an answer from."""
        return Reading(TimedReader(self), 65_536)

    def is_stale(self) -> bool:
        """Whether the other side closed it, or said something that nobody asked for."""
        return bool(select.select([self.connected], [], [], 0)[0])

    def close(self) -> None:
        """Close the socket; when the conversation failed, nothing that has not left yet leaves any more."""
        if not self.failed:
            with suppress(OSError):
                self.connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, IN_ORDER)
        self.connected.close()


class TimedReader(Ending):
    """The reading side of a TimedSocket."""

    def __init__(self, timed: TimedSocket) -> None:
        super().__init__()
        self._timed = timed

    def readable(self) -> bool:
        """Always: it is made for reading."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what there is, until the deadline; with nothing once it is over."""
        return 0 if self.is_over else self._timed.recv_into(buffer)


def connected_within(host: str, port: int, deadline: float) -> socket.socket:
    """A socket to the first address of the host that takes the connection before the deadline, by `steady_seconds`.

    Raises OSError.
    """
    failure: OSError = ConnectionError("the host has no address")
    for family, kind, protocol, _name, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        left = deadline - steady_seconds()
        if left <= 0:
            raise TimeoutError("the deadline passed")
        made = socket.socket(family, kind, protocol)
        try:
            made.settimeout(left)
            made.connect(address)
        except OSError as error:
            made.close()
            failure = error
        else:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return made
    raise failure


def secured(plain: TimedSocket, host: str) -> TimedSocket:
    """The connection with TLS from here on, until the same deadline. Raises OSError, also for a name without proof."""
    plain.connected.settimeout(max(plain.deadline - steady_seconds(), 0.001))
    wrapped = ssl.create_default_context().wrap_socket(plain.connected, server_hostname=host)
    timed = TimedSocket(wrapped)
    timed.deadline = plain.deadline
    return timed

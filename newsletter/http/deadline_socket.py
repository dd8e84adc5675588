"""A socket with one deadline for a whole conversation; the timeouts of the standard library are per operation.

A process that is suspended in the middle must not send the rest later. So the deadline is checked before every piece,
by a clock that includes suspension, and a failed conversation is cut off, so that the system discards data that it has
not sent yet. The same happens if the process dies.
"""

import io
import os
import select
import socket
import ssl
import struct
from contextlib import suppress
from functools import lru_cache
from typing import Any

from newsletter.http.http_response import EndableStream, ResponseReader
from newsletter.http.public_addresses import only_public, resolve
from newsletter.steady_clock import steady_seconds

PIECE = 65_536
# The system does not buffer much more unsent data than this (Linux: tcp(7)).
MAX_UNSENT = 131_072
# What close() does with unsent data (socket(7)): discard it, or make sure that it arrives.
CUT_OFF, IN_ORDER = struct.pack("ii", 1, 0), struct.pack("ii", 0, 0)


class Deadline:
    """The deadline of one whole operation, including redirects, by the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.ends = steady_seconds() + seconds

    @property
    def left(self) -> float:
        """How many seconds are left; 0.0 if none."""
        return max(self.ends - steady_seconds(), 0.0)

    @property
    def passed(self) -> bool:
        """Whether the deadline has passed."""
        return not self.left


class DeadlineSocket:
    """A socket whose every operation ends at one deadline, however slow the other side is."""

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self.connected = connected
        self.deadline = deadline
        self.sent = 0
        self.failed = False
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CUT_OFF)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MAX_UNSENT)

    def begin(self, seconds: float) -> None:
        """Start a new conversation with a deadline in some seconds; `sent` counts its bytes."""
        self.deadline, self.sent = steady_seconds() + seconds, 0

    def fail(self) -> None:
        """Cut off the connection when it is closed."""
        self.failed = True

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send all data as socket.sendall does, until the deadline."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._send(rest[:PIECE], flags) :]
        except OSError:
            self.fail()
            raise

    def recv_into(self, buffer: Any) -> int:
        """Receive data as socket.recv_into does, until the deadline."""
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
        # Never blocking, so that a process that was suspended while waiting checks the deadline before it sends.
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
        """Return the reader from which http.client reads a response."""
        return ResponseReader(DeadlineReader(self), 65_536)

    def is_stale(self) -> bool:
        """Return whether the other side closed the connection or sent unexpected data."""
        return bool(select.select([self.connected], [], [], 0)[0])

    def close(self) -> None:
        """Close the socket. After a failed conversation, unsent data is discarded."""
        if not self.failed:
            with suppress(OSError):
                self.connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, IN_ORDER)
        self.connected.close()


class DeadlineReader(EndableStream):
    """The reading side of a DeadlineSocket."""

    def __init__(self, connection: DeadlineSocket) -> None:
        super().__init__()
        self._socket = connection

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with available data, until the deadline; with nothing once the stream has ended."""
        return 0 if self.is_over else self._socket.recv_into(buffer)


def open_socket(host: str, port: int, ends: float, *, public_only: bool = False) -> DeadlineSocket:
    """Connect to the first address of a host that accepts before the deadline, given by `steady_seconds`.

    Raises OSError and, with `public_only`, Refused for a host in a private network (see public_addresses.py).
    """
    addresses = resolve(host, port, ends)
    if public_only:
        addresses = only_public(host, port, addresses)
    failure: OSError = ConnectionError("the host has no address")
    for address in addresses:
        left = ends - steady_seconds()
        if left <= 0:
            raise TimeoutError("the deadline passed")
        try:
            connected = socket.create_connection((address, port), timeout=left)
        except OSError as error:
            failure = error
        else:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return DeadlineSocket(connected, ends)
    raise failure


def secured(plain: DeadlineSocket, host: str) -> DeadlineSocket:
    """Start TLS with the same deadline. Raises OSError, also for a host that does not prove its name.

    The deadline is for the whole handshake: the timeout of an SSLSocket is not per byte.
    """
    plain.connected.settimeout(max(plain.deadline - steady_seconds(), 0.001))
    context = _context(os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", ""))
    return DeadlineSocket(context.wrap_socket(plain.connected, server_hostname=host), plain.deadline)


@lru_cache(maxsize=4)
def _context(_certificates: str, _folder: str) -> ssl.SSLContext:
    # Reading all the certificates of the system takes longer than a handshake.
    return ssl.create_default_context()

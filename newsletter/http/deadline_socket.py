"""A socket with one deadline for a whole conversation; time-outs of the standard library are per operation.

A process that is stopped in the middle must not let the rest leave later: before every piece the deadline is looked at
again, by a clock that counts suspension, and a conversation that failed is cut off, so that what the system still holds
for it is thrown away. The same happens when the process dies.
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

from newsletter.http.final_response import EndableStream, ResponseReader
from newsletter.http.public_addresses import only_public, resolve
from newsletter.steady_clock import steady_seconds

PIECE = 65_536
# Of what was handed to the system, not much more than this waits there to leave (Linux: tcp(7)).
MAX_UNSENT = 131_072
# What close() does with what has not left (socket(7)): throw it away, or see to it that it arrives.
CUT_OFF, IN_ORDER = struct.pack("ii", 1, 0), struct.pack("ii", 0, 0)


class Deadline:
    """The end of one undertaking, redirects and all, by a clock that nobody sets."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.ends = steady_seconds() + seconds

    @property
    def left(self) -> float:
        """How many seconds are left; 0.0 when there are none."""
        return max(self.ends - steady_seconds(), 0.0)

    @property
    def passed(self) -> bool:
        """Whether the time is up."""
        return not self.left


class DeadlineSocket:
    """A socket whose every operation ends at one deadline, however slowly the other side drips."""

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self.connected = connected
        self.deadline = deadline
        self.sent = 0
        self.failed = False
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CUT_OFF)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MAX_UNSENT)

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
        return ResponseReader(DeadlineReader(self), 65_536)

    def is_stale(self) -> bool:
        """Whether the other side closed it, or said something that nobody asked for."""
        return bool(select.select([self.connected], [], [], 0)[0])

    def close(self) -> None:
        """Close the socket; when the conversation failed, nothing that has not left yet leaves any more."""
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
        """Always: it is made for reading."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what there is, until the deadline; with nothing once it is over."""
        return 0 if self.is_over else self._socket.recv_into(buffer)


def open_socket(host: str, port: int, ends: float, *, public_only: bool = False) -> DeadlineSocket:
    """Connect to the first address of a host that takes the connection before the deadline, by `steady_seconds`.

    Raises OSError; with `public_only` Refused for a host inside a private network, see public_addresses.py.
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
    """Speak TLS from here on, until the same deadline. Raises OSError, also for a host that does not prove its name.

    The deadline counts for the handshake as a whole: the time-out of an SSLSocket is not per byte.
    """
    plain.connected.settimeout(max(plain.deadline - steady_seconds(), 0.001))
    context = _context(os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", ""))
    return DeadlineSocket(context.wrap_socket(plain.connected, server_hostname=host), plain.deadline)


@lru_cache(maxsize=4)
def _context(_certificates: str, _folder: str) -> ssl.SSLContext:
    # To read all certificates of the system takes longer than a handshake.
    return ssl.create_default_context()

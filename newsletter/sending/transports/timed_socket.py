"""A socket with one deadline for a whole conversation; time-outs of the standard library are per operation."""

import io
import select
import socket
import time
from typing import Any

from newsletter.sending.transports.final_answer import Ending, Reading


class TimedSocket:
    """A socket whose every operation ends at one deadline, however slowly the other side drips."""

    def __init__(self, connected: socket.socket) -> None:
        self.connected = connected
        self.deadline = float("inf")

    def _limit(self) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline passed")
        self.connected.settimeout(left)

    def sendall(self, data: Any, flags: int = 0) -> None:
        """As socket.sendall, until the deadline."""
        rest = memoryview(data)
        while rest:
            self._limit()
            rest = rest[self.connected.send(rest, flags) :]

    def recv_into(self, buffer: Any) -> int:
        """As socket.recv_into, until the deadline."""
        self._limit()
        return self.connected.recv_into(buffer)

    def makefile(self, *_arguments: Any, **_options: Any) -> io.BufferedReader:
        """What http.client reads an answer from."""
        return Reading(TimedReader(self), 65_536)

    def is_stale(self) -> bool:
        """Whether the other side closed it, or said something that nobody asked for."""
        return bool(select.select([self.connected], [], [], 0)[0])

    def close(self) -> None:
        """Close the socket."""
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

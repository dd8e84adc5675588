"""The one HTTP client: requests to one host over a kept connection, each with one deadline, and no redirect followed.

Every status is a response, never an exception: the caller decides. A failure on the way is always NothingSent or
ResponseLost, so that a caller knows whether its request may have arrived. No proxy is used, whatever the environment
says. Why not a library: docs/decisions/0035-one-http-client.md.
"""

import http.client
import math
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from email.message import Message
from functools import partial
from urllib.parse import urlsplit

from newsletter.http.deadline_socket import DeadlineSocket, open_socket, secured
from newsletter.http.http_response import LARGEST_BODY, UNREADABLE, FinalResponse
from newsletter.http.web_addresses import DEFAULT_PORTS, host_of
from newsletter.steady_clock import steady_seconds

# The other side closes idle connections, and a post on a closing connection would be unclear without need.
LONGEST_IDLE_SECONDS = 15.0


class NothingSent(Exception):  # noqa: N818 - an outcome, not a fault
    """The request certainly did not leave this machine."""


class NotConnected(NothingSent):
    """No connection was made."""


class LeaseExpired(NothingSent):
    """Nothing was sent, because the caller may no longer send."""


class ResponseLost(Exception):  # noqa: N818
    """The connection was made and something may have been sent, but we did not receive a complete response."""


@dataclass(frozen=True, slots=True)
class Response:
    """A final response. `fault` says why we could not read the whole body, which is then empty."""

    status: int
    headers: Message
    body: bytes = b""
    fault: Exception | None = None

    def header(self, name: str) -> str:
        """Return the value of a header; empty if there is none."""
        return self.headers.get(name, "")


class HttpConnection:
    """One connection to one host, made when needed and kept. Not for two threads at once."""

    def __init__(
        self,
        url: str,
        *,
        public_only: bool = False,
        largest_body: int = LARGEST_BODY,
        bodies_of: Container[int] | None = None,
    ) -> None:
        """Take the host from a URL; `public_only` refuses hosts in a private network.

        A body of more bytes than `largest_body` is a fault. Only the bodies of statuses in `bodies_of`, or of all, are
        read.
        """
        parts = urlsplit(url)
        self._host, self._port = host_of(url), parts.port or DEFAULT_PORTS[parts.scheme]
        self._is_https, self._public_only = parts.scheme == "https", public_only
        self._connection = http.client.HTTPConnection(self._host, self._port)
        # http.client only writes requests and reads responses; the socket is ours.
        self._connection.auto_open = 0
        self._connection.default_port = DEFAULT_PORTS[parts.scheme]
        self._answer_on = partial(FinalResponse, largest_body=largest_body, bodies_of=bodies_of)
        self._connection.response_class = self._answer_on  # type: ignore[assignment]  # called as a class is
        self._socket: DeadlineSocket | None = None
        self._used_at = 0.0

    def exchange(
        self,
        method: str,
        target: str,
        body: bytes | None,
        headers: Mapping[str, str],
        *,
        seconds: float,
        lease_left: Callable[[], float] | None = None,
    ) -> Response:
        """Send one request and return the final response within `seconds`.

        `lease_left` returns for how many seconds the caller may still send. It is called when the connection is made,
        and again if nothing was sent. Raises NothingSent or ResponseLost, LeaseExpired if the lease ends before the
        first byte is sent, and Refused for a host that we must not connect to.
        """
        ends = steady_seconds() + seconds
        connected = self._connect(ends)
        # This deadline is checked before each piece is sent, including the first one.
        connected.begin(min(ends - steady_seconds(), lease_left() if lease_left else math.inf))
        try:
            answer = self._converse(method, target, body, headers)
        except UNREADABLE as error:
            connected.fail()
            self.close()
            what = f"{type(error).__name__}: {error}"
            if connected.sent:
                raise ResponseLost(what) from error
            over = lease_left is not None and lease_left() <= 0
            raise (LeaseExpired if over else NothingSent)(what) from error
        if not answer.keeps:
            self.close()
        self._used_at = steady_seconds()
        return Response(answer.status, answer.headers, answer.body, answer.fault)

    def close(self) -> None:
        """Close the connection; the next exchange makes a new one."""
        self._connection.close()
        self._socket = None

    def _connect(self, ends: float) -> DeadlineSocket:
        idle = steady_seconds() - self._used_at
        if self._socket is not None and (idle > LONGEST_IDLE_SECONDS or self._socket.is_stale()):
            self.close()
        if self._socket is None:
            try:
                self._socket = self._open(ends)
            except OSError as error:  # refused, DNS, TLS and time-outs are all of this family
                raise NotConnected(f"{type(error).__name__}: {error}") from error
            # http.client uses just the part of a socket that a DeadlineSocket has.
            self._connection.sock = self._socket
        return self._socket

    def _open(self, ends: float) -> DeadlineSocket:
        plain = open_socket(self._host, self._port, ends, public_only=self._public_only)
        if not self._is_https:
            return plain
        try:
            return secured(plain, self._host)
        except BaseException:
            plain.close()
            raise

    def _converse(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]
    ) -> FinalResponse:
        try:
            self._connection.request(method, target, body=body, headers=dict(headers))
        except ConnectionError:
            # A server that rejects a large body responds early and closes the connection; its response may still be
            # there.
            answer = self._answer_on(self._connection.sock, method=method)
            answer.begin()
            answer.keeps = False
            return answer
        return self._connection.getresponse()  # type: ignore[return-value]  # of the class that it was given


def target_of(url: str) -> str:
    """Return the request target of a URL: the path and the query (RFC 9112, section 3.2.1)."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

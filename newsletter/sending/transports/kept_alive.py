"""The SDK's HTTP client with what sending needs: a kept-alive connection, a real deadline, no redirect.

Every status is an answer, never an exception: whoever calls decides. What went wrong on the way is NeverLeft
or AnswerLost, and nothing else.
"""

import http.client
import math
import ssl
from collections.abc import Mapping
from email.message import Message
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request

from python_http_client.client import Client, Response

from newsletter.sending.lease import Lease
from newsletter.sending.transports.final_answer import UNREADABLE, FinalAnswer
from newsletter.sending.transports.timed_socket import TimedSocket
from newsletter.steady_clock import steady_seconds

# Idle connections get closed by the other side, and a post on a closing one would be unclear for nothing.
LONGEST_IDLE_SECONDS = 15.0


class NeverLeft(Exception):  # noqa: N818 - an outcome, not a fault
    """No connection was made, so surely nothing was sent."""


class LeaseOver(NeverLeft):
    """Nothing was sent, since this process may no longer post."""


class AnswerLost(Exception):  # noqa: N818
    """The connection was made and something may have been sent, but no whole answer came back."""


class Answered:
    """A whole answer, in the shape that the SDK's Response reads."""

    def __init__(self, status: int, headers: Message, body: bytes) -> None:
        self._status, self._headers, self._body = status, headers, body

    def getcode(self) -> int:
        """The HTTP status."""
        return self._status

    def read(self) -> bytes:
        """The body."""
        return self._body

    def info(self) -> Message:
        """The headers."""
        return self._headers


class Wire:
    """One connection to one host, made when needed and kept. Not for two threads at once."""

    def __init__(self, host_url: str) -> None:
        parts = urlsplit(host_url)
        host, port = parts.hostname or "", parts.port
        self._connection = (
            http.client.HTTPSConnection(host, port, context=ssl.create_default_context())
            if parts.scheme == "https"
            else http.client.HTTPConnection(host, port)
        )
        self._connection.response_class = FinalAnswer
        self._timed: TimedSocket | None = None
        self._used_at = 0.0

    def exchange(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        *,
        seconds: float,
        lease: Lease | None = None,
    ) -> Answered:
        """Send one request and return the whole answer within `seconds`, and before the lease is over.

        Raises NeverLeft or AnswerLost; LeaseOver when it is over before the first byte leaves.
        """
        ends = steady_seconds() + seconds
        timed = self._connect(seconds)
        # Each piece looks at this deadline before it leaves, the first one too.
        timed.begin(min(ends - steady_seconds(), math.inf if lease is None else lease.left))
        try:
            answered, keep = self._converse(method, path, body, headers)
        except UNREADABLE as error:
            timed.fail()
            self.close()
            what = f"{type(error).__name__}: {error}"
            if timed.sent:
                raise AnswerLost(what) from error
            over = lease is not None and not lease.stands
            raise (LeaseOver if over else NeverLeft)(what) from error
        if not keep:
            self.close()
        self._used_at = steady_seconds()
        return answered

    def close(self) -> None:
        """Close the connection; the next exchange makes a new one."""
        self._connection.close()
        self._timed = None

    def _connect(self, seconds: float) -> TimedSocket:
        idle = steady_seconds() - self._used_at
        if self._timed is not None and (idle > LONGEST_IDLE_SECONDS or self._timed.is_stale()):
            self.close()
        if self._timed is None:
            self._connection.timeout = seconds
            try:
                self._connection.connect()
            except OSError as error:  # refused, DNS, TLS and time-outs are all of this family
                self._connection.close()
                raise NeverLeft(f"{type(error).__name__}: {error}") from error
            self._timed = TimedSocket(self._connection.sock)
            # http.client uses just the part of a socket that a TimedSocket has.
            self._connection.sock = self._timed
        return self._timed

    def _converse(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[Answered, bool]:
        try:
            self._connection.request(method, path, body=body, headers=dict(headers))
        except ConnectionError:
            # A server that refuses a large body answers early and closes: its answer may still be there.
            answer = FinalAnswer(self._connection.sock, method=method)
            answer.begin()
            answer.keeps = False
        else:
            answer = self._connection.getresponse()  # type: ignore[assignment]  # of the class that it was given
        return Answered(answer.status, answer.headers, answer.body), answer.keeps


class KeptAliveClient(Client):  # type: ignore[misc]  # the SDK's client has no types
    """python_http_client's Client on a Wire. A request body of JSON text goes out as it is."""

    def __init__(self, *, wire: Wire, seconds: float, **options: Any) -> None:
        super().__init__(**options)
        self._wire = wire
        self._seconds = seconds

    def post_bytes(self, body: bytes, lease: Lease) -> Response:
        """POST a finished body of JSON.

        The SDK's own `post` writes it into a string for a log, though no log has business with addresses.
        """
        path = urlsplit(self._build_url(None)).path
        return Response(
            self._wire.exchange("POST", path, body, self.request_headers, seconds=self._seconds, lease=lease)
        )

    def _build_client(self, name: str | None = None) -> "KeptAliveClient":
        return KeptAliveClient(
            wire=self._wire,
            seconds=self._seconds,
            host=self.host,
            version=self._version,
            request_headers=self.request_headers,
            url_path=[*self._url_path, name] if name else self._url_path,
        )

    def _make_request(self, opener: Any, request: Request, timeout: float | None = None) -> Answered:  # noqa: ARG002
        # The SDK's opener would follow redirects, turning a POST into a GET that carries the key.
        return self._wire.exchange(
            request.get_method(),
            request.selector,
            request.data,  # type: ignore[arg-type]
            dict(request.header_items()),
            seconds=timeout or self._seconds,
        )

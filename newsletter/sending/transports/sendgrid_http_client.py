"""The SDK's HTTP client on our own connection, which is kept alive, has a real deadline and follows no redirects."""

from email.message import Message
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request

from python_http_client.client import Client
from python_http_client.client import Response as SdkResponse

from newsletter.http.http_client import HttpConnection, Response, ResponseLost
from newsletter.sending.posting_lease import Lease


class ResponseIncomplete(ResponseLost):
    """A response that says that a request succeeded was cut off or is too large."""


class ResponseForSdk:
    """A response in the form that the SDK's own Response reads."""

    def __init__(self, response: Response) -> None:
        self._response = response

    def getcode(self) -> int:
        """The HTTP status."""
        return self._response.status

    def read(self) -> bytes:
        """The body."""
        return self._response.body

    def info(self) -> Message:
        """The headers."""
        return self._response.headers


class SendGridHttpClient(Client):  # type: ignore[misc]  # the SDK's client has no types
    """python_http_client's Client on an HttpConnection. A request body of JSON text is sent as it is."""

    def __init__(self, *, connection: HttpConnection, seconds: float, **options: Any) -> None:
        super().__init__(**options)
        self._connection = connection
        self._seconds = seconds

    def post_bytes(self, body: bytes, lease: Lease) -> SdkResponse:
        """POST a finished body of JSON while the lease is valid.

        The SDK's own `post` formats the body for a log, but addresses must not be in any log.
        """
        path = urlsplit(self._build_url(None)).path
        response = self._connection.exchange(
            "POST",
            path,
            body,
            self.request_headers,
            seconds=self._seconds,
            lease_left=lambda: lease.left,
        )
        return SdkResponse(ResponseForSdk(response))

    def _build_client(self, name: str | None = None) -> "SendGridHttpClient":
        return SendGridHttpClient(
            connection=self._connection,
            seconds=self._seconds,
            host=self.host,
            version=self._version,
            request_headers=self.request_headers,
            url_path=[*self._url_path, name] if name else self._url_path,
        )

    def _make_request(self, opener: Any, request: Request, timeout: float | None = None) -> ResponseForSdk:  # noqa: ARG002
        # The SDK's opener would follow redirects, turning a POST into a GET that carries the key.
        response = self._connection.exchange(
            request.get_method(),
            request.selector,
            request.data,  # type: ignore[arg-type]
            dict(request.header_items()),
            seconds=timeout or self._seconds,
        )
        # An empty body would look like a response that says nothing.
        if response.fault is not None and 200 <= response.status < 300:  # noqa: PLR2004 - any success
            raise ResponseIncomplete(f"{type(response.fault).__name__}: {response.fault}")
        return ResponseForSdk(response)

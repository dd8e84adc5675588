"""The outermost WSGI layer. It drops the body of responses that must not have one (RFC 9110, 9.3.2 and 15)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NO_BODY = ("1", "204", "304")


def drop_needless_bodies(application: "WSGIApplication") -> "WSGIApplication":
    """Wrap a WSGI application (PEP 3333) to drop the body after HEAD, 1xx, 204 and 304. The headers stay as for GET.

    The client would take such a body for the beginning of the next response on the connection.
    """

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        statuses: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            statuses.append(status)
            return start_response(status, headers, *more)

        chunks = application(environ, start)
        if environ["REQUEST_METHOD"] != "HEAD" and not (statuses and statuses[-1].startswith(NO_BODY)):
            return chunks
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
        return []

    return answer

"""The outermost layer of every answer: what may have no body (RFC 9110, 9.3.2 and 15) gets none, whatever answers."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NO_BODY = ("1", "204", "304")


def without_needless_bodies(application: "WSGIApplication") -> "WSGIApplication":
    """A WSGI application (PEP 3333) that drops the body after HEAD, 1xx, 204 and 304; headers stay as GET's are.

    A body there would be taken for the beginning of the next answer on the connection.
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

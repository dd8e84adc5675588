"""Asks one URL whether it can be reached, within a deadline. Redirects are followed, and no body is read."""

import socket
import ssl
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import urljoin

from newsletter.errors import Invalid, Refused
from newsletter.http.deadline_socket import Deadline
from newsletter.http.http_client import HttpConnection, NothingSent, Response, ResponseLost, target_of
from newsletter.http.http_headers import user_agent
from newsletter.http.web_addresses import normalise_url, split_credentials
from subscribers.whole_numbers import whole_number

MAX_REDIRECTS = 5
MOST_DIGITS = 15
REDIRECTS = frozenset({301, 302, 303, 307, 308})
FOR_GOOD = frozenset({301, 308})
ACCEPT = "text/html,application/xhtml+xml,image/*;q=0.9,*/*;q=0.5"
# What can go wrong, as it is stored.
NO_HOST, PRIVATE, SLOW, LOOPS, CERTIFICATE, BROKEN = (
    "no-host",
    "private",
    "slow",
    "loops",
    "certificate",
    "broken",
)


@dataclass(frozen=True, slots=True)
class Reached:
    """What came of a request. `status` is 0 without a response, and `problem` then says why.

    `moved_to` is the last URL after redirects; empty without any. `bytes` is the length that the site states.
    """

    url: str
    status: int = 0
    problem: str = ""
    moved_to: str = ""
    moved_for_good: bool = False
    bytes: int | None = None


def reach(url: str, seconds: float) -> Reached:
    """Ask a URL, following at most five redirects, and return what came of it. Never raises."""
    deadline = Deadline(seconds)
    try:
        return _follow(url, deadline)
    except Refused:
        return Reached(url, problem=PRIVATE)
    except Invalid:
        return Reached(url, problem=BROKEN)
    except (NothingSent, ResponseLost, OSError, HTTPException, ValueError) as error:
        return Reached(url, problem=SLOW if deadline.passed else _problem(error))
    except Exception:  # noqa: BLE001 - one strange site must not hide what is known of the others
        return Reached(url, problem=BROKEN)


def _follow(url: str, deadline: Deadline) -> Reached:
    at, for_good = normalise_url(url), True
    for step in range(MAX_REDIRECTS + 1):
        answer = _ask(at, deadline)
        target = answer.header("Location")
        if answer.status not in REDIRECTS or not target:
            length = answer.header("Content-Length")
            return Reached(
                url,
                answer.status,
                moved_to=at if step else "",
                moved_for_good=bool(step) and for_good,
                bytes=whole_number(length, digits=MOST_DIGITS),
            )
        for_good = for_good and answer.status in FOR_GOOD
        at, _credentials = split_credentials(normalise_url(urljoin(at, target.replace(" ", "%20"))))
    return Reached(url, problem=LOOPS)


def _ask(url: str, deadline: Deadline) -> Response:
    headers = {"User-Agent": user_agent(), "Accept": ACCEPT, "Connection": "close"}
    connection = HttpConnection(url, public_only=True, bodies_of=())
    with closing(connection):
        return connection.exchange("GET", target_of(url), None, headers, seconds=deadline.left)


def _problem(error: BaseException) -> str:
    """Return why there was no response. What the connection raised is the cause of what it reports."""
    cause = error.__cause__ or error
    if isinstance(cause, socket.gaierror):
        return NO_HOST if cause.errno in {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None)} else BROKEN
    return CERTIFICATE if isinstance(cause, ssl.SSLCertVerificationError) else BROKEN

"""Request one of our own addresses from here, as a reader's browser would. Redirects are not followed."""

from contextlib import closing

from newsletter.errors import Unreachable
from newsletter.http.http_client import HttpConnection, NothingSent, ResponseLost, target_of

LONGEST_SECONDS = 10.0


def status_at(url: str) -> int:
    """Return the HTTP status of a GET. Raises Unreachable with the reason."""
    headers = {"User-Agent": "newsletter-doctor"}
    try:
        with closing(HttpConnection(url)) as connection:
            return connection.exchange("GET", target_of(url), None, headers, seconds=LONGEST_SECONDS).status
    except (NothingSent, ResponseLost) as error:
        raise Unreachable(f"We could not reach {url} ({error}).") from error

"""Asks an address of our own from here, as a reader's browser would; no redirect is followed."""

from urllib.parse import urlsplit

from newsletter.errors import Unreachable
from newsletter.sending.transports.kept_alive import AnswerLost, NeverLeft, Wire

LONGEST_SECONDS = 10.0


def status_at(url: str) -> int:
    """The HTTP status of a GET. Raises Unreachable with the reason."""
    parts = urlsplit(url)
    wire = Wire(f"{parts.scheme}://{parts.netloc}")
    try:
        answer = wire.exchange(
            "GET", parts.path or "/", None, {"User-Agent": "newsletter-doctor"}, seconds=LONGEST_SECONDS
        )
    except (NeverLeft, AnswerLost) as error:
        raise Unreachable(f"{url} does not answer ({error}).") from error
    finally:
        wire.close()
    return answer.getcode()

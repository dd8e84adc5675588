"""Fetches one picture through the guarded HTTP client and rewrites it. It uses no database, so threads can run it."""

import http.client
import logging
from collections.abc import Collection
from dataclasses import dataclass

from newsletter.articles.pictures.limited_rewrite_process import OutOfTimeError, rewrite_apart
from newsletter.articles.pictures.models import OriginalPicture
from newsletter.articles.pictures.picture_versions import Rewritten, UnsuitableError
from newsletter.errors import NewsletterError
from newsletter.http.deadline_socket import Deadline
from newsletter.http.fetch import Limits, NotAnswered, fetch
from newsletter.http.web_addresses import without_credentials

State = OriginalPicture.State
log = logging.getLogger(__name__)

LARGEST = 15_000_000
LONGEST_SECONDS = 10.0
ACCEPT = "image/jpeg, image/png, image/webp;q=0.9, image/avif;q=0.9, image/gif;q=0.9, image/*;q=0.5"
# The other errors from 400 to 499 mean that asking again will not help.
TEMPORARY = {
    http.client.REQUEST_TIMEOUT,
    http.client.CONFLICT,
    http.client.TOO_EARLY,
    http.client.TOO_MANY_REQUESTS,
}


@dataclass(frozen=True, slots=True)
class FetchedPicture:
    """What became of a picture. `reason` says why it is not ready, and `made` has its versions if it is."""

    url: str
    state: OriginalPicture.State
    reason: str = ""
    made: Rewritten | None = None


def fetch_picture(url: str, places: Collection[str], deadline: Deadline) -> FetchedPicture:
    """Fetch a picture before the deadline, and return its versions for some places, or why it has none."""
    if deadline.passed:
        return _out_of_time(url)
    limits = Limits(seconds=min(deadline.left, LONGEST_SECONDS), largest=LARGEST, from_settings=False)
    try:
        document = fetch(url, limits=limits, accept=ACCEPT).document
        made = rewrite_apart(document.data if document else b"", places, seconds=deadline.left)
    except UnsuitableError as error:
        return FetchedPicture(url, State.UNSUITABLE, f"{without_credentials(url)}: {error}")
    except OutOfTimeError:
        return _out_of_time(url)
    except NewsletterError as error:
        return FetchedPicture(url, State.FAILED if _may_come(error) else State.UNSUITABLE, str(error))
    except Exception:
        log.exception("A picture could not be fetched because of a fault in this software")
        return FetchedPicture(
            url, State.FAILED, f"We could not fetch {without_credentials(url)}. For details, see the log."
        )
    return FetchedPicture(url, State.READY, made=made)


def _may_come(error: NewsletterError) -> bool:
    """Return whether the picture may come if we ask again."""
    status = error.status if isinstance(error, NotAnswered) else 0
    is_our_fault = status // 100 == 4  # noqa: PLR2004 - RFC 9110, section 15.5
    return error.again_helps and (not is_our_fault or status in TEMPORARY)


def _out_of_time(url: str) -> FetchedPicture:
    return FetchedPicture(
        url, State.FAILED, f"We ran out of time before we could fetch {without_credentials(url)}."
    )

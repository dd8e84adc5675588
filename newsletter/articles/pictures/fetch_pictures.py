"""Fetches the pictures that an issue needs, several at once, within one deadline.

A picture that is worth nothing, such as an icon, is replaced by the next one of its article. What did not come in time
is tried again with the next call.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from newsletter.articles.pictures.fetch_picture import FetchedPicture, fetch_picture
from newsletter.articles.pictures.models import OriginalPicture
from newsletter.articles.pictures.store_pictures import key_of, originals_at, store_fetched
from newsletter.http.deadline_socket import Deadline

SECONDS = 16.0
AT_ONCE = 8
# Logos change at the same address.
FRESH_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class NeededPicture:
    """A picture that an issue needs in some places: the addresses where it may be, the best first."""

    urls: tuple[str, ...]
    places: frozenset[str]


@dataclass(slots=True)
class _Round:
    """What is known of all addresses, and what this call has already tried."""

    known: dict[str, OriginalPicture]
    again: bool
    now: datetime
    tried: set[str] = field(default_factory=set)

    def choose(self, picture: NeededPicture) -> str:
        """Return the address to fetch for a picture; empty if nothing is left to fetch."""
        for url in picture.urls:
            if self._must_fetch(url, picture.places):
                return url
            original = self.known.get(url)
            if original is None or original.state != OriginalPicture.State.UNSUITABLE:
                return ""
        return ""

    def _must_fetch(self, url: str, places: Collection[str]) -> bool:
        original = self.known.get(url)
        if url in self.tried:
            return False
        if self.again or original is None or original.state == OriginalPicture.State.FAILED:
            return True
        if original.state == OriginalPicture.State.UNSUITABLE:
            return False
        old = original.fetched_at is None or original.fetched_at + FRESH_FOR < self.now
        return old or not {version.place for version in original.versions.all()}.issuperset(places)


def fetch_pictures(pictures: Sequence[NeededPicture], *, again: bool = False) -> None:
    """Fetch and store what is missing, failed or older than a week, in at most 20 seconds.

    `again` also fetches what is stored, or was found unsuitable. Never call this inside a transaction.
    """
    deadline, now = Deadline(SECONDS), timezone.now()
    urls = {url for picture in pictures for url in picture.urls}
    state = _Round(originals_at(urls), again, now)
    OriginalPicture.objects.filter(key__in=[key_of(url) for url in urls]).update(used_at=now)
    while wanted := _wanted(pictures, state):
        for fetched in _in_parallel(wanted, deadline):
            store_fetched(fetched, now)
        state.tried |= wanted.keys()
        state.known = originals_at(urls)


def _wanted(pictures: Iterable[NeededPicture], state: _Round) -> dict[str, frozenset[str]]:
    """Return the addresses to fetch now, with all places that need them. The first pictures come first."""
    wanted: dict[str, frozenset[str]] = {}
    for picture in pictures:
        if url := state.choose(picture):
            wanted[url] = wanted.get(url, frozenset()) | picture.places
    return wanted


def _in_parallel(wanted: dict[str, frozenset[str]], deadline: Deadline) -> Iterator[FetchedPicture]:
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pictures") as pool:
        running: set[Future[FetchedPicture]] = {
            pool.submit(fetch_picture, url, places, deadline) for url, places in wanted.items()
        }
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for each in done:
                yield each.result()

"""Reads several sources at once, each page by page, and one source at a time at a host."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial

from django.conf import settings
from django.db import OperationalError, ProgrammingError

from newsletter.articles.models import Source
from newsletter.articles.read_sitemap_pages import ListedPages
from newsletter.articles.read_source import Page, SourceContent, read_source
from newsletter.articles.source_pagination import LaterPages
from newsletter.http.web_addresses import host_of

Step = Callable[[], SourceContent | Page]


class SourceReading:
    """The reading of one source, of which each step asks the network once."""

    def __init__(self, source: Source, *, force: bool) -> None:
        """Begin with the first page."""
        self.source = source
        self.step: Step | None = partial(read_source, source, force=force)
        self._pages: LaterPages | ListedPages | None = None
        self._address = ""
        self._error: Exception | None = None

    def take(self, done: "Future[SourceContent | Page]") -> None:
        """Take what the step gave, and set the next one; None when the source is read."""
        self.step = None
        try:
            self._take(done)
            self._address = self._pages.next_address() if self._pages else ""
        except (OperationalError, ProgrammingError):
            raise  # the database itself is not well, and no source is to blame
        except Exception as error:  # noqa: BLE001 - `content` raises it, where it stops no other source
            self._error = error
        else:
            if self._pages and self._address:
                self.step = partial(self._pages.read, self._address)

    def content(self) -> SourceContent:
        """Return what the source gave. Raises what went wrong with its first page."""
        if self._error:
            raise self._error
        if not self._pages:
            raise RuntimeError("The source has not been read yet.")
        return self._pages.result()

    def _take(self, done: "Future[SourceContent | Page]") -> None:
        error = done.exception()
        if self._pages is None:
            given = done.result()
            if isinstance(given, SourceContent):
                lists_pages = given.reading is not None and given.reading.lists_pages
                self._pages = (ListedPages if lists_pages else LaterPages)(self.source, given)
        elif isinstance(error, Exception):
            self._pages.take_failure(self._address, error)
        elif isinstance(page := done.result(), Page):
            self._pages.take(page)


def read_in_parallel(sources: Sequence[Source], *, force: bool) -> Iterator[SourceReading]:
    """Yield each source when it is read, or could not be. At most `fetch_concurrency` are read at once."""
    waiting = deque(sources)
    running: dict[Future[SourceContent | Page], SourceReading] = {}
    parallel = settings.NEWSLETTER.fetch_concurrency
    with ThreadPoolExecutor(parallel, thread_name_prefix="fetch") as pool:

        def submit(reading: SourceReading) -> bool:
            if reading.step:
                running[pool.submit(reading.step)] = reading
            return reading.step is not None

        try:
            while waiting or running:
                while len(running) < parallel and (
                    source := _next_at_a_free_host(waiting, [each.source for each in running.values()])
                ):
                    submit(SourceReading(source, force=force))
                for done in wait(running, return_when=FIRST_COMPLETED).done:
                    reading = running.pop(done)
                    reading.take(done)
                    if not submit(reading):
                        yield reading
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _next_at_a_free_host(waiting: deque[Source], running: Iterable[Source]) -> Source | None:
    busy = {host_of(source.location) for source in running} - {""}
    for position, source in enumerate(waiting):
        if host_of(source.location) not in busy:
            del waiting[position]
            return source
    return None

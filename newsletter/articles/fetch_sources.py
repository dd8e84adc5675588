"""Fetches sources, several at once, and stores what they give; what fails in one is a sentence on that one alone."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, ProgrammingError, transaction
from django.utils import timezone

from newsletter.accounts import audit_log
from newsletter.articles.add_source import save_new, unsaved_source
from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.ingest import prepare, prepare_later, store
from newsletter.articles.models import Source
from newsletter.articles.read_in_parallel import SourceReading, read_in_parallel
from newsletter.articles.read_source import SourceContent
from newsletter.articles.source_failures import note_failure
from newsletter.articles.source_pagination import joined
from newsletter.articles.sources import LONGEST_REQUEST, fetched_sources, find_source, locked_source
from newsletter.articles.store_articles import Counts
from newsletter.errors import NewsletterError, NotFound
from newsletter.http.fetch import NotAnswered
from newsletter.http.web_addresses import without_credentials
from subscribers.backoff import doubling
from subscribers.clean_text import folded

log = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(hours=24)
BACKOFF = doubling(timedelta(minutes=15), LONGEST_WAIT, most_asked=LONGEST_REQUEST)
MAX_NAMED = 20
LONGEST_TITLE = 300
LONGEST_LANGUAGE = 35
LONGEST_ETAG = 500
LONGEST_DATE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchReport:
    """What became of one source in a fetch: counts, or the sentence that says why not and when it is tried again.

    `waiting` means that it was not tried, because an earlier failure asks for patience. `incomplete` says why a later
    page of it could not be read; the next fetch reads it.
    """

    source: Source
    counts: Counts
    error: str = ""
    next_attempt_at: datetime | None = None
    unchanged: bool = False
    waiting: bool = False
    incomplete: str = ""


OnReport = Callable[[FetchReport], None]


def fetch_sources(
    sources: Iterable[Source], *, on_report: OnReport | None = None, force: bool = False
) -> list[FetchReport]:
    """Fetch sources, in parallel over hosts, and store what they gave. `on_report` hears of each when it is done.

    A source that failed is not tried before its `next_attempt_at`. `force` tries it at once, and also reads it where it
    has not changed. A source that is not saved yet is saved as soon as it could be read.
    """
    asked = list(sources)
    reports: dict[int, FetchReport] = {}

    def report(source: Source, found: FetchReport) -> None:
        reports[id(source)] = found
        if on_report:
            on_report(found)

    now = timezone.now()
    due: list[Source] = []
    for source in asked:
        if force or source.next_attempt_at is None or source.next_attempt_at <= now:
            due.append(source)
        else:
            report(source, _left_alone(source))
    for reading in read_in_parallel(due, force=force):
        report(reading.source, _ingest(reading.source, reading))
    return [reports[id(source)] for source in asked]


def fetch_named(names: Sequence[str], *, on_report: OnReport | None = None) -> list[FetchReport]:
    """Fetch what a person at this machine names: sources by name or address, and new addresses, files and folders.

    Without names, all active sources that are not paused. What is new becomes a source once it could be read.
    """
    reports = _fetched_by_name(names, on_report)
    added, differ = (sum(getattr(report.counts, name) for report in reports) for name in ("added", "changed"))
    if audit_log.is_person_acting():
        sources = ", ".join(sorted(report.source.name for report in reports)[:MAX_NAMED])
        audit_log.write(
            "fetch",
            f"Fetched {sources or 'nothing, because there are no sources yet'}.",
            changes={"new articles": [0, added], "changed articles": [0, differ]},
        )
    return reports


def _fetched_by_name(names: Sequence[str], on_report: OnReport | None) -> list[FetchReport]:
    if not names:
        return fetch_sources(fetched_sources(), on_report=on_report)
    reports: list[FetchReport] = []
    wanted: dict[str, Source] = {}
    for name in names:
        try:
            source = _named(name)
        except NewsletterError as error:
            reports.append(
                FetchReport(
                    source=Source(name=without_credentials(name), location=without_credentials(name)),
                    counts=Counts(),
                    error=str(error),
                )
            )
            if on_report:
                on_report(reports[-1])
        else:
            wanted[source.location] = source
    return reports + fetch_sources(wanted.values(), on_report=on_report, force=True)


def _named(name: str) -> Source:
    try:
        return find_source(name)
    except NotFound:
        return unsaved_source(name, from_this_machine=True)


def _ingest(source: Source, reading: SourceReading) -> FetchReport:
    now = timezone.now()
    try:
        return _keep(source, reading.content(), now)
    except NotAnswered as error:
        return _failed(source, str(error), now, retry_after=error.retry_after, gone=error.gone)
    except NewsletterError as error:
        return _failed(source, str(error), now)
    except (OperationalError, ProgrammingError):
        raise  # the database itself is not well, and no source is to blame
    except Exception as error:  # whatever it is, it must not stop the other sources
        kind = type(error).__name__
        log.debug("source %s", source.name, exc_info=error)
        sentence = (
            f"We could not read {without_credentials(source.location)}, because of a fault in this software "
            f"({kind}). Report the fault to the developers of this software, and include the address."
        )
        return _failed(source, sentence, now)


def _keep(source: Source, content: SourceContent, now: datetime) -> FetchReport:
    """Store what was read of a source and what we remember of the source itself, both or neither."""
    # Preparing takes seconds, and SQLite has one write lock.
    reading = content.reading
    prepared = prepare(reading, source_language=source.language) if reading else []
    older, content = _prepare_older(source, content)
    reading = joined(source, content)
    counts = Counts()
    with transaction.atomic():  # a new source whose articles cannot be stored is not added either
        source = locked_source(source if source.pk else save_new(source, content))
        if reading:
            counts = store(source, reading, [*prepared, *older], now=now)
        _remember(source, content, now)
    return FetchReport(source=source, counts=counts, unchanged=reading is None, incomplete=content.trouble)


def _prepare_older(source: Source, content: SourceContent) -> tuple[list[IncomingArticle], SourceContent]:
    """Prepare the articles of the later pages; a page that takes too much computing is one that could not be read."""
    pages = content.later
    if not pages:
        return [], content
    older, whole = prepare_later([page.reading for page in pages], source_language=source.language)
    if whole == len(pages):
        return older, content
    address = pages[whole].address
    was_tried = address in source.unread_pages.splitlines()
    return older, replace(
        content,
        later=pages[:whole],
        unread=content.unread if was_tried else (address, *content.unread),
        trouble=(
            f"{without_credentials(address)} and the pages after it need too much processor time to be read "
            "in a single fetch."
        ),
    )


def _remember(source: Source, content: SourceContent, now: datetime) -> None:
    """Save what the fetch found out about the source, and no other field: the row may be newer than the fetch."""
    reading = content.reading
    found: dict[str, Any] = {
        "fetched_at": now,
        "error": "",
        "failures": 0,
        "failing_since": None,
        "next_attempt_at": None,
        "fetch_asked_at": None,
        "unread_pages": "\n".join(content.unread),
        "failing_pages": dict(content.failing) or None,
        "incomplete": content.trouble,
    }
    if reading is not None:
        found["kind"] = source.kind or reading.kind
        found["title"] = source.title or folded(reading.title)[:LONGEST_TITLE]
        found["language"] = source.language or reading.language[:LONGEST_LANGUAGE]
        # A validator that is too long to keep is not used.
        # So that the same document is read again, none is kept if the document gives other articles later.
        lasts = not reading.changes_with_time
        found["etag"] = content.etag if lasts and len(content.etag) <= LONGEST_ETAG else ""
        modified = content.last_modified
        found["last_modified"] = modified if lasts and len(modified) <= LONGEST_DATE else ""
        found["document_hash"] = content.document_hash if lasts else ""
    if content.location != source.location and not Source.objects.filter(location=content.location).exists():
        found["location"] = content.location
    for name, value in found.items():
        setattr(source, name, value)
    source.save(update_fields=list(found))


def next_attempt(
    failures: int, *, now: datetime, retry_after: float | None = None, gone: bool = False
) -> datetime:
    """Return when to try again after this many failures in a row: after 15 minutes, doubling up to a day.

    `retry_after` is the seconds that the source asks for, heeded up to a week. A source that is gone is asked
    once a day.
    """
    asked = retry_after or 0.0
    return now + BACKOFF.wait(failures, asked=max(asked, LONGEST_WAIT.total_seconds()) if gone else asked)


def _failed(
    source: Source, sentence: str, now: datetime, *, retry_after: float | None = None, gone: bool = False
) -> FetchReport:
    source.failures += 1
    source.error = sentence
    source.failing_since = source.failing_since or now
    source.next_attempt_at = next_attempt(source.failures, now=now, retry_after=retry_after, gone=gone)
    if not source.pk:
        return FetchReport(source=source, counts=Counts(), error=sentence)
    with transaction.atomic():
        is_there = Source.objects.filter(pk=source.pk, active=True).update(
            failures=source.failures,
            error=sentence,
            failing_since=source.failing_since,
            next_attempt_at=source.next_attempt_at,
            fetch_asked_at=None,
        )
        if is_there:  # somebody may have removed it since
            note_failure(source, sentence, now)
    return FetchReport(source=source, counts=Counts(), error=sentence, next_attempt_at=source.next_attempt_at)


def _left_alone(source: Source) -> FetchReport:
    return FetchReport(
        source=source,
        counts=Counts(),
        error=source.error,
        next_attempt_at=source.next_attempt_at,
        waiting=True,
    )

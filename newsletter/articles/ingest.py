"""The line that an article passes on its way from its source into the database. This file is the whole of it.

 1. `read_source` fetches a source, decodes what it answered, and has the reader of its format make articles of it;
 2. each article passes STEPS, one after the other: it becomes safe, plain and complete, without the database;
 3. `add_keys` gives each what identity compares, and `without_repeats` leaves out what a document says twice;
 4. `store_articles` recognises what is known, and adds, updates and withdraws.

`fetch_sources` does 1 for several sources at once; `ingest` does the rest for one of them.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from newsletter.articles.cpu_budget import cpu_budget, look_at_budget
from newsletter.articles.identity import without_repeats
from newsletter.articles.incoming_article import IncomingArticle, Reading
from newsletter.articles.models import Source
from newsletter.articles.read_source import SourceContent
from newsletter.articles.sources import locked_source, save_new
from newsletter.articles.steps.drop_boilerplate import drop_boilerplate
from newsletter.articles.steps.identity_keys import add_keys
from newsletter.articles.steps.language import set_language
from newsletter.articles.steps.lead_image import choose_lead_image
from newsletter.articles.steps.plain_text import to_plain_text
from newsletter.articles.steps.published_date import check_published_date
from newsletter.articles.steps.resolve_links import resolve_links
from newsletter.articles.steps.sanitise_html import sanitise
from newsletter.articles.steps.standfirst import write_standfirst
from newsletter.articles.store import Counts, store_articles

STEPS: tuple[Callable[[IncomingArticle], None], ...] = (
    sanitise,
    resolve_links,
    drop_boilerplate,
    to_plain_text,
    write_standfirst,
    choose_lead_image,
    set_language,
    check_published_date,
)

LONGEST_TITLE = 300
LONGEST_LANGUAGE = 35
LONGEST_ETAG = 500
LONGEST_DATE = 100


def ingest(source: Source, content: SourceContent, *, now: datetime) -> tuple[Source, Counts]:
    """Store what was read of a source, and what is remembered of the source itself: both or neither.

    Gives the source as its row is now. Raises NotFound where it was removed since it was read, and Refused where an
    article asks for more computing than a source may.
    """
    reading = content.reading
    # Preparing takes seconds, and SQLite has one write lock.
    prepared = prepare(reading, source_language=source.language) if reading else []
    counts = Counts()
    with transaction.atomic():  # a new source whose articles cannot be stored is not added either
        source = locked_source(source if source.pk else save_new(source, content))
        if reading:
            for article in prepared:
                add_keys(article, source.pk)
            counts = store_articles(source, reading, without_repeats(prepared), now=now)
        _remember(source, content, now)
    return source, counts


def prepare(reading: Reading, *, source_language: str = "") -> list[IncomingArticle]:
    """Take the articles of a reading through all steps, and leave out those with neither words nor address.

    Raises Refused where that takes more than NEWSLETTER_FETCH_CPU_SECONDS.
    """
    prepared: list[IncomingArticle] = []
    with cpu_budget(reading.title or "The source"):
        for article in reading.articles:
            look_at_budget()
            found = pass_steps(article, source_language=reading.language or source_language)
            if found.title or found.body_html or found.url:
                prepared.append(found)
    return prepared


def pass_steps(article: IncomingArticle, *, source_language: str = "") -> IncomingArticle:
    """Take one article through all steps. `source_language` counts where the article names no language of its own."""
    article = replace(article, source_language=source_language)  # a copy: what was read stays as it was
    for step in STEPS:
        step(article)
    return article


def _remember(source: Source, content: SourceContent, now: datetime) -> None:
    """Keep what the fetch found out. Nothing else of the row is written: it may be newer than the fetch."""
    reading = content.reading
    found: dict[str, Any] = {
        "fetched_at": now,
        "error": "",
        "failures": 0,
        "failing_since": None,
        "next_attempt_at": None,
    }
    if reading is not None:
        found["kind"] = source.kind or reading.kind
        found["title"] = source.title or reading.title[:LONGEST_TITLE]
        found["language"] = source.language or reading.language[:LONGEST_LANGUAGE]
        # A validator too long to be kept is none.
        found["etag"] = content.etag if len(content.etag) <= LONGEST_ETAG else ""
        found["last_modified"] = content.last_modified if len(content.last_modified) <= LONGEST_DATE else ""
        found["document_hash"] = content.document_hash
    if content.location != source.location and not Source.objects.filter(location=content.location).exists():
        found["location"] = content.location
    for name, value in found.items():
        setattr(source, name, value)
    source.save(update_fields=list(found))

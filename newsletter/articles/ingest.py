"""The line that an article passes on its way from its source into the database. This file is the whole of it.

 1. `read_source` fetches a source, decodes what it answered, and has the reader of its format make articles of it;
 2. each article passes STEPS, one after the other: it becomes safe, plain and complete, without the database;
 3. `add_keys` gives each what identity compares, and `without_repeats` leaves out what a document says twice;
 4. `store_articles` recognises what is known, and adds, updates and withdraws.

`prepare` does 2 and `store` does 3 and 4. `fetch_sources` calls them for one source after the other.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from newsletter.articles.cpu_budget import cpu_budget, look_at_budget
from newsletter.articles.incoming_article import IncomingArticle, Reading
from newsletter.articles.models import Source
from newsletter.articles.steps.captions_and_additions import use_marks
from newsletter.articles.steps.check_published_date import check_published_date
from newsletter.articles.steps.drop_feed_phrases import drop_feed_phrases
from newsletter.articles.steps.identity_keys import add_keys, without_repeats
from newsletter.articles.steps.language_tag import set_language
from newsletter.articles.steps.lead_image import choose_lead_image
from newsletter.articles.steps.plain_text import to_plain_text
from newsletter.articles.steps.resolve_links import resolve_links
from newsletter.articles.steps.reuse_terms import read_reuse_terms
from newsletter.articles.steps.sanitise_html import sanitise
from newsletter.articles.steps.show_embeds import show_embeds
from newsletter.articles.steps.write_standfirst import write_standfirst
from newsletter.articles.store_articles import Counts, store_articles
from newsletter.errors import Refused

STEPS: tuple[Callable[[IncomingArticle], None], ...] = (
    show_embeds,
    sanitise,
    use_marks,
    resolve_links,
    drop_feed_phrases,
    to_plain_text,
    write_standfirst,
    choose_lead_image,
    read_reuse_terms,
    set_language,
    check_published_date,
)


def prepare(reading: Reading, *, source_language: str = "") -> list[IncomingArticle]:
    """Take the articles of a reading through all steps, and leave out those with neither words nor address.

    Raises Refused if that takes more than NEWSLETTER_FETCH_CPU_SECONDS.
    """
    prepared: list[IncomingArticle] = []
    with cpu_budget(reading.title or "The source"):
        for article in reading.articles:
            look_at_budget()
            found = pass_steps(article, source_language=reading.language or source_language)
            if found.title or found.body_html or found.url:
                prepared.append(found)
    return prepared


def prepare_later(
    readings: Sequence[Reading], *, source_language: str = ""
) -> tuple[list[IncomingArticle], int]:
    """Take the articles of later pages through all steps, as far as the computing of one more reading goes.

    Returns them, and the number of pages that they are from. A page is prepared as a whole or not at all.
    """
    prepared: list[IncomingArticle] = []
    pages = 0
    with suppress(Refused), cpu_budget("The later pages"):
        for reading in readings:
            found = prepare(reading, source_language=source_language)
            for article in found:
                article.on_later_page = True
            prepared += found
            pages += 1
    return prepared, pages


def pass_steps(article: IncomingArticle, *, source_language: str = "") -> IncomingArticle:
    """Take one article through all steps. `source_language` counts if the article names none."""
    article = replace(article, source_language=source_language)  # a copy: what was read stays as it was
    for step in STEPS:
        step(article)
    return article


def store(source: Source, reading: Reading, prepared: Sequence[IncomingArticle], *, now: datetime) -> Counts:
    """Store the prepared articles of a reading, in the caller's transaction, which has locked the source."""
    return store_articles(source, reading, with_keys(source, prepared), now=now)


def with_keys(source: Source, prepared: Sequence[IncomingArticle]) -> list[IncomingArticle]:
    """Give prepared articles the keys by which they are recognised, and return them without repeats."""
    for article in prepared:
        add_keys(article, source.pk)
    return without_repeats(prepared)

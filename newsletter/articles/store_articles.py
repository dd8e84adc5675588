"""Keeps what a reading of a source gave: new articles added, edited ones updated, withdrawn ones marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from newsletter.articles.find_withdrawn_articles import withdrawn_by
from newsletter.articles.incoming_article import IncomingArticle, Reading
from newsletter.articles.load_known_articles import StoredArticle, find_stored_articles, identities_taken
from newsletter.articles.models import Source
from newsletter.articles.pause_articles_of_redesigned_sources import note_change, release
from newsletter.articles.recognise_articles import new_identities, recognise
from newsletter.articles.write_article_rows import add_articles, mark_withdrawn, update_articles
from subscribers.database import is_postgres

STORING = 0x6E6577736C  # the number of our advisory lock: "newsl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of the articles of one reading. A returned article counts as changed.

    `waiting` are those of the added ones that no draft takes by itself, because the source has changed.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    waiting: int = 0


def store_articles(
    source: Source, reading: Reading, articles: Sequence[IncomingArticle], *, now: datetime
) -> Counts:
    """Store the articles of a reading, each with its keys, in the caller's transaction, which has locked the source.

    Articles that another source brought first stay as that one has them. While the source is changed, so do all that
    we know (see pause_articles_of_redesigned_sources.py).
    """
    _wait_for_other_processes()
    stored = find_stored_articles(source, articles)
    matches = recognise(articles, stored)
    new = [article for article, match in zip(articles, matches, strict=True) if match is None]
    identities = new_identities(new, articles, taken_among=identities_taken)
    known = [
        (article, match) for article, match in zip(articles, matches, strict=True) if match and match.owned
    ]
    change = source.change  # before this reading
    is_changed = note_change(source, articles, matches, stored, now=now)
    gone = withdrawn_by(reading, articles, stored, matches, source_id=source.pk)

    add_articles(source, new, identities, now=now, waiting_since=now if is_changed else None)
    changed = set() if is_changed else _bring_up_to_date(source, known, now=now)
    mark_withdrawn(gone, now)
    if not is_changed:
        release(source, {match.article_id for _article, match in known if match.is_waiting}, change, now=now)
    return Counts(
        added=len(new),
        changed=len(changed),
        unchanged=len(articles) - len(new) - len(changed),
        withdrawn=len(gone),
        waiting=len(new) if is_changed else 0,
    )


def _bring_up_to_date(
    source: Source, known: Sequence[tuple[IncomingArticle, StoredArticle]], *, now: datetime
) -> set[int]:
    """Update the articles that differ, and bring back what was withdrawn; gives the ids of the changed."""
    differing = [(article, match) for article, match in known if _differs(article, match, source)]
    returned = {match.article_id for _article, match in known if match.withdrawn_at}
    changed = update_articles(source, differing, now=now) | returned
    mark_withdrawn(returned, None)
    return changed


def _wait_for_other_processes() -> None:
    """Wait until no other process stores a reading, so that each sees what the others have added.

    On SQLite the transaction has locked out all other writers since it began (see settings.py).
    """
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [STORING])


def _differs(article: IncomingArticle, match: StoredArticle, source: Source) -> bool:
    return article.fingerprint != match.fingerprint or match.source_id != source.pk

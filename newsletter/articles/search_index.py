"""The index of the words of articles: FTS5 on SQLite, a stored `tsvector` on PostgreSQL.

It holds the words of search_words.py, so that both databases find the same. They compare whole words, or the beginning
of one (https://www.sqlite.org/fts5.html#fts5_prefix_queries,
https://www.postgresql.org/docs/current/textsearch-controls.html).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models.expressions import RawSQL

from subscribers.database import is_postgres, is_sqlite, portions

_REMOVE = "DELETE FROM newsletter_articlelisting WHERE article_id IN ({})"
_ADD = (
    "INSERT INTO newsletter_articlelisting (article_id, source_id, shown_at, words) VALUES (%s, %s, %s, %s)"
)
_INDEX = (
    "INSERT INTO newsletter_articlewords (rowid, words) "
    "SELECT article_id, words FROM newsletter_articlelisting WHERE article_id IN ({})"
)
_FIND_IN_SQLITE = "SELECT rowid FROM newsletter_articlewords WHERE newsletter_articlewords MATCH %s"
# As a separate query, because PostgreSQL knows little about how many articles have a word, and may look at all of them
# by date.
_FIND_IN_POSTGRESQL = (
    "WITH found AS MATERIALIZED (SELECT article_id FROM newsletter_articlelisting "
    "WHERE vector @@ to_tsquery('simple'::regconfig, %s)) SELECT article_id FROM found"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A row of ArticleListing: the numbers of the article and of its source, its date and its words."""

    article: int
    source: int
    shown_at: datetime
    words: str


def write_listings(listings: Iterable[Listing]) -> None:
    """Write listings in place of those that the same articles had, and index their words.

    A fetch may bring 10,000 articles: by way of models, this would take three times as long.
    """
    moment = connection.ops.adapt_datetimefield_value
    with transaction.atomic(), connection.cursor() as cursor:
        for some in portions(listings):
            numbers = [each.article for each in some]
            places = ", ".join(["%s"] * len(numbers))
            cursor.execute(_REMOVE.format(places), numbers)
            cursor.executemany(
                _ADD, [(each.article, each.source, moment(each.shown_at), each.words) for each in some]
            )
            if is_sqlite():
                cursor.execute(_INDEX.format(places), numbers)


def articles_with(beginnings: Sequence[str], whole: Sequence[str] = ()) -> RawSQL:
    """Return a query for the numbers of the articles that have words with all these beginnings, and all whole words.

    All of them are words of search_words.py, at least one.
    """
    if is_postgres():
        terms = [*(f"{word}:*" for word in beginnings), *whole]
        return RawSQL(_FIND_IN_POSTGRESQL, (" & ".join(terms),))  # noqa: S611 - no text of ours has a parameter in it
    terms = [*(f'"{word}"*' for word in beginnings), *(f'"{word}"' for word in whole)]
    return RawSQL(_FIND_IN_SQLITE, (" ".join(terms),))  # noqa: S611

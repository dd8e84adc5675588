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
_FIND_IN_POSTGRESQL = (
    "SELECT article_id FROM newsletter_articlelisting WHERE vector @@ to_tsquery('simple'::regconfig, %s)"
)
# PostgreSQL knows little about how many articles have a word. It looks at articles by date, also if few have the word.
FEW = 2_000


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


def articles_with(beginnings: Sequence[str], whole: Sequence[str] = ()) -> RawSQL | list[int]:
    """Return the numbers of the articles that have words with all these beginnings, and all whole words.

    Unless they are few, this is a query for them. The words are those of search_words.py, at least one.
    """
    if is_postgres():
        query = " & ".join([*(f"{word}:*" for word in beginnings), *whole])
        with connection.cursor() as cursor:
            cursor.execute(f"{_FIND_IN_POSTGRESQL} LIMIT {FEW + 1}", (query,))
            few = [number for (number,) in cursor.fetchall()]
        return few if len(few) <= FEW else RawSQL(_FIND_IN_POSTGRESQL, (query,))  # noqa: S611 - our own text
    terms = [*(f'"{word}"*' for word in beginnings), *(f'"{word}"' for word in whole)]
    return RawSQL(_FIND_IN_SQLITE, (" ".join(terms),))  # noqa: S611

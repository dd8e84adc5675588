"""Keeps the index of people in step with the people, behind every change and a few at a time.

Until a person is in the index, a search looks at that person itself (match_people.py). What the index still has of
deleted people is overwritten by merging its segments (https://www.sqlite.org/fts5.html#the_merge_command).
"""

from collections.abc import Callable
from functools import partial

from django.db import connection

from subscribers import raw_sql
from subscribers.database import is_postgres, is_sqlite
from subscribers.models import SearchRemoval, SearchText, SearchTodo, Subscriber
from subscribers.search.people_search_words import search_text
from subscribers.search.search_tables import TEXTS, TODO, TRIGRAMS
from subscribers.short_transactions import Gaps
from subscribers.transactions import LOOK_AGAIN_POLITELY, repeated

# One transaction takes some ten milliseconds for as many.
AT_ONCE = 1_000
PAGES_AT_ONCE = 300
# A bound only: 1,000,000 people take about thirty rounds.
MOST_ROUNDS = 5_000


def index_people(should_stop: Callable[[], bool] = lambda: False) -> int:
    """Write the texts of all people who wait, and overwrite what is left of deleted ones. Return how many.

    Every scheduler may call it, and often: with nothing to do it takes one look.
    """
    written, gaps = 0, Gaps()
    while not should_stop() and (some := repeated(_index_some, look_again=LOOK_AGAIN_POLITELY)):
        written += some
        gaps.leave()
    return written + overwrite_removed(should_stop)


def _index_some() -> int:
    """Write the texts of the next people, and return how many there were."""
    waiting = list(SearchTodo.objects.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if not waiting:
        return 0
    people = Subscriber.objects.filter(pk__in=waiting).order_by("pk")
    if is_postgres():
        # So that nobody is deleted, which deletes their text, before this text is committed.
        people = people.select_for_update(skip_locked=True, no_key=True)
    found = people.values_list("pk", "first_name", "last_name", "address", "address_key")
    texts = [(number, search_text(*said)) for number, *said in found]
    numbers = {"people": raw_sql.array_of_numbers([number for number, _text in texts])}
    raw_sql.execute(f"DELETE FROM {TEXTS} WHERE {raw_sql.one_of('id', 'people')}", numbers)
    SearchText.objects.bulk_create(SearchText(pk=number, text=text) for number, text in texts)
    if is_sqlite():
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {TRIGRAMS} (rowid, text) VALUES (%s, %s)", texts)
        # People who are not there have no text; the row is of somebody who was deleted without the triggers.
        numbers = {"people": raw_sql.array_of_numbers(waiting)}
    raw_sql.execute(f"DELETE FROM {TODO} WHERE {raw_sql.one_of('id', 'people')}", numbers)
    return len(texts)


def overwrite_removed(should_stop: Callable[[], bool] = lambda: False) -> int:
    """Merge the index of SQLite until no piece of a deleted or changed person is left in it. Return how many were.

    PostgreSQL frees such rows by its vacuum, as it does for all tables.
    """
    mark = SearchRemoval.objects.first() if is_sqlite() else None
    if mark is None:
        return 0
    pages, gaps = -PAGES_AT_ONCE, Gaps()
    for _round in range(MOST_ROUNDS):
        if should_stop():
            return 0
        if not repeated(partial(_merge, pages), look_again=LOOK_AGAIN_POLITELY):
            break
        pages = PAGES_AT_ONCE
        gaps.leave()
    merged = SearchRemoval.objects.filter(pk=mark.pk, times=mark.times)
    repeated(merged.delete, look_again=LOOK_AGAIN_POLITELY)
    return mark.times


def _merge(pages: int) -> bool:
    """Merge some pages, negative to begin with all segments, and return whether there may be more to do."""
    raw = connection.connection
    before = raw.total_changes
    raw_sql.execute(
        f"INSERT INTO {TRIGRAMS} ({TRIGRAMS}, rank) VALUES ('merge', %(pages)s)",
        {"pages": pages},
    )
    # https://www.sqlite.org/fts5.html#the_merge_command says that fewer than two changes mean that nothing was done.
    return bool(raw.total_changes - before > 1)

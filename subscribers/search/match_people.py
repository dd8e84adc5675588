"""Finds the numbers of people by the words of a query and by their subscriptions, newest person first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from subscribers import raw_sql
from subscribers.database import is_postgres
from subscribers.models import Subscriber, Subscription, Suppression
from subscribers.search.people_search_words import (
    BEFORE_A_NAME,
    SHORTEST,
    has_word,
    is_beginning,
    search_text,
    trigrams,
)
from subscribers.search.search_tables import TEXTS, TODO, TRIGRAMS

PEOPLE, SUBSCRIPTIONS = raw_sql.table(Subscriber), raw_sql.table(Subscription)
# The suppressions in force of people whom we know. Other conditions follow.
SUPPRESSED = f"{raw_sql.table(Suppression)} s WHERE s.lifted_at IS NULL AND s.subscriber_id IS NOT NULL"
NEWEST_OF_ALL = 2**62
# How many people who wait for the index a search looks at itself.
MOST_WAITING = 2_000
# On PostgreSQL: how many of the newest texts are read before the index is asked, which gives its hits in no order.
NEWEST_READ = 5_000
# The same for words that many people have, for which the index takes longer than reading this number of texts.
MOST_READ = 100_000
SAMPLED_PERCENT = 0.1


@dataclass(frozen=True, slots=True)
class Match:
    """What people must be like: their text has all `words`, and they have a subscription `u` for which `theirs` holds.

    `theirs` is SQL with `parameters`, and empty if any person will do. With `suppressed`, they are suppressed now.
    """

    words: Sequence[str] = ()
    theirs: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    suppressed: bool = False

    @property
    def is_by_index(self) -> bool:
        """Whether the index of trigrams can answer."""
        return any(len(word) >= SHORTEST for word in self.words)

    def numbers(
        self, *, before: int = NEWEST_OF_ALL, most: int, among: Sequence[int] | None = None
    ) -> list[int]:
        """Return the numbers of up to `most` people below a number, greatest first, perhaps only `among` some."""
        if not self.words:
            return self._without_words(before, most, among)
        waiting = self._waiting(before, among)
        found = self._indexed(before, most, among)
        return sorted({*found, *waiting}, reverse=True)[:most]

    def count(self) -> int:
        """Return how many people there are. This reads all of them that the index finds."""
        if not self.words:
            return self._count_without_words()
        given = self._given(NEWEST_OF_ALL)
        ((indexed,),) = raw_sql.rows(f"SELECT count(*) {self._from_index()} WHERE {self._condition()}", given)
        return int(indexed) + len(self._waiting(NEWEST_OF_ALL, None))

    def _without_words(self, before: int, most: int, among: Sequence[int] | None) -> list[int]:
        given = self._given(before, most=most, among=among)
        # Few are suppressed among many, so their index is read and not that of all people.
        number, source = (
            ("s.subscriber_id", SUPPRESSED) if self.suppressed else ("p.id", f"{PEOPLE} p WHERE 1 = 1")
        )
        only = f" AND {raw_sql.one_of(number, 'among')}" if among is not None else ""
        wanted = f"{number} < %(before)s{only}{self._has_what_is_wanted(number)}"
        query = f"SELECT DISTINCT {number} FROM {source} AND {wanted}"
        return _numbers(f"{query} ORDER BY {number} DESC LIMIT %(most)s", given)

    def _count_without_words(self) -> int:
        if self.suppressed:
            number = "s.subscriber_id"
            query = f"SELECT count(DISTINCT {number}) FROM {SUPPRESSED}{self._has_what_is_wanted(number)}"
        elif self.theirs:
            query = f"SELECT count(DISTINCT u.subscriber_id) FROM {SUBSCRIPTIONS} u WHERE {self.theirs}"
        else:
            query = f"SELECT count(*) FROM {PEOPLE}"
        ((found,),) = raw_sql.rows(query, self.parameters)
        return int(found)

    def _indexed(self, before: int, most: int, among: Sequence[int] | None) -> list[int]:
        given = self._given(before, most=most, among=among)
        if among is not None:
            source, only = f"FROM {TEXTS} t", f" AND {raw_sql.one_of('t.id', 'among')}"
            query = (
                f"SELECT t.id {source} WHERE t.id < %(before)s{only} AND {self._condition(by_index=False)}"
            )
            return _numbers(f"{query} ORDER BY t.id DESC LIMIT %(most)s", given)
        if not is_postgres():
            query = f"SELECT t.id {self._from_index()} WHERE t.id < %(before)s AND {self._condition()}"
            order = "f.rowid" if self.is_by_index else "t.id"
            return _numbers(
                f"{query.replace('t.id <', f'{order} <', 1)} ORDER BY {order} DESC LIMIT %(most)s", given
            )
        found = self._among_newest(NEWEST_READ, given)
        if len(found) < most and self._is_common(given):
            # The newest people do not have these words, such as those of an import, but the others do.
            found = self._among_newest(MOST_READ, given)
        if len(found) == most:
            return found
        return _numbers(
            f"WITH found AS MATERIALIZED (SELECT t.id FROM {TEXTS} t WHERE t.id < %(before)s AND {self._condition()}) "
            "SELECT id FROM found ORDER BY id DESC LIMIT %(most)s",
            given,
        )

    def _among_newest(self, read: int, given: dict[str, Any]) -> list[int]:
        newest = f"(SELECT id, text FROM {TEXTS} WHERE id < %(before)s ORDER BY id DESC LIMIT {read})"
        return _numbers(
            f"SELECT t.id FROM {newest} t WHERE {self._condition()} ORDER BY t.id DESC LIMIT %(most)s", given
        )

    def _is_common(self, given: dict[str, Any]) -> bool:
        """Return whether about one person in a hundred or more has the words, by a sample of some pages."""
        sample = (
            f"SELECT t.id, {self._has_words()} AS has FROM {TEXTS} t TABLESAMPLE SYSTEM ({SAMPLED_PERCENT})"
        )
        ((read, found),) = raw_sql.rows(
            f"SELECT count(*), count(*) FILTER (WHERE has) FROM ({sample}) AS sampled", given
        )
        return bool(found * 100 > read)

    def _from_index(self) -> str:
        if is_postgres() or not self.is_by_index:
            return f"FROM {TEXTS} t"
        # The index gives its hits in the order of their numbers, which the first table decides.
        return f"FROM {TRIGRAMS} f CROSS JOIN {TEXTS} t ON t.id = f.rowid"

    def _condition(self, *, by_index: bool = True) -> str:
        """Return the condition for a text `t`, which `_given` has the parameters of."""
        parts = [f"NOT EXISTS (SELECT 1 FROM {TODO} q WHERE q.id = t.id){self._has_what_is_wanted('t.id')}"]
        parts.append(self._has_words())
        if by_index and self.is_by_index and not is_postgres():
            parts.insert(0, f"{TRIGRAMS} MATCH %(trigrams)s")
        return " AND ".join(parts)

    def _has_words(self) -> str:
        has = "t.text LIKE %({})s" if is_postgres() else "instr(t.text, %({})s) > 0"
        begins = "t.text LIKE %({})s" if is_postgres() else "instr(t.text, %({})s) = 1"
        parts = []
        # The longest first, because it leaves the fewest texts for the others.
        for at in sorted(range(len(self.words)), key=lambda at: -len(self.words[at])):
            if is_beginning(self.words[at]):
                after = [has.format(f"word{at}after{sign}") for sign in range(len(BEFORE_A_NAME))]
                parts.append(f"({' OR '.join([begins.format(f'word{at}'), *after])})")
            else:
                parts.append(has.format(f"word{at}"))
        return " AND ".join(parts)

    def _has_what_is_wanted(self, person: str) -> str:
        """Return the conditions for a person's subscriptions and suppressions."""
        found = ""
        if self.theirs:
            of_person = f"u.subscriber_id = {person} AND {self.theirs}"
            found += f" AND EXISTS (SELECT 1 FROM {SUBSCRIPTIONS} u WHERE {of_person})"
        if self.suppressed and person != "s.subscriber_id":
            found += f" AND EXISTS (SELECT 1 FROM {SUPPRESSED} AND s.subscriber_id = {person})"
        return found

    def _waiting(self, before: int, among: Sequence[int] | None) -> list[int]:
        """Return whom of the people that are not in the index yet the words match."""
        only = f" AND {raw_sql.one_of('p.id', 'among')}" if among is not None else ""
        said = raw_sql.rows(
            f"SELECT p.id, p.first_name, p.last_name, p.address, p.address_key FROM {TODO} q "
            f"JOIN {PEOPLE} p ON p.id = q.id WHERE q.id < %(before)s{only}{self._has_what_is_wanted('p.id')} "
            f"ORDER BY q.id DESC LIMIT {MOST_WAITING}",
            self._given(before, among=among),
        )
        return [number for number, *texts in said if self._is_in(search_text(*texts))]

    def _is_in(self, text: str) -> bool:
        return all(has_word(text, word) for word in self.words)

    def _given(self, before: int, *, most: int = 0, among: Sequence[int] | None = None) -> dict[str, Any]:
        given = {**self.parameters, "before": before, "most": most}
        if among is not None:
            given["among"] = raw_sql.array_of_numbers(among)
        given["trigrams"] = " ".join(
            '"{}"'.format(each.replace('"', '""')) for each in trigrams([*self.words])
        )
        for at, word in enumerate(self.words):
            start = "" if is_beginning(word) else "%"
            given[f"word{at}"] = f"{start}{_escaped(word)}%" if is_postgres() else word
            for number, sign in enumerate(BEFORE_A_NAME if is_beginning(word) else ()):
                given[f"word{at}after{number}"] = f"%{sign}{word}%" if is_postgres() else f"{sign}{word}"
        return given


def _numbers(query: str, given: dict[str, Any]) -> list[int]:
    return [number for (number,) in raw_sql.rows(query, given)]


def _escaped(word: str) -> str:
    for special in ("\\", "%", "_"):
        word = word.replace(special, f"\\{special}")
    return word

"""Chooses a fair mix from more articles than an issue has places: the sources take turns, and maxima hold.

In each turn every source gives its newest article that the maxima still allow, the source with the newest one first. So
a source with twelve articles does not push out eight sources with one each. Only recent articles take turns; older
ones fill the places that remain, newest first.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from newsletter.articles.search_words import topic_key
from newsletter.issues.selection_rule import Selection, section_for

NO_ROOM: Final = "no room"
SOURCE_IS_FULL: Final = "source"
SECTION_IS_FULL: Final = "section"
TOPIC_IS_FULL: Final = "topic"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that an issue could have; `date` is when it was published, or else found.

    `unusable` is a reason for which no issue can have it, and which the mix then names.
    """

    date: datetime
    article: int
    source: int
    topics: tuple[str, ...]
    unusable: str = ""

    @property
    def order(self) -> tuple[datetime, int]:
        """Sort by date, and articles of the same moment by their number."""
        return self.date, self.article


@dataclass(frozen=True, slots=True)
class Mix:
    """The chosen articles, newest first, and the others with the reason why each was left out, newest first."""

    chosen: tuple[int, ...]
    left_out: tuple[tuple[int, str], ...]


class Maxima:
    """Counts the articles of an issue per source, section and topic, and says whether another one fits."""

    def __init__(self, selection: Selection, sections: Sequence[Mapping[str, Any]]) -> None:
        """Start with an issue without articles."""
        self._sections = sections
        self._rules = (
            (SOURCE_IS_FULL, selection.at_most_per_source, self._source),
            (SECTION_IS_FULL, selection.at_most_per_section, self._section),
            (TOPIC_IS_FULL, selection.at_most_per_topic, self._topics),
        )
        self._counts: Counter[tuple[str, object]] = Counter()

    def why_not(self, candidate: Candidate) -> str:
        """Return why an issue cannot have the article, or which maximum leaves no place for it, or an empty string."""
        if candidate.unusable:
            return candidate.unusable
        for reason, maximum, groups in self._rules:
            if maximum and any(self._counts[reason, group] >= maximum for group in groups(candidate)):
                return reason
        return ""

    def count(self, candidate: Candidate) -> None:
        """Count an article as chosen."""
        for reason, maximum, groups in self._rules:
            if maximum:
                self._counts.update((reason, group) for group in groups(candidate))

    def _source(self, candidate: Candidate) -> set[object]:
        return {candidate.source}

    def _section(self, candidate: Candidate) -> set[object]:
        return {section_for(candidate.topics, self._sections)} if self._sections else set()

    def _topics(self, candidate: Candidate) -> set[object]:
        return {topic_key(topic) for topic in candidate.topics}


def mix(
    candidates: Iterable[Candidate],
    *,
    places: int,
    maxima: Maxima,
    recent: datetime,
) -> Mix:
    """Choose at most `places` of the candidates, which come newest first and may be many; `recent` is a date.

    Of candidates older than `recent`, no more are read than the places need.
    """
    coming = iter(candidates)
    chosen: list[Candidate] = []
    left_out: list[tuple[Candidate, str]] = []
    newer, first_older = _newer(coming, recent)
    for candidate, reason in _in_turns(newer, maxima):
        if reason or len(chosen) >= places:
            left_out.append((candidate, reason or NO_ROOM))
        else:
            maxima.count(candidate)
            chosen.append(candidate)
    older = first_older
    while older is not None and len(chosen) < places:
        if reason := maxima.why_not(older):
            left_out.append((older, reason))
        else:
            maxima.count(older)
            chosen.append(older)
        older = next(coming, None)
    chosen.sort(key=lambda it: it.order, reverse=True)
    left_out.sort(key=lambda pair: pair[0].order, reverse=True)
    named = tuple((candidate.article, reason) for candidate, reason in left_out)
    return Mix(tuple(it.article for it in chosen), named)


def _newer(coming: Iterator[Candidate], recent: datetime) -> tuple[list[Candidate], Candidate | None]:
    """Return the candidates from `recent` on, and the first older one."""
    newer: list[Candidate] = []
    for candidate in coming:
        if candidate.date < recent:
            return newer, candidate
        newer.append(candidate)
    return newer, None


def _in_turns(candidates: Sequence[Candidate], maxima: Maxima) -> Iterator[tuple[Candidate, str]]:
    """Yield each candidate when its source's turn comes, or with the maximum that forbids it, which costs no turn."""
    queues: dict[int, deque[Candidate]] = {}
    for candidate in candidates:
        queues.setdefault(candidate.source, deque()).append(candidate)
    while queues:
        for source in sorted(queues, key=lambda it: queues[it][0].order, reverse=True):
            queue = queues[source]
            while queue and (reason := maxima.why_not(queue[0])):
                yield queue.popleft(), reason
            if queue:
                yield queue.popleft(), ""
            if not queue:
                del queues[source]

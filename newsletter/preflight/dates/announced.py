"""Decides whether a sentence announces a date, such as an invitation, or tells of it, such as a report."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from newsletter.preflight.dates.read_dates import WrittenDate
from newsletter.preflight.plain_letters import small_letters

if TYPE_CHECKING:
    from newsletter.preflight.dates.past_or_future.date_words import DateWords

# “Dr Lee, who discovered the gene, speaks on …”: the verb of the aside does not belong to the date.
_ASIDE = re.compile(
    r",\s(?:who|which|whose|where|[a-z]+ed|led|held|die|der|das|den|dem|deren|qui|que|dont|où)\s[^,]*,\s?"
)
_CLAUSE = re.compile(r"[^,;،–]+")
# A sentence of this many words that ends in a full stop and has no verb that we know rather tells of something.
_WHOLE_SENTENCE = 3
_LONGEST = 400
_TIME_OF_DAY = re.compile(r"\d ?(?:am|pm|uhr|noon)\b|\d[:.]\d\d|\d ?h\b|الساعة")


class Looks(StrEnum):
    """Where a sentence looks from its date."""

    FORWARD = "forward"
    BACK = "back"
    UNCLEAR = "unclear"


_SENTENCE_ENDS = re.compile(
    r"(?<!\b[A-Za-z])(?<!\bDr)(?<!\bSt)(?<!\bMr)(?<!\bz\.B)(?<!\ba\.m)(?<!\bp\.m)[.!?؟…][\"”»)]*\s+|\n+"
)


def looks_of(text: str, written: WrittenDate, dates: Sequence[WrittenDate], language: str) -> Looks:
    """Return where the sentence around a date looks. `dates` are all dates of the text: no sentence ends in them."""
    from newsletter.preflight.dates.past_or_future import words_for

    # A longer sentence is a list of words, not one that somebody wrote.
    from_here = max(0, written.start - _LONGEST)
    text = text[from_here : written.end + _LONGEST]
    near = [_moved(each, from_here) for each in dates if abs(each.start - written.start) <= _LONGEST]
    written = _moved(written, from_here)
    start, end = _sentence(text, written, near)
    own = words_for(text[start:end], language)
    before = own.fold(_ASIDE.sub(" ", text[start : written.start].rpartition(";")[2]).lstrip())
    after = own.fold(f" {text[written.end : end].lstrip(' ,،')}")[1:]
    if written.first == written.last and own.first_day.search(before):
        return Looks.BACK
    if (found := _looks(before, after, own)) is not Looks.UNCLEAR:
        return found
    rest = f"{text[start : written.start]} {text[written.end : end]}"
    is_sentence = text[start:end].rstrip().endswith(".") and len(rest.split()) >= _WHOLE_SENTENCE
    return (
        Looks.BACK
        if own.looks_back_without_a_known_verb and is_sentence and not says_when(rest)
        else Looks.UNCLEAR
    )


def _moved(written: WrittenDate, by: int) -> WrittenDate:
    return replace(written, start=max(0, written.start - by), end=max(0, written.end - by))


def says_when(text: str) -> bool:
    """Return whether a text says a time of day, as announcements do."""
    return _TIME_OF_DAY.search(small_letters(text)) is not None


def _looks(before: str, after: str, words: "DateWords") -> Looks:
    whole = f"{before.rstrip()} … {after}"
    is_last_day = words.last_day.search(before) is not None
    # “Send your photographs of the garden by 14 November” looks forward, although “photographs of” usually looks back.
    if words.reports_before.search(before) or (words.reports.search(whole) and not is_last_day):
        return Looks.BACK
    if words.moved_to.search(whole):
        return Looks.FORWARD
    tense = Looks.BACK if words.past_around.search(whole) else _tense(before, after, words)
    if tense is Looks.BACK:
        return tense
    if is_last_day or tense is Looks.FORWARD or words.announces.search(whole):
        return Looks.FORWARD
    return Looks.UNCLEAR


def _tense(before: str, after: str, words: "DateWords") -> Looks:
    """Return where the verb looks that stands nearest before the date, or else first after it."""
    verbs = [*_verbs(before, words)]
    if verbs:
        return max(verbs, key=lambda verb: verb[1])[2]
    clause = _CLAUSE.match(after)
    verbs = [*_verbs(clause[0] if clause else after, words)] or [*_verbs(after, words)]
    return min(verbs, key=lambda verb: (verb[0], -verb[1]))[2] if verbs else Looks.UNCLEAR


def _verbs(text: str, words: "DateWords") -> Iterator[tuple[int, int, Looks]]:
    """Yield where each verb begins and ends, and where it looks."""
    for found in words.past.finditer(text):
        yield found.start(), found.end(), Looks.BACK
    for found in words.present.finditer(text):
        yield found.start(), found.end(), Looks.FORWARD


def _sentence(text: str, written: WrittenDate, dates: Sequence[WrittenDate]) -> tuple[int, int]:
    """Return where the sentence around a date begins and ends."""
    start, end = 0, len(text)
    for found in _SENTENCE_ENDS.finditer(text):
        if _is_within(dates, found.start(), found.end(), text):
            continue
        if found.end() <= written.start:
            start = found.end()
        elif found.start() >= written.start:
            end = found.start() + 1
            break
    return start, max(end, written.end)


def _is_within(dates: Sequence[WrittenDate], start: int, end: int, text: str) -> bool:
    """Return whether a point belongs to a date, like that of “14. November”. That of “14 Nov. We …” ends a sentence."""
    end_of_date = max((each.end for each in dates if each.start <= start < each.end), default=0)
    return end < end_of_date or (end_of_date > start and not text[end : end + 1].isupper())

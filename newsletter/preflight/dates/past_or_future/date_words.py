"""What we know of a language to tell whether a sentence looks forward to a date or back."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from newsletter.preflight.plain_letters import small_letters

NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True, kw_only=True)
class DateWords:
    """Patterns of one language, for sentences in lower case.

    `reports`: these words alone show that a sentence looks back, or that its date returns every year. `reports_before`,
    `first_day` and `last_day` stand right before a date; what has begun on its first day is still true. `announces`:
    these words show that a sentence looks forward, unless a verb in the past belongs to the date. `past` and `present`
    are verbs; the future is written with those of the present. `past_around` are verbs in the past of which one part
    stands before the date, and another after it. `moved_to` looks forward although its verb is in the past: “…” stands
    for the date in both.
    """

    reports: re.Pattern[str]
    reports_before: re.Pattern[str]
    announces: re.Pattern[str]
    first_day: re.Pattern[str]
    last_day: re.Pattern[str]
    past: re.Pattern[str]
    present: re.Pattern[str]
    past_around: re.Pattern[str] = NOTHING
    moved_to: re.Pattern[str] = NOTHING
    # How the language is compared: German with its capitals, which tell nouns from verbs, Arabic without accents.
    fold: Callable[[str], str] = small_letters
    # What a whole sentence does if we know none of its verbs: some languages have few ways to write the past.
    looks_back_without_a_known_verb: bool = True


def words(*pieces: str) -> re.Pattern[str]:
    """Return the pattern of any of these pieces, each of which is a word or several."""
    return re.compile(_any_of(pieces), re.IGNORECASE)


def verbs(*pieces: str) -> re.Pattern[str]:
    """Return the pattern of any of these verbs, with capitals where the language has them."""
    return re.compile(_any_of(pieces))


def right_before(*pieces: str) -> re.Pattern[str]:
    """Return the pattern of any of these pieces at the end of what stands before a date."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(pieces)})[\s:,(]*$", re.IGNORECASE)


def _any_of(pieces: tuple[str, ...]) -> str:
    return "|".join(rf"(?<!\w)(?:{piece})(?!\w)" for piece in pieces)

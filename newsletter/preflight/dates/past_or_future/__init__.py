"""The words by which a sentence announces a date or tells of it, one file for each language."""

import re

from newsletter.preflight.dates.past_or_future import arabic, english, french, german, other_languages, welsh
from newsletter.preflight.dates.past_or_future.date_words import DateWords
from newsletter.preflight.plain_letters import small_letters

WORDS: dict[str, DateWords] = {
    "en": english.WORDS,
    "de": german.WORDS,
    "fr": french.WORDS,
    "cy": welsh.WORDS,
    "ar": arabic.WORDS,
}
OTHERS = other_languages.WORDS

# Frequent words that belong to one of these languages alone.
_TELLING = {
    "en": "the and of to for our we you is are was were with on at by this your from it have has will please",
    "de": "der die das den dem und wir sie ist sind am im zum zur uns ihre ihr mit von für auf nicht alle haben wurde",
    "fr": "le la les des du nous vous est sont et à au aux de une pour dans avec notre votre ont été avons qui",
    "cy": "y yr yn ar i ni mae a â o ein eich bydd gan i'r a'r o'r mae'r gyda ddydd oedd cawsom",
}
_LETTERS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_FEWEST = 2


def words_for(sentence: str, declared: str) -> DateWords:
    """Return the words of the language of a sentence: the declared one, unless its words say otherwise."""
    own = declared.partition("-")[0].lower()
    if any("\u0600" <= each <= "\u06ff" for each in sentence):
        return WORDS["ar"]
    found = _LETTERS.findall(small_letters(sentence))
    counts = {name: sum(word in telling.split() for word in found) for name, telling in _TELLING.items()}
    best = max(counts, key=lambda name: (counts[name], name == own))
    if counts[best] >= _FEWEST and counts[best] > counts.get(own, 0):
        own = best
    return WORDS.get(own, OTHERS)

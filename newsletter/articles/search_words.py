"""The words by which articles are searched: without case, accents and punctuation, the same for texts and queries.

Both databases compare these words as they are, so that a search finds the same on each.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

LONGEST = 4_000
"""How many characters of each article a search looks at."""
_WORD = re.compile(r"[^\W_]+")
# Most texts are ASCII, and a fetch may bring 10,000 of them.
_ASCII_WORDS = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
# Chinese, Japanese and Thai put no spaces between words, so each character is searched as a word.
_WITHOUT_SPACES = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])"
)


def search_words(title: str, standfirst: str, authors: Iterable[object], topics: Iterable[object]) -> str:
    """Return what an article is searched by: its words, and one mark for each of its topics."""
    topics = list(topics)
    text = " ".join((title, standfirst, *map(str, authors), *map(str, topics)))
    return " ".join((*words_of(text[:LONGEST]), *map(topic_mark, map(str, topics))))


def words_of(text: str) -> list[str]:
    """Return the words of a text, without case, accents and punctuation."""
    if text.isascii():
        return text.translate(_ASCII_WORDS).split()
    plain = "".join(
        character
        for character in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(character)
    )
    return _WORD.findall(
        _WITHOUT_SPACES.sub(r" \1 ", plain.replace("ł", "l").replace("ø", "o").replace("đ", "d"))
    )


def topic_key(topic: object) -> str:
    """Return the key by which topics are compared: “Prostate-Cancer” and “prostate cancer” are the same topic."""
    return " ".join(str(topic).casefold().replace("-", " ").replace("_", " ").split())


@lru_cache(maxsize=4_096)
def topic_mark(topic: str) -> str:
    """Return the word that stands for a topic. No text contains it."""
    return f"topic{hashlib.blake2b(topic_key(topic).encode(), digest_size=8).hexdigest()}"

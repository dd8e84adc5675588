"""The texts by which people are searched: without case and accents, the same for people and queries.

Both databases compare these texts as they are, so that a search finds the same on each.
"""

import unicodedata

# Enough for a whole name and address.
LONGEST_QUERY = 500
MOST_WORDS = 8
# A piece of this many characters is found by the index.
SHORTEST = 3
# What stands before the names and addresses of a text, besides its beginning: also before a second part of a name.
BEFORE_A_NAME = (" ", "\n", "-")


def search_text(first_name: str, last_name: str, address: str, address_key: str) -> str:
    """Return the text in which the words of a query are looked for."""
    text = f"{first_name} {last_name}\n{address}"
    return folded(text if address_key == address else f"{text}\n{address_key}")


def search_words(query: str) -> list[str]:
    """Return the folded words of a query. A person is found if their text has each of them (`has_word`)."""
    return list(dict.fromkeys(folded(query[:LONGEST_QUERY]).split()))[:MOST_WORDS]


def is_beginning(word: str) -> bool:
    """Return whether a word of a query means the beginning of a name or address: one or two plain letters or digits.

    “p” is somewhere in most addresses, but begins few names. One sign of another script can be a whole name.
    """
    return len(word) < SHORTEST and word.isascii() and word.isalnum()


def has_word(text: str, word: str) -> bool:
    """Return whether a text of `search_text` has a word of a query, as the databases look for it."""
    if not is_beginning(word):
        return word in text
    return text.startswith(word) or any(f"{sign}{word}" in text for sign in BEFORE_A_NAME)


def folded(text: str) -> str:
    """Return a text without case, compatibility forms and accents, and without what databases cannot store."""
    if text.isascii():
        return text.lower().replace("\0", " ")
    storable = text.encode(errors="ignore").decode().replace("\0", " ")
    # A character may fold to one that can be decomposed, and the other way round.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", storable).casefold())
    return "".join(each for each in decomposed if not unicodedata.combining(each))


def trigrams(words: list[str]) -> list[str]:
    """Return all pieces of three characters of the words that have as many."""
    return list(dict.fromkeys(word[at : at + SHORTEST] for word in words for at in range(len(word) - 2)))

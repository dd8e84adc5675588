"""Which usernames a new account cannot have: those that look like the name of somebody else.

A name stands beside all that a person did, so colleagues must be able to tell two people apart. A name has letters of
one script, as Unicode Technical Standard 39 recommends, and does not look like another name.
"""

import unicodedata

from django.contrib.auth import get_user_model

# Small letters, by their code points, that look like a Latin one. Capitals are made small first.
_CYRILLIC = "430 435 43e 440 441 443 445 456 458 455 4bb 501 51b 51d 43a 43c 442 432 43d 433 4cf 4af"
_GREEK = "3b1 3b2 3b5 3b7 3b9 3ba 3bd 3bf 3c1 3c4 3c5 3c7 3c9"
_LATIN = "251 261 131"
_LOOKS_LIKE = dict(
    zip(
        (int(code, 16) for code in f"{_CYRILLIC} {_GREEK} {_LATIN}".split()),
        "aeopcyxijshdqwkmtbhrly" + "abenikvoptuxw" + "agi",
        strict=True,
    )
)


def why_not_username(name: str, *, before: str = "") -> str:
    """Return why an account cannot have this name, because it can be taken for another, or an empty string.

    `before` is the name that the account has now: its new name may look like that.
    """
    scripts = {unicodedata.name(letter, "?").partition(" ")[0] for letter in name if letter.isalpha()}
    if len(scripts) > 1:
        return (
            "Use letters from one alphabet only, because letters from different alphabets can look the same."
        )
    wanted = _shape(name)
    for other in get_user_model().objects.values_list("username", flat=True).iterator():
        if other not in {name, before} and _shape(other) == wanted:
            return f"This name is too similar to “{other}”. Choose a different name."
    return ""


def _shape(name: str) -> str:
    """Return the same text for all names that look alike."""
    return unicodedata.normalize("NFKC", name).casefold().translate(_LOOKS_LIKE)

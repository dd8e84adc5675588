"""Find an address in free text, however it is spelt, and remove it.

Text and address are compared after folding: without case, compatibility forms or the order of combining marks
(Unicode's NFKD and full case folding). Folding may lengthen a character, so each folded one remembers which it
came from.
"""

import unicodedata
from collections.abc import Iterator
from functools import cached_property

from subscribers.email_addresses import parse
from subscribers.errors import Invalid
from subscribers.models import Subscriber
from subscribers.models.address_index import AT_SIGNS, IN_AN_ADDRESS_OF_A_PAGE


class Spellings:
    """The spellings of one person's address: as given and as folded, with the domain in Unicode and in ASCII."""

    def __init__(self, subscriber: Subscriber) -> None:
        given, key = subscriber.address, subscriber.address_key
        locals_ = {text.rpartition("@")[0] for text in (given, key)}
        domains = {text.rpartition("@")[2] for text in (given, key)} | set(_in_letters(key))
        self._texts = {f"{local}@{domain}" for local in locals_ for domain in domains}

    @cached_property
    def _folded(self) -> list[str]:
        """Return the folded spellings, longest first, so that no part of one is left by another."""
        return sorted({folded(text) for text in self._texts}, key=len, reverse=True)

    def are_in(self, text: str) -> bool:
        """Return whether the text contains the address."""
        return next(self._found(text), None) is not None

    def without(self, text: str, instead: str) -> str:
        """Return the text with the address replaced wherever it occurs."""
        kept, end = [], 0
        for first, last in self._found(text):
            kept.append(text[end:first])
            end = last
        return instead.join([*kept, text[end:]])

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where the address begins and ends in the text, for each occurrence."""
        if not any(sign in text for sign in AT_SIGNS):
            return
        characters = _fold(text)
        whole = "".join(each for each, _at in characters)
        start = 0
        while places := [
            (place, -len(one), one) for one in self._folded if (place := whole.find(one, start)) >= 0
        ]:
            place, _length, one = min(places)
            first, last = characters[place][1], characters[place + len(one) - 1][1] + 1
            yield first, last
            start = place + len(one)
            while start < len(whole) and characters[start][1] < last:
                start += 1


def folded(text: str) -> str:
    """Return a text in the form in which texts and addresses are compared."""
    return "".join(each for each, _at in _fold(text))


def _in_letters(address_key: str) -> Iterator[str]:
    try:
        yield parse(address_key).address.rpartition("@")[2]
    except Invalid:
        return  # an address kept under earlier rules has only the spellings as given and as folded


def _fold(text: str) -> list[tuple[str, int]]:
    """Return each folded character with the index of its original, and combining marks in canonical order."""
    # Remove two characters of each sequence that means "@": the remaining one has the position of the first.
    signs = {at for at in range(len(text)) if text.startswith(IN_AN_ADDRESS_OF_A_PAGE, at)}
    skipped = {at + further for at in signs for further in (1, 2)}
    every = [
        (each, at)
        for at, character in enumerate(text)
        if at not in skipped
        for each in (
            "@"
            if at in signs
            else unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
        )
    ]
    start = 0
    while start < len(every):
        end = start + 1
        while end < len(every) and unicodedata.combining(every[end][0]):
            end += 1
        if end - start > 2:  # noqa: PLR2004 - one mark is in order
            every[start + 1 : end] = sorted(
                every[start + 1 : end], key=lambda each: unicodedata.combining(each[0])
            )
        start = end
    return every

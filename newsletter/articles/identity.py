"""Which piece is it? An article once, whatever its feed does to addresses, GUIDs and order (promise 9).

The rules, strongest first. Every known article answers for at most one piece of a reading:

1. the same GUID and the same address;
2. the same words at the same address, or under the same GUID, whatever became of the other;
3. the same address (`addresses.same_place`), whatever became of the GUID: an edited article. Not where several pieces
   share the address, as in lists of links, or where it is a site's front page; nor where title, date and GUID all
   differ, as on a page that shows another piece every day;
4. the same GUID, where one side has no address, or where title and date are the same: an article that moved and was
   edited. A GUID that comes back with another address and other words is another article;
5. the same words, where they are many or the date is the same: a site that moved, or the piece in a second source;
6. without address and GUID, the same title and date: an edited article.

Whatever is left is new. Addresses and words are compared over all sources, GUIDs within one.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ENOUGH_WORDS = 200  # characters: fewer may well be the same by chance ("Closed on Monday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What identity looks at. `place`, `guid`, `title` and `words` are keys made by `key_of`; empty means none."""

    place: str
    guid: str
    title: str
    words: str
    published_at: datetime | None
    front_page: bool = False
    many_words: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An article that is stored already, as identity sees it."""

    article_id: int
    place: str
    guid: str
    title: str
    words: str
    published_at: datetime | None


def key_of(*parts: object) -> str:
    """32 hexadecimal digits that stand for these parts."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def without_repeats(pieces: Sequence[Piece]) -> list[int]:
    """The positions of the pieces of one document, leaving out those that say an earlier one again."""
    kept: list[int] = []
    seen: set[Hashable] = set()
    for position, piece in enumerate(pieces):
        marks = _marks_of_repetition(piece)
        if seen.isdisjoint(marks):
            kept.append(position)
        seen.update(marks)
    return kept


def recognise(pieces: Sequence[Piece], known: Iterable[Known]) -> list[Known | None]:
    """For each piece of one document, without repeats, the known article that it is, or None where it is new."""
    known = list(known)
    ambiguous = _shared(pieces, lambda it: it.place) | _shared(known, lambda it: it.place)
    ambiguous |= {piece.place for piece in pieces if piece.front_page}
    ambiguous |= _shared(pieces, lambda it: it.guid) | _shared(known, lambda it: it.guid)
    found: list[Known | None] = [None] * len(pieces)
    free = {article.article_id for article in known}
    for key, agrees in _RULES:
        _apply(key, agrees, pieces, known, found=found, free=free, ambiguous=ambiguous)
    return found


def new_identity(piece: Piece, *, shared: bool, taken: set[str]) -> str:
    """The identity of a new article: its address, else its GUID, else its words; all of them where those are taken.

    Two readings of the same piece at the same time arrive at the same value, so that the database refuses the second.
    `shared` says that other pieces of the document have the same address or GUID.
    """
    strong = ""
    if not shared:
        strong = (piece.place if not piece.front_page else "") or piece.guid
    candidates = [key_of("one", strong)] if strong else []
    candidates.append(key_of("words", piece.words, piece.published_at if not piece.many_words else ""))
    everything = key_of("all", piece.place, piece.guid, piece.words, piece.title, piece.published_at)
    candidates.append(everything)
    for candidate in candidates:
        if candidate not in taken:
            return candidate
    repetition = 2
    while (candidate := key_of(everything, repetition)) in taken:
        repetition += 1
    return candidate


def shares_its_keys(pieces: Sequence[Piece]) -> list[bool]:
    """For each piece of one document, whether another one has the same address or GUID."""
    shared = _shared(pieces, lambda it: it.place) | _shared(pieces, lambda it: it.guid)
    return [piece.place in shared or piece.guid in shared for piece in pieces]


Key = Callable[[Any], str]
Agreement = Callable[[Piece, Known, set[str]], bool]


def _apply(
    key: Key,
    agrees: Agreement,
    pieces: Sequence[Piece],
    known: Sequence[Known],
    *,
    found: list[Known | None],
    free: set[int],
    ambiguous: set[str],
) -> None:
    waiting = [
        position for position, article in enumerate(found) if article is None and key(pieces[position])
    ]
    if not waiting or not free:
        return
    candidates: dict[str, list[Known]] = defaultdict(list)
    for article in known:
        if article.article_id in free and (mark := key(article)):
            candidates[mark].append(article)
    for position in waiting:
        piece = pieces[position]
        for article in candidates.get(key(piece), ()):
            if article.article_id in free and agrees(piece, article, ambiguous):
                found[position] = article
                free.discard(article.article_id)
                break


def _both(one: str, other: str) -> str:
    return f"{one} {other}" if one and other else ""


def _same_entry(piece: Piece, article: Known, ambiguous: set[str]) -> bool:
    if piece.guid in ambiguous and piece.place in ambiguous:
        return piece.title == article.title or piece.words == article.words
    return True


def _same_page(piece: Piece, article: Known, ambiguous: set[str]) -> bool:
    if piece.place in ambiguous:
        return False
    another_guid = bool(piece.guid and article.guid) and piece.guid != article.guid
    another_date = piece.published_at is not None and article.published_at not in {None, piece.published_at}
    return not (another_guid and another_date and piece.title != article.title)


def _same_guid(piece: Piece, article: Known, ambiguous: set[str]) -> bool:
    if piece.guid in ambiguous:
        return False
    return not (piece.place and article.place) or _same_headline(piece, article, ambiguous)


def _same_headline(piece: Piece, article: Known, _ambiguous: set[str]) -> bool:
    return (
        piece.title == article.title
        and piece.published_at is not None
        and (piece.published_at == article.published_at)
    )


def _same_words(piece: Piece, article: Known, _ambiguous: set[str]) -> bool:
    return piece.many_words or piece.published_at == article.published_at


def _always(_piece: Piece, _article: Known, _ambiguous: set[str]) -> bool:
    return True


_RULES: tuple[tuple[Key, Agreement], ...] = (
    (lambda it: _both(it.guid, it.place), _same_entry),
    (lambda it: _both(it.place, it.words), _always),
    (lambda it: _both(it.guid, it.words), _always),
    (lambda it: it.place, _same_page),
    (lambda it: it.guid, _same_guid),
    (lambda it: it.words, _same_words),
    (lambda it: it.title if not it.place and not it.guid else "", _same_headline),
)


def _marks_of_repetition(piece: Piece) -> list[Hashable]:
    marks: list[Hashable] = []
    if piece.place:
        marks.append(("place and words", piece.place, piece.words))
    if piece.guid:
        marks.append(("guid and words", piece.guid, piece.words))
    if piece.place and piece.guid:
        marks.append(("place, guid and title", piece.place, piece.guid, piece.title))
    if not piece.place and not piece.guid:
        marks.append(("words and date", piece.words, piece.published_at))
    return marks


def _shared(things: Iterable[Piece] | Iterable[Known], key: Key) -> set[str]:
    return {mark for mark, count in Counter(map(key, things)).items() if mark and count > 1}

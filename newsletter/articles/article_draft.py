"""A cleaned entry on its way to becoming an article: its fields, and the keys that identity compares."""

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from newsletter.articles.clean_entry import CleanEntry, clean
from newsletter.articles.cpu_budget import cpu_budget, look_at_budget
from newsletter.articles.entry import Amendment, Citation, Reading
from newsletter.articles.identity import ENOUGH_WORDS, Piece, key_of, without_repeats
from newsletter.http.web_addresses import is_front_page, same_place

TAG = re.compile(r"<[^>]*>")
# What a reader of the article sees; the rest of an article's fields is bookkeeping.
VISIBLE_FIELDS = (
    "title",
    "standfirst",
    "body_html",
    "authors",
    "topics",
    "language",
    "image_url",
    "image_alt",
    "image_width",
    "image_height",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """All that is stored of one entry. `fingerprint` differs as soon as anything of it differs."""

    fields: dict[str, Any]
    references: tuple[Citation, ...]
    corrections: tuple[Amendment, ...]
    piece: Piece
    fingerprint: str


def cleaned_entries(reading: Reading, *, language: str = "") -> list[CleanEntry]:
    """The entries of a reading, cleaned; what has neither words nor address is left out. This is what takes time."""
    cleaned: list[CleanEntry] = []
    with cpu_budget(reading.title or "The source"):
        for entry in reading.entries:
            look_at_budget()
            found = clean(entry, source_language=reading.language or language)
            if found.title or found.body_html or found.url:
                cleaned.append(found)
    return cleaned


def drafts_of(entries: Iterable[CleanEntry], *, source_id: int) -> list[Draft]:
    """The drafts of cleaned entries, each once."""
    drafts = [_draft(entry, source_id) for entry in entries]
    return [drafts[position] for position in without_repeats([draft.piece for draft in drafts])]


def place_key(url: str) -> str:
    """The key of an address, the same for all its spellings; empty where there is none."""
    place = same_place(url)
    return key_of(place) if place else ""


def guid_key(guid: str, source_id: int) -> str:
    """The key of a GUID, which counts within its source alone; a GUID that is an address may change its spelling."""
    return key_of(source_id, same_place(guid) or guid) if guid else ""


def squeezed(text: str) -> str:
    """The characters of a text or of HTML that a reader sees, without white space and markup."""
    if "<" in text:
        text = TAG.sub("", text)
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).replace("\u200b", "").replace("\u00ad", "")
    return "".join(text.split())


def _draft(cleaned: CleanEntry, source_id: int) -> Draft:
    fields = {name: getattr(cleaned, name) for name in VISIBLE_FIELDS}
    fields |= {"authors": list(cleaned.authors), "topics": list(cleaned.topics)}
    fields["title"] = cleaned.title or cleaned.url[:500]
    return Draft(
        fields=fields | {"url": cleaned.url, "guid": cleaned.guid, "published_at": cleaned.published_at},
        references=cleaned.references,
        corrections=cleaned.corrections,
        piece=_piece(cleaned, fields["title"], source_id),
        fingerprint=key_of(cleaned),
    )


def _piece(cleaned: CleanEntry, title: str, source_id: int) -> Piece:
    place = same_place(cleaned.url)
    words = f"{squeezed(cleaned.standfirst)}\n{squeezed(cleaned.body_html)}"
    return Piece(
        place=key_of(place) if place else "",
        guid=guid_key(cleaned.guid, source_id),
        title=squeezed(title),
        words=key_of(squeezed(title), words),
        published_at=cleaned.published_at,
        front_page=bool(place) and is_front_page(place),
        many_words=len(words) >= ENOUGH_WORDS,
    )

"""The letter: what an issue becomes before it goes to people. Frozen, with a digest that says when it changed."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from functools import cached_property
from typing import Any, Self

import orjson

from newsletter.errors import Invalid

# Gmail clips an email of about so many bytes of HTML as delivered: 99.5 to 100.2 KB were observed.
GMAIL_CLIPS_AT = 99_500
TAG = re.compile(r"(\*\|[A-Z_]+\|\*)")


@dataclass(frozen=True, kw_only=True)
class Email:
    """Subject, HTML, text and headers of an issue, with merge tags still open (see merge.py).

    `list_id` is the finished value of the List-Id header (RFC 2919), the same for every letter of a list.
    `headers` holds what else is the same for all recipients, so nothing of List-Unsubscribe. `links_to` is the address
    of the installation that the readers' own links lead to, `tracked` names what the provider tracks, such as "opens".
    """

    subject: str
    preheader: str
    html: str
    text: str
    language: str
    sender_name: str
    sender_address: str
    reply_to: str
    list_id: str
    first_name_fallback: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    links_to: str = ""
    tracked: str = ""

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, over the letter's canonical JSON: equal letters have equal digests."""
        return digest_of(self.to_dict())

    @property
    def kilobytes(self) -> int:
        """The size of its HTML, in thousands of bytes."""
        return round(len(self.html.encode()) / 1_000)

    @property
    def is_clipped_by_gmail(self) -> bool:
        """Whether Gmail would cut it off, and hide its end behind a link."""
        return len(self.html.encode()) >= GMAIL_CLIPS_AT

    @cached_property
    def pieces(self) -> tuple[list[str], list[str], list[str], list[str]]:
        """Subject, preheader, HTML and text, each cut at its merge tags: literal, tag, literal, …"""
        return (
            TAG.split(self.subject),
            TAG.split(self.preheader),
            TAG.split(self.html),
            TAG.split(self.text),
        )

    def to_dict(self) -> dict[str, Any]:
        """The letter as JSON can hold it; `from_dict` makes an equal letter of it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """The letter that `to_dict` gave. One that an older version stored has the defaults of newer fields.

        Raises Invalid when a field without a default is missing, or a field is unknown or of a wrong type.
        """
        known = {each.name: dict if each.name == "headers" else str for each in fields(cls)}
        needed = {each.name for each in fields(cls) if each.default is each.default_factory is MISSING}
        wrong = sorted(
            needed - document.keys()
            | document.keys() - known.keys()
            | {
                name
                for name, kind in known.items()
                if name in document and not isinstance(document[name], kind)
            }
        )
        if wrong:
            raise Invalid(
                f"This is not a stored letter: {', '.join(wrong)} is missing, unknown or of a wrong type."
            )
        return cls(**document)


def digest_of(document: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, over the canonical JSON of a letter as it is stored, whichever version stored it."""
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()

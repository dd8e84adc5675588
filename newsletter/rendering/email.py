"""The email of an issue, before it is personalised. It is frozen, and its digest shows whether it has changed."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from functools import cached_property
from typing import Any, Self

import orjson

from newsletter.errors import Invalid

TAG = re.compile(r"(\*\|[A-Z_]+\|\*)")


@dataclass(frozen=True, kw_only=True)
class Email:
    """Subject, HTML, text and headers of an issue, with merge tags still open (see merge_tags.py).

    `list_id` is the final value of the List-Id header (RFC 2919), the same for every email of a list. `headers` are
    other headers that are the same for all recipients, so not List-Unsubscribe. `links_to` is the URL of the
    installation to which personal links lead. `sender_name_ascii` is the sender's name for providers that take no
    other. `page` is the main part of the issue's web page, as HTML. `tracked` names what the provider tracks, such as
    "opens".
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
    sender_name_ascii: str = ""
    page: str = ""
    tracked: str = ""

    @cached_property
    def digest(self) -> str:
        """The SHA-256 digest, in hexadecimal, of the email's canonical JSON. Equal emails have equal digests."""
        return digest_of(self.to_dict())

    @cached_property
    def pieces(self) -> tuple[list[str], list[str], list[str], list[str]]:
        """Subject, preheader, HTML and text, each split at its merge tags: literal, tag, literal, …"""
        return (
            TAG.split(self.subject),
            TAG.split(self.preheader),
            TAG.split(self.html),
            TAG.split(self.text),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the email as a JSON object. `from_dict` turns it back into an equal email."""
        return asdict(self)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Return the email for a JSON object of `to_dict`. Fields newer than the stored version have their defaults.

        Raises Invalid if a field without a default is missing, or a field is unknown or of the wrong type.
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
                f"We could not read this stored email: {', '.join(wrong)} is missing, unknown or of the wrong type."
            )
        return cls(**document)


def digest_of(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 digest, in hexadecimal, of an email's canonical JSON as stored, by any version."""
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()

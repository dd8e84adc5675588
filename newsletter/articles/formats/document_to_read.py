"""A document as the readers of formats see it: its text, where it was found, and its value where it is JSON."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from newsletter.articles.formats.json_values import parsed_json
from newsletter.articles.incoming_article import Reading

_HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|article|main|div|p|title|meta|h1|br|b)(?=[\s>/])", re.IGNORECASE
)
_PROLOGUE = re.compile(
    r"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE(?:[^<>\[\"']|\"[^\"]*\"|'[^']*')*(?:\[.*?\]\s*)?>",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class TextDocument:
    """The text of a document, without white space before it and never empty, and its address after redirects.

    `headers` are those it was sent with, their names in lower case.
    """

    text: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)

    @cached_property
    def json(self) -> Any:
        """The value of a JSON object or array; None for any other document. Raises Invalid where JSON is damaged."""
        return parsed_json(self.text) if self.text[0] in "{[" else None


class Format(Protocol):
    """What a file in this folder has: a module is a format."""

    KIND: str
    """A Source.Kind value."""

    def recognises(self, document: TextDocument) -> bool:
        """Whether a document is of this format, by what it holds. Raises Invalid where it is damaged."""

    def read(self, document: TextDocument) -> Reading:
        """The articles of a document. Raises Invalid, with a sentence that says what to do, where it has none."""


def first_html_tag(text: str) -> int | None:
    """Where the first tag of a web page stands; None where there is none."""
    found = _HTML.search(text)
    return found.start() if found else None


def without_prologue(text: str) -> str:
    """The document without the declarations, comments and DOCTYPE before its first element."""
    start = 0
    while found := _PROLOGUE.match(text, start):
        start = found.end()
    return text[start:]

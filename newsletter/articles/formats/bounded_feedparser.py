"""feedparser with bounds: the work that a document asks for grows with its length and no faster.

feedparser 6 does work that grows with the square of what it meets where it splits names from mail addresses, compares
topics, and looks up namespaces. Its two parsers are driven here as feedparser.api.parse does, without its guesses at
encodings, its sanitising and its resolving of links, which are done elsewhere and once.
"""

import io
import time
import xml.sax
from dataclasses import dataclass
from typing import Any
from xml.sax.handler import feature_external_ges, feature_namespaces
from xml.sax.xmlreader import InputSource

from feedparser.api import LooseFeedParser, StrictFeedParser

from newsletter.errors import Invalid

LONGEST_AUTHOR = 500
MOST_TOPICS = 100
MOST_NAMESPACES = 200
MOST_SECONDS = 60

_ELEMENTS_BETWEEN_LOOKS = 5_000


@dataclass(frozen=True, slots=True)
class Parsed:
    """What feedparser found: its dictionaries as they are, and whether the XML was well-formed."""

    feed: dict[str, Any]
    entries: list[Any]
    version: str
    well_formed: bool


class _Bounded:
    """What both of feedparser's parsers may not do without end."""

    resolve_relative_uris = False
    sanitize_html = False
    _elements = 0
    _deadline = 0.0

    def unknown_starttag(self: Any, tag: str, attrs: Any) -> Any:
        self._elements += 1
        if self._elements % _ELEMENTS_BETWEEN_LOOKS == 0 and time.monotonic() > self._deadline:
            raise Invalid(
                f"The feed took longer than {MOST_SECONDS} seconds to read. Ask its publisher for a shorter one."
            )
        return super().unknown_starttag(tag, attrs)  # type: ignore[misc]  # feedparser's mixin has it

    def track_namespace(self: Any, prefix: Any, uri: str) -> None:
        if len(self.namespaces_in_use) < MOST_NAMESPACES:
            super().track_namespace(prefix, uri)  # type: ignore[misc]  # feedparser's mixin has it

    def _sync_author_detail(self: Any, key: str = "author") -> None:
        context = self._get_context()
        written = dict.get(context, key)
        if written and len(written) > LONGEST_AUTHOR:
            context[key] = written[:LONGEST_AUTHOR]
        super()._sync_author_detail(key)  # type: ignore[misc]  # feedparser's mixin has it

    def _add_tag(self: Any, term: Any, scheme: Any, label: Any) -> None:
        if len(dict.get(self._get_context(), "tags") or ()) < MOST_TOPICS:
            super()._add_tag(term, scheme, label)  # type: ignore[misc]  # feedparser's mixin has it
        else:
            dict.setdefault(self._get_context(), "tags", [])


class _Strict(_Bounded, StrictFeedParser):  # type: ignore[misc]  # feedparser has no types
    pass


class _Loose(_Bounded, LooseFeedParser):  # type: ignore[misc]  # feedparser has no types
    pass


def parse(text: str) -> Parsed:
    """The document read strictly, and where it is broken, loosely. Raises Invalid where it asks for too much time."""
    deadline = time.monotonic() + MOST_SECONDS
    parser: Any = _Strict("", None, "utf-8")
    parser._deadline = deadline  # noqa: SLF001 - our own attribute on feedparser's object
    well_formed = True
    try:
        _expat(parser).parse(_source(text))
    except xml.sax.SAXException:
        well_formed = False
        parser = _Loose("", None, "utf-8", {})
        parser._deadline = deadline  # noqa: SLF001 - as above
        parser.feed(text)
    return Parsed(parser.feeddata, parser.entries, str(parser.version), well_formed)


def _expat(handler: Any) -> Any:
    expat = xml.sax.make_parser()  # noqa: S317 - documents come here without a DOCTYPE, and externals are off
    expat.setFeature(feature_namespaces, True)
    expat.setFeature(feature_external_ges, False)
    expat.setContentHandler(handler)
    expat.setErrorHandler(handler)
    return expat


def _source(text: str) -> InputSource:
    source = InputSource()
    source.setByteStream(io.BytesIO(text.encode("utf-8")))
    source.setEncoding("utf-8")
    return source

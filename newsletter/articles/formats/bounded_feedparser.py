"""feedparser with bounds: the work that a document asks for grows with its length and no faster.

feedparser 6 does work that grows with the square of what it meets where it splits names from mail addresses, compares
topics, and looks up namespaces. Its two parsers are driven here as feedparser.api.parse does, without its guesses at
encodings, its sanitising and its resolving of links, which are done elsewhere and once.
"""

import io
import re
import xml.sax
from dataclasses import dataclass
from itertools import islice
from typing import Any
from xml.sax.handler import feature_external_ges, feature_namespaces
from xml.sax.xmlreader import AttributesNSImpl, InputSource

from feedparser.api import LooseFeedParser, StrictFeedParser

from newsletter.articles.cpu_budget import look_at_budget
from newsletter.errors import Invalid

LONGEST_AUTHOR = 500
MAX_TOPICS = 100
MAX_NAMESPACES = 200
MAX_IDENTIFIERS = 10
MAX_ATTRIBUTES = 200
LONGEST_BASE = 2_000
# In a feed that is not well-formed: the loose parser calls Python for each.
MAX_AMPERSANDS = 100_000
CHARACTERS_OF_AN_AMPERSAND = 20

_EVENTS_BETWEEN_LOOKS = 1_000
_MAIL = re.compile(r"(?:mailto:)?[^\s()<>@]{1,100}@[^\s()<>@]{1,200}", re.IGNORECASE)


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
    _events = 0
    _media: Any = None

    def unknown_starttag(self: Any, tag: str, attrs: Any) -> Any:
        self._look()
        super().unknown_starttag(tag, attrs)  # type: ignore[misc]  # feedparser's mixin has it
        if len(self.baseuri) > LONGEST_BASE:
            # Each xml:base is joined to the one around it, so that nesting makes them longer and longer.
            self.baseuri = self.basestack[-1] = ""

    def handle_data(self: Any, text: str, escape: int = 1) -> Any:
        self._look()
        return super().handle_data(text, escape)  # type: ignore[misc]  # feedparser's mixin has it

    def _look(self) -> None:
        self._events += 1
        if self._events % _EVENTS_BETWEEN_LOOKS == 0:
            look_at_budget()

    def track_namespace(self: Any, prefix: Any, uri: str) -> None:
        if len(self.namespaces_in_use) < MAX_NAMESPACES:
            super().track_namespace(prefix, uri)  # type: ignore[misc]  # feedparser's mixin has it

    def _sync_author_detail(self: Any, key: str = "author") -> None:
        context = self._get_context()
        written = dict.get(context, key)
        if written:
            written = written[:LONGEST_AUTHOR]
            # feedparser takes the end of an address such as jane@charity.foundation for the beginning of a name.
            context[key] = _MAIL.sub("", written).strip(" ()<>,") or written if "@" in written else written
        super()._sync_author_detail(key)  # type: ignore[misc]  # feedparser's mixin has it

    def _end_image(self: Any) -> None:
        """Keep the address that some feeds write into an entry's `<image>` without an element around it."""
        name, _expected, pieces = self.elementstack[-1] if self.elementstack else ("", 0, [])
        written = "".join(pieces).strip() if name == "image" else ""
        super()._end_image()  # type: ignore[misc]  # feedparser's mixin has it
        # Others write an element of it, as the image of a whole feed has it.
        written = written or str(dict.get(self._get_context(), "href") or "").strip()
        if written and " " not in written:
            dict.setdefault(self._get_context(), "image_address", written)

    def _start_media_content(self: Any, attributes: Any) -> None:
        super()._start_media_content(attributes)  # type: ignore[misc]  # feedparser's mixin has it
        self._media = attributes

    def _end_media_content(self) -> None:
        self._media = None

    def _start_media_copyright(self: Any, _attributes: Any) -> None:
        """Keep the words even if the element has an address: feedparser then keeps only that."""
        self.push("media_copyright" if self._media is None else "copyright_of_media", 1)

    def _end_media_copyright(self: Any) -> None:
        self.pop("media_copyright" if self._media is None else "copyright_of_media")

    def _start_media_description(self: Any, attributes: Any) -> None:
        """Keep what describes a picture with the picture: feedparser takes it for the text of the entry."""
        if self._media is None:
            attributes.setdefault("type", "plain")  # https://www.rssboard.org/media-rss#media-description
            super()._start_media_description(attributes)  # type: ignore[misc]  # feedparser's mixin has it
        else:
            self.push("media_alt", 1)

    def _end_media_description(self: Any) -> None:
        if self._media is None:
            super()._end_media_description()  # type: ignore[misc]  # feedparser's mixin has it
        else:
            self._media["alt"] = self.pop("media_alt") or ""

    def _start_dc_identifier(self: Any, _attributes: Any) -> None:
        self.push("dc_identifier", 1)

    def _end_dc_identifier(self: Any) -> None:
        """Keep each of several identifiers, of which feedparser keeps the last."""
        known = self._get_context().setdefault("identifiers", [])
        written = self.pop("dc_identifier")
        if written and len(known) < MAX_IDENTIFIERS:
            known.append(written.strip())

    def _end_guid(self: Any) -> None:
        """Keep the address that a GUID is, since feedparser forgets it beside an empty `<link/>`."""
        super()._end_guid()  # type: ignore[misc]  # feedparser's mixin has it
        if self.guidislink:
            context = self._get_context()
            dict.setdefault(context, "permanent_address", dict.get(context, "id"))

    def _start_itunes_author(self: Any, _attributes: Any) -> None:
        # The podcast's by-line, which feedparser would add to the authors.
        self.push("itunes_author", 1)

    def _end_itunes_author(self: Any) -> None:
        self.pop("itunes_author")

    def _add_tag(self: Any, term: Any, scheme: Any, label: Any) -> None:
        if len(dict.get(self._get_context(), "tags") or ()) < MAX_TOPICS:
            super()._add_tag(term, scheme, label)  # type: ignore[misc]  # feedparser's mixin has it
        else:
            dict.setdefault(self._get_context(), "tags", [])


class _Strict(_Bounded, StrictFeedParser):  # type: ignore[misc]  # feedparser has no types
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._pieces: list[str] = []

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:  # noqa: N802 - SAX names it so
        if len(attrs) > MAX_ATTRIBUTES:
            first = list(islice(attrs.getNames(), MAX_ATTRIBUTES))
            attrs = AttributesNSImpl(
                {each: attrs.getValue(each) for each in first},
                {each: attrs.getQNameByName(each) for each in first},
            )
        self._hand_over()
        super().startElementNS(name, qname, attrs)

    def endElementNS(self, name: Any, qname: Any) -> None:  # noqa: N802 - SAX names it so
        self._hand_over()
        super().endElementNS(name, qname)

    def characters(self, text: str) -> None:
        # Expat gives each line end and each reference alone, and feedparser does much for every piece.
        self._pieces.append(text)

    def _hand_over(self) -> None:
        if self._pieces:
            self.handle_data("".join(self._pieces))
            self._pieces.clear()


class _Loose(_Bounded, LooseFeedParser):  # type: ignore[misc]  # feedparser has no types
    pass


def parse(text: str) -> Parsed:
    """The document read strictly, and where it is broken, loosely, within the CPU budget of the reading."""
    parser: Any = _Strict("", None, "utf-8")
    well_formed = True
    try:
        _expat(parser).parse(_source(text))
    except xml.sax.SAXException:
        well_formed = False
        if text.count("&") > MAX_AMPERSANDS + len(text) // CHARACTERS_OF_AN_AMPERSAND:
            raise Invalid(
                "The feed is not well-formed and has too many ampersands (&). Ask its publisher to correct it."
            ) from None
        parser = _Loose("", None, "utf-8", {})
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

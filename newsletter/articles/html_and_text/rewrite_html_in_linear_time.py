"""Long HTML from outside, rewritten so that any parser reads it in time that grows with its length and no faster.

HTML parsers do work that grows with the square of the attributes of one element, of the depth of nesting, and of
ampersands that begin no character reference (measured with nh3 0.3 and lxml 6). So long markup is read here once, by
the tokens of the HTML standard (https://html.spec.whatwg.org/multipage/parsing.html#tokenization), and written again
with few attributes, every element closed where it was opened, and every ampersand escaped. That makes nothing safe:
what comes out is for the cleaner.
"""

import re
from collections.abc import Collection, Mapping
from html.entities import html5

from newsletter.articles.html_and_text.html_to_text import markup_as_words

LONGEST = 500_000
# Up to this length, whatever is in it costs a parser a few milliseconds.
LONGEST_AS_IT_IS = 10_000
MAX_TAGS = 60_000
MAX_ATTRIBUTES = 50
DEEPEST = 100

_TOKEN = re.compile(
    r"""<!--(?:-?>|.*?(?:--!?>|\Z))
    | <(?:[!?]|/(?![A-Za-z]))[^>]*+(?:>|\Z)
    | <(?P<end>/?)(?P<name>[A-Za-z][^\s/>]*+)
      (?P<attributes>(?:[\s/]*+[^\s/>][^\s/>=]*+
        (?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s"'>][^\s>]*+)?+)?+)*+)
      [\s/]*+(?P<whole>>|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_ATTRIBUTE = re.compile(
    r"""[\s/]*+([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)(?:"|\Z)|'([^']*+)(?:'|\Z)|([^\s"'>][^\s>]*+))?+)?+"""
)
_VOID_NAMES = "area base br col embed hr img input link meta param source track wbr"
_VOID = frozenset(_VOID_NAMES.split())
# Their content is not markup, up to their own end tag.
_RAW = frozenset(["script", "style", "iframe", "noembed", "noframes", "textarea", "title", "xmp"])
_NAME = re.compile(r"[a-z][a-z0-9:_-]{0,40}\Z")
_ATTRIBUTE_NAME = re.compile(r"[a-z_:][a-z0-9_:.-]{0,80}\Z")
_RAW_ENDS = {name: re.compile(rf"</{name}(?=[\s/>]|\Z)", re.IGNORECASE) for name in _RAW}
# The next of them ends the one before it, if nothing stands between.
_SELF_ENDING = frozenset(["p", "li", "dt", "dd", "tr", "td", "th"])
_PARAGRAPH_ENDING_NAMES = """
    address article aside blockquote details div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr
    main menu nav ol p pre section summary table ul
"""
_PARAGRAPH_ENDING = frozenset(_PARAGRAPH_ENDING_NAMES.split())

_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_OLD_NAMES = "|".join(sorted((name for name in html5 if not name.endswith(";")), reverse=True))
_WITHOUT_SEMICOLON = re.compile(rf"&({_OLD_NAMES})(?![A-Za-z0-9;=])")
_BARE = re.compile(r"&(?!#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)")


def bounded(markup: str, tags: Collection[str], attributes: Mapping[str, Collection[str]]) -> str:
    """HTML that a parser reads in time that grows with its length and no faster, of half a million characters at most.

    Short markup stays as it is, but for its ampersands. Long markup with too many tags becomes its words.
    """
    markup = ampersands_escaped(_cut(markup))
    if len(markup) <= LONGEST_AS_IT_IS:
        return markup
    nested = well_nested(markup, tags, attributes)
    return _cut(nested if nested is not None else markup_as_words(markup))


def well_nested(
    markup: str,
    tags: Collection[str] | None = None,
    attributes: Mapping[str, Collection[str]] | None = None,
) -> str | None:
    """The markup with these tags and attributes alone; None where it holds more tags than any article has.

    What other tags hold stays, without them. Elements nested deeper than 100 are dissolved in the same way. Scripts
    and styles go, all but JSON-LD, which says what a page is about (https://www.w3.org/TR/json-ld11/#embedding).
    Without `tags` and `attributes` all are kept, of one element the first 50 attributes.
    """
    writing = _Writing(tags, attributes)
    at = count = 0
    while found := _TOKEN.search(markup, at):
        count += 1
        if count > MAX_TAGS:
            return None
        writing.text(markup[at : found.start()])
        at = found.end()
        if not found["name"] or not found["whole"]:
            continue
        name = found["name"].lower()
        if found["end"]:
            writing.end(name)
        elif name in _RAW:
            closing = _RAW_ENDS[name].search(markup, at)
            end = closing.start() if closing else len(markup)
            writing.raw(name, found["attributes"], markup[at:end])
            at = end
        else:
            writing.start(name, found["attributes"])
    writing.text(markup[at:])
    return writing.finish()


def ampersands_escaped(markup: str) -> str:
    """The markup in which each `&` begins a character reference of HTML that ends with a semicolon."""
    if "&" not in markup:
        return markup
    markup = _WITHOUT_SEMICOLON.sub(r"&\1;", markup)
    return _BARE.sub("&amp;", _NAMED.sub(_known_or_escaped, markup))


def _cut(markup: str) -> str:
    """The first half million characters, up to where a tag or a character reference begins."""
    if len(markup) <= LONGEST:
        return markup
    cut = max(markup.rfind("<", LONGEST // 2, LONGEST), markup.rfind("&", LONGEST - 40, LONGEST))
    return markup[: cut if cut > 0 else LONGEST]


def _known_or_escaped(found: re.Match[str]) -> str:
    return found[0] if f"{found[1]};" in html5 else f"&amp;{found[1]};"


class _Writing:
    """Markup as it is written, and the elements that are open in it."""

    def __init__(
        self, tags: Collection[str] | None, attributes: Mapping[str, Collection[str]] | None
    ) -> None:
        self._tags = tags
        self._kept = attributes
        self._parts: list[str] = []
        self._open: list[str] = []

    def text(self, text: str) -> None:
        self._parts.append(text.replace("<", "&lt;") if "<" in text else text)

    def start(self, name: str, written: str) -> None:
        if not _NAME.match(name) if self._tags is None else name not in self._tags:
            return
        last = self._open[-1] if self._open else ""
        if (last == name and name in _SELF_ENDING) or (last == "p" and name in _PARAGRAPH_ENDING):
            self.end(last)
        if name not in _VOID:
            if len(self._open) >= DEEPEST:
                return
            self._open.append(name)
        self._parts.append(f"<{name}{self._attributes(name, written) if written else ''}>")

    def end(self, name: str) -> None:
        if name not in self._open:
            return
        while True:
            last = self._open.pop()
            self._parts.append(f"</{last}>")
            if last == name:
                return

    def raw(self, name: str, written: str, inside: str) -> None:
        """An element that holds no markup; only a page's title and its JSON-LD are of use to anybody."""
        if self._tags is None and name == "title":
            self._parts.append(f"<title>{inside.replace('<', '&lt;')}</title>")
        elif self._tags is None and name == "script" and "ld+json" in written.lower():
            inside = inside.replace("<", "\\u003c")
            self._parts.append(f'<script type="application/ld+json">{inside}</script>')

    def finish(self) -> str:
        self._parts.extend(f"</{name}>" for name in reversed(self._open))
        return "".join(self._parts)

    def _attributes(self, tag: str, written: str) -> str:
        found: dict[str, str] = {}
        for attribute in _ATTRIBUTE.finditer(written):
            name = attribute[1].lower()
            if name not in found and self._is_kept(tag, name):
                found[name] = attribute[2] or attribute[3] or attribute[4] or ""
                if len(found) == MAX_ATTRIBUTES:
                    break
        return "".join(f' {name}="{_quoted(value)}"' for name, value in found.items())

    def _is_kept(self, tag: str, name: str) -> bool:
        if self._kept is None:
            return _ATTRIBUTE_NAME.match(name) is not None
        return name in self._kept["*"] or name in self._kept.get(tag, ())


def _quoted(value: str) -> str:
    return value.replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")

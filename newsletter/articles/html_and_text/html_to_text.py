"""Turn HTML into plain words, and plain words into HTML."""

import html
import re

from newsletter.articles.html_and_text.formulas import formulas_as_text
from subscribers.clean_text import folded, printable
from subscribers.phrases import shortened

# A standfirst is made of the beginning of a text, so no more of it is turned into words.
_READ_FROM_BODY = 3_000
_READ_FROM_TITLE = 5_000

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_HIDDEN = re.compile(
    r"<(script|style|template|svg|math|noscript|iframe)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(r"<(?:/?[A-Za-z]|!--|!\[CDATA\[|!DOCTYPE|\?xml)(?:[^<>\"]|\"[^\"<>]*\")*>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]{0,40})(?=[\s/>])(?:[^<>\"]|\"[^\"<>]*\")*>")
# Markup though they have no other half, and those that are markup if they have attributes or only close something.
_NEVER_WORDS = frozenset(["br", "hr", "p", "wbr"])
_FORMATTING = frozenset(["b", "em", "font", "i", "img", "small", "span", "strong", "sub", "sup", "u"])
_EMBEDDING = frozenset(
    [
        *("applet", "audio", "base", "embed", "form", "frame", "iframe", "input", "link", "meta"),
        *("object", "param", "script", "source", "style", "video"),
    ]
)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|ruby|s|samp|small|span|strong|sub|sup|u|var|wbr)"
    r"(?:\s[^<>]*)?>",
    re.IGNORECASE,
)
_NOT_PROSE = re.compile(r"<(h[1-6]|figure|figcaption|table|pre|dl)\b.*?</\1>", re.DOTALL)
# The footnotes below a text.
_NOTES = re.compile(r"<hr>\s*(?:<div>\s*)?<ol>.*\Z", re.DOTALL)
_LINKS = re.compile(r"<a(?:\s[^<>]*)?>.*?</a>", re.DOTALL)
_CREDIT = re.compile(
    r"\W{0,2}(?:Photo(?:graph)?s?|Images?|Pictures?|Credits?|Illustration|Video|Fotos?|Bild(?:er)?|Crédits?|Imag[eo]ns?"
    r"|Imagen(?:es)?|Afbeelding|Beeld)(?:\s(?:credits?|by|courtesy|courtesy of|par|von|de|di))?\s?[:©]",
    re.IGNORECASE,
)
_SIGN = r"(?:\d{1,3}(?:[\s,\u2013-]{1,2}\d{1,3}){0,5}|[a-z]|[*†‡§¶↩\ufe0e]{1,3}|(?:note|n\.)\s?\d{1,3})"
_MARK = re.compile(
    # Linked or in brackets, since a bare raised number may be an exponent.
    rf"<sup>\s*(?:[\[(]\s*)?<a(?:\s[^<>]*)?>\s*[\[(]?\s*{_SIGN}\s*[\])]?\s*</a>(?:\s*,?\s*<a(?:\s[^<>]*)?>[^<]{{1,6}}</a>)*"
    rf"(?:\s*[\])])?\s*</sup>"
    rf"|<sup>\s*(?:[\[(]\s*{_SIGN}\s*[\])]|[*†‡§¶]{{1,3}})\s*</sup>"
    rf"|<a(?:\s[^<>]*)?>\s*(?:<sup>\s*[\[(]?\s*{_SIGN}\s*[\])]?\s*</sup>|[\[(]\s*{_SIGN}\s*[\])])\s*</a>"
    rf"|<a>\s*{_SIGN}\s*</a>",
    re.IGNORECASE,
)
_BLOCK = re.compile(
    r"</?(?:p|div|li|ul|ol|blockquote|h[1-6]|figure|figcaption|table|tr|td|th|pre|dl|dt|dd|details|summary|hr)\b[^>]*>"
    r"|(?:<br>\s*){2,}"
)


def plain(markup: str, *, decodings: int = 1, longest: int | None = None) -> str:
    """Return the words of a piece of HTML on one line, shortened to at most `longest` characters.

    `decodings` says how often entities may be decoded.
    """
    text = markup
    for _ in range(decodings):
        if "<" in text:
            text = without_tags(text)
        if "&" not in text or not _ENTITY.search(text):
            break
        text = html.unescape(text)
    text = folded(text)
    return text if longest is None else shortened(text, longest)


def plain_title(markup: str, *, longest: int | None = None) -> str:
    """Return the words of a title, whose entities may be written twice; what only looks like a tag stays.

    A tag is markup if its other half is there too: "The <marquee> tag is gone" is words.
    """
    if "<" not in markup and "&" not in markup:
        return folded(markup) if longest is None else shortened(folded(markup), longest)
    text = formulas_as_text(beginning_of(markup, _READ_FROM_TITLE))
    for _ in range(2):
        text = _without_whole_tags(text)
        if "&" not in text or not _ENTITY.search(text):
            break
        text = html.unescape(text)
    text = folded(_without_whole_tags(formulas_as_text(text)))
    return text if longest is None else shortened(text, longest)


def _without_whole_tags(text: str) -> str:
    if "<" not in text:
        return text
    found = [(tag[2].lower(), bool(tag[1])) for tag in _ANY_TAG.finditer(text)]
    opened = {name for name, closes in found if not closes}
    whole = (opened & {name for name, closes in found if closes}) | _NEVER_WORDS
    if whole & {"script", "style"} & opened:
        text = _HIDDEN.sub(" ", text)
    text = re.sub(r"<!--.*?-->|<!\[CDATA\[|\]\]>", " ", text, flags=re.DOTALL)

    def replaced(tag: re.Match[str]) -> str:
        name = tag[2].lower()
        is_markup = (name in _FORMATTING and (tag[1] or "=" in tag[0])) or (
            name in _EMBEDDING and "=" in tag[0]
        )
        if name not in whole and not is_markup:
            return tag[0]
        return "" if _INLINE.fullmatch(tag[0]) else " "

    return _ANY_TAG.sub(replaced, text)


def without_tags(markup: str) -> str:
    """Return the markup without inline tags, with a space for each other tag, and without scripts and styles."""
    if "</" in markup or "<s" in markup.lower():
        markup = _HIDDEN.sub(" ", markup)
    return _TAG.sub(" ", _INLINE.sub("", markup))


def beginning_of(markup: str, length: int) -> str:
    """Return the first characters of a piece of HTML, cut where a tag begins."""
    if len(markup) <= length:
        return markup
    tag = markup.rfind("<", length // 2, length)
    return markup[: tag if tag > 0 else length]


def text_as_html(text: str) -> str:
    """Return plain text as paragraphs of HTML: an empty line ends a paragraph, and any other line break stays."""
    paragraphs = re.split(r"\n\s*\n", printable(text).replace("\r\n", "\n").replace("\r", "\n").strip())
    kept = (html.escape(paragraph.strip(), quote=False).replace("\n", "<br>") for paragraph in paragraphs)
    return "".join(f"<p>{paragraph}</p>" for paragraph in kept if paragraph)


def markup_as_words(markup: str) -> str:
    """Return the words of a piece of HTML as paragraphs without any other tag."""
    return text_as_html(without_tags(markup).replace("&nbsp;", " "))


def first_paragraphs(body: str) -> list[str]:
    """Return the words of the first paragraphs of a body; headings, tables and captions only if it has nothing else.

    Marks of footnotes, and paragraphs that only hold a link or a credit, are not prose.
    """
    beginning = without_reference_marks(beginning_of(body, _READ_FROM_BODY))
    prose = _NOT_PROSE.sub(" ", _NOTES.sub("", beginning)).strip() or beginning
    paragraphs = ((part, plain(part)) for part in _BLOCK.split(prose))
    return [words for part, words in paragraphs if words and is_prose(part) and not _CREDIT.match(words)]


def is_prose(markup: str) -> bool:
    """Tell whether there are words outside the links of a paragraph."""
    return "<a" not in markup or any(map(str.isalpha, plain(_LINKS.sub(" ", markup))))


def without_reference_marks(markup: str) -> str:
    """Return safe HTML without the numbers and signs that refer to footnotes."""
    return _MARK.sub("", markup) if "<a" in markup or "<sup" in markup else markup

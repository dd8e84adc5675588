"""Keeps names, numbers, dates and addresses apart from text in the other direction (Unicode's UAX #9).

Without that, an English address in a Hebrew email shows its number at the wrong end. Contents hold isolates, U+2068 and
U+2069, around such texts. HTML gets `<bdi>` for them, and plain text keeps them only in lines that need them.
"""

import re
import unicodedata

from markupsafe import Markup, escape

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
LEFT_TO_RIGHT_ISOLATE = "\u2066"
_DIRECTING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ISOLATED = re.compile("\u2068([^\u2068\u2069]*)\u2069")
_ENGLISH = re.compile("\u2066([^\u2066-\u2069]*)\u2069")
_ISOLATES = (LEFT_TO_RIGHT_ISOLATE, FIRST_STRONG_ISOLATE, POP_ISOLATE)
_BDI = re.compile(r"</?bdi\b[^>]*>")
_STRONG = {"ltr": {"L"}, "rtl": {"R", "AL"}}
_TAG_OR_TEXT = re.compile(r"(<!--.*?-->|<[^>]*>)", re.DOTALL)


def isolated(text: str) -> str:
    """Return the text between isolates, and without characters of its own that change the direction."""
    return f"{FIRST_STRONG_ISOLATE}{_DIRECTING.sub('', text)}{POP_ISOLATE}"


def isolated_english(text: str) -> str:
    """Return an English text, which may contain isolated parts, for text in another language."""
    return f"{LEFT_TO_RIGHT_ISOLATE}{text}{POP_ISOLATE}"


def isolated_html(text: str, direction: str) -> Markup:
    """Return the text as HTML, with `<bdi>` for its isolates; around the whole text if it has none.

    In text from left to right, only characters of the other direction need it. English texts say that they are
    English.
    """
    if direction == "ltr" and text.isascii():
        return escape(text)
    escaped = str(escape(text))
    if FIRST_STRONG_ISOLATE not in escaped and LEFT_TO_RIGHT_ISOLATE not in escaped:
        escaped = isolated(escaped)

    def element(found: re.Match[str]) -> str:
        return (
            f"<bdi>{found[1]}</bdi>"
            if direction == "rtl" or "rtl" in strong_directions(found[1])
            else found[1]
        )

    english = r'<bdi lang="en" dir="ltr">\1</bdi>' if direction == "rtl" else r'<span lang="en">\1</span>'
    return Markup(_ENGLISH.sub(english, _ISOLATED.sub(element, escaped)))  # noqa: S704 - escaped above


def isolate_in_html(html: str, word: str) -> str:
    """Put `<bdi>` around a word in the visible text of a page: not in tags, comments or the head."""
    head, body, rest = html.partition("<body")
    if word not in rest:
        return html
    pieces = _TAG_OR_TEXT.split(body + rest)
    pieces[::2] = [piece.replace(word, f"<bdi>{word}</bdi>") for piece in pieces[::2]]
    return head + "".join(pieces)


def in_its_language(text: str, language: str, way: str, around: str) -> Markup:
    """Return a text of one language as HTML that says so. `way` is its direction, and `around` that of the email."""
    element = Markup('<span lang="{}">{}</span>')
    if way != around:
        element = Markup('<bdi lang="{}" dir="{way}">{}</bdi>')
    return element.format(language, _without_signs(text), way=way)


def without_isolates(text: str) -> str:
    """Return plain text or HTML without isolates."""
    return _without_signs(_BDI.sub("", text))


def _without_signs(text: str) -> str:
    # Far faster than `translate` for the whole text of an email.
    for sign in _ISOLATES:
        text = text.replace(sign, "")
    return text


def isolates_where_needed(text: str, direction: str) -> str:
    """Return plain text without the isolates of the lines in which everything has the text's own direction."""
    if FIRST_STRONG_ISOLATE not in text and LEFT_TO_RIGHT_ISOLATE not in text:
        return text
    return "\n".join(
        line if strong_directions(line) - {direction} else _without_signs(line) for line in text.split("\n")
    )


def strong_directions(text: str) -> set[str]:
    """Return the directions, `ltr` and `rtl`, in which parts of the text are written."""
    if text.isascii():
        return {"ltr"} if any(map(str.isalpha, text)) else set()
    found = {unicodedata.bidirectional(sign) for sign in text}
    return {direction for direction, kinds in _STRONG.items() if found & kinds}


def main_direction(text: str) -> str:
    """Return the direction in which most of a text is written, or else of its first word; empty without words.

    The first word alone would say too little: many Arabic texts begin with a Latin name. URLs and email addresses do
    not count.
    """
    counts = {"ltr": 0, "rtl": 0}
    for word in text.split():
        if "://" in word or "@" in word:
            continue
        for sign in word:
            match unicodedata.bidirectional(sign):
                case "L":
                    counts["ltr"] += 1
                case "R" | "AL":
                    counts["rtl"] += 1
    return _first_direction(text) if counts["ltr"] == counts["rtl"] else max(counts, key=counts.__getitem__)


def _first_direction(text: str) -> str:
    kinds = map(unicodedata.bidirectional, text)
    return next((way for kind in kinds for way, strong in _STRONG.items() if kind in strong), "")

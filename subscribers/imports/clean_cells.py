"""One cell at a time: cleaned of what cannot be seen, checked against what its field may hold."""

import re
import unicodedata

import orjson

from subscribers.clean_text import composed, without_unseen_ends
from subscribers.csv_safety import unescape_formula
from subscribers.errors import Invalid
from subscribers.imports.languages_and_zones import code_of_language, language_called, zone_called
from subscribers.language_tags import is_language_tag
from subscribers.personal_details import LONGEST, name_of_person, zones

LONGEST_NAME = LONGEST["first_name"]
LONGEST_ATTRIBUTE = 10_000
MAX_ATTRIBUTES = 1_000
EDGES = frozenset(" '=")
TWO_LETTERS = re.compile(r"[A-Za-z]{2}([-_.,;@].*)?", re.DOTALL)
AFTER_TAG = re.compile(r"(?<=\w)[.@,;].*", re.DOTALL)
TEXT_FORMULA = re.compile(r'="((?:[^"]|"")*)"')


def name(text: str, title: str) -> str:
    """A name on one line, without controls and marks that turn directions. Raises Invalid when it is too long."""
    if _is_clear(text) and "  " not in text and len(text) <= LONGEST_NAME:
        return text
    return within(name_of_person(_plain_text(text)), LONGEST_NAME, title)


def attribute(text: str, title: str) -> str:
    """A free value; it may have several lines. Raises Invalid when it is too long."""
    if _is_clear(text) and len(text) <= LONGEST_ATTRIBUTE:
        return text
    return free_text(_plain_text(text), title)


def free_text(text: str, title: str) -> str:
    """A free value that is not a cell, such as a text in JSON, cleaned in the same way. Raises Invalid if too long."""
    return within(without_unseen_ends(composed(text, keep="\n")), LONGEST_ATTRIBUTE, title)


def locale(text: str, title: str) -> str:
    """A language tag as BCP 47 writes it, such as `en-GB`, also from the name of a language. Raises Invalid."""
    text = typed = text.strip()
    if not TWO_LETTERS.fullmatch(text) and (named := language_called(text)):
        return named
    # As POSIX (`de_CH.UTF-8`) and browsers (`de-CH,de;q=0.9`) write it.
    text = AFTER_TAG.sub("", text.replace("_", "-"), count=1)
    code, *rest = text.split("-")
    text = "-".join((code_of_language(code), *map(_subtag, rest)))
    if text and not is_language_tag(text):
        raise Invalid(f"“{typed[:40]}” is not a language that we know. Enter a language such as en or en-GB")
    return within(text, LONGEST["locale"], title)


def _subtag(text: str) -> str:
    """A subtag as BCP 47 recommends: `CH`, `Latn`, and others in lower case."""
    if not text.isalpha():
        return text.lower()
    return {2: text.upper(), 4: text.title()}.get(len(text), text.lower())


def zone(text: str, _title: str) -> str:
    """The name of an IANA time zone, whatever its capitals, also from its name in Windows. Raises Invalid."""
    text = text.strip()
    found = zones().get(text.lower().replace(" ", "_"), "") or zone_called(text)
    if text and not found:
        raise Invalid(
            f"“{text[:40]}” is not a time zone that we know. Enter a time zone such as Europe/London"
        )
    return found


def attributes_of(text: str, title: str) -> dict[str, object]:
    """Free attributes from a JSON object; what lies deeper gets a name such as `home.city`. Raises Invalid."""
    if not text.strip():
        return {}
    try:
        document = orjson.loads(unescape_formula(text))
    except orjson.JSONDecodeError:
        raise Invalid(f"{title} is not JSON") from None
    if not isinstance(document, dict):
        raise Invalid(f"{title} is not a JSON object")
    found: dict[str, object] = {}
    _flatten(document, "", found, title)
    if len(found) > MAX_ATTRIBUTES:
        raise Invalid(f"{title} has {len(found):,} details. We keep at most {MAX_ATTRIBUTES:,}")
    return found


def halves(whole: str) -> tuple[str, str]:
    """First and last name of “Ada Lovelace” or “Lovelace, Ada”."""
    last, comma, first = whole.partition(",")
    if comma and first.strip():
        return first.strip(), last.strip()
    first, _, last = whole.strip().partition(" ")
    return first, last.strip()


def without_controls(text: str) -> str:
    """A text that is kept as it came, without what a database or a page cannot hold."""
    return without_unseen_ends(composed(unescape_formula(text), keep="\n"))


def bare(text: str) -> str:
    """Without spaces and characters that do not show at both ends; what stands within is left for a check to see."""
    start, end = 0, len(text)
    while start < end and _is_blank(text[start]):
        start += 1
    while end > start and _is_blank(text[end - 1]):
        end -= 1
    return text[start:end]


def _plain_text(text: str) -> str:
    """A cell as its author typed it: `="0049"` is how spreadsheets are told that 0049 is a text."""
    found = TEXT_FORMULA.fullmatch(text.strip())
    return found[1].replace('""', '"') if found else unescape_formula(text)


def within(text: str, limit: int, title: str) -> str:
    """The text, if it is no longer than that."""
    if len(text) > limit:
        raise Invalid(f"{title} has {len(text):,} characters. We keep at most {limit:,}")
    return text


def _is_clear(text: str) -> bool:
    """Whether there is nothing to clean: nearly every cell."""
    if not text.isprintable() or text[:1] in EDGES or text[-1:] == " ":
        return False
    return text.isascii() or unicodedata.is_normalized("NFC", text)


def _is_blank(sign: str) -> bool:
    return sign.isspace() or not sign.isprintable()


def _flatten(document: dict[str, object], path: str, found: dict[str, object], title: str) -> None:
    for key, value in document.items():
        full = within(composed(path + key), LONGEST_NAME, title)
        if isinstance(value, dict):
            _flatten(value, f"{full}.", found, title)
        elif isinstance(value, str):
            found[full] = free_text(value, title)
        elif isinstance(value, list):
            found[full] = free_text(", ".join(str(item) for item in value), title)
        elif value is not None:
            found[full] = value

"""Reads a JSON array one element at a time, so that one which cannot be read costs no other.

Only for text that the usual reader has refused: numbers of any length, nesting of any depth, half surrogates, NaN.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

# Strings whole, also one that never ends, so that each character is looked at once; and what opens, closes and parts.
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{},]', re.DOTALL)
# As deep as an event of SendGrid's ever is, and far from where Python ends.
DEEPEST = 100
LONGEST_NUMBER = 18


class NotReadable(ValueError):  # noqa: N818 - reads as an outcome
    """The post is no JSON; the message says where."""


def elements_of(text: str) -> list[Any]:
    """The elements of an array, or the one value that there is; the text itself of an element that cannot be read.

    Raises NotReadable for what is neither.
    """
    text = text.strip(" \t\r\n")
    if text.startswith("["):
        return [_element(part) for part in _parts(text)]
    try:
        return [_read(text)]
    except json.JSONDecodeError as error:
        raise NotReadable(f"This is not valid JSON: {error.msg} at character {error.pos}.") from None
    except (ValueError, RecursionError) as error:
        raise NotReadable(f"We could not read this as JSON ({type(error).__name__}).") from None


def _parts(text: str) -> Iterator[str]:
    """The elements of the array as they are written. Raises NotReadable for one that ends elsewhere."""
    depth, begins = 0, 1
    for token in TOKEN.finditer(text):
        mark = token[0]
        if mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
            if depth == 0:
                if token.end() != len(text) or mark != "]":
                    raise NotReadable(
                        f"This is not valid JSON: the array ends too early, at character {token.start()}."
                    )
                if last := text[begins : token.start()].strip():
                    yield last
                return
        elif mark == "," and depth == 1:
            yield text[begins : token.start()].strip()
            begins = token.end()
    raise NotReadable("This is not valid JSON: the array does not end.")


def _element(text: str) -> Any:
    try:
        return _read(text) if _depth(text) <= DEEPEST else text
    except (ValueError, RecursionError):
        return text


def _read(text: str) -> Any:
    document = json.loads(text, parse_int=_bounded, parse_constant=lambda _name: None)
    # Half a surrogate can be written nowhere.
    written = json.dumps(document, ensure_ascii=False).encode(errors="replace").decode()
    return json.loads(written, parse_constant=lambda _name: None)


def _depth(text: str) -> int:
    deepest = depth = 0
    for token in TOKEN.finditer(text):
        depth += (token[0] in "[{") - (token[0] in "]}")
        deepest = max(deepest, depth)
    return deepest


def _bounded(digits: str) -> int | None:
    return int(digits) if len(digits) <= LONGEST_NUMBER else None

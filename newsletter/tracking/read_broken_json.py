"""Reads a JSON array one element at a time, so that an unreadable element does not affect the others.

Only for text that the usual parser rejects: numbers of any length, nesting of any depth, half surrogates, NaN.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

# Whole strings, even without an end, so that each character is read once; and brackets, braces and commas.
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{},]', re.DOTALL)
# Deeper than any event of SendGrid's, and far below Python's limit.
DEEPEST = 100
LONGEST_NUMBER = 18


class NotReadable(ValueError):  # noqa: N818 - reads as an outcome
    """The post is not valid JSON; the message says where."""


def elements_of(text: str) -> list[Any]:
    """Return the elements of an array, or a single value. An element that we cannot read is returned as text.

    Raises NotReadable if the text is neither.
    """
    text = text.strip(" \t\r\n")
    if text.startswith("["):
        return [_element(part) for part in _parts(text)]
    try:
        return [_read(text)]
    except json.JSONDecodeError as error:
        raise NotReadable(f"The post is not valid JSON: {error.msg} at character {error.pos}.") from None
    except (ValueError, RecursionError) as error:
        raise NotReadable(f"We could not read the post as JSON ({type(error).__name__}).") from None


def _parts(text: str) -> Iterator[str]:
    """Yield the elements of the array as text. Raises NotReadable if the array does not end where the text does."""
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
                        "The post is not valid JSON, because its list ends too early, at character "
                        f"{token.start()}."
                    )
                if last := text[begins : token.start()].strip():
                    yield last
                return
        elif mark == "," and depth == 1:
            yield text[begins : token.start()].strip()
            begins = token.end()
    raise NotReadable("The post is not valid JSON, because its list is not closed.")


def _element(text: str) -> Any:
    try:
        return _read(text) if _depth(text) <= DEEPEST else text
    except (ValueError, RecursionError):
        return text


def _read(text: str) -> Any:
    document = json.loads(text, parse_int=_bounded, parse_constant=lambda _name: None)
    # Half a surrogate cannot be stored anywhere.
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

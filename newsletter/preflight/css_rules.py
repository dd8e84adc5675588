"""Reads the rules and declarations of a style sheet, as far as that is needed to drop some of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"?|'(?:\\.|[^'\\])*'?", re.DOTALL)
_SIGNS = re.compile(r"[{};\"'()]")
_WITH_RULES = ("@media", "@supports", "@layer")


@dataclass(frozen=True, slots=True)
class CssRule:
    """A rule: what stands before its braces, what is between them, and whether these are rules themselves.

    A statement without braces, such as `@import`, has no body.
    """

    head: str
    body: str | None

    @property
    def has_rules(self) -> bool:
        """Whether there are rules inside."""
        return self.head.lower().startswith(_WITH_RULES)

    def __str__(self) -> str:
        return f"{self.head};" if self.body is None else f"{self.head} {{{self.body}}}"


def rules_of(css: str) -> Iterator[CssRule]:
    """Yield the rules of a style sheet, or of the inside of a rule. A rule that never ends, ends with the text."""
    css = _COMMENT.sub(" ", css)
    start = place = depth = opened = 0
    while found := _SIGNS.search(css, place):
        sign, place = found[0], found.end()
        if sign in "\"'":
            string = _STRING.match(css, found.start())
            place = string.end() if string else place
        elif sign == "{":
            opened = found.start() if depth == 0 else opened
            depth += 1
        elif sign == "}" and depth:
            depth -= 1
            if depth == 0:
                yield CssRule(css[start:opened].strip(), css[opened + 1 : found.start()])
                start = place
        elif sign in ";}" and depth == 0:
            if head := css[start : found.start()].strip():
                yield CssRule(head, None)
            start = place
    if depth:
        yield CssRule(css[start:opened].strip(), css[opened + 1 :])


def declarations_of(css: str) -> list[tuple[str, str]]:
    """Return the declarations between braces or of an element, as pairs of a property in lower case and a value."""
    found, start, place, depth = [], 0, 0, 0
    css = _COMMENT.sub(" ", css) + ";"
    while sign := _SIGNS.search(css, place):
        place = sign.end()
        if sign[0] in "\"'":
            string = _STRING.match(css, sign.start())
            place = string.end() if string else place
        elif sign[0] in "()":
            depth = max(0, depth + (1 if sign[0] == "(" else -1))
        elif sign[0] == ";" and (depth == 0 or place == len(css)):
            name, colon, value = css[start : sign.start()].partition(":")
            if colon:
                found.append((name.strip().lower(), value.strip()))
            start = place
    return found

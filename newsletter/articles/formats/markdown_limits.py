"""What Markdown may hold, so that it is read in less than a second: far more than people write.

The parser is written in Python, and some of its rules do work that grows with the square of a paragraph's brackets,
or of the depth of quotations and lists.
"""

import re
from typing import Any

from markdown_it import MarkdownIt

from newsletter.articles.cpu_budget import look_at_budget

LONGEST = 400_000
MAX_MARKS = 20_000
MAX_LINES = 10_000

_MARK = re.compile(r"[*_~^`:{\[\]<>&!|\\]|^[ \t]*(?:[-+]|\d{1,9}[.)])[ \t]", re.MULTILINE)


def why_too_much(source: str) -> str:
    """A sentence on what is too much in a Markdown text; empty where it can be read."""
    if len(source) > LONGEST:
        return f"the text is longer than {LONGEST:,} characters. Shorten it."
    if source.count("\n") > MAX_LINES:
        return f"the text has more than {MAX_LINES:,} lines. Shorten it."
    marks = sum(1 for _found, _number in zip(_MARK.finditer(source), range(MAX_MARKS + 1), strict=False))
    return (
        f"the text has more than {MAX_MARKS:,} Markdown characters, such as * and [. Simplify it."
        if marks > MAX_MARKS
        else ""
    )


def budgeted(parser: MarkdownIt) -> MarkdownIt:
    """The parser, which looks at the CPU budget of the reading at every block and every place in a line."""
    parser.block.ruler.before("code", "cpu_budget", _look_at_block)
    parser.inline.ruler.before("text", "cpu_budget", _look_at_line)
    return parser


def _look_at_block(_state: Any, _first: int, _last: int, _silent: bool) -> bool:  # noqa: FBT001 - a rule's signature
    look_at_budget()
    return False


def _look_at_line(_state: Any, _silent: bool) -> bool:  # noqa: FBT001 - a rule's signature
    look_at_budget()
    return False

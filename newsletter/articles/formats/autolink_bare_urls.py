"""Make links of web addresses that stand bare in a Markdown text, as GitHub's and most generators' Markdown does.

https://github.github.com/gfm/#autolinks-extension-
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_ADDRESS = re.compile(r"(?<![\w/@])https?://[^\s<>\"]{3,2000}")
_NOT_LAST = ".,;:!?'’”»*_~"


def with_bare_links(parser: MarkdownIt) -> MarkdownIt:
    """The parser, which also makes links of bare addresses."""
    parser.core.ruler.after("inline", "bare_links", _link)
    return parser


def _link(state: StateCore) -> None:
    for block in state.tokens:
        if block.children and "http" in block.content:
            block.children = _linked(block.children)


def _linked(tokens: list[Token]) -> list[Token]:
    found: list[Token] = []
    depth = 0
    for token in tokens:
        depth += (token.type == "link_open") - (token.type == "link_close")
        found.extend(_pieces(token.content) if token.type == "text" and not depth else [token])
    return found


def _pieces(text: str) -> list[Token]:
    pieces: list[Token] = []
    at = 0
    for match in _ADDRESS.finditer(text):
        address = _without_ending(match[0])
        pieces += [_text(text[at : match.start()]), *_anchor(address)]
        at = match.start() + len(address)
    return [*pieces, _text(text[at:])]


def _without_ending(address: str) -> str:
    address = address.rstrip(_NOT_LAST)
    while address.endswith(")") and address.count(")") > address.count("("):
        address = address[:-1].rstrip(_NOT_LAST)
    return address


def _anchor(address: str) -> list[Token]:
    return [Token("link_open", "a", 1, attrs={"href": address}), _text(address), Token("link_close", "a", -1)]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)

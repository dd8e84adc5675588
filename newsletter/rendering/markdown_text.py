"""Turns editors' Markdown into plain text: wrapped paragraphs, underlined headings, and links as footnotes."""

from functools import lru_cache
from typing import TYPE_CHECKING

from newsletter.rendering.render_markdown import markdown_parser
from subscribers.wrap_text import WIDTH, columns, indent, underline, wrap

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

_CACHED = 512
_LEAST_WIDTH = 20


@lru_cache(_CACHED)
def markdown_text(source: str, width: int = WIDTH) -> str:
    """Return plain text of at most `width` columns. Each link has a number, and its URL is on its own line below."""
    from markdown_it.tree import SyntaxTreeNode

    links: list[str] = []
    body = _blocks(SyntaxTreeNode(markdown_parser().parse(source)), width, links)
    footnotes = "\n".join(f"[{number}] {link}" for number, link in enumerate(links, 1))
    return f"{body}\n\n{footnotes}" if footnotes else body


def _blocks(parent: "SyntaxTreeNode", width: int, links: list[str]) -> str:
    blocks = [_block(node, max(width, _LEAST_WIDTH), links) for node in parent.children]
    return ("\n" if _is_tight(parent) else "\n\n").join(block for block in blocks if block)


def _block(node: "SyntaxTreeNode", width: int, links: list[str]) -> str:
    match node.type:
        case "heading":
            return underline(wrap(_inline(node, links), width), "-")
        case "bullet_list" | "ordered_list":
            return _list(node, width, links)
        case "blockquote":
            return indent(_blocks(node, width - 2, links), "> ")
        case "fence" | "code_block":
            return indent(node.content.rstrip(), "    ")
        case "hr":
            return "* * *"
        case _:
            return wrap(_inline(node, links), width)


def _list(node: "SyntaxTreeNode", width: int, links: list[str]) -> str:
    start = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
    items = []
    for number, item in enumerate(node.children):
        bullet = "- " if start is None else f"{start + number}. "
        text = indent(_blocks(item, width - columns(bullet), links), " " * len(bullet))
        items.append(bullet + text[len(bullet) :])
    return ("\n" if all(map(_is_tight, node.children)) else "\n\n").join(items)


def _is_tight(node: "SyntaxTreeNode") -> bool:
    return node.type == "list_item" and all(
        child.hidden for child in node.children if child.type == "paragraph"
    )


def _inline(node: "SyntaxTreeNode", links: list[str]) -> str:
    return "".join(_inline_piece(child, links) for child in node.children)


def _inline_piece(node: "SyntaxTreeNode", links: list[str]) -> str:
    match node.type:
        case "text" | "code_inline":
            return node.content
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "image":
            return node.content
        case "link":
            return _link(_inline(node, links), str(node.attrs.get("href", "")), links)
        case _:
            return _inline(node, links)


def _link(label: str, address: str, links: list[str]) -> str:
    if label in {address, address.removeprefix("mailto:")}:
        return label
    if address not in links:
        links.append(address)
    return f"{label} [{links.index(address) + 1}]"

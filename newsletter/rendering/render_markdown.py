"""Turns editors' Markdown into safe HTML for an email (markdown_text.py turns it into plain text)."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from newsletter.rendering.merge_tags import looks_like_tag_word
from newsletter.rendering.safe_urls import safe_link_url, safe_web_url

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token

_IMAGE_WIDTH = 536
_HEADING = "h3"
_CACHED = 512


@lru_cache(_CACHED)
def markdown_html(source: str) -> Markup:
    """Return safe HTML. Tags in the source are shown as text, and headings rank below the email's own headings."""
    return Markup(markdown_parser().render(source))  # noqa: S704 - the parser escapes: html is off


@lru_cache(1)
def markdown_parser() -> "MarkdownIt":
    # Imported by the first email that is rendered: most processes never render one.
    from newsletter.http.markdown_links import MarkdownParser

    parser = MarkdownParser("commonmark", {"html": False})
    parser.validateLink = _leads_somewhere  # type: ignore[assignment, method-assign] # its documented way to say what a link is
    for name, rule in (
        ("heading_open", _heading_open),
        ("heading_close", _heading_close),
        ("image", _image),
        ("fence", _code_block),
        ("code_block", _code_block),
    ):
        parser.add_render_rule(name, rule)
    return parser


def _leads_somewhere(address: str) -> bool:
    """Return whether a link works in an email. A relative link cannot, so it stays visible as it was written."""
    return bool(safe_link_url(address)) or looks_like_tag_word(address)


def _heading_open(*_: Any) -> str:
    return f"<{_HEADING}>"


def _heading_close(*_: Any) -> str:
    return f"</{_HEADING}>\n"


def _image(_renderer: "RendererHTML", tokens: Sequence["Token"], at: int, *_: Any) -> str:
    address, alt = safe_web_url(str(tokens[at].attrGet("src") or "")), escape(tokens[at].content)
    if not address:
        return str(alt)
    return f'<img class="wide" src="{escape(address)}" alt="{alt}" width="{_IMAGE_WIDTH}">'


def _code_block(_renderer: "RendererHTML", tokens: Sequence["Token"], at: int, *_: Any) -> str:
    lines = escape(tokens[at].content.rstrip("\n").replace("  ", "\u00a0 "))
    return f'<p class="code">{"<br>".join(lines.splitlines())}</p>\n'

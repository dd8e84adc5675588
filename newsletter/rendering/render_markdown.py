"""Turns editors' Markdown into safe HTML for an email (markdown_text.py turns it into plain text)."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from newsletter.articles.pictures.models import PictureFile
from newsletter.articles.pictures.store_pictures import file_names
from newsletter.rendering.merge_tags import looks_like_tag_word, without_tag_words
from newsletter.rendering.safe_urls import safe_link_url, safe_web_url
from subscribers.bidi import main_direction

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token

_IMAGE_WIDTH = 536
_FLAT, _LOWEST = 3, 6
_CACHED = 512


@lru_cache(_CACHED)
def markdown_html(source: str, direction: str = "ltr", highest: int | None = None) -> Markup:
    """Return safe HTML. Tags in the source are shown as text, and headings rank below the email's own headings.

    With `highest`, the highest headings of the text have this level, and others as many levels below as they have in
    the text. Without it, all are of the third level. Paragraphs, headings and lists in the other direction than the
    email's say so.
    """
    parser = markdown_parser()
    tokens = parser.parse(source)
    _rank_headings(tokens, highest)
    _say_directions(tokens, direction)
    return Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704 - the parser escapes: html is off


@lru_cache(1)
def markdown_parser() -> "MarkdownIt":
    # Imported by the first email that is rendered: most processes never render one.
    from newsletter.http.markdown_with_idna_links import MarkdownParser

    parser = MarkdownParser("commonmark", {"html": False})
    parser.validateLink = _leads_somewhere  # type: ignore[assignment, method-assign] # its documented way to say what a link is
    for name, rule in (
        ("image", _image),
        ("fence", _code_block),
        ("code_block", _code_block),
    ):
        parser.add_render_rule(name, rule)
    return parser


def _leads_somewhere(address: str) -> bool:
    """Return whether a link works in an email. A relative link cannot, so it stays visible as it was written."""
    return bool(safe_link_url(address)) or looks_like_tag_word(address)


def _say_directions(tokens: Sequence["Token"], around: str) -> None:
    """Give `dir` to each block whose text runs in another direction than what is around it.

    A list has the direction of its first text.
    """
    ways, lists, items = [around], list["Token"](), list["Token"]()
    for block, inline in pairwise(tokens):
        match block.type:
            case "bullet_list_open" | "ordered_list_open":
                lists.append(block)
                ways.append("")
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
                ways.pop()
            case "list_item_open":
                items.append(block)
            case "paragraph_open" | "heading_open":
                outer = next(filter(None, reversed(ways)))
                own = main_direction(_letters_in(inline)) or outer
                holder = items[-1] if block.hidden else block
                if not ways[-1]:
                    ways[-1], holder = own, lists[-1]
                if own != outer:
                    holder.attrSet("dir", own)


def _letters_in(inline: "Token") -> str:
    """Return the visible text of a block, without the words that stand for a reader's name while we render."""
    texts = (
        each.content for each in inline.children or () if each.type in ("text", "code_inline", "softbreak")
    )
    return without_tag_words(" ".join(texts))


def _rank_headings(tokens: Sequence["Token"], highest: int | None) -> None:
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    top = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        level = _FLAT if highest is None else min(highest + int(token.tag[1]) - top, _LOWEST)
        token.tag = f"h{level}"


def _image(_renderer: "RendererHTML", tokens: Sequence["Token"], at: int, *_: Any) -> str:
    address, alt = safe_web_url(str(tokens[at].attrGet("src") or "")), escape(tokens[at].content)
    if not address:
        return str(alt)
    width = _width(address)
    narrow = f' style="max-width:{width}px"' if width < _IMAGE_WIDTH else ""
    return f'<img class="wide" src="{escape(address)}" alt="{alt}" width="{width}"{narrow}>'


def _width(address: str) -> int:
    """Return the width of a picture. One of our own files is never shown wider than it is."""
    names = file_names([address])
    if not names:
        return _IMAGE_WIDTH
    found = PictureFile.objects.filter(name__in=names).values_list("width", flat=True).first()
    return min(_IMAGE_WIDTH, found or _IMAGE_WIDTH)


def _code_block(_renderer: "RendererHTML", tokens: Sequence["Token"], at: int, *_: Any) -> str:
    lines = escape(tokens[at].content.rstrip("\n").replace("  ", "\u00a0 "))
    return f'<p class="code">{"<br>".join(lines.splitlines())}</p>\n'

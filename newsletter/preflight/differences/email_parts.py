"""Reads a frozen email as a reader does: its articles, with their sentences, links and pictures, and the rest.

A frozen email is only HTML. An article begins with a heading that is a link, or with a paragraph that is only the link
to it, and ends with the next heading.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from newsletter.rendering.email import TAG, Email
from newsletter.scheduling.text_blocks import in_one_line

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LINES = HEADINGS | {"p"}
_BLOCKS = _LINES | {"li", "td", "div", "th", "blockquote", "table", "tbody", "tr", "ul", "ol", "body"}
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”’)]*\s+")
_HIDDEN = re.compile(r"display:\s*none")
_INTRODUCTION = frozenset({"md", "ink"})
_SKIPPED = frozenset({"style", "title", "head", "script"})


@dataclass(slots=True)
class EmailPart:
    """An article of an email, or with an empty URL what stands around the articles."""

    url: str = ""
    title: str = ""
    sentences: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    pictures: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class EmailParts:
    """The articles of an email in order, by their URL, the introduction, and what stands around them.

    If the theme does not mark its introduction as ours do, that is a part of what stands around the articles.
    """

    articles: dict[str, EmailPart] = field(default_factory=dict)
    introduction: EmailPart = field(default_factory=EmailPart)
    around: EmailPart = field(default_factory=EmailPart)


def parts_of(email: Email, urls: Collection[str] = ()) -> EmailParts:
    """Return the parts of an email. `urls` are those of articles that it may contain."""
    import lxml.html

    document: Any = lxml.html.document_fromstring(email.html)
    parts, heads = EmailParts(), _article_heads(document, urls)
    part, introduction = parts.around, set(_introduction(document))
    for element in document.iter():
        if not isinstance(element.tag, str) or _is_skipped(element):
            continue
        if element in introduction:
            _read(element, parts.introduction, parts, set())
            continue
        if url := heads.get(element, ""):
            part = parts.articles.setdefault(url, EmailPart(url))
            part.title = in_one_line(element.text_content())
            continue
        if element.tag in HEADINGS:
            part = parts.around
        _read(element, part, parts, set(heads.values()))
    return parts


def _introduction(document: Any) -> Iterator[Any]:
    """Yield the elements of the introduction."""
    for element in document.iter("div"):
        if set((element.get("class") or "").split()) >= _INTRODUCTION:
            yield from element.iter()
            return


def _article_heads(document: Any, urls: Collection[str]) -> dict[Any, str]:
    """Return the headings of articles, with the URL of each. The first one of a URL counts."""
    found: dict[Any, str] = {}
    for line in document.iter(*_LINES):
        links = line.findall(".//a")
        url = (links[0].get("href") or "") if len(links) == 1 else ""
        if not url or TAG.match(url) or url in found.values():
            continue
        words = in_one_line(line.text_content())
        if words and words == in_one_line(links[0].text_content()) and (line.tag in HEADINGS or url in urls):
            found[line] = url
    return found


def _read(element: Any, part: EmailPart, parts: EmailParts, articles: set[str]) -> None:
    """Add what an element shows to a part. A picture that leads to an article belongs to it, wherever it stands."""
    if element.tag == "img":
        link = next((each.get("href") for each in element.iterancestors("a")), "")
        owner = parts.articles.setdefault(link, EmailPart(link)) if link in articles else part
        owner.pictures.append((element.get("src") or "", element.get("alt") or ""))
    elif element.tag == "a" and (words := in_one_line(element.text_content())):
        part.links.setdefault(words, element.get("href") or "")
    elif element.tag in _BLOCKS:
        part.sentences += _sentences(_own_text(element))


def _own_text(element: Any) -> str:
    """Return the text of a block without that of blocks inside it."""
    return "".join(_pieces(element))


def _pieces(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _BLOCKS and child.tag not in _SKIPPED:
            yield from _pieces(child)
        yield child.tail or ""


def _sentences(text: str) -> list[str]:
    return [sentence for each in _SENTENCE.split(in_one_line(text)) if (sentence := each.strip())]


def _is_skipped(element: Any) -> bool:
    return _shows_nothing(element) or any(map(_shows_nothing, element.iterancestors()))


def _shows_nothing(element: Any) -> bool:
    return element.tag in _SKIPPED or _HIDDEN.search(element.get("style") or "") is not None

"""Puts the figures of links beside the links of the email, in the order in which the email has them.

Reports name a URL, not a place. If the email has the same URL in several places, their clicks are one figure.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.issues.models import Issue
from newsletter.sending.models import Mailing
from newsletter.sending.send_test_emails import preview_for_anyone
from newsletter.sending.stored_variants import emails_of
from newsletter.tracking.clean_clicked_urls import plain_link
from newsletter.tracking.statistics import LinkCounts
from subscribers.clean_text import on_one_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement

NOBODY_CLICKED = LinkCounts(0, 0, 0, 0)
PICTURE = "Picture"


@dataclass(frozen=True, slots=True)
class LinkPlace:
    """A link in the email: its place among all links (from 1), its text, and the figures of its URL.

    `places` says in how many places the email has the URL. 0 means that it is not in the email for everybody.
    """

    number: int
    text: str
    url: str
    counts: LinkCounts
    places: int = 1
    is_picture: bool = False


def links_of(mailing: Mailing, issue: Issue, counted: Mapping[str, LinkCounts]) -> list[LinkPlace]:
    """Return every link of the email for everybody, in its order, then clicked links that are not in that email."""
    found = _links_in(preview_for_anyone(emails_of(mailing).main, issue).html)
    places = Counter(url for _text, url, _is_picture in found)
    inside = [
        LinkPlace(number, text, url, counted.get(url, NOBODY_CLICKED), places[url], is_picture)
        for number, (text, url, is_picture) in enumerate(found, start=1)
    ]
    others = [(url, counts) for url, counts in counted.items() if url not in places]
    return inside + [LinkPlace(0, url, url, counts, 0) for url, counts in others]


def _links_in(html: str) -> Sequence[tuple[str, str, bool]]:
    from lxml import html as lxml_html

    document = lxml_html.document_fromstring(html)
    links = [link for link in document.iter("a") if link.get("href")]
    return [(_text_of(link), plain_link(link.get("href", "")), not _written(link)) for link in links]


def _written(link: "HtmlElement") -> str:
    return on_one_line(link.text_content()).strip()


def _text_of(link: "HtmlElement") -> str:
    described = " ".join(image.get("alt", "") for image in link.iter("img"))
    return _written(link) or on_one_line(described).strip() or PICTURE

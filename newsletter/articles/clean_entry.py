"""Clean an entry: what comes out is safe to show, fits the database, and says everything an article needs.

Nothing here reads the network or the database, and nothing that a source can write makes it fail.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from newsletter.articles.boilerplate import without_added_paragraph
from newsletter.articles.entry import Amendment, Citation, Entry, Image
from newsletter.articles.languages import language_tag
from newsletter.articles.parse_dates import in_utc
from newsletter.articles.plain_text import folded, plain, shortened
from newsletter.articles.sanitise_html import Body, safe, spying
from newsletter.articles.standfirst import standfirst
from newsletter.http.url_cleaning import LONGEST, absolute, followable

LONGEST_TITLE = 500
LONGEST_ALT = 500
LONGEST_NAME = 200
LONGEST_TOPIC = 100
MOST_AUTHORS = 30
MOST_TOPICS = 40
REPEATS_LOOKED_AT = 10
WORDS_OF_A_TITLE = 10
TOLERATED_AHEAD = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanEntry:
    """An entry ready to be stored: the fields of an Article, what it rests on, and what was put right in it."""

    url: str
    guid: str
    title: str
    standfirst: str
    body_html: str
    authors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    language: str = ""
    image_url: str = ""
    image_alt: str = ""
    image_width: int | None = None
    image_height: int | None = None
    published_at: datetime | None = None
    references: tuple[Citation, ...] = ()
    corrections: tuple[Amendment, ...] = ()


def clean(entry: Entry, *, source_language: str = "") -> CleanEntry:
    """An entry made safe: `source_language` counts where the entry names no language of its own."""
    url = followable(entry.url, entry.base_url)
    base = absolute(entry.base_url, url) or url
    body = safe(entry.html or entry.summary_html, base)
    body.html = without_added_paragraph(body.html)
    summary = _summary(entry, base)
    image = _lead_image(entry, base, body)
    words = standfirst(summary, body.html)
    return CleanEntry(
        url=url,
        guid=folded(entry.guid)[:LONGEST],
        title=_title(entry.title) or _title_from(words),
        standfirst=words,
        body_html=body.html,
        authors=_names(entry.authors, LONGEST_NAME, MOST_AUTHORS),
        topics=_names(entry.topics, LONGEST_TOPIC, MOST_TOPICS),
        language=language_tag(entry.language) or language_tag(source_language),
        image_url=image.url if image else "",
        image_alt=shortened(image.alt, LONGEST_ALT) if image else "",
        image_width=image.width if image else None,
        image_height=image.height if image else None,
        published_at=_published(entry.published_at),
        references=tuple(filter(None, (_reference(given, base) for given in entry.references))),
        corrections=tuple(filter(None, map(_correction, entry.corrections))),
    )


def _summary(entry: Entry, base: str) -> str:
    if not entry.html or not entry.summary_html or entry.summary_html == entry.html:
        return ""
    return safe(entry.summary_html, base).html


def _title(text: str) -> str:
    return shortened(plain(text, decodings=2), LONGEST_TITLE)


def _title_from(words: str) -> str:
    beginning = words.split(" ", WORDS_OF_A_TITLE)
    title = " ".join(beginning[:WORDS_OF_A_TITLE])
    return shortened(f"{title}…" if len(beginning) > WORDS_OF_A_TITLE else title, 120)


def _names(texts: tuple[str, ...], longest: int, most: int) -> tuple[str, ...]:
    """Names trimmed, each once whatever its case, in the order in which they came."""
    found: dict[str, str] = {}
    for text in texts[: most * REPEATS_LOOKED_AT]:
        name = shortened(plain(text, decodings=2), longest)
        if name:
            found.setdefault(name.casefold(), name)
    return tuple(found.values())[:most]


def _published(moment: datetime | None) -> datetime | None:
    """The moment in UTC; None where it lies so far ahead that no one can have published it then."""
    found = in_utc(moment) if moment else None
    return found if found and found <= timezone.now() + TOLERATED_AHEAD else None


def _lead_image(entry: Entry, base: str, body: Body) -> Image | None:
    """The image that the source names, with what the body knows of it, else the first image of the body."""
    given = entry.image
    address = followable(given.url, base) if given else ""
    if not given or not address:
        return body.images[0] if body.images else None
    image = Image(url=address, alt=plain(given.alt), width=given.width, height=given.height)
    if spying(image):
        return body.images[0] if body.images else None
    twin = next((other for other in body.images if other.url == address), None)
    if not twin:
        return image
    sized = image if image.width and image.height else twin
    return Image(url=address, alt=image.alt or twin.alt, width=sized.width, height=sized.height)


def _reference(given: Citation, base: str) -> Citation | None:
    citation = plain(given.citation)
    doi = folded(given.doi)[:300]
    url = followable(given.url, base)
    named = citation or url or doi
    return Citation(kind=given.kind, citation=named, url=url, doi=doi) if named else None


def _correction(given: Amendment) -> Amendment | None:
    text = plain(given.text)
    return Amendment(corrected_on=given.corrected_on, text=text) if text else None

"""An article on its way from its source to the database, in the one shape that every step takes and returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image of an article; sizes in CSS pixels where the source states them."""

    url: str
    alt: str = ""
    width: int | None = None
    height: int | None = None
    marks: str = ""
    """The CSS classes of the image on its page. They show which images are decoration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """What an article rests on, or a response to it. `kind` is a Reference.Kind value.

    `csl` has its details as CSL-JSON, if the source gives them. They make no difference to whether two are the same.
    A citation is `formatted` if we made its text of them, because the source gives no text of its own.
    """

    kind: str
    citation: str
    url: str = ""
    doi: str = ""
    csl: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)
    formatted: bool = field(default=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A correction that the source published."""

    corrected_on: date
    text: str


@dataclass(slots=True, kw_only=True)
class IncomingArticle:
    """One article, from the reader of a format to the database.

    A reader fills the first group of fields. Nothing of it is safe to show before all steps have passed: they make
    addresses absolute and texts plain in place. `html` and `summary_html` stay as they are and are never stored. The
    other groups are what the steps add.
    """

    url: str = ""
    guid: str = ""
    title: str = ""
    html: str = ""
    summary_html: str = ""
    base_url: str = ""
    published_at: datetime | None = None
    authors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    language: str = ""
    image: Image | None = None
    images: tuple[Image, ...] = ()
    """Other images that the source gives for the article, best first."""
    references: tuple[Citation, ...] = ()
    corrections: tuple[Amendment, ...] = ()
    licence: str = ""
    """The licence of the text: a URL, or a name."""
    rights: str = ""
    """Whose text it is, and what others may do with it."""
    duration_seconds: int | None = None
    """The length of the recording, if the article is audio or video."""
    on_later_page: bool = False
    """Whether the article comes from a later page of its source. If so, its neighbours tell us nothing about it."""
    # Who may read it: leave_out_unpublished.py. Hidden means that some people may never read it.
    hidden: bool = False
    public_from: datetime | None = None
    public_until: datetime | None = None

    # What the source says of all its articles, where an article does not say it.
    source_language: str = ""
    # Safe HTML and what stands in it: sanitise_html.py, resolve_links.py, drop_feed_phrases.py.
    body_html: str = ""
    safe_summary_html: str = ""
    body_images: tuple[Image, ...] = ()
    # Plain words: plain_text.py, write_standfirst.py.
    forbids_reuse: bool = False
    """Whether the terms forbid others to distribute the text: reuse_terms.py."""
    summary: str = ""
    standfirst: str = ""

    # What identity compares: identity_keys.py. Empty means that there is nothing to compare.
    url_key: str = ""
    guid_key: str = ""
    title_key: str = ""
    content_hash: str = ""
    fingerprint: str = ""
    is_front_page: bool = False
    has_many_words: bool = False
    text_length: int = 0
    """Number of characters in the text, without white space, for detect_redesigned_source.py."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that one document gave.

    `complete` means that the source holds nothing else, so that what is absent was withdrawn. `well_formed`
    means that nothing had to be guessed. `withdrawn` has the URLs and GUIDs that the source calls deleted.
    `changes_with_time` means that the same document will give other articles later, since one is not public yet or
    will expire. `next_page` is the address of the document with the articles before these, as the source names it.
    `lists_pages` means that each article is only announced, and its text stands on its own page.
    """

    kind: str
    articles: tuple[IncomingArticle, ...]
    title: str = ""
    language: str = ""
    complete: bool = False
    well_formed: bool = True
    withdrawn: tuple[str, ...] = ()
    changes_with_time: bool = False
    next_page: str = ""
    lists_pages: bool = False

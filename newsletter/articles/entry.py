"""What passes between fetching, reading, cleaning and storing: plain values, no database."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image of an entry; sizes in CSS pixels where the source says them."""

    url: str
    alt: str = ""
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """What an entry rests on, or a response to it. `kind` is a Reference.Kind value."""

    kind: str
    citation: str
    url: str = ""
    doi: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A correction that the source published."""

    corrected_on: date
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One piece as a reader found it: nothing here is safe to show before cleaning."""

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
    references: tuple[Citation, ...] = ()
    corrections: tuple[Amendment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that one document gave.

    `complete` means that the source holds nothing else, so that what is absent was withdrawn. `well_formed`
    means that nothing had to be guessed. `withdrawn` has the URLs and GUIDs that the source calls deleted.
    """

    kind: str
    entries: tuple[Entry, ...]
    title: str = ""
    language: str = ""
    complete: bool = False
    well_formed: bool = True
    withdrawn: tuple[str, ...] = ()

"""The contents of an email for a theme: plain values, read from an issue by read_contents.py.

A theme never sees a model, so a template can read these values and change nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

from newsletter.issues.blocks_shown_in_email import Block
from newsletter.rendering.picture_sizes import Picture
from subscribers.translated_languages import direction


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationDetails:
    """The publication as an email shows it. In `reason`, the list's name is between isolates (bidi.py)."""

    name: str
    tagline: str
    organisation: str
    website: str
    postal_address: tuple[str, ...]
    reason: str
    logo: Picture | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A text and the URL it leads to, which can be empty. If `full` is given, the web page shows it as the text."""

    text: str
    url: str
    full: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Who owns a text or picture and how it can be reused, with the URL of the licence, which can be empty.

    If they `are_own`, they are those of the organisation that publishes the newsletter, so the email need not repeat
    them below each article. The web page shows them.
    """

    text: str
    url: str
    are_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article as an issue shows it.

    `byline` has the author, the date, and the reading time or the length of a recording, in the publication's language,
    each between isolates (bidi.py). `language` and `direction` are empty if they are the publication's.
    `anchor` is the article's place on the web page of the issue, and `number` its ID. `before` are the blocks that
    stand before the article; empty for the first article of a section. `retractions` say that something that the
    article rests on was withdrawn.
    """

    title: str
    url: str
    standfirst: str
    byline: str
    language: str
    direction: str
    picture: Picture | None
    anchor: str
    number: int
    based_on: tuple[Link, ...]
    responses: tuple[Link, ...]
    retractions: tuple[Link, ...] = ()
    before: tuple[Block, ...] = ()
    terms: tuple[Terms, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Stories under one heading. An empty title means no heading. `before` are the blocks above the heading."""

    title: str
    stories: tuple[Story, ...]
    before: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionNote:
    """A correction of an article in an earlier issue. `text` is what is right.

    What the article said, why, and the day since when it was wrong are empty unless an editor gave them.
    """

    title: str
    url: str
    date: str
    text: str
    said: str = ""
    why: str = ""
    since: str = ""


class Notice(str):
    """A notice about a topic. `language` is empty if it is the email's."""

    __slots__ = ("language",)
    language: str

    def __new__(cls, text: str, language: str = "") -> Self:
        """Return the text as a notice."""
        made = super().__new__(cls, text)
        made.language = language
        return made

    @property
    def direction(self) -> str:
        """The direction of the language, or an empty string if it is the email's."""
        return direction(self.language) if self.language else ""


@dataclass(frozen=True, slots=True)
class NoticesInLanguage:
    """The notices of an email for readers of one more language. `readers` is the segment of these readers."""

    language: str
    readers: str
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailContents:
    """The whole content of an issue, in the order in which an email shows it.

    `blocks` are all of them; those that are `placed` stand before a section or an article. `pictures` are those of the
    promotions, by the name of the block. `notices` are what the publication tells readers because of the topics of the
    articles, each once. `other_notices` are the notices for readers of other languages, in the order in which these
    choose their readers.
    """

    publication: PublicationDetails
    number: int
    date: str
    section: str
    lead: Story | None
    sections: tuple[Section, ...]
    blocks: tuple[Block, ...]
    corrections: tuple[CorrectionNote, ...]
    notices: tuple[Notice, ...] = ()
    other_notices: tuple[NoticesInLanguage, ...] = ()
    pictures: Mapping[str, Picture | None] = field(default_factory=dict)


def stories_of(contents: EmailContents | None) -> Iterator[Story]:
    """Yield the articles of an email in order, the lead first."""
    if contents is None:
        return
    if contents.lead:
        yield contents.lead
    for section in contents.sections:
        yield from section.stories

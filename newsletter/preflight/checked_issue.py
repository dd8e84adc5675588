"""An issue as the checks see it: what several of them need is read, rendered or parsed once. Checks write nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from newsletter.errors import NewsletterError
from newsletter.issues.blocks_shown_in_email import Block
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Issue, Item
from newsletter.issues.running_order import why_nothing_to_send
from newsletter.preflight.finding import Place
from newsletter.preflight.where_to_edit import Places
from newsletter.rendering.email import Email
from newsletter.rendering.email_contents import EmailContents, read_contents
from newsletter.rendering.email_set import EmailSet
from newsletter.rendering.find_theme import find_theme
from newsletter.rendering.render_email import render_emails
from newsletter.scheduling.dateline import dateline_day, schedule_of
from newsletter.scheduling.models import Schedule


@dataclass(frozen=True, slots=True)
class EmailLink:
    """A link of the email: its URL as it stands there, with merge tags open, its words, and where it belongs."""

    url: str
    words: str
    place: Place
    position: int
    element: Any


@dataclass(frozen=True, slots=True)
class EmailPicture:
    """A picture of the email, and where it belongs. `alt` is None if the picture has no such attribute."""

    url: str
    alt: str | None
    place: Place
    position: int
    element: Any


class CheckedIssue:
    """An issue, its email for a day, and what checks read in both. `problem` says why the email could not be created.

    With `emails`, these are checked instead of those that the issue gives now.
    """

    def __init__(self, issue: Issue, day: date | None = None, *, emails: EmailSet | None = None) -> None:
        self.issue = issue
        self.publication = issue.publication
        self.day = day or dateline_day(issue, self.schedule)
        self._given = emails

    @cached_property
    def schedule(self) -> Schedule | None:
        """The schedule of the issue, if it has one."""
        return schedule_of(self.issue)

    @cached_property
    def items(self) -> list[Item]:
        """The items that are printed, in order."""
        return items_to_print(self.issue)

    @cached_property
    def _rendered(self) -> EmailSet | str:
        if self._given is not None:
            return self._given
        try:
            return why_nothing_to_send(self.issue, self.day) or render_emails(self.issue, self.day)
        except NewsletterError as error:
            return str(error)

    @property
    def emails(self) -> EmailSet | None:
        """The emails that would be sent; None if they cannot be created."""
        return None if isinstance(self._rendered, str) else self._rendered

    @property
    def problem(self) -> str:
        """Why the emails cannot be created; empty if they can."""
        return self._rendered if isinstance(self._rendered, str) else ""

    @property
    def email(self) -> Email | None:
        """The email for everybody who gets no other variant."""
        return self.emails.main if self.emails else None

    @property
    def digest(self) -> str:
        """The digest of the emails; empty without any."""
        return self.emails.digest if self.emails else ""

    @cached_property
    def contents(self) -> EmailContents | None:
        """The contents of the email, article by article; None if it cannot be created."""
        if self.emails is None:
            return None
        return read_contents(self.issue, find_theme(self.publication.theme), self.day)

    @property
    def blocks(self) -> Sequence[Block]:
        """The blocks that the email shows, in order."""
        return self.contents.blocks if self.contents else ()

    @cached_property
    def document(self) -> Any:
        """The HTML of the email as a tree. Without an email, an empty document."""
        from lxml import html as lxml_html

        return lxml_html.document_fromstring(self.email.html if self.email else "<html><body></body></html>")

    @cached_property
    def places(self) -> Places:
        """Where each element of the email can be changed."""
        return Places(self.issue, self.contents, self.document)

    @cached_property
    def links(self) -> list[EmailLink]:
        """Every link of the email, in order."""
        return [
            EmailLink(
                element.get("href") or "",
                words_of(element),
                *self.places.place_and_position(element),
                element,
            )
            for element in self.document.iter("a")
        ]

    @cached_property
    def pictures(self) -> list[EmailPicture]:
        """Every picture of the email, in order."""
        return [
            EmailPicture(
                element.get("src") or "",
                element.get("alt"),
                *self.places.place_and_position(element),
                element,
            )
            for element in self.document.iter("img")
        ]


def words_of(element: Any) -> str:
    """Return the words of an element as a screen reader says them: its label, its text, or its pictures' alt texts."""
    if label := (element.get("aria-label") or "").strip():
        return label
    alts = " ".join(image.get("alt") or "" for image in element.iter("img"))
    return " ".join(f"{element.text_content()} {alts}".split())


def title_of(item: Item) -> str:
    """Return the headline of an article in this issue."""
    return item.headline or item.article.title


def at_item(item: Item, field: str = "") -> Place:
    """Return the place of an article in the contents of the issue, or of one of its fields."""
    return Place("contents", field, article=item.article_id)

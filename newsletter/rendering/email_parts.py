"""The parts of an email that people comment on and sign: its first lines, introduction, articles and blocks.

The digest of a part is that of what the theme makes of this part alone, in the email, in its text and on the web page.
So it changes with every byte that a reader would see of the part, and not with the other parts or their order.
"""

import hashlib
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from newsletter.issues.blocks_shown_in_email import Block
from newsletter.issues.models import Issue
from newsletter.rendering.email_contents import (
    EmailContents,
    PublicationDetails,
    Section,
    Story,
)
from newsletter.rendering.find_theme import Theme, find_theme
from newsletter.rendering.read_contents import read_contents
from newsletter.rendering.render_email import render_alone, render_emails_from
from subscribers.clean_text import folded
from subscribers.phrases import shortened
from subscribers.whole_numbers import whole_number

WHOLE, FIRST_LINES, INTRODUCTION = "email", "first-lines", "opening"
ARTICLE, BLOCK = "article-", "block-"
LONGEST_TITLE = 100
# Stands for the date, which changes with the day of sending alone.
_NO_DATE = "–"
_NOBODY = PublicationDetails(
    name="", tagline="", organisation="", website="", postal_address=(), reason="", logo=None
)


@dataclass(frozen=True, slots=True)
class PartText:
    """One text of a part. `field` names it within the part, and `label` names it for people."""

    field: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an email. `name` is the same in every version of the issue, such as `article-5`."""

    name: str
    title: str
    texts: tuple[PartText, ...] = ()


class EmailParts:
    """The parts of the email of an issue on a day, in order: the whole email first. Nothing is stored.

    Raises as `render_email` does, as soon as something is read that cannot be rendered.
    """

    def __init__(self, issue: Issue, day: date | None = None) -> None:
        self.issue = issue
        self.day = day
        self._digests: dict[str, str] = {}

    @cached_property
    def all(self) -> list[Part]:
        """Every part, in the order of the email."""
        return [part for part, _contents in self._alone.values()]

    def part(self, name: str) -> Part | None:
        """Return the part with this name, or None if the email does not have it."""
        found = self._alone.get(name)
        return found[0] if found else None

    def digest(self, name: str) -> str:
        """Return the digest of a part, in hexadecimal, or an empty string if the email does not have the part."""
        if name not in self._alone:
            return ""
        if name not in self._digests:
            self._digests[name] = self._digest_of(name)
        return self._digests[name]

    def _digest_of(self, name: str) -> str:
        if name == WHOLE:
            undated = replace(self._contents, date=_NO_DATE)
            return render_emails_from(self.issue, undated, self._theme).digest
        issue, (_part, contents) = copy(self.issue), self._alone[name]
        if name != FIRST_LINES:
            issue.subject = issue.preheader = ""
        if name != INTRODUCTION:
            issue.opening = ""
        seen = render_alone(issue, contents, self._theme)
        return hashlib.sha256("\0".join(seen).encode()).hexdigest()

    @cached_property
    def _theme(self) -> Theme:
        return find_theme(self.issue.publication.theme)

    @cached_property
    def _contents(self) -> EmailContents:
        return read_contents(self.issue, self._theme, self.day)

    @cached_property
    def _alone(self) -> dict[str, tuple[Part, EmailContents]]:
        """Each part by its name, with the contents of an email that has only this part."""
        issue, contents = self.issue, self._contents
        empty = replace(
            contents,
            publication=_NOBODY,
            number=0,
            date="",
            section="",
            lead=None,
            sections=(),
            blocks=(),
            corrections=(),
            notices=(),
            other_notices=(),
            pictures={},
        )
        found = [
            (Part(WHOLE, "The whole email"), contents),
            (
                Part(
                    FIRST_LINES,
                    "Subject and preheader",
                    (
                        PartText("subject", "Subject", issue.subject),
                        PartText("preheader", "Preheader", issue.preheader),
                    ),
                ),
                empty,
            ),
        ]
        if issue.opening.strip():
            words = PartText("opening", "Introduction", issue.opening)
            found.append((Part(INTRODUCTION, "Introduction", (words,)), empty))
        return {part.name: (part, alone) for part, alone in (*found, *_pieces(contents, empty))}


def article_part(article: int) -> str:
    """Return the name of the part that is an article."""
    return f"{ARTICLE}{article}"


def article_of(part: str) -> int | None:
    """Return the number of the article that a part is, or None if it is none."""
    number = part.removeprefix(ARTICLE)
    return whole_number(number) if number != part else None


def block_of(part: str) -> str:
    """Return the key of the block that a part is, or an empty string if it is none."""
    return part.removeprefix(BLOCK) if part.startswith(BLOCK) else ""


def _pieces(contents: EmailContents, empty: EmailContents) -> Iterator[tuple[Part, EmailContents]]:
    """Yield the articles and the blocks in order."""

    def block(each: Block) -> tuple[Part, EmailContents]:
        pictures = {each.name: contents.pictures.get(each.name)}
        return _block_part(each), replace(empty, blocks=(replace(each, placed=False),), pictures=pictures)

    if contents.lead is not None:
        yield from map(block, contents.lead.before)
        lead = replace(empty, lead=replace(contents.lead, before=()), section=_section_above_lead(contents))
        yield _story_part(contents.lead), lead
    for section in contents.sections:
        yield from map(block, section.before)
        for story in section.stories:
            yield from map(block, story.before)
            alone = Section(title="", stories=(replace(story, before=()),))
            yield _story_part(story), replace(empty, sections=(alone,))
    yield from (block(each) for each in contents.blocks if not each.placed)


def _section_above_lead(contents: EmailContents) -> str:
    """Return the section that themes name above the lead: not if the next heading says the same."""
    is_next = bool(contents.sections) and contents.sections[0].title == contents.section
    return "" if is_next else contents.section


def _story_part(story: Story) -> Part:
    texts = PartText("headline", "Headline", story.title), PartText("blurb", "Text", story.standfirst)
    return Part(article_part(story.number), _title(story.title), tuple(filter(_has_words, texts)))


def _block_part(block: Block) -> Part:
    texts = PartText("title", "Title", block.title), PartText("body", "Text", block.body)
    title = _title(block.title or block.body or block.name)
    return Part(f"{BLOCK}{block.name}", title, tuple(filter(_has_words, texts)))


def _title(text: str) -> str:
    return shortened(folded(text), LONGEST_TITLE)


def _has_words(each: PartText) -> bool:
    return bool(each.text.strip())

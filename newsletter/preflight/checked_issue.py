"""An issue as the checks see it: what several of them need is read, rendered or parsed once. Checks write nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.conf import settings

from newsletter.articles.article_terms import ArticleTerms
from newsletter.errors import NewsletterError
from newsletter.issues.blocks_shown_in_email import Block
from newsletter.issues.item_order import items_not_removed, printed_among
from newsletter.issues.models import Issue, Item, TopicRule
from newsletter.issues.running_order import why_nothing_to_send
from newsletter.issues.topic_rules import rules_of
from newsletter.preflight.finding import Place
from newsletter.preflight.issue_texts import IssueText, read_notices, read_texts
from newsletter.preflight.known_links import known_results
from newsletter.preflight.models import CheckedLink, PreflightSettings
from newsletter.preflight.read_preflight_settings import settings_of
from newsletter.preflight.tick_checklist import Sentence, with_ticks
from newsletter.preflight.where_to_edit import Places
from newsletter.proof.reviewed_in_words import open_comments_in_words
from newsletter.rendering.email import Email
from newsletter.rendering.email_contents import EmailContents
from newsletter.rendering.email_set import EmailSet
from newsletter.rendering.find_theme import Theme, find_theme
from newsletter.rendering.read_contents import read_contents
from newsletter.rendering.render_email import render_emails_from
from newsletter.scheduling.dateline import dateline_day, schedule_of
from newsletter.scheduling.models import Schedule
from newsletter.sending.audience import AudienceRule, rule_for

# URLs after these are not opened.
MOST_URLS = 300


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

    With `emails`, these are checked instead of those that the issue gives now. `people` is how many people would
    receive the issue, if the caller has counted them.
    """

    def __init__(
        self,
        issue: Issue,
        day: date | None = None,
        *,
        emails: EmailSet | None = None,
        people: int | None = None,
    ) -> None:
        self.issue = issue
        self.publication = issue.publication
        self.day = day or dateline_day(issue, self.schedule)
        self._given = emails
        self._people = people

    @cached_property
    def schedule(self) -> Schedule | None:
        """The schedule of the issue, if it has one."""
        return schedule_of(self.issue)

    @cached_property
    def chosen_settings(self) -> PreflightSettings:
        """What the publication chose for its checks."""
        return settings_of(self.publication)

    @cached_property
    def checklist(self) -> Sequence[Sentence]:
        """The sentences of the publication’s checklist, each with its tick for the issue."""
        return with_ticks(self.issue, self.chosen_settings.checklist)

    @cached_property
    def items_not_removed(self) -> list[Item]:
        """The items that nobody removed from the issue, also those whose article was excluded or withdrawn."""
        return items_not_removed(self.issue)

    @cached_property
    def topic_rules(self) -> Sequence[TopicRule]:
        """The publication’s rules for topics."""
        return rules_of(self.publication)

    @cached_property
    def open_comments(self) -> str:
        """How many comments are open, as a sentence, or an empty string if none is."""
        return open_comments_in_words(self.issue)

    @cached_property
    def items(self) -> list[Item]:
        """The items that are printed, in order."""
        return printed_among(self.items_not_removed)

    @cached_property
    def promoting_articles(self) -> frozenset[int]:
        """The numbers of the printed articles that are marked as promoting something."""
        marked = ArticleTerms.objects.filter(article__in=[item.article_id for item in self.items])
        return frozenset(marked.exclude(promotes="").values_list("article_id", flat=True))

    @cached_property
    def audience_rule(self) -> AudienceRule:
        """The rule that decides who would receive the issue. Raises Invalid."""
        return rule_for(self.issue)

    @cached_property
    def audience_size(self) -> int:
        """How many people would receive the issue. Raises Invalid for a bad segment."""
        return self.audience_rule.size(self.day) if self._people is None else self._people

    @cached_property
    def _rendered(self) -> EmailSet | str:
        if self._given is not None:
            return self._given
        try:
            why_empty = why_nothing_to_send(self.issue, self.day)
            return why_empty or render_emails_from(self.issue, self._contents, self._theme)
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

    @property
    def contents(self) -> EmailContents | None:
        """The contents of the email, article by article; None if it cannot be created."""
        return None if self.emails is None else self._contents

    @cached_property
    def _contents(self) -> EmailContents:
        return read_contents(self.issue, self._theme, self.day, items=self.items, rules=self.topic_rules)

    @cached_property
    def _theme(self) -> Theme:
        return find_theme(self.publication.theme)

    @property
    def blocks(self) -> Sequence[Block]:
        """The blocks that the email shows, in order."""
        return self.contents.blocks if self.contents else ()

    @cached_property
    def texts(self) -> Sequence[IssueText]:
        """The texts as readers see them, in the order of the email."""
        texts = read_texts(self.issue, self.items, self.blocks, self.places)
        if self.contents is None:
            return texts
        return [*texts, *read_notices(self.contents, self.publication.language, len(texts))]

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

    @cached_property
    def urls_elsewhere(self) -> list[str]:
        """The URLs of links and pictures in order, each once, without our own and personal ones."""
        ours = f"{settings.NEWSLETTER.root_url}/"
        urls = [link.url for link in self.links] + [picture.url for picture in self.pictures]
        wanted = [
            url
            for url in urls
            if url.lower().startswith(("http://", "https://"))
            and not url.startswith(ours)
            and "*|" not in url
        ]
        return list(dict.fromkeys(wanted))[:MOST_URLS]

    @cached_property
    def known_links(self) -> Mapping[str, CheckedLink]:
        """What was known of these URLs when they were first asked about, by the URL."""
        return known_results(self.urls_elsewhere)


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

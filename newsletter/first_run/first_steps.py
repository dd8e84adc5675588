"""The steps to the first issue, and which of them are done. They need no record: what there is tells."""

from dataclasses import dataclass
from enum import StrEnum

from newsletter.articles.models import Article, Source
from newsletter.issues.models import Issue, Publication
from subscribers.models import Subscription


class Step(StrEnum):
    """A step of the first run, in its order."""

    PUBLICATION = "publication"
    SOURCE = "source"
    ARTICLES = "articles"
    ISSUE = "issue"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSteps:
    """What an installation has. `is_sent` ends the first steps for good."""

    has_publication: bool
    has_source: bool
    has_articles: bool
    has_issue: bool
    has_subscribers: bool
    is_sent: bool

    @property
    def next_step(self) -> Step | None:
        """The first step of the first run that is not done, or None if an issue is composed."""
        done = {
            Step.PUBLICATION: self.has_publication,
            Step.SOURCE: self.has_source,
            Step.ARTICLES: self.has_articles,
            Step.ISSUE: self.has_issue,
        }
        if self.has_issue:
            return None
        return next((step for step, is_done in done.items() if not is_done), None)


def first_steps() -> FirstSteps:
    """Return what there is, with one quick query for each."""
    is_sent = Issue.objects.filter(state=Issue.State.SENT).exists()
    return FirstSteps(
        has_publication=Publication.objects.exists(),
        has_source=Source.objects.filter(active=True).exists(),
        has_articles=Article.objects.exists(),
        has_issue=is_sent or Issue.objects.exclude(state=Issue.State.CANCELLED).exists(),
        has_subscribers=is_sent or Subscription.objects.filter(state="active").exists(),
        is_sent=is_sent,
    )

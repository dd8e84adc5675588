"""The steps to the first issue, and which of them are done. They need no record: what there is tells."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Exists, OuterRef, QuerySet

from newsletter.articles.models import Article, Source
from newsletter.articles.sources import active_sources
from newsletter.first_run.models import EXAMPLE_SOURCES, Example
from newsletter.issues.archived_publications import open_publications
from newsletter.issues.models import Issue, Publication
from newsletter.sending.models import Mailing
from newsletter.sending.models.mailing import SAVES_ONLY
from newsletter.sending_settings.current import sending_settings
from subscribers.models import Subscription


class Step(StrEnum):
    """A step of the first run, in its order."""

    PUBLICATION = "publication"
    SOURCE = "source"
    ARTICLES = "articles"
    ISSUE = "issue"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSteps:
    """What an installation has. `is_sent` ends the first steps for good.

    `has_transport` says that emails leave this server. An issue whose emails were saved in a folder is not sent to
    anybody, so it does not end them.
    """

    has_publication: bool
    has_source: bool
    has_articles: bool
    has_issue: bool
    has_subscribers: bool
    has_transport: bool
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


def own_publication() -> Publication | None:
    """Return the publication that the first run made, or the first one there is; never that of the example."""
    example = Example.objects.values("publication")
    publications = open_publications().exclude(pk__in=example).select_related("mailing_list")
    return publications.order_by("pk").first()


def own_sources() -> QuerySet[Source]:
    """Return the active sources but for those of the example, the oldest first."""
    sources = active_sources().order_by("pk")
    return sources.exclude(Exists(Example.objects.all()), name__in=EXAMPLE_SOURCES)


def first_steps() -> FirstSteps:
    """Return what there is, with one quick query for each."""
    publications = open_publications().exclude(pk__in=Example.objects.values("publication"))
    issues = Issue.objects.filter(publication__in=publications)
    sources = own_sources()
    saved_in_folder = Mailing.objects.filter(issue=OuterRef("pk"), transport=SAVES_ONLY)
    is_sent = issues.filter(~Exists(saved_in_folder), state=Issue.State.SENT).exists()
    lists = publications.values("mailing_list")
    active = Subscription.objects.filter(list__in=lists, state=Subscription.State.ACTIVE)
    return FirstSteps(
        has_publication=is_sent or publications.exists(),
        has_source=is_sent or sources.exists(),
        has_articles=is_sent or Article.objects.filter(source__in=sources).exists(),
        has_issue=is_sent or issues.exclude(state=Issue.State.CANCELLED).exists(),
        has_subscribers=is_sent or active.exists(),
        has_transport=is_sent or sending_settings().transport != SAVES_ONLY,
        is_sent=is_sent,
    )

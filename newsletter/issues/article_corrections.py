"""Corrections to articles of earlier issues, which the next issue tells its readers about."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from newsletter.articles.models import Article, Correction
from newsletter.issues.candidate_articles import items_used_by, last_issue
from newsletter.issues.models import Approval, Issue, Item, Publication

SENT = (Issue.State.SENDING, Issue.State.SENT)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def corrections_since_last_issue(
    publication: Publication, *, before: Issue | None = None
) -> list[Correction]:
    """Return corrections since the last issue to articles of earlier issues, oldest first.

    `before` is the issue being written. Without it, the next issue is meant. A correction is included unless an
    earlier issue was approved after it was made here or found at its source, because that issue has it. If an earlier
    issue was approved at a time that is still to come, because the clock was wrong, its email shows what it has.
    """
    previous = last_issue(publication, before=before)
    if previous is None:
        return []
    earlier = items_used_by(publication).filter(
        issue__number__lte=previous.number, article=OuterRef("article")
    )
    approved_at = _last_approval(publication, previous)
    since = _known_after(approved_at or LONG_AGO, _day(approved_at or previous.composed_at, publication))
    found = Correction.objects.filter(since, has_come(publication), Exists(earlier))
    # Not by a join: without statistics, SQLite would go through every article to find the few that were corrected.
    corrections = list(found.prefetch_related("article").order_by("corrected_on", "pk"))
    if not corrections:
        return []
    ahead = _approvals(publication, previous).filter(approved_at__gt=timezone.now())
    told = [_words_of(each) for each in ahead]
    return [each for each in corrections if not any(_is_in(words, each) for words in told)]


def issues_that_carried(article: Article) -> QuerySet[Issue]:
    """Return the issues with an article that were sent, or are being sent, in all publications, the latest first."""
    items = Item.objects.filter(issue=OuterRef("pk"), article=article, dropped=False)
    found = Issue.objects.filter(Exists(items), state__in=SENT)
    return found.select_related("publication__mailing_list").order_by("-pk")


def publications_that_carried(article: Article) -> list[Publication]:
    """Return the publications whose readers were sent an article, by name."""
    carried = issues_that_carried(article).order_by().filter(publication=OuterRef("pk"))
    found = Publication.objects.filter(Exists(carried)).select_related("mailing_list")
    return sorted(found, key=lambda publication: publication.name)


def corrections_of_publication(publication: Publication) -> QuerySet[Correction]:
    """Return the corrections to articles that a publication has sent, the latest first."""
    sent = items_used_by(publication).filter(issue__state__in=SENT, article=OuterRef("article"))
    found = Correction.objects.filter(has_come(publication), Exists(sent)).select_related("article")
    return found.order_by("-corrected_on", "-pk")


def corrections_since_sent(issue: Issue) -> list[Correction]:
    """Return what was corrected in the articles of a sent issue since its email was approved, oldest first."""
    items = Item.objects.filter(issue=issue, dropped=False, article=OuterRef("article"))
    approvals = Approval.objects.filter(issue=issue, withdrawn_at=None)
    approved_at = approvals.values_list("approved_at", flat=True).first()
    day = _day(approved_at or issue.sent_at or issue.composed_at, issue.publication)
    since = _known_after(approved_at or issue.composed_at, day)
    found = Correction.objects.filter(since, has_come(issue.publication), Exists(items))
    return list(found.select_related("article").order_by("corrected_on", "pk"))


def issues_that_told(correction: Correction, publications: Iterable[Publication]) -> QuerySet[Issue]:
    """Return the issues that were approved after a correction was made here, and may have told readers about it."""
    now = timezone.now()
    after = Approval.objects.filter(withdrawn_at=None, approved_at__gte=correction.made_at)
    ahead = after.filter(approved_at__gt=now, issue__publication__in=list(publications))
    told = [each.issue_id for each in ahead if _is_in(_words_of(each), correction)]
    by_time = Exists(after.filter(issue=OuterRef("pk"), approved_at__lte=now))
    found = Issue.objects.filter(by_time | Q(pk__in=told), publication__in=list(publications))
    return found.exclude(state=Issue.State.CANCELLED)


def _words_of(approval: Approval) -> str:
    """Return the words of the approved emails, with single spaces."""
    emails = (each.get("email") or {} for each in approval.emails)
    return " ".join(" ".join(str(each.get("text", "")) for each in emails).split())


def _is_in(words: str, correction: Correction) -> bool:
    return " ".join(correction.text.split()) in words


def _day(moment: datetime, publication: Publication) -> date:
    return timezone.localtime(moment, publication.tzinfo).date()


def _known_after(moment: datetime, day: date) -> Q:
    """Return the condition for corrections that an email approved at a moment, on a day, cannot have.

    Of corrections that we found long ago, only their own day is known. Those of the same day may have come later. Those
    of a later day were not shown before.
    """
    made_here, at_source = Q(made_at__gt=moment), Q(made_at=None)
    return (
        made_here
        | at_source & Q(found_at__gt=moment)
        | at_source & Q(corrected_on__gt=day)
        | at_source & Q(found_at=None, corrected_on=day)
    )


def has_come(publication: Publication, of: str = "") -> Q:
    """Return the condition for corrections whose day is not in the future, and that their source still gives.

    A source can give any day.

    `of` is the name of the relation if the rows are not corrections, with two underscores: `correction__`.
    """
    today = timezone.localdate(timezone=publication.tzinfo)
    has_day = Q(**{f"{of}corrected_on__lte": today}) | Q(**{f"{of}made_at__isnull": False})
    return has_day & Q(**{f"{of}gone_at__isnull": True})


def is_still_to_come(correction: Correction, publication: Publication) -> bool:
    """Return whether readers cannot see a correction yet, because its source gives a day in the future.

    This is `has_come` for one correction.
    """
    return correction.made_at is None and correction.corrected_on > timezone.localdate(
        timezone=publication.tzinfo
    )


def _last_approval(publication: Publication, previous: Issue) -> datetime | None:
    """Return when an issue up to `previous` was last approved. Corrections made later are in none of them. None if none
    was.
    """
    approvals = _approvals(publication, previous).filter(approved_at__lte=timezone.now())
    return approvals.order_by("-approved_at").values_list("approved_at", flat=True).first()


def _approvals(publication: Publication, previous: Issue) -> QuerySet[Approval]:
    """Return the approvals of the issues of a publication up to `previous` that still hold."""
    found = Approval.objects.filter(
        issue__publication=publication, issue__number__lte=previous.number, withdrawn_at=None
    )
    return found.exclude(issue__state=Issue.State.CANCELLED)

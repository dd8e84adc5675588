"""Who is in the audience of an issue, and how many people that is: the desk shows it, and plan.py writes it down."""

from datetime import date

from django.db.models import Q, QuerySet

from newsletter.issues.models import Issue
from newsletter.scheduling.dating import day_of_going, schedule_of
from newsletter.sending.models import Mailing
from subscribers.models import Subscription


def audience_of(issue: Issue, day: date) -> QuerySet[Subscription]:
    """The subscriptions that an issue goes to on a day: active, not paused.

    Suppressing an address ends its subscriptions, so an active one is never suppressed.
    """
    return Subscription.objects.filter(
        Q(paused_until=None) | Q(paused_until__lte=day),
        list=issue.publication.mailing_list_id,
        state=Subscription.State.ACTIVE,
    )


def audience_size(issue: Issue) -> int:
    """How many people would get an issue now."""
    schedule = schedule_of(issue) if issue.pk else None
    return audience_of(issue, day_of_going(issue, schedule)).count()


def audience_sentence(issue: Issue) -> str:
    """How many people would get an issue now, and how that differs from the last issue that went."""
    now = audience_size(issue)
    people = f"{now:,} {'person' if now == 1 else 'people'}"
    before = Mailing.objects.filter(issue__publication=issue.publication_id).exclude(issue=issue).first()
    if before is None:
        return f"{people}, the first time"
    more = now - before.audience
    if more == 0:
        return f"{people}, as many as last issue"
    return f"{people}, {abs(more):,} {'more' if more > 0 else 'fewer'} than last issue"

"""Works out the audience of an issue: the people on a list whom a segment chooses, without those who are excluded.

The desk shows the number of people; plan.py stores who they are.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from newsletter.errors import Invalid
from newsletter.issues.models import Issue
from newsletter.scheduling.dateline import dateline_day, schedule_of
from newsletter.sending.models import Mailing
from subscribers.models import List, Subscription
from subscribers.phrases import counted
from subscribers.segments.segment_errors import WrongSegment
from subscribers.segments.select_people import chosen

# Counting this many people takes a few milliseconds.
LARGE = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class AudienceRule:
    """The rule that decides who receives a mailing.

    `segment` and each of the `exclusions` is a segment (subscribers/segments) of the list. An empty segment chooses
    everybody.
    """

    mailing_list: List
    segment: str = ""
    exclusions: tuple[str, ...] = ()

    def people(self, day: date) -> QuerySet[Subscription]:
        """Return the subscriptions that the rule gives on a day: active, not paused. Raises Invalid for a bad segment.

        Suppressing an address ends its subscriptions, so an active one is never suppressed.
        """
        people = chosen_people(self.segment, self.mailing_list)
        for each in self.exclusions:
            people = people.exclude(pk__in=chosen_people(each, self.mailing_list).values("pk"))
        return people.filter(Q(paused_until=None) | Q(paused_until__lte=day))

    def size(self, day: date) -> int:
        """Return how many people `people` gives on a day. For a whole list, two indexes answer without a row."""
        if self.segment.strip() or self.exclusions:
            return self.people(day).count()
        active = chosen_people("", self.mailing_list)
        return active.count() - active.filter(paused_until__gt=day).count()


def rule_for(issue: Issue) -> AudienceRule:
    """Return the audience rule of an issue: everybody on the list of its publication."""
    return AudienceRule(mailing_list=issue.publication.mailing_list)


def rule_of(mailing: Mailing) -> AudienceRule:
    """Return the audience rule for which a mailing was planned."""
    return AudienceRule(
        mailing_list=mailing.mailing_list, segment=mailing.segment, exclusions=tuple(mailing.exclusions)
    )


def chosen_people(segment: str, mailing_list: List) -> QuerySet[Subscription]:
    """Return the active subscriptions of a list that a segment chooses. Raises Invalid for a wrong segment."""
    try:
        return chosen(segment, mailing_list)
    except WrongSegment as error:
        raise Invalid(str(error)) from error


def audience_size(issue: Issue) -> int:
    """Return how many people would receive an issue if it were sent now."""
    return rule_for(issue).size(audience_day(issue))


def audience_day(issue: Issue) -> date:
    """Return the day by which pauses are counted if an issue is sent as it is scheduled, or else now."""
    return dateline_day(issue, schedule_of(issue) if issue.pk else None)


def audience_is_empty(issue: Issue) -> bool:
    """Return whether nobody would receive an issue if it were sent now."""
    return not rule_for(issue).people(audience_day(issue)).exists()


def audience_is_large(issue: Issue) -> bool:
    """Return whether the list of an issue is so large that counting its active subscribers would delay a page."""
    active = chosen_people("", issue.publication.mailing_list).order_by("pk")
    return active.values("pk")[LARGE : LARGE + 1].exists()


def audience_at_once(issue: Issue) -> str:
    """Say who would receive an issue, with the number only if it can be counted at once."""
    if audience_is_large(issue):
        return everybody_on_list(issue)
    return audience_sentence(issue)


def everybody_on_list(issue: Issue) -> str:
    """Return the words for the audience of an issue whose people are not counted yet."""
    return f"everybody on the list “{issue.publication.mailing_list.name}”"


def audience_sentence(issue: Issue) -> str:
    """Say how many people would receive an issue now, and how that differs from the last issue that was sent."""
    return audience_words(issue, audience_size(issue))


def audience_words(issue: Issue, now: int) -> str:
    """Say the same for a number of people that the caller has counted."""
    people = counted(now, "person", "people")
    sent = Mailing.objects.filter(issue__publication=issue.publication_id, purpose=Mailing.Purpose.ISSUE)
    before = sent.exclude(issue=issue).first()
    if before is None:
        return f"{people} (this is the first issue)"
    more = now - before.audience
    if more == 0:
        return f"{people} (the same number as for the last issue)"
    if more > 0:
        return f"{people} ({more:,} more than for the last issue)"
    return f"{people} ({-more:,} fewer than for the last issue)"

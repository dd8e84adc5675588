"""Who would receive an issue, by name, and who on its list would not, and why: the people behind each number.

Everybody on the list is in exactly one group, and `RECEIVES` has exactly those whom planning would write.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Q, QuerySet

from newsletter.errors import refuse_if
from newsletter.issues.models import Issue
from newsletter.sending.audience import (
    AudienceRule,
    audience_day,
    bases_left_out,
    chosen_people,
    rule_for,
    segment_condition,
)
from newsletter.sending.who_may_see_recipients import why_not_see_people
from subscribers.models import Basis, Subscription
from subscribers.phrases import written_day
from subscribers.segments.count_people import count_people

PEOPLE_PER_PAGE = 50
State = Subscription.State


class AudienceGroup(StrEnum):
    """What the audience rule of an issue says about somebody on its list."""

    RECEIVES = "receives"
    PAUSED = "paused"
    BASIS = "basis"
    NOT_CHOSEN = "not-chosen"
    PENDING = "pending"
    UNSUBSCRIBED = "unsubscribed"

    @property
    def label(self) -> str:
        """The name of the group for editors."""
        return LABELS[self]


LABELS = {
    AudienceGroup.RECEIVES: "Will receive the issue",
    AudienceGroup.PAUSED: "Paused",
    AudienceGroup.BASIS: "Lawful basis does not cover the issue",
    AudienceGroup.NOT_CHOSEN: "Not in the segment, or left out",
    AudienceGroup.PENDING: "Not confirmed yet",
    AudienceGroup.UNSUBSCRIBED: "Unsubscribed",
}


@dataclass(frozen=True, slots=True)
class GroupSize:
    """A group of people on the list, and how many are in it."""

    group: AudienceGroup
    count: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the list: `reason` says why they are left out, and is empty if they are not."""

    subscription: int
    name: str
    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Some people of a group, in the order in which they joined the list. `after` leads to the next; 0 at the end."""

    people: list[Person]
    after: int


def group_sizes(issue: Issue) -> list[GroupSize]:
    """Return how many people on the list are in each group, without empty groups. `RECEIVES` always comes first."""
    rule, day = rule_for(issue), audience_day(issue)
    counts = {AudienceGroup.RECEIVES: rule.size(day)}
    for group, query in _left_out(rule, day):
        if group is AudienceGroup.NOT_CHOSEN:
            # All other active subscribers. Looking at each of them again would take as long as the first count.
            counts[group] = chosen_people("", rule.mailing_list).count() - sum(counts.values())
        elif group in {AudienceGroup.BASIS, AudienceGroup.PAUSED}:
            counts[group] = count_people(query, rule.mailing_list)
        else:
            counts[group] = query.count()
    return [
        GroupSize(group, count) for group, count in counts.items() if count or group is AudienceGroup.RECEIVES
    ]


def people_in(
    issue: Issue, group: AudienceGroup, *, after: int = 0, at_most: int = PEOPLE_PER_PAGE
) -> PeoplePage:
    """Return one page of the people in a group, after the subscription number `after`. It reads only that page.

    Raises Refused with the sentence of `why_not_see_people`.
    """
    refuse_if(why_not_see_people(issue))
    rule, day = rule_for(issue), audience_day(issue)
    query = rule.people(day) if group is AudienceGroup.RECEIVES else dict(_left_out(rule, day)).get(group)
    if query is None:
        return PeoplePage([], 0)
    rows = list(
        query.filter(pk__gt=after)
        .order_by("pk")
        .values_list(
            "pk",
            "subscriber__first_name",
            "subscriber__last_name",
            "subscriber__address",
            "paused_until",
            "left_at",
            "basis",
        )[: at_most + 1]
    )
    reasons = bases_left_out(issue) if group is AudienceGroup.BASIS else {}
    people = [
        Person(
            pk,
            f"{first} {last}".strip(),
            address,
            _of_basis(basis, reasons) or _reason(group, paused, left.date() if left else None),
        )
        for pk, first, last, address, paused, left, basis in rows[:at_most]
    ]
    return PeoplePage(people, people[-1].subscription if len(rows) > at_most else 0)


def _left_out(rule: AudienceRule, day: date) -> Iterator[tuple[AudienceGroup, QuerySet[Subscription]]]:
    on_list = Subscription.objects.filter(list=rule.mailing_list)
    chosen = chosen_people(rule.segment, rule.mailing_list)
    excluded = rule.left_out()
    is_left_out = Q(pk__in=()) if excluded is None else excluded
    if rule.segment.strip():
        # About the same row: PostgreSQL reads a large list again for each person for whom it needs NOT IN.
        is_left_out |= ~segment_condition(rule.segment, rule.mailing_list)
    among = chosen.exclude(is_left_out)
    if rule.bases:
        yield AudienceGroup.BASIS, among.filter(basis__in=rule.bases)
        among = among.exclude(basis__in=rule.bases)
    yield AudienceGroup.PAUSED, among.filter(paused_until__gt=day)
    if rule.is_narrowed:
        yield AudienceGroup.NOT_CHOSEN, on_list.filter(is_left_out, state=State.ACTIVE)
    yield AudienceGroup.PENDING, on_list.filter(state=State.PENDING)
    yield AudienceGroup.UNSUBSCRIBED, on_list.filter(state=State.UNSUBSCRIBED)


def _of_basis(basis: str, reasons: Mapping[Basis, str]) -> str:
    """Return on which lawful basis somebody is, and why it does not cover the issue; empty if it does."""
    found = Basis(basis)
    return f"{found.label}. {reasons[found]}" if found in reasons else ""


def _reason(group: AudienceGroup, paused: date | None, left: date | None) -> str:
    match group:
        case AudienceGroup.RECEIVES:
            return ""
        case AudienceGroup.PAUSED if paused:
            return f"Paused until {written_day(paused)}"
        case AudienceGroup.UNSUBSCRIBED if left:
            return f"Unsubscribed on {written_day(left)}"
        case _:
            return group.label

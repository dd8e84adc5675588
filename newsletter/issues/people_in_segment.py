"""Who is in a segment now: the number, and their names page by page."""

from dataclasses import dataclass

from newsletter.accounts.role_checked_subscriber_acts import why_not_look
from newsletter.errors import Invalid, refuse_if
from subscribers.models import List
from subscribers.segments.count_people import count_people
from subscribers.segments.known_details import KnownDetails, details_that_nobody_has, known_details
from subscribers.segments.segment_errors import WrongSegment
from subscribers.segments.select_people import chosen

PEOPLE_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class SegmentPerson:
    """Somebody in a segment: the number of their subscription and of the subscriber, the name and the address."""

    subscription: int
    subscriber: int
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class SegmentPeople:
    """Some people of a segment, in the order in which they joined. `after` leads to the next; 0 at the end."""

    people: list[SegmentPerson]
    after: int


def segment_size(text: str, mailing_list: List) -> int:
    """Return how many active people on a list a segment chooses, also those who have paused. Raises Invalid."""
    refuse_if(why_not_look())
    try:
        return count_people(chosen(text, mailing_list), mailing_list)
    except WrongSegment as error:
        raise Invalid(str(error)) from error


def segment_people(
    text: str, mailing_list: List, *, after: int = 0, at_most: int = PEOPLE_PER_PAGE
) -> SegmentPeople:
    """Return one page of the people whom a segment chooses, after the subscription number `after`. Raises Invalid."""
    refuse_if(why_not_look())
    try:
        found = chosen(text, mailing_list).filter(pk__gt=after).order_by("pk")
    except WrongSegment as error:
        raise Invalid(str(error)) from error
    names = ("subscriber__first_name", "subscriber__last_name", "subscriber__address")
    rows = list(found.values_list("pk", "subscriber_id", *names)[: at_most + 1])
    people = [
        SegmentPerson(pk, subscriber, f"{first} {last}".strip(), address)
        for pk, subscriber, first, last, address in rows[:at_most]
    ]
    return SegmentPeople(people, people[-1].subscription if len(rows) > at_most else 0)


def details_offered(mailing_list: List) -> KnownDetails:
    """Return the details that people on a list have, from a sample of them if there are many."""
    refuse_if(why_not_look())
    return known_details(mailing_list)


def unknown_details(text: str, mailing_list: List) -> list[str]:
    """Return a sentence for each detail in a segment that nobody on the list has. Raises Invalid."""
    refuse_if(why_not_look())
    try:
        names = details_that_nobody_has(text, mailing_list)
    except WrongSegment as error:
        raise Invalid(str(error)) from error
    return [f"Nobody on this list has a detail called “{name}”." for name in names]

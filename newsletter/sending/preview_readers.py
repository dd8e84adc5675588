"""Whom a preview shows the email as: somebody on the list, chosen or at random, or somebody made up.

Real people are only shown to those who may see who receives the issue.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.models import Max, Min

from newsletter.errors import Invalid, NotFound, refuse_if
from newsletter.issues.models import Issue, SavedSegment
from newsletter.sending.audience import audience_day, rule_for
from newsletter.sending.who_may_see_recipients import why_not_see_people
from subscribers.language_tags import is_language_tag
from subscribers.models import Subscription
from subscribers.segments.segment_errors import WrongSegment
from subscribers.segments.segment_parser import parse
from subscribers.segments.segment_tree import And, Condition, Or, Segment
from subscribers.translated_languages import language_name
from subscribers.whole_numbers import whole_number

SUGGESTIONS = 8
MADE_UP_NAME = "Sam"
WITHOUT_NAME, OF_SEGMENT, OF_LANGUAGE = "without-name", "segment-", "language-"
# The character after the last that an address can contain.
_END = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewReader:
    """Somebody as whom the email is shown. `called` names them; a made-up person has no subscription.

    `language` is that of a made-up person who has one.
    """

    called: str
    first_name: str
    last_name: str = ""
    language: str = ""
    subscription: Subscription | None = None

    @classmethod
    def of(cls, subscription: Subscription) -> "PreviewReader":
        """Return somebody on the list."""
        person = subscription.subscriber
        return cls(
            called=f"{person.first_name} {person.last_name}".strip() or person.address,
            first_name=person.first_name,
            last_name=person.last_name,
            subscription=subscription,
        )


def reader_named(issue: Issue, name: str) -> PreviewReader | None:
    """Return the reader whom an address names: the number of a subscription, or somebody made up. None without a name.

    Raises NotFound, and Refused for people who may not see who receives the issue.
    """
    if not name:
        return None
    if (reader := whole_number(name)) is not None:
        return PreviewReader.of(reader_numbered(issue, reader))
    if name == WITHOUT_NAME:
        return PreviewReader(called="a made-up person without a first name", first_name="")
    language = name.removeprefix(OF_LANGUAGE)
    if name.startswith(OF_LANGUAGE) and is_language_tag(language):
        called = f"a made-up person whose language is {language_name(language)}"
        return PreviewReader(called=called, first_name=MADE_UP_NAME, language=language)
    segment = whole_number(name.removeprefix(OF_SEGMENT))
    if name.startswith(OF_SEGMENT) and segment is not None:
        return _made_up_member(issue, segment)
    raise NotFound("This reader does not exist. Choose somebody else.")


def reader_numbered(issue: Issue, subscription: int) -> Subscription:
    """Return somebody on the list of an issue by the number of their subscription. Raises NotFound or Refused."""
    refuse_if(why_not_see_people(issue))
    found = Subscription.objects.filter(list=issue.publication.mailing_list_id, pk=subscription)
    reader = found.select_related("subscriber").first()
    if reader is None:
        raise NotFound("This person is no longer on the list. Choose somebody else.")
    return reader


def random_reader(issue: Issue) -> Subscription:
    """Return somebody at random who would receive the issue now. Raises NotFound without anybody, and Refused.

    Reads only that person: it looks from a random number upwards, then from the beginning.
    """
    refuse_if(why_not_see_people(issue))
    audience = rule_for(issue).people(audience_day(issue)).order_by("pk")
    bounds = Subscription.objects.filter(list=issue.publication.mailing_list_id).aggregate(
        Min("pk"), Max("pk")
    )
    if bounds["pk__min"] is not None:
        start = random.randint(bounds["pk__min"], bounds["pk__max"])  # noqa: S311 - nobody must be kept from guessing it
        found = audience.filter(pk__gte=start).first() or audience.first()
        if found is not None:
            return found
    raise NotFound(
        "Nobody would receive this issue now, so we cannot show the email as a reader would see it."
    )


def readers_like(issue: Issue, beginning: str) -> list[Subscription]:
    """Return a few people on the list of an issue whose address begins with this text, by address.

    Raises Refused with the sentence of `why_not_see_people`.
    """
    refuse_if(why_not_see_people(issue))
    key = beginning.strip().lower()
    if not key:
        return []
    # Only a range lets SQLite use its index; PostgreSQL orders text by a language, so a range would be another one.
    within = {"subscriber__address_key__gte": key, "subscriber__address_key__lt": key + _END}
    if connection.vendor != "sqlite":
        within = {"subscriber__address_key__startswith": key}
    found = Subscription.objects.filter(list=issue.publication.mailing_list_id, **within)
    rows = found.select_related("subscriber").order_by("subscriber__address_key")
    return list(rows[:SUGGESTIONS])


def _made_up_member(issue: Issue, number: int) -> PreviewReader:
    """Return a made-up person with the name that a segment of the list asks for, if it asks for one."""
    found = SavedSegment.objects.filter(mailing_list=issue.publication.mailing_list_id, pk=number).first()
    if found is None:
        raise NotFound("This segment no longer exists. Choose somebody else.")
    try:
        wanted = {each.subject: each for each in _needed(parse(found.text))}
    except WrongSegment as error:
        raise Invalid(str(error)) from None
    called = f"a made-up member of the segment “{found.name}”"
    first, last = _value(wanted.get("first name"), MADE_UP_NAME), _value(wanted.get("last name"), "")
    return PreviewReader(called=called, first_name=first, last_name=last)


def _needed(segment: Segment) -> Iterator[Condition]:
    """Yield conditions that a member must meet. Of alternatives, a made-up member meets the first."""
    match segment:
        case Condition():
            yield segment
        case And(parts):
            for part in parts:
                yield from _needed(part)
        case Or(parts):
            yield from _needed(parts[0])


def _value(condition: Condition | None, otherwise: str) -> str:
    if condition is None or condition.is_attribute:
        return otherwise
    if condition.verb == "is missing":
        return ""
    return condition.value if condition.verb in {"is", "starts with"} else otherwise

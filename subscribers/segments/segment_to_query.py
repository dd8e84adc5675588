"""What a segment means in the database: a condition on subscriptions, one list's or every list's.

Every condition is true or false, never unknown, so that `not` gives everybody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from functools import reduce
from operator import and_, or_

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    When,
)
from django.utils import timezone

from subscribers.database import is_sqlite
from subscribers.email_addresses import in_ascii
from subscribers.models import Basis, List, SourceKind, Subscription, Topic
from subscribers.segments.detail_conditions import (
    condition_by_key,
    detail_condition,
    has_usual_keys,
    values_by_name,
)
from subscribers.segments.field_conditions import (
    TEXTS,
    address_condition,
    field_condition,
    joined_without_index,
)
from subscribers.segments.segment_errors import WrongSegment, near
from subscribers.segments.segment_fields import behaviour
from subscribers.segments.segment_tree import And, Condition, Not, Segment, attributes_in, both

# Asking for all keys of a document takes SQLite as long as reading two attributes.
WORTH_ASKING_FOR_KEYS = 3
DATES = {"joined": "joined_at", "paused until": "paused_until"}


@dataclass(frozen=True, slots=True)
class QueryBuilder:
    """How a tree is read: for which list (None: any), at which moment, and from which text, for pointing.

    `usual` are the `usual_spellings` of attributes, if the tree has any. With `by_key`, people who spell one of them
    otherwise count as people without it.
    """

    mailing_list: List | None
    now: datetime
    text: str = ""
    usual: Sequence[str] = ()
    by_key: bool = False

    def of(self, tree: Segment) -> Q:
        """Return the condition of a whole tree. Raises WrongSegment for a value that does not exist."""
        if is_sqlite() and len(attributes_in(tree)) < WORTH_ASKING_FOR_KEYS:
            return self.translated(tree)
        parts = tree.parts if isinstance(tree, And) else (tree,)
        slow = [part for part in parts if attributes_in(part)]
        found = Q()
        for part in parts:
            if part not in slow:
                found &= self.translated(part)
        return found & self._of_documents(both(slow)) if slow else found

    def _of_documents(self, tree: Segment) -> Q:
        """Return a condition that reads details by their usual spellings where somebody has no other names."""
        by_key = ExpressionWrapper(replace(self, by_key=True).translated(tree), output_field=BooleanField())
        of_all = ExpressionWrapper(self.translated(tree), output_field=BooleanField())
        only_usual = has_usual_keys(attributes_in(tree), self.usual)
        return Q(Case(When(only_usual, then=by_key), default=of_all, output_field=BooleanField()))

    def translated(self, tree: Segment) -> Q:
        """Return the condition of a tree as `of` does, but read all documents in one way."""
        if isinstance(tree, Condition):
            return self._condition(tree)
        if isinstance(tree, Not):
            return ~self.translated(tree.part)
        all_of, verb = (True, "is not") if isinstance(tree, And) else (False, "is")
        alike, others = values_by_name(tree, verb) if self.by_key else ({}, list(tree.parts))
        parts = [
            *map(self.translated, others),
            *(self._detail(name, verb, values) for name, values in alike.items()),
        ]
        return reduce(and_ if all_of else or_, parts)

    def _condition(self, said: Condition) -> Q:
        if said.is_attribute:
            return self._detail(said.subject, said.verb, [said.value])
        if said.subject == "address":
            return address_condition(said.verb, said.value)
        if said.subject in TEXTS:
            return field_condition(TEXTS[said.subject], said.verb, said.value)
        if said.subject == "domain":
            return self._domain(said)
        if said.subject in DATES:
            return self._date(said)
        choices = {"topic": self._topic, "list": self._list, "source": self._source, "basis": self._basis}
        return choices.get(said.subject, self._behaviour)(said)

    def _domain(self, said: Condition) -> Q:
        """The part after the @. An address always has a domain."""
        path = "subscriber__address_key"
        match said.verb:
            case "is missing" | "is known":
                return _constant(said.verb == "is known")
            case "is" | "is not":
                found = Q(**{f"{path}__iendswith": f"@{in_ascii(said.value)}"})
                return found if said.verb == "is" else ~found
            case "ends with":
                return (
                    Q(**{f"{path}__iendswith": in_ascii(said.value)})
                    if "@" not in said.value
                    else _constant(False)
                )
        raise WrongSegment(
            "For a domain, you can only use “is”, “is not” or “ends with”.",
            text=self.text,
            at=said.at,
            length=len(said.subject),
        )

    def _topic(self, said: Condition) -> Q:
        """People who chose the topic, or none, which means every topic."""
        through = Subscription.topics.through.objects.filter(subscription_id=OuterRef("pk"))
        chose_none = ~Q(Exists(through))
        if said.verb in {"is missing", "is known"}:
            return chose_none if said.verb == "is missing" else ~chose_none
        topics = Topic.objects.filter(list=self.mailing_list) if self.mailing_list else Topic.objects.all()
        names = {topic.name: topic.slug for topic in topics} | {topic.slug: topic.slug for topic in topics}
        slug = self._choice(said, names, "topic")
        found = chose_none | Q(Exists(through.filter(topic__slug=slug)))
        return found if said.verb == "is" else ~found

    def _list(self, said: Condition) -> Q:
        """People who are active on that list, whichever list the segment is used for."""
        active = Subscription.objects.filter(subscriber_id=OuterRef("subscriber_id"), state="active")
        if said.verb in {"is missing", "is known"}:
            return ~Q(Exists(active)) if said.verb == "is missing" else Q(Exists(active))
        lists = list(List.objects.all())
        names = {one.name: one.slug for one in lists} | {one.slug: one.slug for one in lists}
        found = Q(Exists(active.filter(list__slug=self._choice(said, names, "list"))))
        return found if said.verb == "is" else ~found

    def _source(self, said: Condition) -> Q:
        """How the subscription came about."""
        if said.verb in {"is missing", "is known"}:
            return _constant(said.verb == "is known")
        names: dict[str, str] = {}
        for kind in SourceKind:
            names |= {str(kind.label): kind.value, kind.value: kind.value}
        found = Q(source=self._choice(said, names, "source"))
        return found if said.verb == "is" else ~found

    def _basis(self, said: Condition) -> Q:
        """On which lawful basis people get the emails of the list."""
        if said.verb in {"is missing", "is known"}:
            return _constant(said.verb == "is known")
        names = {str(one.label): one.value for one in Basis} | {one.value: one.value for one in Basis}
        found = Q(basis=self._choice(said, names, "lawful basis"))
        return found if said.verb == "is" else ~found

    def _choice(self, said: Condition, names: dict[str, str], what: str) -> str:
        by_lower = {name.lower(): value for name, value in names.items()}
        if said.value.lower() in by_lower:
            return by_lower[said.value.lower()]
        values = dict.fromkeys(names.values())
        known = f" You can use {', '.join(list(values)[:20])}." if values else f" You have no {what}s yet."
        raise self._wrong(
            said, f"We could not find a {what} called “{said.value}”.{near(said.value, names) or known}"
        )

    def _date(self, said: Condition) -> Q:
        path = DATES[said.subject]
        if said.verb in {"is missing", "is known"}:
            return Q(**{f"{path}__isnull": said.verb == "is missing"})
        since, until = self._span(said)
        if path == "joined_at" and is_sqlite() and self.usual:
            return joined_without_index(since, until)
        found = Q(**{f"{path}__isnull": False})
        is_day = path == "paused_until"
        if since:
            found &= Q(**{f"{path}__gte": timezone.localdate(since) if is_day else since})
        if until and is_day and said.verb == "in last":
            found &= Q(**{f"{path}__lte": timezone.localdate(until)})  # today is one of the last days
        elif until:
            found &= Q(**{f"{path}__lt": timezone.localdate(until) if is_day else until})
        return found

    def _behaviour(self, said: Condition) -> Q:
        """Whether people did it at all, or did it then."""
        done = behaviour(said.subject).filter(subscriber_id=OuterRef("subscriber_id"))
        if said.verb in {"is missing", "is known"}:
            return Q(Exists(done)) if said.verb == "is known" else ~Q(Exists(done))
        since, until = self._span(said)
        if since:
            done = done.filter(at__gte=since)
        if until:
            done = done.filter(at__lt=until)
        return Q(Exists(done))

    def _span(self, said: Condition) -> tuple[datetime | None, datetime | None]:
        """From when (inclusive) until when (exclusive)."""
        if said.verb == "in last":
            number, unit = said.value.split()
            return self._back(said, int(number), unit.removesuffix("s") + "s"), self.now + timedelta(
                microseconds=1
            )
        day = self._day(said)
        midnight, next_midnight = _midnight(day), _midnight(day + timedelta(days=1))
        return {
            "before": (None, midnight),
            "after": (next_midnight, None),
            "since": (midnight, None),
            "on": (midnight, next_midnight),
        }[said.verb]

    def _back(self, said: Condition, number: int, unit: str) -> datetime:
        from dateutil.relativedelta import relativedelta

        try:
            return self.now - relativedelta(**{unit: number})  # type: ignore[arg-type]
        except (OverflowError, ValueError):
            raise self._wrong(said, "This period starts too long ago. Enter a shorter period.") from None

    def _day(self, said: Condition) -> date:
        try:
            day = date.fromisoformat(said.value)
        except ValueError:
            raise self._wrong(
                said, f"“{said.value}” is not a date. Enter a date such as 2026-01-31."
            ) from None
        if day.year <= date.min.year or day.year >= date.max.year:
            raise self._wrong(said, f"“{said.value}” is too far from today. Enter a date closer to today.")
        return day

    def _detail(self, name: str, verb: str, values: Sequence[str]) -> Q:
        """Return the condition that a detail has any of these values."""
        if verb in {"is known", "is not"}:
            return ~self._detail(name, "is missing" if verb == "is known" else "is", values)
        if self.by_key:
            return condition_by_key(name, verb, values, self.usual)
        [value] = values
        return detail_condition(name, verb, value, self.usual)

    def _wrong(self, said: Condition, sentence: str) -> WrongSegment:
        return WrongSegment(sentence, text=self.text, at=said.value_at, length=len(said.value))


def _constant(is_true: bool) -> Q:  # noqa: FBT001 - it is the answer itself
    return Q(pk__isnull=not is_true)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time_of_day.min))

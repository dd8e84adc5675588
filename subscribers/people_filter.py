"""What a list of people is asked for: words, list, state, topic and days of joining, and what that means in SQL."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from subscribers import raw_sql
from subscribers.models import List, Subscriber, Subscription, Suppression, Topic
from subscribers.search.match_people import Match
from subscribers.search.people_search_words import search_words

TOPICS_OF = raw_sql.table(Subscription.topics.through)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFilter:
    """What the list of people is asked for. `after` is the cursor of the page before.

    The list, the state, the topic and the days, which both count, are about the same subscription. Days are those of
    the current time zone. `suppressed` lets only people through whose address is suppressed now.
    """

    text: str = ""
    mailing_list: List | None = None
    state: str = ""
    suppressed: bool = False
    topic: Topic | None = None
    joined_from: date | None = None
    joined_to: date | None = None
    after: str = ""

    @property
    def is_about_subscriptions(self) -> bool:
        """Whether people need a subscription of some kind."""
        return bool(self.mailing_list or self.state or self.topic or self.is_about_days)

    @property
    def is_about_days(self) -> bool:
        """Whether people must have joined on certain days."""
        return bool(self.joined_from or self.joined_to)

    def is_met_by(self, subscription: Subscription) -> bool:
        """Return whether a subscription is of the wanted list, state and days. Of a topic, only its list counts."""
        wanted_list = self.mailing_list.pk if self.mailing_list else self.topic and self.topic.list_id
        return (
            wanted_list in {None, subscription.list_id}
            and self.state in {"", subscription.state}
            and all(
                subscription.joined_at >= moment if sign == ">=" else subscription.joined_at < moment
                for _name, sign, moment in self.moments()
            )
        )

    def match(self) -> Match:
        """Return what people must be like."""
        parts, parameters = [], dict[str, Any]()
        if self.mailing_list or self.topic:
            parts.append("u.list_id = %(list)s")
            parameters["list"] = (
                self.mailing_list.pk if self.mailing_list else self.topic and self.topic.list_id
            )
        if self.state:
            parts.append("u.state = %(state)s")
            parameters["state"] = self.state
        if self.topic:
            parts.append(
                f"EXISTS (SELECT 1 FROM {TOPICS_OF} h WHERE h.subscription_id = u.id AND h.topic_id = %(topic)s)"  # noqa: S608 - our own names
            )
            parameters["topic"] = self.topic.pk
        for name, sign, moment in self.moments():
            parts.append(f"u.joined_at {sign} %({name})s")
            parameters[name] = raw_sql.moment(moment)
        return Match(search_words(self.text), " AND ".join(parts), parameters, suppressed=self.suppressed)

    def moments(self) -> list[tuple[str, str, datetime]]:
        """Return the bounds of the days of joining: a name for each, how it compares, and the moment."""
        moments = []
        if self.joined_from:
            moments.append(("joined_from", ">=", _midnight(self.joined_from)))
        if self.joined_to and self.joined_to < date.max:
            moments.append(("joined_before", "<", _midnight(self.joined_to + timedelta(days=1))))
        return moments


def filtered(people: QuerySet[Subscriber], wanted: PeopleFilter) -> QuerySet[Subscriber]:
    """Return those of these people who have a subscription that the filter lets through."""
    if wanted.suppressed:
        theirs_now = Suppression.objects.filter(subscriber=OuterRef("pk"), lifted_at=None)
        people = people.filter(Exists(theirs_now))
    if not wanted.is_about_subscriptions:
        return people
    theirs = Subscription.objects.filter(subscriber=OuterRef("pk"))
    if wanted.mailing_list:
        theirs = theirs.filter(list=wanted.mailing_list)
    if wanted.state:
        theirs = theirs.filter(state=wanted.state)
    if wanted.topic:
        theirs = theirs.filter(topics=wanted.topic)
    for _name, sign, moment in wanted.moments():
        theirs = theirs.filter(**{f"joined_at__{'gte' if sign == '>=' else 'lt'}": moment})
    return people.filter(Exists(theirs))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))

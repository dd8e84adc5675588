"""Remove a topic from a list, without giving every topic to people who chose nothing else.

A person who chose no topic reads every topic, so a topic is deleted only once nobody has chosen it.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils import timezone

from subscribers import locks, raw_sql
from subscribers.consent_log import ConsentSource
from subscribers.consent_rules import no_such_topic
from subscribers.errors import NotFound, Refused
from subscribers.models import ConsentEntry, List, Subscription, Topic
from subscribers.phrases import counted
from subscribers.short_transactions import Gaps
from subscribers.transactions import LOOK_AGAIN_POLITELY, repeated

AT_ONCE = 2_000
UNSUBSCRIBE = "unsubscribe"
Tell = Callable[[int], None]
THROUGH = raw_sql.table(Subscription.topics.through)
NO_OTHER = (
    f"NOT EXISTS (SELECT 1 FROM {THROUGH} o WHERE o.subscription_id = u.id AND o.topic_id <> %(topic)s)"
)


def find_topic(mailing_list: List, slug: str) -> Topic:
    """Return the topic with this slug. Raises NotFound, naming the existing topics."""
    found = mailing_list.topics.filter(slug=slug).first()
    if found is None:
        raise NotFound(no_such_topic(mailing_list, slug))
    return found


def people_with(topic: Topic) -> int:
    """Return how many subscriptions, in any state, chose a topic."""
    return Subscription.topics.through.objects.filter(topic=topic).count()


def readers_of_this_topic_alone(topic: Topic) -> QuerySet[Subscription]:
    """Return the subscriptions, in any state, that chose only this topic."""
    chosen = Subscription.topics.through.objects.filter(subscription=OuterRef("pk"))
    return Subscription.objects.filter(~Exists(chosen.exclude(topic=topic)), topics=topic)


def why_not_remove(topic: Topic, readers: str) -> str:
    """Say why a topic cannot be removed with this decision. Empty if it can.

    `readers` decides about people who chose nothing else: the slug of the topic that they get instead, or
    UNSUBSCRIBE. Empty means undecided.
    """
    others = topic.list.topics.exclude(pk=topic.pk)
    if readers not in {"", UNSUBSCRIBE} and not others.filter(slug=readers).exists():
        there = ", ".join(others.values_list("slug", flat=True)) or "none"
        return (
            f"The list {topic.list.name} does not have another topic called {readers[:80]!r}. The other topics "
            f"are: {there}."
        )
    if not readers and (count := readers_of_this_topic_alone(topic).count()):
        return (
            f"{counted(count, 'person', 'people')} chose only “{topic.name}”. Choose whether to give them "
            "another topic or to unsubscribe them. Otherwise, they would get every topic."
        )
    return ""


def remove_topic(topic: Topic, source: ConsentSource, *, readers: str = "", tell: Tell | None = None) -> int:
    """Remove a topic, and log it for everyone who had chosen it. Return how many there were.

    `readers` is as in `why_not_remove`. People who also chose other topics keep those. If this is interrupted,
    the topic stays, and removing it again continues. `tell` is called between two transactions with how many
    subscriptions were changed. Raises Refused with the sentence of `why_not_remove`.
    """
    instead = None if readers == UNSUBSCRIBE else topic.list.topics.filter(slug=readers).first()
    if why_not := why_not_remove(topic, readers):
        raise Refused(why_not)
    changed, gaps = 0, Gaps()
    while some := repeated(
        lambda: _take_from_some(topic, instead, readers, source), look_again=LOOK_AGAIN_POLITELY
    ):
        changed += some
        if tell is not None:
            tell(changed)
        gaps.leave()
    return changed


def _take_from_some(topic: Topic, instead: Topic | None, readers: str, source: ConsentSource) -> int:
    """Take the topic from the next readers. Return 0 when nobody has it any more and it has been deleted."""
    locks.take_alone()
    having = Subscription.topics.through.objects.filter(topic=topic).order_by("subscription_id")
    some = list(having.values_list("subscription_id", flat=True)[:AT_ONCE])
    if not some:
        Topic.objects.get(pk=topic.pk).delete()
        return 0
    if not readers and readers_of_this_topic_alone(topic).exists():
        raise Refused(why_not_remove(topic, readers))  # somebody chose only this topic meanwhile
    words = {
        "topic": topic.pk,
        "instead": instead.pk if instead else None,
        "last": some[-1],
        "list": topic.list_id,
        "now": raw_sql.moment(timezone.now()),
        "source": source.kind,
        "source_name": source.name[:200],
        "note": f"The topic “{topic.name}” was removed."[:500],
    }
    whose = f"{raw_sql.table(Subscription)} u JOIN {THROUGH} c ON c.subscription_id = u.id"
    whose += " WHERE c.topic_id = %(topic)s AND u.id <= %(last)s"
    if instead:
        raw_sql.execute(
            f"INSERT INTO {THROUGH} (subscription_id, topic_id) SELECT u.id, %(instead)s FROM {whose} AND {NO_OTHER}",
            words,
        )
    leaving = f"{NO_OTHER} AND u.state <> {raw_sql.UNSUBSCRIBED}" if readers and not instead else "1 = 0"
    _log(f"{whose} AND {leaving}", ConsentEntry.Act.LEFT, words)
    _log(f"{whose} AND NOT ({leaving})", ConsentEntry.Act.CHANGED, words)
    left = [pk for (pk,) in raw_sql.rows(f"SELECT u.id FROM {whose} AND {leaving}", words)]
    Subscription.objects.filter(pk__in=left).update(
        state=Subscription.State.UNSUBSCRIBED, left_at=timezone.now(), asked_at=None, paused_until=None
    )
    return having.filter(subscription_id__lte=some[-1]).delete()[0]


def _log(whose: str, act: ConsentEntry.Act, words: dict[str, Any]) -> None:
    leaves = act == ConsentEntry.Act.LEFT
    raw_sql.insert_select(
        ConsentEntry,
        {
            "subscriber_id": "u.subscriber_id",
            "list_id": "%(list)s",
            "at": "%(now)s",
            "act": "%(act)s",
            "topics": raw_sql.json(raw_sql.topics_of("u.id", but="%(topic)s")),
            "state": raw_sql.UNSUBSCRIBED if leaves else "u.state",
            "moved": f"CASE WHEN u.state = {raw_sql.ACTIVE} THEN -1 ELSE 0 END" if leaves else "0",
            "counted_by": "%(source)s",
            "source": "%(source)s",
            "source_name": "%(source_name)s",
            "note": "%(note)s",
        },
        f"FROM {whose} ORDER BY u.id",
        {**words, "act": act.value},
    )


@receiver(pre_delete, sender=Topic)
def _refuse_while_it_has_readers(instance: Topic, **_signal: Any) -> None:
    """Forbid deleting a topic that has readers, on any page: it would give people who chose nothing else every
    topic.
    """
    if instance.subscriptions.exists():
        raise Refused(
            f"Some people chose the topic “{instance.name}”. Remove it with `remove_topic`, so that you "
            "can choose what they get instead."
        )

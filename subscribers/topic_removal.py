"""Removing a topic of a list: nobody who reads nothing else becomes a reader of everything by it.

Who chose no topic reads every topic, so a topic is only ever deleted once nobody has it.
"""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils import timezone

from subscribers import locks, sql
from subscribers.consent_log import ConsentSource
from subscribers.errors import NotFound, Refused
from subscribers.models import ConsentEntry, List, Subscription, Topic
from subscribers.text import counted
from subscribers.transactions import LOOK_AGAIN_POLITELY, repeated

AT_ONCE = 2_000
UNSUBSCRIBE = "unsubscribe"
THROUGH = sql.table(Subscription.topics.through)
NO_OTHER = (
    f"NOT EXISTS (SELECT 1 FROM {THROUGH} o WHERE o.subscription_id = u.id AND o.topic_id <> %(topic)s)"
)


def find_topic(mailing_list: List, slug: str) -> Topic:
    """The topic of that slug. Raises NotFound, naming those that there are."""
    found = mailing_list.topics.filter(slug=slug).first()
    if found is None:
        there = ", ".join(mailing_list.topics.values_list("slug", flat=True)) or "none"
        raise NotFound(f"{mailing_list.name} has no topic {slug[:80]!r}; it has: {there}.")
    return found


def readers_of_this_topic_alone(topic: Topic) -> QuerySet[Subscription]:
    """The subscriptions, in any state, that chose this topic alone."""
    counted = Subscription.objects.annotate(
        chosen=Count("topics"), this=Count("topics", filter=Q(topics=topic))
    )
    return counted.filter(list=topic.list_id, this=1, chosen=1)


def why_not_remove(topic: Topic, readers: str) -> str:
    """Why a topic cannot be removed with that answer, in a sentence; empty: it can.

    `readers` says what becomes of those who chose nothing else: the slug of the topic that they get instead, or
    UNSUBSCRIBE. Empty says nothing.
    """
    others = topic.list.topics.exclude(pk=topic.pk)
    if readers not in {"", UNSUBSCRIBE} and not others.filter(slug=readers).exists():
        there = ", ".join(others.values_list("slug", flat=True)) or "none"
        return f"{topic.list.name} has no other topic {readers[:80]!r}; it has: {there}."
    if not readers and (count := readers_of_this_topic_alone(topic).count()):
        return (
            f"{counted(count, 'person reads', 'people read')} nothing but “{topic.name}”. Say what becomes "
            "of them: another topic instead, or unsubscribed. Otherwise they would get every topic."
        )
    return ""


def remove_topic(topic: Topic, source: ConsentSource, *, readers: str = "") -> int:
    """Remove a topic, and log it for everybody who had chosen it; how many they were.

    `readers` as in `why_not_remove`; people who chose other topics too keep those. Where it is stopped before its end
    the topic stays, and removing it again goes on. Raises Refused with the sentence of `why_not_remove`.
    """
    instead = None if readers == UNSUBSCRIBE else topic.list.topics.filter(slug=readers).first()
    if why_not := why_not_remove(topic, readers):
        raise Refused(why_not)
    changed = 0
    while some := repeated(
        lambda: _take_from_some(topic, instead, readers, source), look_again=LOOK_AGAIN_POLITELY
    ):
        changed += some
    return changed


def _take_from_some(topic: Topic, instead: Topic | None, readers: str, source: ConsentSource) -> int:
    """Take the topic from the next readers; 0: nobody has it any more, and it is gone."""
    locks.take_alone()
    having = Subscription.topics.through.objects.filter(topic=topic).order_by("subscription_id")
    some = list(having.values_list("subscription_id", flat=True)[:AT_ONCE])
    if not some:
        Topic.objects.get(pk=topic.pk).delete()
        return 0
    if not readers and readers_of_this_topic_alone(topic).exists():
        raise Refused(why_not_remove(topic, readers))  # somebody chose it alone meanwhile
    words = {
        "topic": topic.pk,
        "instead": instead.pk if instead else None,
        "last": some[-1],
        "list": topic.list_id,
        "now": sql.moment(timezone.now()),
        "source": source.kind,
        "source_name": source.name[:200],
        "note": f"The topic “{topic.name}” was removed."[:500],
    }
    whose = f"{sql.table(Subscription)} u JOIN {THROUGH} c ON c.subscription_id = u.id"
    whose += " WHERE c.topic_id = %(topic)s AND u.id <= %(last)s"
    if instead:
        sql.execute(
            f"INSERT INTO {THROUGH} (subscription_id, topic_id) SELECT u.id, %(instead)s FROM {whose} AND {NO_OTHER}",
            words,
        )
    leaving = f"{NO_OTHER} AND u.state <> {sql.UNSUBSCRIBED}" if readers and not instead else "1 = 0"
    _log(f"{whose} AND {leaving}", ConsentEntry.Act.LEFT, words)
    _log(f"{whose} AND NOT ({leaving})", ConsentEntry.Act.CHANGED, words)
    left = [pk for (pk,) in sql.rows(f"SELECT u.id FROM {whose} AND {leaving}", words)]
    Subscription.objects.filter(pk__in=left).update(
        state=Subscription.State.UNSUBSCRIBED, left_at=timezone.now(), asked_at=None, paused_until=None
    )
    return having.filter(subscription_id__lte=some[-1]).delete()[0]


def _log(whose: str, act: ConsentEntry.Act, words: dict[str, Any]) -> None:
    leaves = act == ConsentEntry.Act.LEFT
    sql.insert_select(
        ConsentEntry,
        {
            "subscriber_id": "u.subscriber_id",
            "list_id": "%(list)s",
            "at": "%(now)s",
            "act": "%(act)s",
            "topics": sql.json(sql.topics_of("u.id", but="%(topic)s")),
            "state": sql.UNSUBSCRIBED if leaves else "u.state",
            "moved": f"CASE WHEN u.state = {sql.ACTIVE} THEN -1 ELSE 0 END" if leaves else "0",
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
    """By whatever door: deleting the rows of its readers would give those who chose nothing else every topic."""
    if instance.subscriptions.exists():
        raise Refused(
            f"People chose the topic “{instance.name}”: remove it by `remove_topic`, which says what they get."
        )

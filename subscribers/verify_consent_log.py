"""Check that the consent log explains the present: replayed from its first entry, it must give every state and
topic.

This also finds people who are active although their address is suppressed.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import F, Sum

from subscribers import consent_rules as rules
from subscribers import locks, suppression
from subscribers.errors import NotFound
from subscribers.models import ConsentEntry, List, Subscription
from subscribers.phrases import counted
from subscribers.transactions import one_transaction

Act, State = ConsentEntry.Act, Subscription.State
AT_ONCE = 1_000


class Difference(NamedTuple):
    """A difference between the log and the present: in which list, about whom (empty for the whole list), and
    what.
    """

    list: str
    address: str
    sentence: str


@dataclass(slots=True)
class ReplayedSubscription:
    """A subscription as the log's entries give it. Without a state there is none."""

    state: str = ""
    topics: frozenset[str] = frozenset()
    moves: int = 0

    def take(self, entry: ConsentEntry) -> None:
        """Apply the next entry about this subscription."""
        self.moves += entry.moved
        is_wish = entry.act in {Act.SIGNED_UP, Act.INVITED} and entry.state == State.UNSUBSCRIBED
        if not is_wish:
            self.topics = frozenset(entry.topics)
        self.state = entry.state


def differences(mailing_list: List | None = None) -> Iterator[Difference]:
    """Yield the differences between the log and the present, of one list or of all. Reads everything and changes
    nothing.
    """
    lists = [mailing_list] if mailing_list else list(List.objects.order_by("pk"))
    for one in lists:
        yield from _of_people(one)
        yield from _lost(one)
        yield from _in_all(one)


def _of_people(mailing_list: List) -> Iterator[Difference]:
    last = 0
    subscriptions = mailing_list.subscriptions.select_related("subscriber", "list").prefetch_related("topics")
    while some := list(subscriptions.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        last = some[-1].pk
        odd = {pk for pk, _sentence in _all_compared(some)}
        for one in some:
            # They may have acted between two of our queries. With their lock, nothing changes meanwhile.
            if one.pk in odd:
                for sentence in _compared_again(one):
                    yield Difference(mailing_list.slug, one.subscriber.address, sentence)


@one_transaction
def _compared_again(subscription: Subscription) -> list[str]:
    try:
        now = rules.lock_subscription(subscription)
    except NotFound:
        return []
    return [sentence for _pk, sentence in _all_compared([now])]


def _all_compared(some: Sequence[Subscription]) -> Iterator[tuple[int, str]]:
    """Yield the differences of some subscriptions of one list, by number."""
    replayed = _replayed(some[0].list, some)
    active = [one.subscriber.address_key for one in some if one.state == State.ACTIVE]
    suppressed = suppression.suppressed_among(active)
    for one in some:
        for sentence in _compared(one, replayed[one.subscriber_id]):
            yield one.pk, sentence
        if one.state == State.ACTIVE and one.subscriber.address_key in suppressed:
            yield one.pk, "This person is active, but their address is suppressed."


def _replayed(mailing_list: List, some: Sequence[Subscription]) -> dict[int, ReplayedSubscription]:
    entries = ConsentEntry.objects.filter(
        list=mailing_list, subscriber__in=[one.subscriber_id for one in some]
    )
    found = defaultdict[int, ReplayedSubscription](ReplayedSubscription)
    for entry in entries.order_by("pk"):
        if entry.subscriber_id is not None:
            found[entry.subscriber_id].take(entry)
    return found


def _compared(now: Subscription, logged: ReplayedSubscription) -> Iterator[str]:
    if logged.state != now.state:
        if logged.state:
            yield f"This person is {now.state}, but according to the log they are {logged.state}."
        else:
            yield f"This person is {now.state}, but according to the log they are not on the list."
    topics = {topic.slug for topic in now.topics.all()}
    if logged.topics != topics:
        yield f"This person gets {_named(topics)}, but according to the log they get {_named(logged.topics)}."
    if logged.moves != (now.state == State.ACTIVE):
        times = counted(logged.moves, "more time", "more times")
        yield f"This person is {now.state}, but according to the log they joined the list {times} than they left it."


def _named(topics: set[str] | frozenset[str]) -> str:
    return ", ".join(sorted(topics)) or "every topic"


def _lost(mailing_list: List) -> Iterator[Difference]:
    """Yield the people who are on the list only according to the log."""
    entries = ConsentEntry.objects.filter(list=mailing_list, subscriber__isnull=False)
    without = entries.exclude(subscriber__subscriptions__list=mailing_list)
    last = dict(without.order_by("pk").values_list(F("subscriber__address"), "state"))
    for address, state in last.items():
        if state:
            yield Difference(
                mailing_list.slug,
                address,
                f"This person is not on the list, but according to the log they are {state}.",
            )


def _in_all(mailing_list: List) -> Iterator[Difference]:
    """Compare the sum of all movements, including those of erased people, with the number of active people."""
    moves, active = _sums(mailing_list)
    if moves != active:
        yield Difference(
            mailing_list.slug,
            "",
            (
                f"{active:,} people are active, but according to the changes in the log, {moves:,} people "
                "should be active."
            ),
        )


@one_transaction
def _sums(mailing_list: List) -> tuple[int, int]:
    locks.take_alone()
    moves = ConsentEntry.objects.filter(list=mailing_list).aggregate(sum=Sum("moved"))["sum"] or 0
    return moves, mailing_list.subscriptions.filter(state=State.ACTIVE).count()

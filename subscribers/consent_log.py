"""Write the consent log: one entry per act, in the act's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from subscribers.models import ConsentEntry, List, SourceKind, Subscriber, Subscription, Topic, Wording

# Sources by which people act for themselves, so that their choices stand.
SOURCES_OF_THE_PERSON = frozenset({SourceKind.FORM, SourceKind.EMAIL_LINK})


@dataclass(frozen=True, slots=True)
class ConsentSource:
    """The source of an act, with the name of the editor or import, and the network if there is one."""

    kind: SourceKind
    name: str = ""
    network_address: str = ""
    user_agent: str = ""


def record(
    act: ConsentEntry.Act,
    subscriber: Subscriber,
    source: ConsentSource,
    *,
    mailing_list: List | None = None,
    topics: Sequence[str] = (),
    wording: Wording | None = None,
    note: str = "",
    at: datetime | None = None,
    state: str = "",
    moved: int = 0,
    counted_by: str = "",
    basis: str = "",
) -> ConsentEntry:
    """Add one entry about a person."""
    return ConsentEntry.objects.create(
        act=act,
        subscriber=subscriber,
        list=mailing_list,
        topics=list(topics),
        wording=wording,
        source=source.kind,
        source_name=source.name[:200],
        network_address=source.network_address[:45],
        user_agent=source.user_agent[:300],
        note=note[:500],
        at=at or timezone.now(),
        state=state,
        moved=moved,
        counted_by=counted_by,
        basis=basis,
    )


def record_about(
    act: ConsentEntry.Act,
    subscription: Subscription,
    source: ConsentSource,
    *,
    was: str = "",
    wished: Iterable[Topic] | None = None,
    wording: Wording | None = None,
    note: str = "",
    basis: str = "",
) -> ConsentEntry:
    """Add one entry about a subscription, with its state and topics as they are now.

    `was` is the state before an act that may have changed it. `wished` are the topics that a person who
    unsubscribed will get by confirming. A subscription that was deleted does not have a state.
    """
    active = Subscription.State.ACTIVE
    state, topics = "", list[str]()
    if subscription.pk:
        state = subscription.state
        topics = chosen_topics(subscription) if wished is None else [topic.slug for topic in wished]
    return record(
        act,
        subscription.subscriber,
        source,
        mailing_list=subscription.list,
        topics=topics,
        wording=wording,
        note=note,
        state=state,
        moved=(state == active) - (was == active) if was else 0,
        counted_by=subscription.source if act == ConsentEntry.Act.CONFIRMED else source.kind,
        basis=basis,
    )


def chosen_topics(subscription: Subscription) -> list[str]:
    """Return the slugs of the topics that the person chose, in the list's order. No slugs mean every topic."""
    return list(subscription.topics.values_list("slug", flat=True))

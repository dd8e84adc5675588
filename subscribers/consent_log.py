"""Writing the consent log: one entry an act, in the transaction of the act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from subscribers.models import ConsentEntry, List, SourceKind, Subscriber, Subscription, Wording


@dataclass(frozen=True, slots=True)
class Source:
    """By which door an act came in: the editor's or import's name, and the network where there is one."""

    kind: SourceKind
    name: str = ""
    network_address: str = ""
    user_agent: str = ""


def record(
    act: ConsentEntry.Act,
    subscriber: Subscriber,
    source: Source,
    *,
    mailing_list: List | None = None,
    topics: Sequence[str] = (),
    wording: Wording | None = None,
    note: str = "",
    at: datetime | None = None,
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
    )


def record_about(
    act: ConsentEntry.Act,
    subscription: Subscription,
    source: Source,
    *,
    wording: Wording | None = None,
    note: str = "",
) -> ConsentEntry:
    """Add one entry about a subscription, with the topics that it has now."""
    return record(
        act,
        subscription.subscriber,
        source,
        mailing_list=subscription.list,
        topics=chosen_topics(subscription),
        wording=wording,
        note=note,
    )


def chosen_topics(subscription: Subscription) -> list[str]:
    """The slugs of the topics that the person chose, in the list's order; none means every topic."""
    return list(subscription.topics.values_list("slug", flat=True))

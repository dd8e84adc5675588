"""Stores the provider's posts until they are processed. A post is on the disk before we respond to it.

SQLite has one writer, and a mailing that is being sent writes all the time, so there a post waits in a separate file
(webhook_spool.py). On PostgreSQL it waits as a row, for the scheduler on any machine. We process both, so that no post
is lost when the installation moves to another kind of database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Length

from newsletter.durable_commits import durable_commits
from newsletter.tracking import webhook_spool
from newsletter.tracking.models import RawWebhookPost
from subscribers.database import is_postgres

# Short transactions, so that sending hardly waits for them. Longer ones cost less for each event, which is better if
# many posts are waiting: each transaction writes a page of an index once, however many of its events are in that page.
BYTES_AT_ONCE, BYTES_OF_A_BACKLOG = 200_000, 6_000_000
BACKLOG, MANY = 5_000_000, 100


@dataclass(frozen=True, slots=True)
class WaitingPost:
    """A waiting post, stored as a row or in the spool."""

    number: int
    received_at: datetime
    body: bytes
    spooled: bool = False


def keep(body: bytes) -> None:
    """Store a post until it is processed."""
    if is_postgres():
        RawWebhookPost.objects.create(body=body)
    else:
        webhook_spool.keep(body)


def count() -> int:
    """Return how many posts are waiting."""
    return _rows().count() + webhook_spool.count()


def oldest(at_most: int) -> list[WaitingPost]:
    """Return the oldest waiting posts, as many as should be in one transaction."""
    sizes = list(_rows().values_list("pk", Length("body"))[:at_most])
    if not sizes:
        numbers = _worth_one_transaction(webhook_spool.oldest(at_most))
        return [WaitingPost(*found, spooled=True) for found in webhook_spool.read(numbers)] if numbers else []
    rows = RawWebhookPost.objects.filter(pk__in=_worth_one_transaction(sizes)).order_by("pk")
    return [WaitingPost(row.pk, row.received_at, bytes(row.body)) for row in rows]


def take(posts: Sequence[WaitingPost]) -> bool:
    """Take posts within the transaction that processes them; return whether they still have to be processed."""
    spooled, rows = _apart(posts)
    if spooled:
        return webhook_spool.are_waiting(spooled)
    return bool(RawWebhookPost.objects.filter(pk__in=rows).delete()[0])


def forget(posts: Sequence[WaitingPost]) -> None:
    """Delete posts after the commit. If a process dies before this, they are processed again, without harm."""
    spooled, _rows_are_gone = _apart(posts)
    if spooled:
        webhook_spool.remove(spooled)


def set_aside(post: WaitingPost, reason: str) -> None:
    """Set aside a post that we could not process, with the reason."""
    with durable_commits(), transaction.atomic():
        if take([post]):
            RawWebhookPost.objects.create(body=post.body, received_at=post.received_at, reason=reason)
    forget([post])


def _apart(posts: Sequence[WaitingPost]) -> tuple[list[int], list[int]]:
    spooled = [post.number for post in posts if post.spooled]
    return spooled, [post.number for post in posts if not post.spooled]


def _rows() -> QuerySet[RawWebhookPost]:
    return RawWebhookPost.objects.filter(reason="").order_by("pk")


def _worth_one_transaction(sizes: Sequence[tuple[int, int]]) -> list[int]:
    much = len(sizes) >= MANY or sum(size for _number, size in sizes) > BACKLOG
    limit = BYTES_OF_A_BACKLOG if much else BYTES_AT_ONCE
    chosen: list[int] = []
    for number, size in sizes:
        limit -= size
        if chosen and limit < 0:
            break
        chosen.append(number)
    return chosen

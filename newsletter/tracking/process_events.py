"""Folds raw posts into events, each once, and lets what is new have its consequences in the same transaction.

1. Read the posts and look up whom they are about. Nothing is locked yet.
2. In one short transaction: take the posts off the queue, insert the events that are not known, settle what they
   prove, and heed bounces, drops, complaints and unsubscribes that are new. It is on the disk before the post goes.

Repeats and any order are harmless. A post that cannot be folded is set aside with its reason and stops nobody.
"""

import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from django.db import OperationalError, connection, transaction

from newsletter.durable_commits import durable_commits
from newsletter.tracking import (
    anomalies,
    apply_effects,
    event_queries,
    reconcile_by_events,
    webhook_inbox,
    webhook_spool,
)
from newsletter.tracking.broken_json import NotReadable
from newsletter.tracking.match_recipients import MatchedReport, match_recipients
from newsletter.tracking.models import Link, RawWebhookPost
from newsletter.tracking.parse_events import Report, read_elements, read_post
from newsletter.tracking.webhook_inbox import WaitingPost
from subscribers.database import portions

log = logging.getLogger(__name__)

POSTS_AT_ONCE = 100
SET_ASIDE_FOR = timedelta(days=30)


def something_is_left() -> bool:
    """What is asked where nothing else is to be done first."""
    return True


@dataclass(slots=True)
class ParsedPosts:
    """What posts hold: reports, and what could not be read, to be set aside."""

    reports: list[Report] = field(default_factory=list)
    strange: list[RawWebhookPost] = field(default_factory=list)


def process_posts(at_most: int = POSTS_AT_ONCE) -> int:
    """Fold some posts, the oldest first; how many are off the queue. 0: none waited."""
    some = webhook_inbox.oldest(at_most)
    if some:
        with _busy():
            _process_or_set_aside(some)
    return len(some)


def process_reports(reports: Sequence[Report], *, first: Callable[[], bool] = something_is_left) -> int:
    """Fold reports that came otherwise than by the webhook; how many were new.

    `first` runs in the same transaction, before anything is written; False: there is nothing left to do.
    """
    found = match_recipients(reports)
    with durable_commits(), transaction.atomic():
        event_queries.lock_processing()
        return len(_write(found)) if first() else 0


def waiting_posts() -> int:
    """How many posts are not folded yet."""
    return webhook_inbox.count()


def prune_set_aside(now: datetime) -> int:
    """Delete what was set aside 30 days ago and longer; how many. Of what was folded nothing is left either."""
    webhook_spool.sweep()
    return RawWebhookPost.objects.exclude(reason="").filter(received_at__lt=now - SET_ASIDE_FOR).delete()[0]


@contextmanager
def _busy() -> Iterator[None]:
    """Thousands of rows that hold nothing in a cycle would set off the search for some again and again: it rests."""
    searched = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searched:
            gc.enable()


def _process_or_set_aside(some: Sequence[WaitingPost]) -> None:
    try:
        _process(some)
    except OperationalError:
        # The database is busy or gone: no fault of the posts.
        raise
    except Exception as error:  # noqa: BLE001 - whatever one post holds, the others go on
        if len(some) > 1:
            for post in some:
                _process_or_set_aside([post])
            return
        try:
            _process_one_by_one(some[0], error)
        except OperationalError:
            raise
        except Exception as second:  # noqa: BLE001
            _set_aside(some[0], second)


def _process_one_by_one(post: WaitingPost, error: Exception) -> None:
    """Fold each event of a post apart, and set aside those that cannot be: it takes longer, and loses no other."""
    log.error("Processing webhook post %s event by event: %s", post.number, type(error).__name__)
    elements = list(read_elements(post.body, int(post.received_at.timestamp())))
    with durable_commits(), transaction.atomic():
        event_queries.lock_processing()
        if not webhook_inbox.take([post]):
            return
        strange = [element for element, report in elements if report is None or not _is_processed(report)]
        if strange:
            reason = f"{len(strange)} of {len(elements)} elements are not events, or could not be processed."
            RawWebhookPost.objects.create(
                body=_json_of(strange, post), received_at=post.received_at, reason=reason
            )
    webhook_inbox.forget([post])


def _is_processed(report: Report) -> bool:
    try:
        with transaction.atomic():
            _write(match_recipients([report]))
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it holds, it is set aside
        # The error's own words may hold an address.
        log.error("Could not process an event of kind %s: %s", report.kind, type(error).__name__)  # noqa: TRY400
        return False
    return True


def _set_aside(post: WaitingPost, error: Exception) -> None:
    # The error's own words may hold an address.
    log.error("Setting aside webhook post %s: %s", post.number, type(error).__name__)
    webhook_inbox.set_aside(post, f"We could not process this post: {type(error).__name__}.")


def _process(some: Sequence[WaitingPost]) -> None:
    readings = ParsedPosts()
    for post in some:
        _read(post, readings)
    found = match_recipients(readings.reports)
    with durable_commits(), transaction.atomic():
        event_queries.lock_processing()
        if not webhook_inbox.take(some):
            return
        RawWebhookPost.objects.bulk_create(readings.strange)
        _write(found)
    webhook_inbox.forget(some)


def _write(found: Sequence[MatchedReport]) -> list[MatchedReport]:
    """Insert the events that are not known, and let what is new have its consequences. Inside a transaction.

    Returns what is new.
    """
    apply_effects.lock_people(found)
    rows = _rows(found)
    before = event_queries.newest_event()
    event_queries.insert_events(rows)
    new = _those_after(before, found)
    reconcile_by_events.settle(new)
    apply_effects.apply_effects(new)
    anomalies.count(new)
    return new


def _those_after(event: int, found: Sequence[MatchedReport]) -> list[MatchedReport]:
    """Those reports that became events now."""
    new = event_queries.fingerprints_after(event)
    return list({each.report.fingerprint: each for each in found if each.report.fingerprint in new}.values())


def _read(post: WaitingPost, readings: ParsedPosts) -> None:
    try:
        reports, strange = read_post(post.body, int(post.received_at.timestamp()))
    except NotReadable as error:
        log.error("Setting aside webhook post %s: %s", post.number, error)  # noqa: TRY400 - no fault of ours
        readings.strange.append(_kept(post, post.body, str(error)))
        return
    readings.reports += reports
    if strange:
        reason = f"{len(strange)} of {len(strange) + len(reports)} elements are not events."
        readings.strange.append(_kept(post, _json_of(strange, post), reason))


def _kept(post: WaitingPost, body: bytes, reason: str) -> RawWebhookPost:
    return RawWebhookPost(body=body, received_at=post.received_at, reason=reason)


def _json_of(strange: list[Any], post: WaitingPost) -> bytes:
    try:
        return orjson.dumps(strange)
    except (TypeError, RecursionError):  # nested deeper than can be written
        return post.body


def _rows(found: Sequence[MatchedReport]) -> list[tuple[Any, ...]]:
    links = _links({each.report.url for each in found if each.report.url})
    moments = {at: _moment(at) for at in {each.report.at for each in found}}
    return [
        (mailing, recipient, kind, detail, links.get(url), moments[at], provider_id, fingerprint)
        for (
            (provider_id, fingerprint, kind, detail, at, _trace, _number, _address, url, _reporter),
            mailing,
            recipient,
            _standing,
        ) in found
    ]


def _moment(at: int) -> Any:
    moment = datetime.fromtimestamp(at, UTC)
    return connection.ops.adapt_datetimefield_value(moment)


def _links(urls: set[str]) -> dict[str, int]:
    known: dict[str, int] = {}
    for some in portions(sorted(urls)):
        Link.objects.bulk_create([Link(url=url) for url in some], ignore_conflicts=True)
        known |= dict(Link.objects.filter(url__in=some).values_list("url", "pk"))
    return known

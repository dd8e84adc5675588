"""Turns raw posts into events, each once, and applies the effects of new events in the same transaction.

1. Read the posts and look up the recipients. Nothing is locked yet.
2. In one short transaction: take the posts off the queue, insert the new events, settle what they prove, and apply the
   effects of new bounces, drops, complaints and unsubscribes. The result is on the disk before the post is deleted.

Repeats and any order of events are harmless. A post that we cannot process is set aside with the reason, and does not
stop the others.
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
    apply_event_effects,
    event_queries,
    more_reported_than_planned,
    reconcile_by_events,
    webhook_inbox,
    webhook_spool,
)
from newsletter.tracking.match_recipients import MatchedReport, match_recipients
from newsletter.tracking.models import Link, RawWebhookPost
from newsletter.tracking.parse_events import Report, read_elements, read_post
from newsletter.tracking.read_broken_json import NotReadable
from newsletter.tracking.stored_figures import mark_stale
from newsletter.tracking.webhook_inbox import WaitingPost
from subscribers.database import portions

log = logging.getLogger(__name__)

POSTS_AT_ONCE = 100
SET_ASIDE_FOR = timedelta(days=30)


def something_is_left() -> bool:
    """The default of `first`: there is always something to process."""
    return True


@dataclass(slots=True)
class ParsedPosts:
    """The content of posts: reports, and what we could not read, to be set aside."""

    reports: list[Report] = field(default_factory=list)
    strange: list[RawWebhookPost] = field(default_factory=list)


def process_posts(at_most: int = POSTS_AT_ONCE) -> int:
    """Process some posts, oldest first; return how many were taken off the queue. 0 means that none was waiting."""
    some = webhook_inbox.oldest(at_most)
    if some:
        with _busy():
            _process_or_set_aside(some)
    return len(some)


def process_reports(reports: Sequence[Report], *, first: Callable[[], bool] = something_is_left) -> int:
    """Process reports that did not come by the webhook; return how many were new.

    `first` runs in the same transaction before anything is written. If it returns False, there is nothing left to do.
    """
    found = match_recipients(reports)
    with durable_commits(), transaction.atomic():
        event_queries.lock_processing()
        return len(_write(found)) if first() else 0


def waiting_posts() -> int:
    """Return how many posts are waiting to be processed."""
    return webhook_inbox.count()


def prune_set_aside(now: datetime) -> int:
    """Delete posts that were set aside 30 days ago or earlier, and traces of processed posts; return how many."""
    webhook_spool.sweep()
    return RawWebhookPost.objects.exclude(reason="").filter(received_at__lt=now - SET_ASIDE_FOR).delete()[0]


@contextmanager
def _busy() -> Iterator[None]:
    """Stop garbage collection for a while: thousands of rows without cycles would trigger it again and again."""
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
        # The database is busy or unavailable: the posts are not the cause.
        raise
    except Exception as error:  # noqa: BLE001 - whatever is in one post, we process the others
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
    """Process each event of a post separately, and set aside those that fail: slower, but loses no other event."""
    log.error(
        "We could not process webhook post %s as a whole (%s), so we will process its events one by one.",
        post.number,
        type(error).__name__,
    )
    elements = list(read_elements(post.body, int(post.received_at.timestamp())))
    with durable_commits(), transaction.atomic():
        event_queries.lock_processing()
        if not webhook_inbox.take([post]):
            return
        strange = [element for element, report in elements if report is None or not _is_processed(report)]
        if strange:
            reason = f"We could not process {len(strange)} of the {len(elements)} elements in this post."
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
    except Exception as error:  # noqa: BLE001 - whatever is in it, it is set aside
        # The error message may contain an address.
        log.error("We could not process a “%s” event (%s).", report.kind, type(error).__name__)  # noqa: TRY400
        return False
    return True


def _set_aside(post: WaitingPost, error: Exception) -> None:
    # The error message may contain an address.
    log.error(
        "We could not process webhook post %s (%s). It is kept for inspection.",
        post.number,
        type(error).__name__,
    )
    webhook_inbox.set_aside(
        post, f"We could not process this post because of an unexpected error ({type(error).__name__})."
    )


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
    """Insert new events and apply their effects; return the new ones. Call inside a transaction."""
    apply_event_effects.lock_people(found)
    rows = _rows(found)
    before = event_queries.newest_event()
    inserted = event_queries.insert_events(rows)
    new = list(found) if inserted == len(found) else _those_after(before, found)
    reconcile_by_events.settle(new)
    apply_event_effects.apply_effects(new)
    more_reported_than_planned.count(new)
    mark_stale({each.mailing for each in new if each.mailing is not None})
    return new


def _those_after(event: int, found: Sequence[MatchedReport]) -> list[MatchedReport]:
    """Return those reports that became new events."""
    new = event_queries.fingerprints_after(event)
    return list({each.report.fingerprint: each for each in found if each.report.fingerprint in new}.values())


def _read(post: WaitingPost, readings: ParsedPosts) -> None:
    try:
        reports, strange = read_post(post.body, int(post.received_at.timestamp()))
    except NotReadable as error:
        log.error("We could not process webhook post %s. %s It is kept for inspection.", post.number, error)  # noqa: TRY400 - not an error of ours
        readings.strange.append(_kept(post, post.body, str(error)))
        return
    readings.reports += reports
    if strange:
        reason = (
            f"This post contains {len(strange) + len(reports)} elements, but {len(strange)} of them are not "
            "events."
        )
        readings.strange.append(_kept(post, _json_of(strange, post), reason))


def _kept(post: WaitingPost, body: bytes, reason: str) -> RawWebhookPost:
    return RawWebhookPost(body=body, received_at=post.received_at, reason=reason)


def _json_of(strange: list[Any], post: WaitingPost) -> bytes:
    try:
        return orjson.dumps(strange)
    except (TypeError, RecursionError):  # nested too deeply to be written
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
            _recorded,
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

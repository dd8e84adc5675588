"""Detects tasks of the scheduler and workers that keep failing.

Editors are notified once, again after some hours, and when the tasks work again. However many tasks fail at the same
time, there is one notification.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from newsletter.issues.page_urls import desk_path
from newsletter.notifications.detectors.notable_event import Kind, NotableEvent, describe_moment, was_notified
from newsletter.notifications.models import Notification
from newsletter.sending.models import FailingWork
from subscribers.phrases import counted

AGAIN_AFTER = timedelta(hours=6)
# A task that has not failed for this long works again, or is no longer run because its process was removed.
WELL_AFTER = timedelta(minutes=10)
FORGOTTEN_AFTER = timedelta(hours=12)
MAX_NAMED = 5


def failing_work(since: datetime) -> Iterator[NotableEvent]:
    """Yield the failing tasks, unless that was notified in recent hours, or the fact that all work again."""
    now = timezone.now()
    known = list(FailingWork.objects.filter(failed_at__gte=since).order_by("since", "pk"))
    failing = [
        each for each in known if each.recovered_at is None and abs(now - each.failed_at) < FORGOTTEN_AFTER
    ]
    if failing:
        yield from _fails(failing, now)
    elif known and not any(each.recovered_at and abs(now - each.recovered_at) < WELL_AFTER for each in known):
        yield from _is_well()


def _fails(failing: Sequence[FailingWork], now: datetime) -> Iterator[NotableEvent]:
    first = failing[0].since
    key = f"work:{first:%Y%m%dT%H%M%S}:{max(now - first, timedelta(0)) // AGAIN_AFTER}"
    if was_notified(key):
        return
    named = ", ".join(f"{each.name} ({counted(each.times, 'time', 'times')})" for each in failing[:MAX_NAMED])
    more = f" and {len(failing) - MAX_NAMED} more" if len(failing) > MAX_NAMED else ""
    yield NotableEvent(
        key=key,
        kind=Kind.WORK_FAILS,
        subject=f"{Kind.WORK_FAILS.label}: {failing[0].name}",
        text=(
            "Background tasks have been failing since "
            f"{describe_moment(first, timezone.get_default_timezone())}: {named}{more}. We will keep trying. "
            "For details, see the log. To find the cause, run `newsletter doctor`."
        ),
        reason=failing[-1].error,
        link=desk_path(),
        data={"work": [each.name for each in failing], "since": first.isoformat()},
    )


def _is_well() -> Iterator[NotableEvent]:
    last = Notification.objects.filter(kind=Kind.WORK_FAILS).order_by("-pk").first()
    if last is None or was_notified(f"well:{last.pk}"):
        return
    yield NotableEvent(
        key=f"well:{last.pk}",
        kind=Kind.WORK_IS_WELL,
        subject=f"{Kind.WORK_IS_WELL.label}: {', '.join(last.data['work'][:MAX_NAMED])}",
        text="All background tasks that were failing are working again.",
        link=desk_path(),
        data={"work": last.data["work"]},
    )

"""When "no trace" proves that a post never arrived: two looks that are far enough apart.

The clock on the wall says nothing about that: it can be set. The provider's own clock does, by the Date of its
answers; the first look is kept with the batch. Without a Date, two looks of one process are compared by a clock that
nobody sets.
"""

from datetime import timedelta
from threading import Lock

from django.conf import settings

from newsletter.sending.models import Batch
from newsletter.sending.open_batches import LEASES
from newsletter.sending.outcomes import NoTrace
from newsletter.steady_clock import steady_seconds

_first, _lock = dict[tuple[str, int, int], float](), Lock()


def is_absence_proven(batch: Batch, look: NoTrace, *, lease_seconds: float) -> bool:
    """Whether a post has had no trace for so long that it never arrived. The first look at a post only begins the time.

    The grace begins when the post has surely ended: it may have been called unknown too early, and lasts no longer
    than its lease then.
    """
    enough = settings.NEWSLETTER.evidence_grace_seconds + lease_seconds
    if look.at is None:
        return _since_first_look(batch) >= enough
    if batch.untraced_since is None:
        # Kept only while this is the post that is in doubt.
        this_post = LEASES.held(batch, state=Batch.State.UNKNOWN, untraced_since=None)
        this_post.update(untraced_since=look.at)
        return False
    return look.at - batch.untraced_since >= timedelta(seconds=enough)


def _since_first_look(batch: Batch) -> float:
    now, key = steady_seconds(), (batch.mailing.key.hex, batch.pk, batch.attempts)
    with _lock:
        return now - _first.setdefault(key, now)

"""Decides when "no trace" proves that a request never arrived: after two checks that are far enough apart.

We cannot use the system clock for this, because it can be set. We use the provider's own clock, from the Date header of
its responses, and store the time of the first check with the batch. Without a Date header, we compare two checks of one
process by the monotonic clock.
"""

from datetime import timedelta
from threading import Lock

from django.conf import settings

from newsletter.sending.models import Batch
from newsletter.sending.open_batches import LEASES
from newsletter.sending.outcomes import NoTrace
from newsletter.sending_settings.current import is_from_earlier_account
from newsletter.steady_clock import steady_seconds

_first, _lock = dict[tuple[str, int, int], float](), Lock()


def is_absence_proven(batch: Batch, look: NoTrace, *, lease_seconds: float) -> bool:
    """Return whether a request has left no trace for so long that it never arrived. The first check starts the period.

    The grace period starts when the request has certainly ended: it may have been marked as unknown too early, but
    then it lasts no longer than its lease. A request that was made with an earlier SendGrid key proves nothing by its
    absence: the account that we ask now may be another one. Then only a trace counts, or what a person knows.
    """
    if batch.posted_at is not None and is_from_earlier_account(batch.posted_at):
        return False
    enough = settings.NEWSLETTER.evidence_grace_seconds + lease_seconds
    if look.at is None:
        return _since_first_look(batch) >= enough
    if batch.untraced_since is None:
        # Stored only while this request is the unknown one.
        this_post = LEASES.held(batch, state=Batch.State.UNKNOWN, untraced_since=None)
        this_post.update(untraced_since=look.at)
        return False
    return look.at - batch.untraced_since >= timedelta(seconds=enough)


def _since_first_look(batch: Batch) -> float:
    now, key = steady_seconds(), (batch.mailing.key.hex, batch.pk, batch.attempts)
    with _lock:
        return now - _first.setdefault(key, now)

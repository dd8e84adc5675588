"""Whether a mailing was paused or stopped while a process is posting one of its batches."""

import math
from collections.abc import Callable

from newsletter.sending.models import Mailing
from newsletter.steady_clock import steady_seconds

LOOK_EVERY_SECONDS = 1.0


def halted_while_posting(mailing_id: int) -> Callable[[], bool]:
    """Return a function that says whether a mailing is no longer being sent. For one thread.

    It is asked before each separate message, and looks at the database at most once a second.
    """
    looked_at, is_halted = -math.inf, False

    def is_halted_now() -> bool:
        nonlocal looked_at, is_halted
        now = steady_seconds()
        if now - looked_at >= LOOK_EVERY_SECONDS:
            looked_at = now
            sending = Mailing.objects.filter(pk=mailing_id, state=Mailing.State.SENDING)
            is_halted = not sending.exists()
        return is_halted

    return is_halted_now

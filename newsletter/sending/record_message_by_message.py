"""Records for each separate message that it was started, and that it was accepted.

Both are plain SQL, only for speed. Rarer outcomes are recorded as all others are (record_outcome.py).
"""

from datetime import datetime

from django.db import transaction

from newsletter.sending import sending_sql
from newsletter.sending.models import Batch
from newsletter.sending.outcomes import Accepted
from subscribers import raw_sql
from subscribers.database import is_postgres


def record_begun(batch: Batch, recipient: int, *, lease_until: datetime) -> bool:
    """Record whose message is started and renew the lease.

    Returns False if another process now owns the batch, or if the mailing was paused or stopped.
    """
    begun = [recipient, raw_sql.moment(lease_until), batch.pk, batch.attempts, batch.mailing_id]
    return bool(raw_sql.directly(sending_sql.BEGIN_MESSAGE, begun).rowcount)


def record_accepted(batch: Batch, recipient: int, answer: Accepted, *, lease_until: datetime) -> bool:
    """Record that the message to one recipient was accepted by their only post so far.

    Returns False, and writes nothing, if there may be an earlier post: then more than two rows have to change.
    """
    ended = [recipient, raw_sql.moment(lease_until), answer.message_id, batch.pk, batch.attempts]
    if is_postgres():
        return bool(raw_sql.directly(sending_sql.END_AND_ACCEPT, [*ended, recipient]).rowcount)
    with transaction.atomic():
        is_plain = bool(raw_sql.directly(sending_sql.END_MESSAGE, ended).rowcount)
        if is_plain:
            raw_sql.directly(sending_sql.ACCEPT_RECIPIENT, [recipient])
    return is_plain

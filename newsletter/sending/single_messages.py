"""What the ledger writes for each message of its own: that it begins to leave, and that it was accepted.

Both are plain SQL, for speed alone; what happens seldom goes the way of all outcomes in batches.py.
"""

from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from newsletter.sending import queries
from newsletter.sending.models import Batch
from newsletter.sending.outcomes import Accepted


def write_begun(batch: Batch, recipient: int, *, lease_until: datetime) -> bool:
    """Write down whose message begins to leave, and renew the lease; False once the batch is not this process's."""
    until = connection.ops.adapt_datetimefield_value(lease_until)
    with connection.cursor() as cursor:
        cursor.execute(queries.BEGIN_MESSAGE, [recipient, until, batch.pk, batch.attempts])
        return bool(cursor.rowcount)


def write_accepted(batch: Batch, recipient: int, answer: Accepted, *, lease_until: datetime) -> bool:
    """Write down that the message to one recipient was accepted, by the only post of theirs that ever was.

    False, with nothing written, when that is not sure: then it is more than two rows.
    """
    until = connection.ops.adapt_datetimefield_value(lease_until)
    with transaction.atomic(), connection.cursor() as cursor:
        ended = [recipient, until, answer.message_id, batch.pk, batch.attempts]
        cursor.execute(queries.END_MESSAGE, ended)
        is_plain = bool(cursor.rowcount) and not _has_earlier(cursor)
        if is_plain:
            cursor.execute(queries.ACCEPT_RECIPIENT, [recipient])
        else:
            transaction.set_rollback(True)
    return is_plain


def _has_earlier(cursor: CursorWrapper) -> bool:
    cursor.execute(queries.ANY_EARLIER_ACCEPTANCE)
    return cursor.fetchone() is not None

"""What the ledger writes for each message of its own: that it begins to leave, and that it was accepted.

Both are plain SQL, for speed alone; what happens seldom goes the way of all outcomes in batches.py.
"""

from datetime import datetime

from django.db import transaction

from newsletter.sending import sending_sql
from newsletter.sending.models import Batch
from newsletter.sending.outcomes import Accepted
from subscribers import sql
from subscribers.database import is_postgres


def record_begun(batch: Batch, recipient: int, *, lease_until: datetime) -> bool:
    """Write down whose message begins to leave, and renew the lease; False once the batch is not this process's."""
    begun = [recipient, sql.moment(lease_until), batch.pk, batch.attempts]
    return bool(sql.directly(sending_sql.BEGIN_MESSAGE, begun).rowcount)


def record_accepted(batch: Batch, recipient: int, answer: Accepted, *, lease_until: datetime) -> bool:
    """Write down that the message to one recipient was accepted, by the only post of theirs that ever was.

    False, with nothing written, when that is not sure: then it is more than two rows.
    """
    ended = [recipient, sql.moment(lease_until), answer.message_id, batch.pk, batch.attempts]
    if is_postgres():
        return bool(sql.directly(sending_sql.END_AND_ACCEPT, [*ended, recipient]).rowcount)
    with transaction.atomic():
        is_plain = bool(sql.directly(sending_sql.END_MESSAGE, ended).rowcount)
        if is_plain:
            sql.directly(sending_sql.ACCEPT_RECIPIENT, [recipient])
    return is_plain

"""Records that the only request of a whole batch was accepted, and closes the batch, in one commit.

Nearly every batch ends like this. It is plain SQL, only for speed. Everything else is recorded as record_outcome.py
does, and closed as batches.py does.
"""

from django.db import transaction
from django.utils import timezone

from newsletter.sending import sending_sql
from newsletter.sending.models import Batch
from newsletter.sending.outcomes import Accepted
from subscribers import raw_sql
from subscribers.database import is_postgres


def record_whole_batch(batch: Batch, answer: Accepted) -> bool:
    """Record that everybody in a batch whose outcome was not known is accepted, and that the batch is answered.

    Returns False, and writes nothing, if the batch is no longer this process's, or if more has to change: after
    failures, while we look for the cause of a rejection, or if there may be an earlier post.
    """
    lock = sending_sql.LOCK_PLAIN_MAILING if is_postgres() else sending_sql.FIND_PLAIN_MAILING
    answered = [raw_sql.moment(timezone.now()), answer.message_id, batch.pk, batch.attempts]
    with transaction.atomic():
        # The mailing first, as everybody who locks both.
        is_plain = raw_sql.directly(lock, [batch.mailing_id]).fetchone() is not None
        is_ours = is_plain and bool(raw_sql.directly(sending_sql.END_BATCH, answered).rowcount)
        if is_ours:
            raw_sql.directly(sending_sql.ACCEPT_BATCH, [batch.pk])
    return is_ours

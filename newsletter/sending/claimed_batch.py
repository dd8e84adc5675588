"""Reads a batch that was just claimed, with its variant and its mailing.

This runs for each batch. The ORM would take longer to write one query for all of it than the database to answer it.
"""

import time
from functools import lru_cache

from newsletter.sending import sending_sql
from newsletter.sending.models import Batch, Mailing, Variant

# What an email says of its mailing, issue and publication may be as old as this. Nobody can tell it from a batch that
# was claimed before the change.
READ_AGAIN_SECONDS = 5.0


def claimed_batch(batch_id: int) -> Batch:
    """Return a batch and its variant as they are now, and its mailing, issue and publication of a few seconds ago."""
    [batch] = Batch.objects.raw(sending_sql.READ_BATCH, [batch_id])
    # Without the email: it is the same for all batches (stored_variants.py).
    [batch.variant] = Variant.objects.raw(sending_sql.READ_VARIANT, [batch.variant_id])
    # The key distinguishes the mailing from another one that had the same number.
    batch.mailing = _mailing(batch.mailing_id, str(batch.mailing_key), _round())  # type: ignore[attr-defined]
    return batch


def _round() -> int:
    return int(time.monotonic() / READ_AGAIN_SECONDS)


@lru_cache(maxsize=16)
def _mailing(mailing_id: int, _key: str, _round: int) -> Mailing:
    return Mailing.objects.select_related("issue__publication").get(pk=mailing_id)

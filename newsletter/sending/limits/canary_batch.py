"""Sends a small share of a mailing first and watches it for a while, so that few people meet a broken link and few
bounces and complaints are caused. The share is drawn at random, so that it is like the rest; ledger.py defers the rest.
"""

import math

from newsletter.sending.models import Mailing, Recipient
from newsletter.sending.open_batches import open_batches
from newsletter.sending_settings.current import sending_settings


def split_off_canary(mailing: Mailing, batch_size: int) -> None:
    """Draw the canary share of a mailing that was just planned into separate batches. Call inside a transaction."""
    size = math.ceil(mailing.audience * sending_settings().canary_percent / 100)
    if not 0 < size < mailing.audience:
        return
    everybody = Recipient.objects.filter(batch__mailing=mailing)
    drawn = everybody.order_by("?").values_list("pk", "batch__variant")[:size]
    open_batches(mailing.pk, drawn, batch_size, first=True)
    mailing.canary_size, mailing.canary_pending = size, True
    mailing.save(update_fields=["canary_size", "canary_pending"])

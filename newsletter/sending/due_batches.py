"""Finds the batches that may be claimed now."""

from django.db import connection
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from newsletter.scheduling.readers_time import window_name
from newsletter.scheduling.release import grace
from newsletter.sending import sending_sql
from newsletter.sending.models import Batch
from subscribers.leases import CLOCKS_DIFFER


def due_batches() -> QuerySet[Batch]:
    """Return the batches that may be claimed now, in the order in which to send them."""
    moment = timezone.now()
    now = connection.ops.adapt_datetimefield_value(moment)
    future = connection.ops.adapt_datetimefield_value(moment + CLOCKS_DIFFER)
    earliest_wave = window_name(moment - grace())
    # The state is part of the statement, so that if two processes claim at once, only one succeeds.
    is_due = RawSQL(sending_sql.IS_DUE, [now, future, earliest_wave, now, future, now], BooleanField())  # noqa: S611 - no part of it comes from outside
    return Batch.objects.filter(is_due).order_by("mailing_id", "number")

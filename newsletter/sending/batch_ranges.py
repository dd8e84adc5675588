"""Batches as ranges of consecutive IDs, by which a database finds their recipients without looking up each batch."""

from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from newsletter.sending.models import Batch


def in_ranges(batches: QuerySet[Batch]) -> Q:
    """Return the condition of recipients in one of these batches. The batches are read now.

    PostgreSQL may read a million recipients again for each person if it has to look up the batch of each.
    """
    return reduce(
        or_, (Q(batch__gte=first, batch__lte=last) for first, last in id_ranges(batches)), Q(pk__in=())
    )


def id_ranges(batches: QuerySet[Batch]) -> list[tuple[int, int]]:
    """Return the first and the last ID of each range of batches with consecutive IDs, in order."""
    ranges: list[tuple[int, int]] = []
    for pk in batches.order_by("pk").values_list("pk", flat=True):
        if ranges and ranges[-1][1] == pk - 1:
            ranges[-1] = ranges[-1][0], pk
        else:
            ranges.append((pk, pk))
    return ranges

"""Finds the acts on many people that are open or ended lately, for users who closed the page of one."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from newsletter.background_jobs.models import BackgroundJob
from newsletter.people_acts.kinds_of_people_acts import ACT, UNDO

LATELY = timedelta(days=1)
MOST = 3


def recent_acts() -> Sequence[BackgroundJob]:
    """Return the acts, and undone acts, that are open or ended within a day, open ones first, three at most."""
    acts = BackgroundJob.objects.filter(kind__in=(ACT, UNDO))
    # Only an open job has the moment when it is due. Both columns have an index, which a query for either can use.
    still_open = acts.filter(due_at__isnull=False).order_by("-due_at", "-pk")[:MOST]
    ended = acts.filter(ended_at__gte=timezone.now() - LATELY).order_by("-ended_at", "-pk")[:MOST]
    return [*still_open, *ended][:MOST]

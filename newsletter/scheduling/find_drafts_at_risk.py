"""Finds drafts that would miss their time: they have a send time, but nobody has approved them.

Such an issue is blocked at its deadline (release.py), so people need to know well before that.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from newsletter.issues.models import Issue
from newsletter.scheduling.display_times import moment
from newsletter.scheduling.models import Schedule

AHEAD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class DraftAtRisk:
    """A draft with a send time, and the moment by which somebody must approve it."""

    issue: Issue
    schedule: Schedule
    deadline: datetime

    @property
    def sentence(self) -> str:
        """What will happen to the issue if nobody approves it."""
        zone = self.schedule.tzinfo
        due = (
            f"at {self.schedule.local_time.partition('T')[2]} in each reader’s time zone, from "
            f"{moment(self.schedule.due_at, zone)} ({zone})"
            if self.schedule.readers_time
            else f"on {moment(self.schedule.due_at, zone)} ({zone})"
        )
        by = "" if self.deadline == self.schedule.due_at else f" by {moment(self.deadline, zone)}"
        return (
            f"This issue is due to be sent {due}, but it is not approved. If nobody approves it{by}, it will "
            "be blocked and not sent."
        )


def issues_that_would_miss_their_time(within: timedelta = AHEAD) -> list[DraftAtRisk]:
    """Return the drafts that will be blocked within this time unless somebody approves them, the first deadline first.

    This is one query. A draft whose deadline has passed is left out: the scheduler blocks it.
    """
    now = timezone.now()
    until = now + within
    soon = Schedule.objects.filter(
        Q(due_at__lte=until) | Q(approve_by__lte=until), issue__state=Issue.State.DRAFT
    )
    found = [
        DraftAtRisk(each.issue, each, min(each.due_at, each.approve_by or each.due_at))
        for each in soon.select_related("issue__publication")
    ]
    return sorted(
        (each for each in found if now < each.deadline <= until),
        key=lambda each: (each.deadline, each.issue.pk),
    )

"""Opens the links of the issues that a series drafts, before they are due: drafting must not wait for a network.

An issue that waits for a person is drafted a day ahead: a job opens its links then. One that a series sends by itself
is drafted when it is due, so its links are opened just before that.
"""

from collections.abc import Callable
from functools import partial

from django.utils import timezone

from newsletter.accounts.actor import SYSTEM, acting_as
from newsletter.background_jobs.ask_for_job import ask_for_job
from newsletter.background_jobs.models import BackgroundJob
from newsletter.issues.change_locks import CHANGEABLE
from newsletter.issues.models import Issue
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.link_results import ask_unknown
from newsletter.scheduling.models import Occurrence
from newsletter.scheduling.series_dates import State

# The kind of the job that opens links (open_links_job.py).
LINKS = "links"


def ask_for_links_of_recurring_issue() -> bool:
    """Ask once that the links are opened of an issue that a series drafted. Return whether there was such an issue."""
    drafted = Occurrence.objects.filter(
        state=State.DRAFTED, due_at__gt=timezone.now(), issue__state__in=CHANGEABLE
    )
    numbers = list(drafted.order_by("due_at").values_list("issue", flat=True))
    jobs = BackgroundJob.objects.filter(kind=LINKS).values_list("arguments", flat=True) if numbers else ()
    asked = {arguments.get("issue") for arguments in jobs}
    number = next((number for number in numbers if number not in asked), None)
    if number is None:
        return False
    with acting_as(SYSTEM):
        ask_for_job(LINKS, {"issue": number})
    return True


def links_to_open(issue: Issue) -> Callable[[], object]:
    """Read the links of an issue, and return what opens those of which nothing is known, without the issue."""
    checked = CheckedIssue(issue)
    _urls = checked.urls_elsewhere  # which are kept, so that the issue is not read again
    return partial(ask_unknown, checked)

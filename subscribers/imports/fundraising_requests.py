"""Requests from the Fundraising Preference Service: by when a charity must act on them.

The service passes on that somebody wants no more appeals from a charity. The addresses are suppressed, also those that
we do not know.
"""

from datetime import date, timedelta

from django.utils import timezone

from subscribers.imports.status_at_other_service import ImportStatus
from subscribers.phrases import counted, written_day

# The service’s own site still says 28 days.
DAYS_TO_ACT = timedelta(days=21)


def due_sentence(status: ImportStatus, received_on: date | None) -> str:
    """Say by when requests that were received on a day, or else today, must be acted on.

    Empty if the people of a file are not from the service.
    """
    if status is not ImportStatus.FUNDRAISING:
        return ""
    today = timezone.localdate()
    received = received_on or today
    due = received + DAYS_TO_ACT
    late = (today - due).days
    overdue = f" That was {counted(late, 'day', 'days')} ago." if late > 0 else ""
    return (
        f"Fundraising Preference Service: you received these requests on {written_day(received)}, so you must act on "
        f"them by {written_day(due)} ({DAYS_TO_ACT.days} days).{overdue} The import suppresses the addresses at once."
    )

"""Until when the review board must acknowledge and answer what readers sent."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.timezone import localtime

from newsletter.feedback.models import ReaderCase
from newsletter.feedback.working_days import last_working_day_by, working_day_after
from newsletter.issues.models import Publication

# Data Protection Act 2018, section 164A: within 30 days, the first of which is the day on which the complaint comes in.
DAYS_TO_ACKNOWLEDGE_COMPLAINT = timedelta(days=29)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The last day on which a case can be acknowledged in time, and the last to answer it."""

    acknowledge_by: date
    answer_by: date


def deadlines(publication: Publication, kind: str, received_at: datetime) -> Deadlines:
    """Return the deadlines of a case that comes in at this time. Days are those of the publication's time zone.

    If nobody works on the thirtieth day of a complaint, it must be acknowledged on the working day before.
    """
    day, nation = localtime(received_at, publication.tzinfo).date(), publication.working_days
    answer_by = working_day_after(day, publication.answer_days, nation)
    if kind == ReaderCase.Kind.COMPLAINT:
        return Deadlines(last_working_day_by(day + DAYS_TO_ACKNOWLEDGE_COMPLAINT, nation), answer_by)
    acknowledge_by = working_day_after(day, publication.acknowledge_days, nation)
    return Deadlines(acknowledge_by, max(acknowledge_by, answer_by))

"""The line above the list of people that leads back to acts on many of them."""

from dataclasses import dataclass

from django.urls import reverse

from newsletter.background_jobs.models import BackgroundJob
from newsletter.people_acts.recent_people_acts import recent_acts
from newsletter.web.desk.articles.short_dates import Dates
from newsletter.web.desk.subscribers.bulk_act_labels import label_of_act


@dataclass(frozen=True, slots=True)
class ShownAct:
    """An act on many people: what it does, how far it is, and the address of its page."""

    label: str
    state: str
    address: str


def shown_acts(dates: Dates) -> list[ShownAct]:
    """Return the acts that are open or ended lately."""
    return [
        ShownAct(label_of_act(job), _state(job, dates), reverse("desk:people-act", args=[job.pk]))
        for job in recent_acts()
    ]


def _state(job: BackgroundJob, dates: Dates) -> str:
    if job.ended_at:
        return f"{job.get_state_display().lower()} {dates.of(job.ended_at).when}"
    if job.cancel_asked_at:
        return "being cancelled"
    if job.state == BackgroundJob.State.WAITING:
        return "waiting"
    return f"{job.done:,} of {job.total:,} people so far"

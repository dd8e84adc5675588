"""Removes a topic from a list for an administrator: at once if few people chose it, and otherwise as a job.

`subscribers/topic_removal.py` takes the topic from people and decides about those who chose nothing else.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction

from newsletter.accounts.actor import Role, current_actor, require_role, why_not_role
from newsletter.background_jobs.ask_for_job import ask_for_job
from newsletter.background_jobs.models import BackgroundJob
from newsletter.background_jobs.run_jobs import JobRun, run_job_at_once
from newsletter.errors import NotFound, Refused, refuse_if
from newsletter.issues.models import SavedSegment
from subscribers import topic_removal
from subscribers.consent_log import ConsentSource
from subscribers.models import List, SourceKind, Topic
from subscribers.phrases import listed
from subscribers.segments.topics_in_segment import names_topic

REMOVE = "remove-topic"
REMOVING = "Removing a topic"
# Up to this many people, the page waits.
FEW = 2_000
State = BackgroundJob.State
OPEN = (State.WAITING, State.RUNNING)


def why_not_remove(topic: Topic, readers: str = "") -> str:
    """Return why the actor may not remove a topic with this decision about its readers. Empty if they may.

    `readers` is as in `topic_removal.why_not_remove`.
    """
    return (
        why_not_role(Role.ADMINISTRATOR, REMOVING)
        or _why_needed(topic)
        or topic_removal.why_not_remove(topic, readers)
    )


def segments_with(topic: Topic) -> list[SavedSegment]:
    """Return the segments that name a topic."""
    every = SavedSegment.objects.filter(mailing_list=topic.list_id)
    return [each for each in every if names_topic(each.text, topic)]


def remove_topic(topic: Topic, readers: str, *, name: str = "") -> int:
    """Remove a topic before this returns, and return how many people had chosen it.

    `name` is the name for the consent log, instead of the actor's. Raises Refused with the sentence of
    `why_not_remove`.
    """
    refuse_if(why_not_remove(topic, readers))
    return _remove(topic, readers, name or current_actor().name)


def ask_to_remove(topic: Topic, readers: str) -> BackgroundJob:
    """Begin to remove a topic, and return the job, which has ended already if few people chose the topic.

    Raises Refused with the sentence of `why_not_remove`, or if the topic is being removed already.
    """
    refuse_if(why_not_remove(topic, readers))
    people = topic_removal.people_with(topic)
    with transaction.atomic():
        List.objects.select_for_update().get(pk=topic.list_id)
        if topic.pk in topics_being_removed(topic.list):
            raise Refused(f"We are already removing the topic “{topic.name}”.")
        job = ask_for_job(REMOVE, {"topic": topic.pk, "readers": readers}, total=people)
    return run_job_at_once(job, work_on_removal) if people <= FEW else job


def work_on_removal(run: JobRun) -> Mapping[str, Any]:
    """Remove the topic of a job, from where an earlier process was."""
    topic = Topic.objects.select_related("list").filter(pk=run.arguments["topic"]).first()
    if topic is None:
        raise NotFound("The topic has already been removed.")
    readers = str(run.arguments["readers"])
    refuse_if(why_not_remove(topic, readers))
    tell = partial(_tell, run)
    return {"people": _remove(topic, readers, current_actor().name, tell=tell)}


def topics_being_removed(mailing_list: List) -> set[int]:
    """Return the numbers of the topics of a list that jobs are removing."""
    numbers = list(mailing_list.topics.values_list("pk", flat=True))
    jobs = BackgroundJob.objects.filter(kind=REMOVE, state__in=OPEN, arguments__topic__in=numbers)
    return {job.arguments["topic"] for job in jobs}


def why_removal_failed(topic: Topic) -> str:
    """Return why the last attempt to remove a topic failed, or an empty string."""
    jobs = BackgroundJob.objects.filter(kind=REMOVE, arguments__topic=topic.pk).order_by("-pk")
    last = jobs.first()
    return last.sentence if last is not None and last.state == State.FAILED else ""


def _remove(topic: Topic, readers: str, name: str, *, tell: topic_removal.Tell | None = None) -> int:
    require_role(Role.ADMINISTRATOR, REMOVING)
    return topic_removal.remove_topic(
        topic, ConsentSource(SourceKind.EDITOR, name), readers=readers, tell=tell
    )


def _tell(run: JobRun, done: int) -> None:
    run.tell("Removing the topic", done, max(run.job.total, done))


def _why_needed(topic: Topic) -> str:
    names = [f"“{each.name}”" for each in segments_with(topic)]
    if not names:
        return ""
    if len(names) == 1:
        return (
            f"The topic “{topic.name}” is used in the segment {names[0]}. Change or remove the segment first."
        )
    return f"The topic “{topic.name}” is used in the segments {listed(names)}. Change or remove them first."

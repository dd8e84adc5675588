"""Undoes an act on the topics of many people, as a job. People who changed their topics since keep what they chose."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction

from newsletter.background_jobs.ask_for_job import ask_for_job
from newsletter.background_jobs.models import BackgroundJob
from newsletter.background_jobs.run_jobs import JobRun, run_job_at_once
from newsletter.errors import refuse_if
from newsletter.people_acts import chosen_people
from newsletter.people_acts.act_on_one_person import change_topic_of, locked_people
from newsletter.people_acts.act_on_people import AT_ONCE, FEW, PHASE
from newsletter.people_acts.kinds_of_people_acts import (
    ACT,
    ADD_TOPIC,
    REMOVE_TOPIC,
    UNDO,
    PeopleAct,
    act_of,
    log_act,
    why_not_act,
)
from subscribers.models import Subscription, Topic
from subscribers.short_transactions import as_many_as_fit, leave_gap
from subscribers.transactions import LOOK_AGAIN_POLITELY, repeated


def why_not_undo(job: BackgroundJob) -> str:
    """Return why an act cannot be undone, or an empty string."""
    if job.kind != ACT or job.arguments.get("kind") not in {ADD_TOPIC, REMOVE_TOPIC}:
        return "Only changes to topics can be undone for many people at the same time."
    if not job.has_ended:
        return "This change is still running. Wait until it ends, or cancel it first."
    if job.result.get("undone_by"):
        return "This change has already been undone."
    if not Topic.objects.filter(pk=job.arguments["topic"]).exists():
        return "The topic was removed after this change, so there is nothing left to undo."
    if not chosen_people.changed(job.folder):
        return "There is nothing left to undo."
    return why_not_act(job.arguments["kind"], on_a_search=False)


def undo_act(job: BackgroundJob) -> BackgroundJob:
    """Take a topic back, or give it back, to those whom an act gave it or took it from. Raises Refused."""
    refuse_if(why_not_undo(job))
    numbers = chosen_people.changed(job.folder)
    with transaction.atomic():
        undo = ask_for_job(UNDO, {**job.arguments, "act": job.pk}, folder=job.folder, total=len(numbers))
        BackgroundJob.objects.filter(pk=job.pk).update(result={**job.result, "undone_by": undo.pk})
    return run_job_at_once(undo, work_on_undo) if len(numbers) <= FEW else undo


def work_on_undo(run: JobRun) -> Mapping[str, Any]:
    """Undo an act on topics, a few people at a time. People who changed their topics since keep what they chose."""
    kind = REMOVE_TOPIC if run.arguments["kind"] == ADD_TOPIC else ADD_TOPIC
    act = act_of({**run.arguments, "kind": kind}, {})
    refuse_if(why_not_act(kind, on_a_search=False))
    outcomes = Counter[str]()
    numbers, done = chosen_people.changed(run.job.folder), 0
    while some := numbers[done : done + AT_ONCE]:
        run.tell(PHASE, done, len(numbers))
        piece, more = repeated(partial(_undo_piece, run, act, some), look_again=LOOK_AGAIN_POLITELY)
        outcomes.update(piece)
        done += more
        leave_gap()
    log_act(act, outcomes)
    return {"outcomes": dict(outcomes)}


def _undo_piece(run: JobRun, act: PeopleAct, numbers: Sequence[int]) -> tuple[Counter[str], int]:
    """Undo an act on the first of these subscriptions, and return what came of it and on how many."""
    run.hold()
    people = locked_people(
        Subscription.objects.filter(pk__in=numbers).values_list("subscriber_id", flat=True)
    )
    there = Subscription.objects.filter(pk__in=numbers, subscriber__in=people).select_related("list")
    found, outcomes = {each.pk: each for each in there}, Counter[str]()

    def undo_one(number: int) -> None:
        if one := found.get(number):
            outcomes[change_topic_of(act, one, allow_none=True)] += 1

    return outcomes, as_many_as_fit(numbers, undo_one)


JOBS = {UNDO: work_on_undo}

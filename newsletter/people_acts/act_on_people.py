"""Acts on many people: asked for on a page that says how many they are, and worked on as a job.

Each person is changed by the same function as on their own page, a few people in one transaction. If the
process of a job ends, the next one continues after the last person, so that nothing is done to anybody twice.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from newsletter.accounts.actor import Role, require_role
from newsletter.accounts.form_idempotency import once
from newsletter.accounts.reauthentication import require_confirmed_actor
from newsletter.background_jobs import job_files
from newsletter.background_jobs.ask_for_job import ask_for_job, find_job
from newsletter.background_jobs.models import BackgroundJob
from newsletter.background_jobs.run_jobs import JobRun, run_job_at_once
from newsletter.errors import Invalid, InvalidFields, Refused, refuse_if
from newsletter.people_acts import chosen_people
from newsletter.people_acts.act_on_one_person import act_on_one, locked_people
from newsletter.people_acts.chosen_people import ChosenPeople
from newsletter.people_acts.kinds_of_people_acts import (
    ACT,
    ADD_TOPIC,
    CHANGING,
    ERASE,
    REMOVE_TOPIC,
    UNCHANGED,
    UNDO,
    PeopleAct,
    act_of,
    arguments_of,
    log_act,
    require_whole,
    why_not_act,
)
from subscribers import erasure
from subscribers.phrases import counted
from subscribers.search.match_people import NEWEST_OF_ALL
from subscribers.short_transactions import as_many_as_fit, leave_gap
from subscribers.transactions import LOOK_AGAIN_POLITELY, repeated

PHASE = "Working"
# The most people in one transaction, and in the first one, which shows how long one takes.
AT_ONCE, FIRST = 50, 4
# Up to this many people, the page waits.
FEW = 100
REASON = 500


def confirmation_of(people: int) -> str:
    """Return what must be typed before people are erased."""
    return f"erase {people}"


def ask_for_act(
    act: PeopleAct, chosen: ChosenPeople, *, seen: int, typed: str = "", form: str = ""
) -> BackgroundJob:
    """Begin an act on people, and return its job, which has ended already if they are few.

    `seen` is how many people the page that asked has shown, `typed` what was typed to confirm an erasure, `form` the
    key of the form. Raises Refused if there are more or fewer people now, InvalidFields for what is missing,
    AlreadyMadeError, and RecentSignInNeededError.
    """
    refuse_if(why_not_act(act.kind, on_a_search=chosen.are_searched))
    if act.kind == ERASE:
        require_confirmed_actor()
    require_whole(act)
    people = chosen.count()
    if people != seen:
        raise Refused(
            f"There are now {counted(people, 'person', 'people')}, not {seen:,}. Check the list again, "
            "then confirm."
        )
    if not people:
        raise Invalid("Select at least one person.")
    if act.kind == ERASE and " ".join(typed.split()).casefold() != confirmation_of(people):
        raise InvalidFields({"typed": f"To confirm, type “{confirmation_of(people)}”."})
    with transaction.atomic(), once(form) as made:
        folder = job_files.new_folder()
        texts = {"consent": act.consent.strip(), "reason": act.reason.strip()[:REASON]}
        chosen_people.keep(folder, chosen, texts)
        job = ask_for_job(ACT, arguments_of(act), folder=folder, total=people)
        made.made = str(job.pk)
    return run_job_at_once(job, work_on_people) if people <= FEW else job


def find_act(number: int) -> BackgroundJob:
    """Return the job of an act, or of its undo. Raises NotFound, and Refused for people who may not see subscribers."""
    require_role(Role.EDITOR, CHANGING)
    return find_job(number, ACT, UNDO)


def work_on_people(run: JobRun) -> Mapping[str, Any]:
    """Do an act to all people that were chosen, from where an earlier process was."""
    said = run.arguments
    act = act_of(said, chosen_people.texts_kept(run.job.folder))
    chosen = chosen_people.kept(run.job.folder)
    refuse_if(why_not_act(act.kind, on_a_search=chosen.are_searched))
    outcomes = Counter[str](run.job.result.get("outcomes", {}))
    earlier = Counter(outcomes)
    before = run.job.result.get("before", NEWEST_OF_ALL)
    total, size = run.job.total, min(FIRST, AT_ONCE)
    try:
        while some := chosen.next(before=before, most=size):
            run.tell(PHASE, min(outcomes.total(), total), max(total, outcomes.total()))
            run.look_whether_to_end()
            piece = _piece(run, act, some, outcomes)
            outcomes.update(piece)
            before, size = run.job.result["before"], min(2 * piece.total(), AT_ONCE)
            leave_gap()
    finally:
        if act.kind == ERASE:
            erasure.sweep()
        log_act(act, outcomes - earlier)
    if act.kind not in {ADD_TOPIC, REMOVE_TOPIC}:
        job_files.remove_folder(run.job.folder)
    return {"outcomes": dict(outcomes)}


def _piece(run: JobRun, act: PeopleAct, numbers: Sequence[int], so_far: Counter[str]) -> Counter[str]:
    """Do an act to the first of these people in one short transaction, and record how far the job is."""
    touched: list[int] = []

    def done() -> Counter[str]:
        run.hold()
        touched.clear()
        people, outcomes = {each.pk: each for each in locked_people(numbers)}, Counter[str]()

        def change(number: int) -> None:
            person = people.get(number)
            outcomes[act_on_one(act, person, touched) if person else UNCHANGED] += 1

        reached = as_many_as_fit(numbers, change)
        chosen_people.keep_changed(run.job.folder, touched)
        run.keep(before=numbers[reached - 1], outcomes=dict(so_far + outcomes))
        return outcomes

    return repeated(done, look_again=LOOK_AGAIN_POLITELY)


JOBS = {ACT: work_on_people}

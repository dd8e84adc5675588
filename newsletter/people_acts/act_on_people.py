"""Acts on many people: asked for on a page that says how many they are, and worked on as a job.

Each person is changed by the same function as on their own page, a few people in one transaction. If the
process of a job ends, the next one continues after the last person, so that nothing is done to anybody twice.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction

from newsletter.accounts import audit_log
from newsletter.accounts.actor import Role, current_actor, require_role, why_not_role
from newsletter.accounts.form_idempotency import once
from newsletter.accounts.reauthentication import require_confirmed_actor
from newsletter.background_jobs import job_files
from newsletter.background_jobs.ask_for_job import ask_for_job, find_job
from newsletter.background_jobs.models import BackgroundJob
from newsletter.background_jobs.run_jobs import JobRun, run_job_at_once
from newsletter.errors import Invalid, NewsletterError, NotFound, Refused, refuse_if
from newsletter.people_acts import chosen_people
from newsletter.people_acts.chosen_people import ChosenPeople
from subscribers import consent, erasure, locks, suppression
from subscribers.consent_log import ConsentSource, chosen_topics
from subscribers.errors import KeyMissing
from subscribers.models import List, SourceKind, Subscriber, Subscription, Topic
from subscribers.phrases import counted
from subscribers.search.match_people import NEWEST_OF_ALL
from subscribers.short_transactions import as_many_as_fit, leave_gap
from subscribers.transactions import LOOK_AGAIN_POLITELY, repeated

ADD, ADD_TOPIC, REMOVE_TOPIC = "add-to-list", "add-topic", "remove-topic"
UNSUBSCRIBE, SUPPRESS, ERASE = "unsubscribe", "suppress", "erase"
ACT, UNDO = "act-on-people", "undo-act-on-people"
CHANGING, ON_EVERYBODY = "Changing subscribers", "Acting on everybody whom a search finds"
PHASE = "Working"
# The most people in one transaction, and in the first one, which shows how long one takes.
AT_ONCE, FIRST = 50, 4
# Up to this many people, the page waits.
FEW = 100
REASON = 500
CHANGED, UNCHANGED, REFUSED = "changed", "unchanged", "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleAct:
    """What is done: the kind, and the list, topic, consent or reason that it needs."""

    kind: str
    mailing_list: List | None = None
    topic: Topic | None = None
    consent: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of act: its sentence for the log, whether it needs a list or a topic, and who may do it."""

    sentence: str
    needs_list: bool = False
    needs_topic: bool = False
    role: Role = Role.EDITOR


KINDS: Mapping[str, Kind] = {
    ADD: Kind("Added {people} to the list {list}", needs_list=True),
    ADD_TOPIC: Kind("Gave the topic {topic} to {people}", needs_topic=True),
    REMOVE_TOPIC: Kind("Took the topic {topic} from {people}", needs_topic=True),
    UNSUBSCRIBE: Kind("Unsubscribed {people} from the list {list}", needs_list=True),
    SUPPRESS: Kind("Suppressed the addresses of {people}"),
    ERASE: Kind("Erased {people} and everything stored about them", role=Role.ADMINISTRATOR),
}


def why_not_act(kind: str, *, on_a_search: bool) -> str:
    """Return why the actor may not do this to the people ticked, or to everybody found. Empty if they may."""
    if kind not in KINDS:
        return "This is not an act on people."
    if on_a_search:
        return why_not_role(Role.ADMINISTRATOR, ON_EVERYBODY)
    return why_not_role(KINDS[kind].role, CHANGING if kind != ERASE else "Erasing people")


def confirmation_of(people: int) -> str:
    """Return what must be typed before people are erased."""
    return f"erase {people}"


def ask_for_act(
    act: PeopleAct, chosen: ChosenPeople, *, seen: int, typed: str = "", form: str = ""
) -> BackgroundJob:
    """Begin an act on people, and return its job, which has ended already if they are few.

    `seen` is how many people the page that asked has shown, `typed` what was typed to confirm an erasure, `form` the
    key of the form. Raises Refused if there are more or fewer people now, Invalid for what is missing,
    AlreadyMadeError, and RecentSignInNeededError.
    """
    refuse_if(why_not_act(act.kind, on_a_search=chosen.are_searched))
    if act.kind == ERASE:
        require_confirmed_actor()
    _require_whole(act)
    people = chosen.count()
    if people != seen:
        raise Refused(
            f"There are {counted(people, 'person', 'people')} now, not {seen:,}. Look again, and confirm."
        )
    if not people:
        raise Invalid("Nobody is chosen.")
    if act.kind == ERASE and " ".join(typed.split()).casefold() != confirmation_of(people):
        raise Invalid(f"Type “{confirmation_of(people)}” to confirm, so that nobody is erased by mistake.")
    with transaction.atomic(), once(form) as made:
        folder = job_files.new_folder()
        texts = {"consent": act.consent.strip(), "reason": act.reason.strip()[:REASON]}
        chosen_people.keep(folder, chosen, texts)
        arguments = {
            "kind": act.kind,
            "list": act.mailing_list.pk if act.mailing_list else None,
            "topic": act.topic.pk if act.topic else None,
        }
        job = ask_for_job(ACT, arguments, folder=folder, total=people)
        made.made = str(job.pk)
    return run_job_at_once(job, work_on_people) if people <= FEW else job


def find_act(number: int) -> BackgroundJob:
    """Return the job of an act, or of its undo. Raises NotFound, and Refused for people who may not see subscribers."""
    require_role(Role.EDITOR, CHANGING)
    return find_job(number, ACT, UNDO)


def work_on_people(run: JobRun) -> Mapping[str, Any]:
    """Do an act to all people that were chosen, from where an earlier process was."""
    said = run.arguments
    act = _act_of(said, chosen_people.texts_kept(run.job.folder))
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
        _log(act, outcomes - earlier)
    if act.kind not in {ADD_TOPIC, REMOVE_TOPIC}:
        job_files.remove_folder(run.job.folder)
    return {"outcomes": dict(outcomes)}


def why_not_undo(job: BackgroundJob) -> str:
    """Return why an act cannot be undone, or an empty string."""
    if job.kind != ACT or job.arguments.get("kind") not in {ADD_TOPIC, REMOVE_TOPIC}:
        return "This cannot be undone for many people at once."
    if not job.has_ended:
        return "Wait until it has ended, or cancel it first."
    if job.result.get("undone_by"):
        return "This has been undone already."
    if not chosen_people.changed(job.folder):
        return "Nothing is left to undo."
    return why_not_act(job.arguments["kind"], on_a_search=False)


def undo_act(job: BackgroundJob) -> BackgroundJob:
    """Take a topic back, or give it back, to those whom an act gave it or took it from. Raises Refused."""
    refuse_if(why_not_undo(job))
    topic = Topic.objects.filter(pk=job.arguments["topic"]).first()
    if topic is None:
        raise NotFound("This topic does not exist any more.")
    numbers = chosen_people.changed(job.folder)
    with transaction.atomic():
        undo = ask_for_job(UNDO, {**job.arguments, "act": job.pk}, folder=job.folder, total=len(numbers))
        BackgroundJob.objects.filter(pk=job.pk).update(result={**job.result, "undone_by": undo.pk})
    return run_job_at_once(undo, work_on_undo) if len(numbers) <= FEW else undo


def work_on_undo(run: JobRun) -> Mapping[str, Any]:
    """Undo an act on topics, a few people at a time. People who changed their topics since keep what they chose."""
    kind = REMOVE_TOPIC if run.arguments["kind"] == ADD_TOPIC else ADD_TOPIC
    act = _act_of({**run.arguments, "kind": kind}, {})
    refuse_if(why_not_act(kind, on_a_search=False))
    outcomes = Counter[str]()
    numbers, done = chosen_people.changed(run.job.folder), 0
    while some := numbers[done : done + AT_ONCE]:
        run.tell(PHASE, done, len(numbers))
        piece, more = repeated(partial(_undo_piece, run, act, some), look_again=LOOK_AGAIN_POLITELY)
        outcomes.update(piece)
        done += more
        leave_gap()
    _log(act, outcomes)
    return {"outcomes": dict(outcomes)}


def _undo_piece(run: JobRun, act: PeopleAct, numbers: Sequence[int]) -> tuple[Counter[str], int]:
    """Undo an act on the first of these subscriptions, and return what came of it and on how many."""
    run.hold()
    people = _locked(Subscription.objects.filter(pk__in=numbers).values_list("subscriber_id", flat=True))
    there = Subscription.objects.filter(pk__in=numbers, subscriber__in=people).select_related("list")
    found, outcomes = {each.pk: each for each in there}, Counter[str]()

    def undo_one(number: int) -> None:
        if one := found.get(number):
            outcomes[_with_topic(act, one, allow_none=True)] += 1

    return outcomes, as_many_as_fit(numbers, undo_one)


def _piece(run: JobRun, act: PeopleAct, numbers: Sequence[int], so_far: Counter[str]) -> Counter[str]:
    """Do an act to the first of these people in one short transaction, and record how far the job is."""
    touched: list[int] = []

    def done() -> Counter[str]:
        run.hold()
        touched.clear()
        people, outcomes = {each.pk: each for each in _locked(numbers)}, Counter[str]()

        def change(number: int) -> None:
            person = people.get(number)
            outcomes[_to_one(act, person, touched) if person else UNCHANGED] += 1

        reached = as_many_as_fit(numbers, change)
        chosen_people.keep_changed(run.job.folder, touched)
        run.keep(before=numbers[reached - 1], outcomes=dict(so_far + outcomes))
        return outcomes

    return repeated(done, look_again=LOOK_AGAIN_POLITELY)


def _locked(numbers: Iterable[int]) -> list[Subscriber]:
    """Return people with their locks, taken together, so that two acts on many do not wait for each other."""
    wanted = list(numbers)
    locks.share_for(Subscriber.objects.filter(pk__in=wanted).values_list("address_key", flat=True))
    return list(Subscriber.objects.filter(pk__in=wanted).order_by("-pk"))


def _to_one(act: PeopleAct, person: Subscriber, touched: list[int]) -> str:
    """Do an act to one person, and return what came of it."""
    try:
        with transaction.atomic():
            return _ACTS[act.kind](act, person, touched)
    except KeyMissing:
        raise
    except NewsletterError:
        return REFUSED


def _add(act: PeopleAct, person: Subscriber, _touched: list[int]) -> str:
    assert act.mailing_list is not None
    known = person.subscriptions.filter(list=act.mailing_list, state=Subscription.State.ACTIVE)
    if known.exists():
        return UNCHANGED
    consent.add_by_editor(act.mailing_list, person.address, _source(), consent=act.consent)
    return CHANGED


def _change_topic(act: PeopleAct, person: Subscriber, touched: list[int]) -> str:
    assert act.topic is not None
    found = person.subscriptions.select_related("list").filter(list=act.topic.list_id)
    one = found.exclude(state=Subscription.State.UNSUBSCRIBED).first()
    if one is None:
        return UNCHANGED
    outcome = _with_topic(act, one)
    if outcome == CHANGED:
        touched.append(one.pk)
    return outcome


def _with_topic(act: PeopleAct, one: Subscription, *, allow_none: bool = False) -> str:
    """Give or take a topic. A person without topics gets every topic already, and the last one is not taken from them,
    which would give them every topic, unless that undoes an act.
    """
    assert act.topic is not None
    slug, slugs = act.topic.slug, chosen_topics(one)
    if (slug in slugs) == (act.kind == ADD_TOPIC):
        return UNCHANGED
    if act.kind == ADD_TOPIC:
        if not slugs:
            return UNCHANGED
        wanted = [*slugs, slug]
    else:
        wanted = [each for each in slugs if each != slug]
        if not wanted and not allow_none:
            return REFUSED
    consent.change(one, _source(), topics=wanted)
    return CHANGED


def _unsubscribe(act: PeopleAct, person: Subscriber, _touched: list[int]) -> str:
    found = person.subscriptions.select_related("list").filter(list=act.mailing_list)
    one = found.exclude(state=Subscription.State.UNSUBSCRIBED).first()
    if one is None:
        return UNCHANGED
    consent.unsubscribe(one, _source(), reason=act.reason)
    return CHANGED


def _suppress(act: PeopleAct, person: Subscriber, _touched: list[int]) -> str:
    is_new = suppression.suppress(person.address, suppression.Reason.MANUAL, _source(), note=act.reason)
    return CHANGED if is_new else UNCHANGED


def _erase(_act: PeopleAct, person: Subscriber, _touched: list[int]) -> str:
    consent.erase_person(person, _source())
    return CHANGED


_ACTS: Mapping[str, Callable[[PeopleAct, Subscriber, list[int]], str]] = {
    ADD: _add,
    ADD_TOPIC: _change_topic,
    REMOVE_TOPIC: _change_topic,
    UNSUBSCRIBE: _unsubscribe,
    SUPPRESS: _suppress,
    ERASE: _erase,
}
JOBS = {ACT: work_on_people, UNDO: work_on_undo}


def _require_whole(act: PeopleAct) -> None:
    kind = KINDS[act.kind]
    if kind.needs_list and act.mailing_list is None:
        raise Invalid("Choose a list.")
    if kind.needs_topic and act.topic is None:
        raise Invalid("Choose a topic.")
    if act.kind == ADD and not act.consent.strip():
        raise Invalid("Say where these people’s consent comes from. It is recorded for each of them.")


def _act_of(said: Mapping[str, Any], texts: Mapping[str, str]) -> PeopleAct:
    act = PeopleAct(
        kind=said["kind"],
        mailing_list=List.objects.filter(pk=said["list"]).first(),
        topic=Topic.objects.select_related("list").filter(pk=said["topic"]).first(),
        consent=texts.get("consent", ""),
        reason=texts.get("reason", ""),
    )
    _require_whole(act)
    return act


def _source() -> ConsentSource:
    return ConsentSource(SourceKind.EDITOR, current_actor().name)


def _log(act: PeopleAct, outcomes: Counter[str]) -> None:
    """Record in the audit log how many people were changed, without naming any."""
    if not outcomes[CHANGED]:
        return
    words = {
        "people": counted(outcomes[CHANGED], "person", "people"),
        "list": act.mailing_list.slug if act.mailing_list else "",
        "topic": act.topic.slug if act.topic else "",
    }
    thing = (
        f"list {act.mailing_list.pk}" if act.mailing_list else f"topic {act.topic.pk}" if act.topic else ""
    )
    audit_log.write(
        "erase" if act.kind == ERASE else "subscriber",
        f"{KINDS[act.kind].sentence.format(**words)}.",
        thing=thing,
    )

"""What came of the latest dress rehearsal of an issue, in sentences, and the people whose email has a problem."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from newsletter.background_jobs.models import BackgroundJob
from newsletter.errors import NewsletterError, refuse_if
from newsletter.issues.look_up_audience import audience_mark
from newsletter.issues.models import Issue
from newsletter.preflight.rehearsal.ask_for_rehearsal import job_of
from newsletter.preflight.rehearsal_models import Rehearsal, RehearsalProblem
from newsletter.sending.audience import audience_day, rule_for
from newsletter.sending.send_test_emails import current_emails
from newsletter.sending.who_may_see_recipients import why_not_see_people
from newsletter.sending_settings.current import sending_settings
from subscribers.phrases import counted, listed, written_moment

PEOPLE_PER_PAGE = 50
NAMELESS = "no-first-name"
Kind = RehearsalProblem.Kind
# In the order in which pages show them: the words for one person and for several, and what can be done.
KINDS = {
    Kind.REFUSED: (
        "email would not be sent",
        "emails would not be sent",
        "Correct the person’s name or address, or suppress the address.",
    ),
    Kind.HEADER: (
        "email has a broken header",
        "emails have a broken header",
        "Correct the person’s name and address. If they are correct, tell the people who maintain this software.",
    ),
    Kind.UNFILLED: (
        "email has an empty field",
        "emails have an empty field",
        (
            "Add what is missing, or write in the newsletter’s settings what the email should say instead of a "
            "first name."
        ),
    ),
    Kind.SIZE: (
        "email is too large for Gmail",
        "emails are too large for Gmail",
        "Remove articles or shorten the introduction.",
    ),
    Kind.LANGUAGE: (
        "email is in a different language from the reader’s",
        "emails are in a different language from the reader’s",
        "To leave these people out, choose a segment based on language as the audience.",
    ),
}


class Stage(StrEnum):
    """How far the latest rehearsal of an issue is."""

    NEVER = "never"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ProblemCount:
    """How many emails have one kind of problem, in words, and what can be done."""

    kind: str
    count: int
    label: str
    words: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalResult:
    """The latest rehearsal of an issue. `outdated` says why its result is no longer about what would be sent."""

    stage: Stage
    rehearsal: Rehearsal | None
    job: BackgroundJob | None
    sentence: str
    problems: Sequence[ProblemCount] = ()
    outdated: Sequence[str] = ()

    @property
    def nameless_words(self) -> str:
        """A sentence about the people without a first name, if the email uses it and says something else instead."""
        row = self.rehearsal
        if row is None or not row.nameless:
            return ""
        people = counted(row.nameless, "person has", "people have")
        fallback = row.issue.publication.first_name_fallback
        return f"{people} no first name, so the email says “{fallback}” instead."


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """Somebody whose email has a problem."""

    subscriber: int
    name: str
    address: str
    sentence: str


@dataclass(frozen=True, slots=True)
class NamedPeople:
    """Some of the people with one kind of problem. `after` leads to the next; 0 at the end."""

    people: list[NamedPerson]
    after: int


def latest_rehearsal(issue: Issue, *, digest: str | None = None) -> RehearsalResult:
    """Return the latest rehearsal of an issue. `digest` is that of the emails now, if the caller knows it."""
    rows = Rehearsal.objects.select_related("issue__publication")
    rehearsal = rows.filter(issue=issue).first()
    if rehearsal is None:
        sentence = "Nobody has rehearsed this mailing yet."
        return RehearsalResult(stage=Stage.NEVER, rehearsal=None, job=None, sentence=sentence)
    job = None if rehearsal.ended_at else job_of(issue)
    stage = _stage(rehearsal, job)
    if stage is not Stage.DONE:
        sentence = _why_not_done(stage, job)
        return RehearsalResult(stage=stage, rehearsal=rehearsal, job=job, sentence=sentence)
    problems = problem_counts(rehearsal)
    return RehearsalResult(
        stage=stage,
        rehearsal=rehearsal,
        job=job,
        sentence=_result(issue, rehearsal, problems),
        problems=problems,
        outdated=_why_outdated(issue, rehearsal, digest),
    )


def problem_counts(rehearsal: Rehearsal) -> list[ProblemCount]:
    """Return how many emails have each kind of problem, without kinds that none has."""
    return [
        ProblemCount(kind.value, count, kind.label, counted(count, one, several), mend)
        for kind, (one, several, mend) in KINDS.items()
        if (count := rehearsal.problems.get(kind.value, 0))
    ]


def named_people(issue: Issue, kind: str, *, after: int = 0, at_most: int = PEOPLE_PER_PAGE) -> NamedPeople:
    """Return the people with one kind of problem, in the order in which they were found.

    Raises Refused with the sentence of `why_not_see_people`.
    """
    refuse_if(why_not_see_people(issue))
    rows = RehearsalProblem.objects.filter(rehearsal__issue=issue, kind=kind, pk__gt=after)
    found = list(rows.select_related("subscriber").order_by("pk")[: at_most + 1])
    people = [
        NamedPerson(
            each.subscriber_id,
            f"{each.subscriber.first_name} {each.subscriber.last_name}".strip(),
            each.subscriber.address,
            each.sentence,
        )
        for each in found[:at_most]
    ]
    return NamedPeople(people, found[at_most - 1].pk if len(found) > at_most else 0)


def people_without_first_name(issue: Issue, *, after: int = 0, at_most: int = PEOPLE_PER_PAGE) -> NamedPeople:
    """Return the people in the audience now whose first name we do not know.

    Raises Refused with the sentence of `why_not_see_people`.
    """
    refuse_if(why_not_see_people(issue))
    audience = rule_for(issue).people(audience_day(issue)).filter(subscriber__first_name="", pk__gt=after)
    found = list(audience.select_related("subscriber").order_by("pk")[: at_most + 1])
    people = [
        NamedPerson(each.subscriber_id, each.subscriber.last_name, each.subscriber.address, "")
        for each in found[:at_most]
    ]
    return NamedPeople(people, found[at_most - 1].pk if len(found) > at_most else 0)


def _stage(rehearsal: Rehearsal, job: BackgroundJob | None) -> Stage:
    if rehearsal.ended_at:
        return Stage.DONE
    if job is not None and not job.has_ended:
        return Stage.RUNNING
    is_cancelled = job is not None and job.state == BackgroundJob.State.CANCELLED
    return Stage.CANCELLED if is_cancelled else Stage.FAILED


def _why_not_done(stage: Stage, job: BackgroundJob | None) -> str:
    if stage is Stage.RUNNING:
        return "We are rehearsing the mailing. No emails are sent."
    if stage is Stage.CANCELLED:
        return "The rehearsal was cancelled before it was finished."
    return (job.sentence if job else "") or "The rehearsal could not be finished. Start it again."


def _result(issue: Issue, rehearsal: Rehearsal, problems: Sequence[ProblemCount]) -> str:
    at = written_moment(rehearsal.ended_at.astimezone(issue.publication.tzinfo)) if rehearsal.ended_at else ""
    built = f"We built {counted(rehearsal.built, 'email', 'emails')} on {at} and did not send any"
    if not problems:
        return f"{built}. We found no problems."
    return f"{built}: {listed([each.words for each in problems])}."


def _why_outdated(issue: Issue, rehearsal: Rehearsal, digest: str | None) -> list[str]:
    sentences = []
    if _digest(issue, digest) != rehearsal.digest:
        sentences.append("The email has changed since the rehearsal.")
    if audience_mark(issue) != rehearsal.audience:
        sentences.append("The audience has changed since the rehearsal.")
    if sending_settings().transport != rehearsal.transport:
        sentences.append("The way emails are sent has changed since the rehearsal.")
    return sentences


def _digest(issue: Issue, known: str | None) -> str:
    if known is not None:
        return known
    try:
        return current_emails(issue).digest
    except NewsletterError:
        return ""

"""Acting on many people: the page that says how many they are and asks, and the page of the job that does it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.accounts.reauthentication import require_recent_sign_in
from newsletter.accounts.role_checked_subscriber_acts import why_not_look
from newsletter.background_jobs.ask_for_job import cancel_job
from newsletter.background_jobs.models import BackgroundJob
from newsletter.errors import NewsletterError, refuse_if
from newsletter.people_acts.act_on_people import ask_for_act, confirmation_of, find_act
from newsletter.people_acts.chosen_people import MOST_TICKED, ChosenPeople
from newsletter.people_acts.kinds_of_people_acts import (
    ADD,
    ADD_TOPIC,
    CHANGED,
    CONSENTED,
    ERASE,
    KINDS,
    REFUSED,
    REMOVE_TOPIC,
    UNCHANGED,
    UNDO,
    PeopleAct,
    why_not_act,
)
from newsletter.people_acts.undo_people_act import undo_act, why_not_undo
from newsletter.web.desk.creation_form_keys import form_key
from newsletter.web.desk.desk_page import Undo, desk, done, show
from newsletter.web.desk.form_error import FormError, errors_by_field
from newsletter.web.desk.formatting import people as number_of_people
from newsletter.web.desk.imports.job_progress import progress_of, sentence_of
from newsletter.web.desk.subscribers.basis_form import BASIS_FIELDS, basis_of_form
from newsletter.web.desk.subscribers.bulk_act_labels import (
    ACT_LABELS,
    DONE,
    HEADINGS,
    REFUSALS,
    UNCHANGED_WORDS,
    label_of_act,
)
from newsletter.web.desk.subscribers.people_filter_from_url import GivenFilters, filters_of
from newsletter.web.desk.subscribers.subscriber_list_page import all_lists
from subscribers.lawful_basis import ON_CONSENT
from subscribers.models import Basis, List
from subscribers.whole_numbers import whole_number

TYPED = ("act", "to_list", "to_topic", "consent", "reason", "typed", *BASIS_FIELDS)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who is acted upon: the ticked people, or else those of a search."""

    numbers: Sequence[int]
    filters: GivenFilters

    @property
    def people(self) -> ChosenPeople:
        """Return them for the act."""
        if self.numbers:
            return ChosenPeople(numbers=self.numbers)
        return ChosenPeople(search=self.filters.wanted)

    @property
    def back(self) -> str:
        """Return the address of the list where they were chosen."""
        return self.filters.address()

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Return the hidden fields that say who they are."""
        if self.numbers:
            return [("person", str(number)) for number in self.numbers]
        return [("found", "yes"), *self.filters.filtered.items()]


@desk("GET", "HEAD", "POST")
def act(request: HttpRequest) -> HttpResponse:
    """Ask what to do with the people who were ticked or found, ask whether to do it, or begin it."""
    refuse_if(why_not_look())
    lists = all_lists()
    chosen = _chosen(request, lists)
    if not chosen.numbers and request.method == "POST" and not request.POST.get("found"):
        return done(request, "Tick at least one person first.", chosen.back)
    kind = request.POST.get("act", "")
    if request.method != "POST" or kind not in ACT_LABELS:
        return _choose(request, chosen)
    refuse_if(why_not_act(kind, on_a_search=not chosen.numbers))
    if not request.POST.get("confirmed"):
        return _ask(request, kind, chosen, lists)
    if kind == ERASE:
        require_recent_sign_in(request)
    try:
        job = ask_for_act(
            _act_of(request, kind, lists),
            chosen.people,
            seen=whole_number(request.POST.get("seen", "")) or 0,
            typed=request.POST.get("typed", ""),
            form=form_key(request),
        )
    except AlreadyMadeError as earlier:
        return HttpResponseRedirect(reverse("desk:people-act", args=[int(earlier.made)]), status=303)
    except NewsletterError as error:
        return _ask(request, kind, chosen, lists, error=error)
    return _ended(request, job) or HttpResponseRedirect(reverse("desk:people-act", args=[job.pk]), status=303)


@desk("GET", "HEAD", page="subscribers")
def status(request: HttpRequest, number: int) -> HttpResponse:
    """Show how far an act on people is, or what came of it."""
    refuse_if(why_not_look())
    job = find_act(number)
    return show(
        request,
        "subscribers/act_status",
        job=job,
        label=label_of_act(job),
        progress=progress_of(job) if not job.has_ended else None,
        figures=_figures(job),
        sentence=sentence_of(job.sentence),
        can_undo=not why_not_undo(job),
        live=not job.has_ended,
    )


@desk("POST", page="people-act")
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """Cancel an act on people. Those who were reached stay changed."""
    refuse_if(why_not_look())
    job = find_act(number)
    refuse_if(why_not_act(job.arguments.get("kind", ""), on_a_search=False))
    cancel_job(job)
    return done(
        request, "The update was cancelled before it finished. Changes already made were kept.", _page(job)
    )


@desk("POST", page="people-act")
def undo(request: HttpRequest, number: int) -> HttpResponse:
    """Undo an act on topics."""
    refuse_if(why_not_look())
    job = undo_act(find_act(number))
    return done(request, "Undone." if job.has_ended else "We are undoing the change.", _page(job))


def _page(job: BackgroundJob) -> str:
    return reverse("desk:people-act", args=[job.pk])


def _chosen(request: HttpRequest, lists: Sequence[List]) -> Chosen:
    given = request.POST if request.method == "POST" else request.GET
    numbers = [whole_number(text) or 0 for text in request.POST.getlist("person")[:MOST_TICKED]]
    return Chosen([number for number in numbers if number], filters_of(given.dict(), lists))


def _choose(request: HttpRequest, chosen: Chosen) -> HttpResponse:
    """Ask what to do."""
    acts = [
        (kind, label)
        for kind, label in ACT_LABELS.items()
        if not why_not_act(kind, on_a_search=not chosen.numbers)
    ]
    refuse_if("" if acts else why_not_act(ADD, on_a_search=not chosen.numbers))
    return show(
        request,
        "subscribers/act_choose",
        acts=acts,
        chosen=chosen,
        filtered=bool(chosen.filters.filtered),
        counted=len(chosen.numbers) or None,
        count_address=chosen.filters.address("count-subscribers"),
    )


def _ask(
    request: HttpRequest,
    kind: str,
    chosen: Chosen,
    lists: Sequence[List],
    *,
    error: NewsletterError | None = None,
) -> HttpResponse:
    """Say how many people they are now, ask what the act needs, and ask whether to do it."""
    people = chosen.people.count()
    typed = {name: request.POST.get(name, "") for name in TYPED}
    form_error = FormError.of(error, "act", typed) if error else None
    topics = [
        (f"{each.slug}:{topic.slug}", topic.name if len(lists) == 1 else f"{each.name}: {topic.name}")
        for each in lists
        for topic in each.topics.all()
    ]
    return show(
        request,
        "subscribers/act_ask",
        status=form_error.status if form_error else 200,
        kind=kind,
        heading=HEADINGS[kind].format(people=number_of_people(people)),
        people=people,
        chosen=chosen,
        typed=typed,
        lists=[(each.slug, each.name) for each in lists if kind != ADD or not each.archived_at],
        topics=topics,
        confirmation=confirmation_of(people),
        errors=errors_by_field(error),
        bases=Basis.choices,
        form_error=form_error,
    )


def _act_of(request: HttpRequest, kind: str, lists: Sequence[List]) -> PeopleAct:
    slug, _colon, topic = request.POST.get("to_topic", "").partition(":")
    needs = KINDS[kind]
    of_topic = next((each for each in lists if each.slug == slug), None)
    return PeopleAct(
        kind=kind,
        mailing_list=next((each for each in lists if each.slug == request.POST.get("to_list")), None)
        if needs.needs_list
        else None,
        topic=next((one for one in of_topic.topics.all() if one.slug == topic), None)
        if needs.needs_topic and of_topic
        else None,
        consent=request.POST.get("consent", ""),
        reason=request.POST.get("reason", ""),
        on=basis_of_form(request.POST) if kind == ADD else ON_CONSENT,
    )


def _ended(request: HttpRequest, job: BackgroundJob) -> HttpResponse | None:
    """Lead back to the list with a sentence, if the act has ended well already, with everybody changed."""
    figures = _figures(job)
    if job.state != BackgroundJob.State.DONE or len(figures) > 1:
        return None
    undo = None
    if not why_not_undo(job):
        undo = Undo(reverse("desk:undo-people-act", args=[job.pk]))
    return done(
        request,
        f"{figures[0]}." if figures else "Nothing was changed.",
        reverse("desk:subscribers"),
        undo=undo,
    )


def _figures(job: BackgroundJob) -> list[str]:
    """Return what came of an act, as short sentences with a number of people."""
    kind, outcomes = job.arguments.get("kind", ""), job.result.get("outcomes", {})
    if job.kind == UNDO:
        kind = REMOVE_TOPIC if kind == ADD_TOPIC else ADD_TOPIC
    words = {
        CHANGED: DONE.get(kind, "{people} {were} changed"),
        CONSENTED: "{people} {were} on the list with another lawful basis. We recorded their consent",
        UNCHANGED: f"{{people}} {{were}} not changed: {UNCHANGED_WORDS.get(kind, '')}",
        REFUSED: f"{{people}} {{were}} not changed: {REFUSALS.get(kind, 'this is not possible for them')}",
    }
    return [
        sentence.format(
            people=number_of_people(outcomes[name]), were="was" if outcomes[name] == 1 else "were"
        )
        for name, sentence in words.items()
        if outcomes.get(name)
    ]

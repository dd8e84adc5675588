"""The recurring issues of a publication: their next dates, pausing, skipping and moving, and adding one by a phrase."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from newsletter.accounts.actor import Role, current_actor
from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.errors import NewsletterError
from newsletter.issues.audience_choice import choice_from_json
from newsletter.issues.look_up_audience import in_words
from newsletter.issues.models import Publication
from newsletter.issues.page_urls import series_path
from newsletter.scheduling import occurrence_overrides
from newsletter.scheduling.add_or_change_series import SeriesChange, add_series
from newsletter.scheduling.models import Series
from newsletter.scheduling.pause_or_remove_series import pause_series, resume_series
from newsletter.scheduling.recurrence.describe_recurrence import describe_recurrence
from newsletter.scheduling.recurrence.expand_recurrence import occurrences
from newsletter.scheduling.recurrence.parse_recurrence import parse_recurrence
from newsletter.scheduling.series_dates import (
    SHOWN,
    SeriesDate,
    describe_draft_time,
    describe_local_time,
    stored_local_time,
    upcoming,
)
from newsletter.scheduling.series_names import describe_series, find_series
from newsletter.web.desk.creation_form_keys import form_key
from newsletter.web.desk.desk_page import Undo, desk, done, show
from newsletter.web.desk.find_by_url import publication_at
from newsletter.web.desk.form_error import FormError

MODES = [
    (Series.Mode.DRAFT.value, "We draft the issue, and you decide when to send it"),
    (Series.Mode.APPROVE.value, "We draft the issue, and send it on the date if somebody has approved it"),
    (Series.Mode.SEND.value, "We draft the issue and send it on the date without approval"),
]


@dataclass(frozen=True, slots=True)
class Preview:
    """How we understand a phrase: its description and its next dates."""

    description: str
    dates: list[str]


@desk("GET", "HEAD", "POST")
def series_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the recurring issues of a publication. A phrase in the URL is previewed; a posted phrase is saved."""
    publication = publication_at(slug)
    if request.method == "POST":
        return act_on_series(request, publication, "new", lambda: _add(request, publication))
    phrase = request.GET.get("phrase", "")
    try:
        preview = _preview(publication, phrase) if phrase else None
    except NewsletterError as error:
        return _page(request, publication, form_error=FormError.of(error, "new", request.GET.dict()))
    return _page(request, publication, preview=preview)


@desk("POST", page="series")
def pause(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Pause a recurring issue: nothing is drafted until it is resumed."""
    found = find_series(f"{slug}/{name}")

    def act() -> str:
        pause_series(found)
        return "The recurring issue was paused. Issues that are already drafted will be sent as planned."

    undo = Undo(reverse("desk:resume-series", args=[slug, name]))
    return act_on_series(request, found.publication, name, act, undo=undo)


@desk("POST", page="series")
def resume(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Resume a recurring issue."""
    found = find_series(f"{slug}/{name}")

    def act() -> str:
        resume_series(found)
        return "The recurring issue was resumed. We will not draft issues for dates that have passed."

    return act_on_series(request, found.publication, name, act)


@desk("POST", page="series")
def skip(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Skip one date."""
    found = find_series(f"{slug}/{name}")

    def act() -> str:
        skipped = occurrence_overrides.skip_date(found, request.POST.get("date", ""))
        return f"The issue on {describe_local_time(skipped.local_time)} will be skipped."

    date = request.POST.get("date", "")
    undo = Undo(reverse("desk:restore-date", args=[slug, name]), {"date": date})
    return act_on_series(request, found.publication, name, act, undo=undo)


@desk("POST", page="series")
def restore(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Let one date be drafted after all, at its own time."""
    found = find_series(f"{slug}/{name}")

    def act() -> str:
        date = occurrence_overrides.restore_date(found, request.POST.get("date", ""))
        return f"The issue on {describe_local_time(date.send_at)} will no longer be skipped."

    return act_on_series(request, found.publication, name, act)


@desk("POST", page="series")
def move(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Move one date to another time."""
    found = find_series(f"{slug}/{name}")

    def act() -> str:
        date = occurrence_overrides.move_date(found, request.POST.get("date", ""), request.POST.get("to", ""))
        return f"The issue was moved to {describe_local_time(date.send_at)}."

    return act_on_series(request, found.publication, name, act)


def _add(request: HttpRequest, publication: Publication) -> str:
    change = SeriesChange(mode=request.POST.get("mode") or None)
    phrase = request.POST.get("phrase", "")
    try:
        made = add_series(publication, phrase, change, form_key=form_key(request))
    except AlreadyMadeError as earlier:
        made = find_series(f"{publication.slug}/{earlier.made}")
    return f"The recurring issue was added: {describe_series(made)}."


def _preview(publication: Publication, phrase: str) -> Preview:
    now = timezone.now()
    today = timezone.localdate(now, publication.tzinfo)
    found = parse_recurrence(phrase, zone=publication.zone, today=today)
    dates = islice(occurrences(found, after=now), SHOWN)
    return Preview(
        describe_recurrence(found),
        [describe_local_time(stored_local_time(each.local_time)) for each in dates],
    )


def act_on_series(
    request: HttpRequest,
    publication: Publication,
    form: str,
    act: Callable[[], str],
    *,
    undo: Undo | None = None,
) -> HttpResponse:
    """Do something with a recurring issue, and show its page with what was done, or with the error beside its form."""
    try:
        sentence = act()
    except NewsletterError as error:
        return _page(request, publication, form_error=FormError.of(error, form, request.POST.dict()))
    return done(request, sentence, f"{series_path(publication)}#series-{form}", undo=undo)


def _page(
    request: HttpRequest,
    publication: Publication,
    *,
    preview: Preview | None = None,
    form_error: FormError | None = None,
) -> HttpResponse:
    return show(
        request,
        "issues/series",
        status=form_error.status if form_error else 200,
        publication=publication,
        recurrences=[_shown(each) for each in Series.objects.filter(publication=publication)],
        modes=MODES,
        administrator=current_actor().may(Role.ADMINISTRATOR, publication.pk),
        preview=preview,
        typed=form_error.typed if form_error else request.GET.dict(),
        describe_local_time=describe_local_time,
        describe_draft_time=describe_draft_time,
        form_error=form_error,
    )


def _shown(series: Series) -> tuple[Series, str, str, list[SeriesDate]]:
    audience = ""
    if series.audience is not None:
        audience = in_words(choice_from_json(series.audience), series.publication)
    return series, describe_series(series), audience, upcoming(series, now=timezone.now())

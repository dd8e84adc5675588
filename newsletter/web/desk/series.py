"""The rhythm of a publication: its series with their next dates, to pause, skip and move, and a new one by a phrase."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from newsletter.errors import NewsletterError
from newsletter.issues.models import Publication
from newsletter.issues.page_urls import series_path
from newsletter.scheduling import occurrence_overrides
from newsletter.scheduling import series as of_series
from newsletter.scheduling.models import Series
from newsletter.scheduling.recurrence.describe import say
from newsletter.scheduling.recurrence.expand import occurrences
from newsletter.scheduling.recurrence.parse_phrase import read_rhythm
from newsletter.scheduling.series_dates import SHOWN, Date, said, upcoming, written
from newsletter.web.desk.desk_urls import publication_at
from newsletter.web.desk.page import Trouble, desk, done, show


@dataclass(frozen=True, slots=True)
class Preview:
    """A phrase as the press understands it: said back, with the next dates."""

    said: str
    dates: list[str]


@desk("GET", "HEAD", "POST")
def rhythm(request: HttpRequest, slug: str) -> HttpResponse:
    """The series of a publication. A phrase in the address is read and said back; posted, it is saved."""
    publication = publication_at(slug)
    if request.method == "POST":
        return _act(request, publication, "new", lambda: _add(request, publication))
    phrase = request.GET.get("phrase", "")
    try:
        preview = _preview(publication, phrase) if phrase else None
    except NewsletterError as error:
        return _page(request, publication, trouble=Trouble.of(error, "new", request.GET.dict()))
    return _page(request, publication, preview=preview)


@desk("POST")
def pause(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Draft nothing until it is resumed."""
    found = of_series.series_named(f"{slug}/{name}")

    def act() -> str:
        of_series.pause_series(found)
        return "Paused. What is drafted already goes as it was set."

    return _act(request, found.publication, name, act)


@desk("POST")
def resume(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Go on."""
    found = of_series.series_named(f"{slug}/{name}")

    def act() -> str:
        of_series.resume_series(found)
        return "It goes on. Dates that have passed are not made up for."

    return _act(request, found.publication, name, act)


@desk("POST")
def skip(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Leave one date out."""
    found = of_series.series_named(f"{slug}/{name}")

    def act() -> str:
        return f"Skipped: {said(occurrence_overrides.skip_date(found, request.POST.get('date', '')).wall)}."

    return _act(request, found.publication, name, act)


@desk("POST")
def move(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Let one date go at another time."""
    found = of_series.series_named(f"{slug}/{name}")

    def act() -> str:
        date = occurrence_overrides.move_date(found, request.POST.get("date", ""), request.POST.get("to", ""))
        return f"Moved to {said(date.goes_at)}."

    return _act(request, found.publication, name, act)


def _add(request: HttpRequest, publication: Publication) -> str:
    wishes = of_series.Wishes(mode=request.POST.get("mode") or None)
    made = of_series.add_series(publication, request.POST.get("phrase", ""), wishes)
    return f"Added: {of_series.described(made)}."


def _preview(publication: Publication, phrase: str) -> Preview:
    now = timezone.now()
    today = timezone.localdate(now, publication.tzinfo)
    found = read_rhythm(phrase, zone=publication.zone, today=today)
    dates = islice(occurrences(found, after=now), SHOWN)
    return Preview(say(found), [said(written(each.wall)) for each in dates])


def _act(request: HttpRequest, publication: Publication, form: str, act: Callable[[], str]) -> HttpResponse:
    try:
        sentence = act()
    except NewsletterError as error:
        return _page(request, publication, trouble=Trouble.of(error, form, request.POST.dict()))
    return done(request, sentence, series_path(publication))


def _page(
    request: HttpRequest,
    publication: Publication,
    *,
    preview: Preview | None = None,
    trouble: Trouble | None = None,
) -> HttpResponse:
    return show(
        request,
        "rhythm",
        status=trouble.status if trouble else 200,
        publication=publication,
        rhythms=[_shown(each) for each in Series.objects.filter(publication=publication)],
        modes=Series.Mode.choices,
        preview=preview,
        typed=trouble.typed if trouble else request.GET.dict(),
        date_said=said,
        trouble=trouble,
    )


def _shown(series: Series) -> tuple[Series, str, list[Date]]:
    return series, of_series.described(series), upcoming(series, now=timezone.now())

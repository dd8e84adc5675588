"""Changes a recurring issue: when it comes, what happens then, and which articles it takes; or removes it."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from newsletter.accounts.actor import Role, why_not_role
from newsletter.errors import NewsletterError, Refused, refuse_if
from newsletter.issues.audience_choice import AudienceChoice, choice_from_json
from newsletter.issues.draft_new_issue import articles_at_most, known_topics
from newsletter.issues.look_up_audience import in_words
from newsletter.issues.page_urls import series_path
from newsletter.issues.selection_rule import Selection, overridden, selection_from_json
from newsletter.scheduling.add_or_change_series import SeriesChange, change_series
from newsletter.scheduling.models import Series
from newsletter.scheduling.pause_or_remove_series import remove_series
from newsletter.scheduling.recurrence.describe_recurrence import describe_recurrence
from newsletter.scheduling.series_dates import recurrence_of
from newsletter.scheduling.series_names import describe_series, find_series
from newsletter.scheduling.store_series import series_version
from newsletter.sending.left_out_by_basis import CountedAudience
from newsletter.web.desk.audience.audience_form import (
    AS_EVERY,
    OWN,
    OWN_OF_SERIES,
    TypedAudience,
    audience_if_own,
    count_of,
    form_context,
    only_counts,
    shown_choice,
    typed_values,
)
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.form_error import STATUS, FormError, errors_by_field
from newsletter.web.desk.issues.series_page import MODES
from subscribers.whole_numbers import whole_number

ACT = "Changing a recurring issue"
HOUR = timedelta(hours=1) // timedelta(minutes=1)
# The choices of the form, in hours before the send time.
AHEAD, APPROVE_BY = (1, 2, 4, 8, 24, 48, 72, 168), (0, 1, 2, 4, 8, 24)


@desk("GET", "HEAD", "POST")
def change(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Show the form of a recurring issue, or save it."""
    series = find_series(f"{slug}/{name}")
    refuse_if(why_not_role(Role.ADMINISTRATOR, ACT, publication=series.publication_id))
    if request.method != "POST":
        return _form(request, series, _typed(series))
    typed = request.POST.dict() | typed_values(request.POST)
    topics = request.POST.getlist("topic")
    count = None
    try:
        audience = _audience(request, series) if "whose" in typed else None
        if not only_counts(request):
            change = _change(series, typed, topics, audience)
            saved = change_series(series, change, seen=typed.get("seen"))
            return _saved(request, saved)
        count = count_of(audience, series.publication, timezone.localdate(timezone=series.publication.tzinfo))
    except NewsletterError as error:
        return _form(request, series, typed, topics=topics, error=error)
    return _form(request, series, typed, topics=topics, count=count)


def _audience(request: HttpRequest, series: Series) -> TypedAudience | None:
    return audience_if_own(request, series.publication, _stored(series), OWN_OF_SERIES)


def _stored(series: Series) -> AudienceChoice:
    """Return the audience that is chosen for a recurring issue: its own, or else that of its publication."""
    return choice_from_json(series.publication.audience if series.audience is None else series.audience)


def _saved(request: HttpRequest, saved: Series) -> HttpResponse:
    sentence = f"The recurring issue was changed: {describe_series(saved)}."
    return done(request, sentence, f"{series_path(saved.publication)}#series-{saved.name}")


@desk("GET", "HEAD", "POST")
def remove(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Ask whether to remove a recurring issue, and remove it."""
    series = find_series(f"{slug}/{name}")
    act = "Removing a recurring issue"
    refuse_if(why_not_role(Role.ADMINISTRATOR, act, publication=series.publication_id))
    if request.method != "POST":
        return show(
            request,
            "issues/series_remove",
            series=series,
            publication=series.publication,
            words=describe_series(series),
            seen=series_version(series),
        )
    remove_series(series, seen=request.POST.get("seen"))
    return done(
        request,
        "The recurring issue was removed. Issues that are already drafted were kept.",
        series_path(series.publication),
    )


def _change(
    series: Series, typed: Mapping[str, Any], topics: list[str], audience: TypedAudience | None
) -> SeriesChange:
    phrase = typed.get("phrase", "").strip()
    same = phrase == describe_recurrence(recurrence_of(series))
    selection = _selection(series, typed.get("at_most", ""), topics)
    return SeriesChange(
        # A recurrence that is written again forgets skipped and moved dates.
        recurrence=None if same else phrase,
        mode=typed.get("mode") or None,
        selection=selection,
        as_publication=selection is None,
        audience=audience.choice if audience else None,
        pasted=audience.pasted if audience else None,
        audience_of_publication=typed.get("whose") == AS_EVERY,
        draft_ahead_minutes=_minutes(typed.get("ahead", "")),
        approve_by_minutes=_minutes(typed.get("by", "")),
    )


def _selection(series: Series, most: str, topics: list[str]) -> Selection | None:
    """Return the selection of this series, or None if it is that of the publication."""
    at_most = articles_at_most(most)
    if not (at_most or topics):
        return None
    base = selection_from_json(series.publication.selection if series.selection is None else series.selection)
    at_least = min(base.at_least, at_most) if at_most else None
    return overridden(base, topics=topics, at_most=at_most, at_least=at_least)


def _minutes(hours: str) -> int | None:
    number = whole_number(hours, digits=3)  # at most 999 hours
    return None if number is None else number * HOUR


def _typed(series: Series) -> dict[str, Any]:
    own = series.audience is not None
    return {
        "seen": series_version(series),
        "phrase": describe_recurrence(recurrence_of(series)),
        "mode": series.mode,
        "at_most": str((series.selection or {}).get("at_most", "")),
        "whose": OWN if own else AS_EVERY,
        **shown_choice(_stored(series)),
        "ahead": str(series.draft_ahead_minutes // HOUR),
        "by": str(series.approve_by_minutes // HOUR),
    }


def _form(
    request: HttpRequest,
    series: Series,
    typed: Mapping[str, Any],
    *,
    topics: list[str] | None = None,
    error: NewsletterError | None = None,
    count: CountedAudience | None = None,
) -> HttpResponse:
    form_error = FormError.of(error, "series", {}) if error else None
    errors = errors_by_field(error, otherwise="phrase")
    # Somebody else changed it, as the sentence says. Other errors keep the version that the form started from.
    was_changed = form_error is not None and form_error.status == STATUS[Refused]
    chosen = (series.selection or {}).get("topics", []) if topics is None else topics
    shown = {**_typed(series), **typed, **({"seen": series_version(series)} if was_changed else {})}
    return show(
        request,
        "issues/series_change",
        status=form_error.status if form_error else 200,
        series=series,
        publication=series.publication,
        typed=shown,
        modes=MODES,
        own_label=OWN_OF_SERIES,
        every=in_words(choice_from_json(series.publication.audience), series.publication),
        count=count,
        topics=list(dict.fromkeys([*chosen, *known_topics()])),
        chosen=chosen,
        usual=selection_from_json(series.publication.selection).at_most,
        ahead=[(hours, _hours(hours)) for hours in _with(AHEAD, series.draft_ahead_minutes // HOUR)],
        by=[
            (hours, _hours(hours) if hours else "at the send time")
            for hours in _with(APPROVE_BY, series.approve_by_minutes // HOUR)
        ],
        form_error=form_error,
        errors=defaultdict(str, errors),
        summary=list(errors.items()),
        **form_context(series.publication, shown),
    )


def _with(choices: tuple[int, ...], now: int) -> list[int]:
    return sorted({*choices, now})


def _hours(hours: int) -> str:
    days, rest = divmod(hours, 24)
    if days and not rest:
        return f"{days} day{'s' * (days > 1)} before"
    return f"{hours} hour{'s' * (hours > 1)} before"

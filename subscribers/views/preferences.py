"""The pages for people's own data: preferences, download and erasure."""

from collections.abc import Callable
from datetime import date
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation

from subscribers import address_changes, app_settings, consent, erasure, signed_links
from subscribers.consent import ConsentSource, PersonalDetails, TooOften
from subscribers.consent_log import chosen_topics
from subscribers.errors import Invalid, Refused
from subscribers.languages import find_catalogue, language_name, written_in
from subscribers.models import ConsentEntry, List, SourceKind, Subscriber, Subscription
from subscribers.signed_links import Purpose
from subscribers.views.public_page import public, show, source_of, subscriber_in

State = Subscription.State
OF_THE_PERSON: dict[str, Callable[[Subscriber, ConsentSource], object]] = {
    "leave-all": consent.unsubscribe_from_all,
    "cancel-address": address_changes.cancel_address_change,
}


@public("GET", "HEAD", "POST")
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Show and save one person's lists, topics, pauses, names and language."""
    subscriber = subscriber_in(signed_links.read_token(Purpose.PREFERENCES, token))
    if request.method != "POST":
        return _preferences(request, subscriber, saved="saved" in request.GET)
    problem = _save(request, subscriber)
    if problem:
        return _preferences(request, subscriber, problem=problem)
    return HttpResponseRedirect(reverse("subscribers:preferences", args=[token]) + "?saved", status=303)


@public("GET", "HEAD")
def my_data(request: HttpRequest, token: str) -> HttpResponse:
    """Show a person's data, with a link to download it."""
    subscriber = subscriber_in(signed_links.read_token(Purpose.EXPORT, token))
    download_url = reverse("subscribers:download", args=[token])
    document = erasure.export_person(subscriber)
    return show(
        request,
        "my_data",
        language_of_person(subscriber),
        person=document,
        acts=_acts(),
        download_url=download_url,
        **_links(subscriber),
    )


@public("GET", "HEAD")
def download(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001 - Django passes it
    """Return all of a person's data as a JSON file."""
    document = erasure.export_person(subscriber_in(signed_links.read_token(Purpose.EXPORT, token)))
    response = HttpResponse(orjson.dumps(document, option=orjson.OPT_INDENT_2), "application/json")
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@public("GET", "HEAD", "POST")
def erase(request: HttpRequest, token: str) -> HttpResponse:
    """Ask the person to confirm, and erase them when they do."""
    subscriber = subscriber_in(signed_links.read_token(Purpose.ERASE, token))
    language = language_of_person(subscriber)
    if request.method == "POST":
        consent.erase_person(subscriber, source_of(request, SourceKind.EMAIL_LINK))
        return show(request, "erased", language)
    return show(request, "erase", language, **_links(subscriber))


def _save(request: HttpRequest, subscriber: Subscriber) -> str:
    """Do what the form asks. Return a keyword for the error the page shows, or an empty string."""
    source, act = source_of(request, SourceKind.EMAIL_LINK, "preferences"), request.POST.get("act", "")
    if act == "details":
        return _save_details(request, subscriber, source)
    if act == "address":
        return _ask_for_new_address(request, subscriber, source)
    if act in OF_THE_PERSON:
        OF_THE_PERSON[act](subscriber, source)
        return ""
    number = request.POST.get("subscription", "")
    mine = {str(one.pk): one for one in subscriber.subscriptions.select_related("list")}
    if number not in mine:
        return "list"
    if act == "come-back":
        return _resubscribe(mine[number], source)
    return _save_list(request, mine[number], source)


def _save_details(request: HttpRequest, subscriber: Subscriber, source: ConsentSource) -> str:
    try:
        consent.change_details(subscriber, source, _person_in(request, subscriber))
    except Invalid:
        return "name"
    return ""


def _ask_for_new_address(request: HttpRequest, subscriber: Subscriber, source: ConsentSource) -> str:
    try:
        address_changes.ask_to_change_address(subscriber, request.POST.get("address", ""), source)
    except TooOften:
        return "often"
    except (Invalid, Refused):
        return "address"
    return ""


def _resubscribe(subscription: Subscription, source: ConsentSource) -> str:
    try:
        consent.resubscribe(subscription, source)
    except Refused:
        return "refused"
    return ""


def _save_list(request: HttpRequest, subscription: Subscription, source: ConsentSource) -> str:
    there = list(subscription.list.topics.values_list("slug", flat=True))
    chosen = [slug for slug in there if slug in request.POST.getlist("topics")]
    if there and not chosen:
        return "topics"
    try:
        consent.pause(subscription, source, until=_day(request.POST.get("paused_until", "")))
    except Invalid:
        return "day"
    consent.change(subscription, source, topics=[] if len(chosen) == len(there) else chosen)
    return ""


def _preferences(
    request: HttpRequest, subscriber: Subscriber, *, saved: bool = False, problem: str = ""
) -> HttpResponse:
    subscriptions = subscriber.subscriptions.select_related("list").order_by("list__name")
    shown = [_shown(one) for one in subscriptions]
    named = request.POST.get("subscription", "") if problem else ""
    elsewhere = List.objects.filter(open_to_sign_up=True, archived_at=None).exclude(
        subscriptions__subscriber=subscriber
    )
    return show(
        request,
        "preferences",
        language_of_person(subscriber),
        status=429 if problem == "often" else 422 if problem else 200,
        subscriber=subscriber,
        subscriptions=shown,
        elsewhere=[(one.name, reverse("subscribers:sign-up", args=[one.slug])) for one in elsewhere[:20]],
        languages=_languages(subscriber),
        saved=saved,
        change=address_changes.waiting_change(subscriber),
        typed_address=request.POST.get("address", "")[:320] if problem == "address" else "",
        problem=problem,
        typed=_typed(request, subscriber, problem),
        wrong_name=_wrong_name(request) if problem == "name" else "",
        wrong=next((one["number"] for one in shown if str(one["number"]) == named), 0),
        typed_day=request.POST.get("paused_until", "")[:40],
        **_links(subscriber),
    )


def _typed(request: HttpRequest, subscriber: Subscriber, problem: str) -> PersonalDetails:
    """Return the names to show. Names that could not be saved stay in the form, to be corrected."""
    if problem == "name":
        return _person_in(request, subscriber)
    return PersonalDetails(first_name=subscriber.first_name, last_name=subscriber.last_name)


def _wrong_name(request: HttpRequest) -> str:
    try:
        PersonalDetails(first_name=request.POST.get("first_name", "")).cleaned()
    except Invalid:
        return "first_name"
    return "last_name"


def _shown(one: Subscription) -> dict[str, object]:
    chosen = set(chosen_topics(one))
    return {
        "number": one.pk,
        "list": one.list,
        "state": one.state,
        "topics": [(topic, not chosen or topic.slug in chosen) for topic in one.list.topics.all()],
        "paused_until": one.paused_until,
        "leave_url": signed_links.make_url(Purpose.LEAVE, one),
    }


def _links(subscriber: Subscriber) -> dict[str, Any]:
    return {
        "preferences_url": signed_links.make_url(Purpose.PREFERENCES, subscriber),
        "my_data_url": signed_links.make_url(Purpose.EXPORT, subscriber),
        "erase_url": signed_links.make_url(Purpose.ERASE, subscriber),
    }


def _acts() -> dict[str, str]:
    """Return the English texts of what the consent log records. The page translates them."""
    with translation.override(None):
        return {str(act.value): str(act.label) for act in ConsentEntry.Act}


def _person_in(request: HttpRequest, subscriber: Subscriber) -> PersonalDetails:
    language = request.POST.get("locale", "")
    return PersonalDetails(
        first_name=request.POST.get("first_name", ""),
        last_name=request.POST.get("last_name", ""),
        locale=language if language in dict(_languages(subscriber)) else subscriber.locale,
        zone=subscriber.zone,
    )


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(f"{text[:20]!r} is not a date. Enter one such as 2026-12-24.") from None


def language_of_person(subscriber: Subscriber) -> str:
    """Return the language that the person chose if we may use its texts, and otherwise that of their first list."""
    if subscriber.locale and find_catalogue(subscriber.locale):
        offered = tuple(code for code, _name in _languages(subscriber))
        if written_in(subscriber.locale, offered=offered) == subscriber.locale:
            return subscriber.locale
    first = subscriber.subscriptions.select_related("list").first()
    return first.list.language if first else ""


def _languages(subscriber: Subscriber) -> tuple[tuple[str, str], ...]:
    """Return the languages to choose from: those offered to everybody, and those of the person's lists and their
    sign-up forms.
    """
    offered = app_settings.languages()
    known = {find_catalogue(code) for code, _name in offered}
    main = subscriber.subscriptions.values_list("list__language", flat=True)
    further = subscriber.subscriptions.values_list("list__sign_up_texts__language", flat=True)
    lists = {tag for tag in main.union(further) if tag}
    others = {found.language for tag in lists if (found := find_catalogue(tag)) and found not in known}
    return (*offered, *((tag, language_name(tag, tag)) for tag in sorted(others)))

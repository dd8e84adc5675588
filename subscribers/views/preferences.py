"""The pages for what people choose themselves: preferences and erasure."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from subscribers import address_changes, consent, signed_links
from subscribers.business_addresses import PersonalAddress
from subscribers.consent import ConsentSource, PersonalDetails, TooOften
from subscribers.consent_log import chosen_topics
from subscribers.errors import Invalid, Refused
from subscribers.models import List, SourceKind, Subscriber, Subscription
from subscribers.signed_links import Purpose
from subscribers.transactions import one_transaction
from subscribers.typed_days import typed_day
from subscribers.views.languages_of_person import language_choices, language_of_person
from subscribers.views.public_page import public, show, source_of, subscriber_in

State = Subscription.State


@dataclass(frozen=True)
class Problem:
    """Why the changes were not saved: a keyword for the sentence on the page, and the subscription it is about."""

    keyword: str
    subscription: int = 0


class _NotSavedError(Exception):
    """Nothing was saved, because of a problem that the page shows."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


@public("GET", "HEAD", "POST")
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Show and save one person's lists, topics, pauses, names and language."""
    subscriber = subscriber_in(signed_links.read_token(Purpose.PREFERENCES, token))
    if request.method != "POST":
        return _preferences(request, subscriber, saved="saved" in request.GET, asked="asked" in request.GET)
    problem = _save(request, subscriber)
    if problem:
        return _preferences(request, subscriber, problem=problem)
    return HttpResponseRedirect(
        f"{reverse('subscribers:preferences', args=[token])}?{_what_was_done(request)}", status=303
    )


def _what_was_done(request: HttpRequest) -> str:
    """Return what the page says next: that something was saved, that a new address was asked for, or both."""
    act, asked = request.POST.get("act", ""), bool(request.POST.get("address", "").strip())
    if act == "address":
        return "asked"
    if act == "leave-all":
        return "saved&left"
    return "saved&asked" if act == "save" and asked else "saved"


@public("GET", "HEAD", "POST")
def erase(request: HttpRequest, token: str) -> HttpResponse:
    """Ask the person to confirm, and erase them when they do."""
    subscriber = subscriber_in(signed_links.read_token(Purpose.ERASE, token))
    language = language_of_person(subscriber)
    if request.method == "POST":
        consent.erase_person(subscriber, source_of(request, SourceKind.EMAIL_LINK))
        return show(request, "erased", language)
    return show(request, "erase", language, **links_of(subscriber))


def _save(request: HttpRequest, subscriber: Subscriber) -> Problem | None:
    """Do what the button says. Return the problem that the page shows, if there is one."""
    source, act = source_of(request, SourceKind.EMAIL_LINK, "preferences"), request.POST.get("act", "")
    of_the_person = {"leave-all": _leave_all, "cancel-address": _cancel_address_change}
    if act in of_the_person:
        return of_the_person[act](subscriber, source)
    if act == "come-back":
        return _resubscribe(request, subscriber, source)
    if act not in {"save", "address"}:
        return Problem("act")
    try:
        _save_changes(request, subscriber, source)
    except _NotSavedError as error:
        return error.problem
    typed = request.POST.get("address", "").strip()
    if act == "address" or (typed and typed != subscriber.address):
        return _ask_for_new_address(typed, subscriber, source)
    return None


@one_transaction
def _save_changes(request: HttpRequest, subscriber: Subscriber, source: ConsentSource) -> None:
    """Save everything typed on the page, or nothing: the names, the language, and the choices for each list."""
    mine = {str(one.pk): one for one in subscriber.subscriptions.select_related("list")}
    try:
        consent.change_details(subscriber, source, _person_in(request, subscriber))
    except Invalid:
        raise _NotSavedError(Problem("name")) from None
    for number in request.POST.getlist("list"):
        if number not in mine:
            raise _NotSavedError(Problem("list"))
        _save_list(request, mine[number], source)


def _ask_for_new_address(typed: str, subscriber: Subscriber, source: ConsentSource) -> Problem | None:
    try:
        address_changes.ask_to_change_address(subscriber, typed, source)
    except TooOften:
        return Problem("often")
    except PersonalAddress:
        return Problem("personal")
    except (Invalid, Refused):
        return Problem("address")
    return None


def _leave_all(subscriber: Subscriber, source: ConsentSource) -> None:
    consent.unsubscribe_from_all(subscriber, source)


def _cancel_address_change(subscriber: Subscriber, source: ConsentSource) -> Problem | None:
    if address_changes.cancel_address_change(subscriber, source):
        return None
    subscriber.refresh_from_db()
    return Problem("confirmed") if address_changes.was_confirmed(subscriber) else None


def _resubscribe(request: HttpRequest, subscriber: Subscriber, source: ConsentSource) -> Problem | None:
    number = request.POST.get("subscription", "")
    found = [one for one in subscriber.subscriptions.select_related("list") if str(one.pk) == number]
    if not found:
        return Problem("list")
    try:
        consent.resubscribe(found[0], source)
    except Refused:
        return Problem("refused")
    return None


def _save_list(request: HttpRequest, subscription: Subscription, source: ConsentSource) -> None:
    there = list(subscription.list.topics.values_list("slug", flat=True))
    chosen = _typed_topics(request, subscription, there)
    if there and not chosen:
        raise _NotSavedError(Problem("topics", subscription.pk))
    try:
        until = typed_day(_typed_day(request, subscription), "paused_until")
        # A pause that has ended is not shown, so its empty field changes nothing.
        if until not in {_pause(subscription), subscription.paused_until}:
            consent.pause(subscription, source, until=until)
    except Invalid:
        raise _NotSavedError(Problem("day", subscription.pk)) from None
    consent.change(subscription, source, topics=[] if len(chosen) == len(there) else chosen)


def _typed_topics(request: HttpRequest, subscription: Subscription, there: list[str]) -> list[str]:
    """Return the slugs ticked for a list, of those that the list has."""
    ticked = request.POST.getlist(f"topics-{subscription.pk}")
    return [slug for slug in there if slug in ticked]


def _typed_day(request: HttpRequest, subscription: Subscription) -> str:
    return request.POST.get(f"paused_until-{subscription.pk}", "")[:40]


def _pause(subscription: Subscription) -> date | None:
    """Return the day until which a subscription is paused, unless that day has come."""
    until = subscription.paused_until
    return until if until and until > timezone.localdate() else None


def _preferences(
    request: HttpRequest,
    subscriber: Subscriber,
    *,
    saved: bool = False,
    asked: bool = False,
    problem: Problem | None = None,
) -> HttpResponse:
    subscriptions = subscriber.subscriptions.select_related("list").order_by("list__name")
    typed_lists = request.POST.getlist("list") if problem else []
    keyword = problem.keyword if problem else ""
    elsewhere = List.objects.filter(open_to_sign_up=True, archived_at=None).exclude(
        subscriptions__subscriber=subscriber
    )
    return show(
        request,
        "preferences",
        language_of_person(subscriber),
        status=429 if keyword == "often" else 422 if problem else 200,
        subscriber=subscriber,
        subscriptions=[_shown(one, request if str(one.pk) in typed_lists else None) for one in subscriptions],
        elsewhere=[(one.name, reverse("subscribers:sign-up", args=[one.slug])) for one in elsewhere[:20]],
        languages=language_choices(subscriber),
        saved=saved,
        has_left_all=saved and "left" in request.GET,
        can_leave=any(one.state != Subscription.State.UNSUBSCRIBED for one in subscriptions),
        asked=asked and not problem,
        lists=[one.list for one in subscriptions],
        change=address_changes.waiting_change(subscriber),
        typed_address=request.POST.get("address", "")[:320] if problem else "",
        problem=keyword,
        typed=_typed(request, subscriber, problem),
        wrong_name=_wrong_name(request) if keyword == "name" else "",
        wrong=problem.subscription if problem else 0,
        **links_of(subscriber),
    )


def _typed(request: HttpRequest, subscriber: Subscriber, problem: Problem | None) -> PersonalDetails:
    """Return the names and language to show. What could not be saved stays in the form, to be corrected."""
    if problem:
        return _person_in(request, subscriber)
    return PersonalDetails(
        first_name=subscriber.first_name, last_name=subscriber.last_name, locale=subscriber.locale
    )


def _wrong_name(request: HttpRequest) -> str:
    try:
        PersonalDetails(first_name=request.POST.get("first_name", "")).cleaned()
    except Invalid:
        return "first_name"
    return "last_name"


def _shown(one: Subscription, typed_in: HttpRequest | None) -> dict[str, object]:
    """Return what the page shows of a subscription: as it is stored, or as the request has it."""
    topics = list(one.list.topics.all())
    slugs = [topic.slug for topic in topics]
    chosen = _typed_topics(typed_in, one, slugs) if typed_in else chosen_topics(one) or slugs
    pause = _pause(one)
    return {
        "number": one.pk,
        "list": one.list,
        "state": one.state,
        "topics": [(topic, topic.slug in chosen) for topic in topics],
        "paused_until": _typed_day(typed_in, one) if typed_in else pause.isoformat() if pause else "",
        "leave_url": signed_links.make_url(Purpose.LEAVE, one),
    }


def links_of(subscriber: Subscriber) -> dict[str, Any]:
    """Return the pages of a person, each with a link that is theirs alone."""
    return {
        "preferences_url": signed_links.make_url(Purpose.PREFERENCES, subscriber),
        "my_data_url": signed_links.make_url(Purpose.EXPORT, subscriber),
        "erase_url": signed_links.make_url(Purpose.ERASE, subscriber),
    }


def _person_in(request: HttpRequest, subscriber: Subscriber) -> PersonalDetails:
    language = request.POST.get("locale", "")
    return PersonalDetails(
        first_name=request.POST.get("first_name", subscriber.first_name),
        last_name=request.POST.get("last_name", subscriber.last_name),
        locale=language if language in dict(language_choices(subscriber)) else subscriber.locale,
        zone=subscriber.zone,
    )

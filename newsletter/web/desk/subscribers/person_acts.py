"""The acts on one person. Each asks on a page of its own, and then does it."""

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts import role_checked_subscriber_acts
from newsletter.accounts.reauthentication import require_recent_sign_in
from newsletter.errors import NewsletterError, NotFound, refuse_if
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.form_error import FormError, errors_by_field
from newsletter.web.desk.languages_and_zones import every_language, every_zone, language_name
from newsletter.web.desk.subscribers.add_subscriber_page import said_of
from newsletter.web.desk.subscribers.basis_form import BASIS_FIELDS, basis_of_form
from newsletter.web.desk.subscribers.person_page import subscriber_at
from newsletter.web.desk.subscribers.subscriber_list_page import name_of
from subscribers.address_changes import waiting_change
from subscribers.consent_rules import PersonalDetails
from subscribers.correct_address import why_not_correct
from subscribers.free_details import details_as_text
from subscribers.lists import find_list, open_lists, subscription_to
from subscribers.models import Basis, Subscriber, Subscription
from subscribers.phrases import written_day
from subscribers.typed_days import typed_day
from subscribers.views import own_data

DETAILS = ("first_name", "last_name", "locale", "zone")
# More would not fit in one form. Imports and exports have all of them.
MOST_DETAILS = 100
DETAIL_NAME = "detail-name-"
FIELDS = (
    "new_name",
    "new_value",
    "list",
    "consent",
    "ask",
    "reason",
    "address",
    "new_address",
    "seen",
    "until",
    *BASIS_FIELDS,
)


@desk("GET", "HEAD", "POST", page="subscriber")
def subscribe(request: HttpRequest, subscriber: int) -> HttpResponse:
    """Ask for the list and the consent, and subscribe a person."""
    person = subscriber_at(subscriber)

    def act() -> str:
        mailing_list = find_list(request.POST.get("list", ""))
        before = subscription_to(mailing_list, person.address)
        added = role_checked_subscriber_acts.add_person(
            mailing_list,
            person.address,
            statement=request.POST.get("consent", ""),
            ask=bool(request.POST.get("ask")),
            on=basis_of_form(request.POST),
        )
        return said_of(added, before)

    lists = [(each.slug, each.name) for each in open_lists()]
    return asked(request, person, "subscribe", act, lists=lists, bases=Basis.choices)


@desk("GET", "HEAD", "POST", page="subscriber")
def details(request: HttpRequest, subscriber: int) -> HttpResponse:
    """Show the form of a person's name, language, time zone and other details, or change them."""
    person = subscriber_at(subscriber)
    stored = {name: getattr(person, name) for name in DETAILS}
    others = details_as_text(person)
    typed = dict(list(_other_details(request).items())[:MOST_DETAILS])

    def act() -> str:
        given = {name: request.POST.get(name, stored[name]).strip() for name in DETAILS}
        role_checked_subscriber_acts.change_details(
            person,
            PersonalDetails(**given),
            seen=request.POST.get("seen", ""),
            others=typed,
            added=(request.POST.get("new_name", ""), request.POST.get("new_value", "")),
        )
        return "The details were saved."

    return asked(
        request,
        person,
        "details",
        act,
        stored=stored,
        languages=every_language(request.POST.get("locale", person.locale).strip()),
        zones=every_zone(request.POST.get("zone", person.zone).strip()),
        language_name=language_name,
        seen=role_checked_subscriber_acts.details_version(person),
        others=[(name, typed.get(name, text), text) for name, text in others.items()][:MOST_DETAILS],
        number_of_others=len(others),
    )


def _other_details(request: HttpRequest) -> dict[str, str]:
    """Return what somebody typed for each detail: the form has its name and its value with the same number."""
    form = request.POST
    numbers = [key.removeprefix(DETAIL_NAME) for key in form if key.startswith(DETAIL_NAME)]
    return {form[f"{DETAIL_NAME}{one}"]: form[f"detail-{one}"] for one in numbers if f"detail-{one}" in form}


@desk("GET", "HEAD", "POST", page="subscriber")
def address(request: HttpRequest, subscriber: int) -> HttpResponse:
    """Ask for a new address, which its owner then confirms; cancel that; or correct an address not used yet."""
    person = subscriber_at(subscriber)

    def act() -> str:
        if request.POST.get("act") == "cancel":
            cancelled = role_checked_subscriber_acts.cancel_address_change(person)
            return (
                "The change of address was cancelled."
                if cancelled
                else "The change has already been confirmed or cancelled."
            )
        if request.POST.get("act") == "again":
            wanted = role_checked_subscriber_acts.ask_again_for_address(person)
            return (
                f"We have sent the confirmation email to {wanted} again."
                if wanted
                else "The change has already been confirmed or cancelled."
            )
        wanted = request.POST.get("new_address", "").strip()
        if request.POST.get("act") == "correct":
            role_checked_subscriber_acts.correct_address(person, wanted)
            return f"The address was corrected. It is now {wanted}."
        role_checked_subscriber_acts.ask_to_change_address(person, wanted)
        return f"We have asked the owner of {wanted} to confirm the address. Nothing changes until they do."

    return asked(
        request,
        person,
        "address",
        act,
        change=waiting_change(person),
        can_correct=not why_not_correct(person),
    )


@desk("GET", "HEAD", "POST", page="subscriber")
def unsubscribe(request: HttpRequest, subscriber: int) -> HttpResponse:
    """Ask whether to unsubscribe a person from a list, and do it."""
    person = subscriber_at(subscriber)
    slug = request.POST.get("list", "") or request.GET.get("list", "")
    subscription = person.subscriptions.select_related("list").filter(list__slug=slug).first()
    if subscription is None:
        raise NotFound("This person is not on this list.")

    def act() -> str:
        role_checked_subscriber_acts.unsubscribe(subscription, reason=request.POST.get("reason", "").strip())
        return f"{person.address} was unsubscribed from {subscription.list.name}."

    return asked(request, person, "unsubscribe", act, mailing_list=subscription.list)


@desk("GET", "HEAD", "POST", page="subscriber")
def pause(request: HttpRequest, subscriber: int) -> HttpResponse:
    """Ask until when a person gets no emails of a list, and pause them; an empty day ends the pause."""
    person = subscriber_at(subscriber)
    slug = request.POST.get("list", "") or request.GET.get("list", "")
    found = person.subscriptions.select_related("list").filter(list__slug=slug)
    subscription = found.filter(state=Subscription.State.ACTIVE).first()
    if subscription is None:
        raise NotFound("This person gets no emails from this list.")

    def act() -> str:
        until = typed_day(request.POST.get("until", ""), "until")
        role_checked_subscriber_acts.pause(subscription, until=until)
        if until is None:
            return f"{person.address} will get emails from {subscription.list.name} again."
        return (
            f"{person.address} will get no emails from {subscription.list.name} before {written_day(until)}."
        )

    paused = subscription.paused_until.isoformat() if subscription.paused_until else ""
    return asked(request, person, "pause", act, mailing_list=subscription.list, paused=paused)


@desk("GET", "HEAD", "POST", page="subscriber")
def suppress(request: HttpRequest, subscriber: int) -> HttpResponse:
    """Ask whether to suppress the address of a person, and do it."""
    person = subscriber_at(subscriber)

    def act() -> str:
        role_checked_subscriber_acts.suppress(person, reason=request.POST.get("reason", ""))
        return f"We will not send any more emails to {person.address}."

    return asked(request, person, "suppress", act)


@desk("GET", "HEAD", "POST", page="subscriber")
def lift(request: HttpRequest, subscriber: int) -> HttpResponse:
    """Ask for the reason, and allow emails to a person again."""
    person = subscriber_at(subscriber)
    refuse_if(role_checked_subscriber_acts.why_not_lift())

    def act() -> str:
        role_checked_subscriber_acts.lift(person, reason=request.POST.get("reason", ""))
        return (
            f"We can send emails to {person.address} again. "
            "They are not subscribed yet. If they have agreed, subscribe them now."
        )

    return asked(request, person, "lift", act)


@desk("POST", page="subscriber")
def export(request: HttpRequest, subscriber: int) -> HttpResponse:
    """Download everything stored about a person: as a page to read, or as JSON for another program."""
    person = subscriber_at(subscriber)
    refuse_if(role_checked_subscriber_acts.why_not_export())
    require_recent_sign_in(request)
    document = role_checked_subscriber_acts.export(person)
    name = f"subscriber-{person.pk}"
    if request.POST.get("as") == "json":
        text = json.dumps(document, ensure_ascii=False, indent=2)
        return own_data.as_file(text, f"{own_data.JSON}; charset=utf-8", f"{name}.json")
    return own_data.as_file(own_data.readable_page(request, person, document), own_data.PAGE, f"{name}.html")


@desk("GET", "HEAD", "POST", page="subscriber")
def erase(request: HttpRequest, subscriber: int) -> HttpResponse:
    """Ask for the address, and erase a person."""
    person = subscriber_at(subscriber)
    refuse_if(role_checked_subscriber_acts.why_not_erase())
    if request.method == "POST":
        require_recent_sign_in(request)

    def act() -> str:
        role_checked_subscriber_acts.erase(person, typed=request.POST.get("address", ""))
        return "Everything stored about this person was erased."

    return asked(request, person, "erase", act, then=reverse("desk:subscribers"))


def asked(
    request: HttpRequest,
    person: Subscriber,
    template: str,
    act: Callable[[], str],
    *,
    then: str = "",
    **context: object,
) -> HttpResponse:
    """Show the page that asks, or act and lead to `then`, which is the person's page if it is empty."""
    form_error, errors = None, dict[str, str]()
    if request.method == "POST":
        try:
            return done(request, act(), then or reverse("desk:subscriber", args=[person.pk]))
        except NewsletterError as error:
            form_error, errors = FormError.of(error, template, request.POST.dict()), errors_by_field(error)
    typed = dict.fromkeys(FIELDS, "") | {name: getattr(person, name) for name in DETAILS}
    if form_error:
        typed |= form_error.typed
    active = person.subscriptions.exclude(state=Subscription.State.UNSUBSCRIBED).select_related("list")
    return show(
        request,
        f"subscribers/{template}",
        status=form_error.status if form_error else 200,
        person=person,
        called=name_of(person) or person.address,
        leaves=[each.list.name for each in active],
        typed=typed,
        errors=errors,
        form_error=form_error,
        **context,
    )

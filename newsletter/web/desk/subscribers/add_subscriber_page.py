"""Adding one person to a list."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.role_checked_subscriber_acts import add_person, why_not_look
from newsletter.errors import InvalidFields, NewsletterError, NotFound, refuse_if
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.form_error import FormError, errors_by_field
from newsletter.web.desk.subscribers.basis_form import BASIS_FIELDS, basis_of_form
from subscribers.consent_by_editor import CONSENT_MISSING
from subscribers.consent_rules import PersonalDetails
from subscribers.lawful_basis import BasisStatement
from subscribers.likely_typing_mistakes import meant_address
from subscribers.lists import ArchivedList, find_list, open_lists, subscription_to
from subscribers.models import Basis, Subscription

FIELDS = ("address", "first_name", "last_name", "list", "consent", "ask", "sure_of", *BASIS_FIELDS)
# What is refused otherwise is refused because of the address.
OF_LIST = (NotFound, ArchivedList)


class MistypedAddress(InvalidFields):
    """The address looks like a mistyped one. The person who typed it decides."""


@desk("GET", "HEAD", "POST")
def add(request: HttpRequest) -> HttpResponse:
    """Show the form that adds a person, or add them."""
    refuse_if(why_not_look())
    if request.method != "POST":
        return _form(request, {"list": request.GET.get("list", "")}, [])
    typed = {name: request.POST.get(name, "").strip() for name in FIELDS}
    chosen = request.POST.getlist("topic")
    try:
        before = _standing(typed)
        added = _added(typed, chosen, basis_of_form(request.POST))
    except NewsletterError as error:
        return _form(request, typed, chosen, error)
    page = reverse("desk:subscriber", args=[added.subscriber_id])
    return done(request, said_of(added, before), f"{page}?{urlencode({'added_to': added.list.slug})}")


def said_of(added: Subscription, before: Subscription | None) -> str:
    """Say how a person stands to a list after they were added. `before` is the subscription before that, if any."""
    if before and before.state == added.state == Subscription.State.ACTIVE:
        if before.basis != added.basis:
            return (
                f"{added.subscriber.address} was already on {added.list.name} with another lawful basis. We recorded "
                "their consent, so their lawful basis is now consent."
            )
        if before.asked_at != added.asked_at:
            return (
                f"{added.subscriber.address} was already on {added.list.name} with another lawful basis. We have "
                "emailed them to ask for consent. Their lawful basis stays the same until they confirm."
            )
        return (
            f"{added.subscriber.address} was already on {added.list.name}. Their subscription stays the same."
        )
    if before and before.asked_at and before.asked_at == added.asked_at:
        return (
            f"We have already emailed {added.subscriber.address} to ask for confirmation, so we did not send "
            "another email."
        )
    if added.state == Subscription.State.ACTIVE:
        return f"{added.subscriber.address} is subscribed to {added.list.name}."
    return (
        f"We have emailed {added.subscriber.address} to ask for confirmation. "
        "They will get no other emails until they confirm."
    )


def _standing(typed: dict[str, str]) -> Subscription | None:
    """Return how the person with the address stands to the list already. None if they do not."""
    if not typed["address"]:
        return None
    return subscription_to(find_list(typed["list"]), typed["address"])


def _added(typed: dict[str, str], chosen: list[str], on: BasisStatement) -> Subscription:
    if not typed["address"]:
        raise InvalidFields({"address": "Enter the person’s email address."})
    mailing_list = find_list(typed["list"])
    meant = meant_address(typed["address"])
    if meant and typed["sure_of"] != typed["address"]:
        raise MistypedAddress(
            {
                "address": f"Did you mean {meant}? If so, correct the address. If {typed['address']} is right, "
                "select “Add the person” again."
            }
        )
    # The form shows the topics of every list.
    topics = [
        topic for slug, _colon, topic in (each.partition(":") for each in chosen) if slug == typed["list"]
    ]
    return add_person(
        mailing_list,
        typed["address"],
        statement=typed["consent"],
        topics=topics,
        person=PersonalDetails(first_name=typed["first_name"], last_name=typed["last_name"]),
        ask=bool(typed["ask"]),
        on=on,
    )


def _form(
    request: HttpRequest, typed: dict[str, str], chosen: list[str], error: NewsletterError | None = None
) -> HttpResponse:
    lists = list(open_lists().prefetch_related("topics"))
    form_error = FormError.of(error, "add", typed) if error else None
    errors = errors_by_field(error, otherwise="list" if isinstance(error, OF_LIST) else "address")
    if errors and not typed["consent"]:
        errors.setdefault("consent", CONSENT_MISSING)
    return show(
        request,
        "subscribers/add",
        status=form_error.status if form_error else 200,
        typed=dict.fromkeys(FIELDS, "") | typed,
        sure_of=typed.get("address", "") if isinstance(error, MistypedAddress) else typed.get("sure_of", ""),
        chosen=chosen,
        lists=[(each.slug, each.name) for each in lists],
        topics=[
            (each.name, [(f"{each.slug}:{topic.slug}", topic.name) for topic in each.topics.all()])
            for each in lists
            if each.topics.all()
        ],
        errors=errors,
        bases=Basis.choices,
        form_error=form_error,
    )

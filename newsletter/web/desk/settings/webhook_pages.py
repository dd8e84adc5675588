"""Webhooks: adding one, its page with everything that is posted to it, its secret, a test, and removing it."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.actor import ALL, ANY, Role, why_not_role
from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.accounts.reauthentication import require_recent_sign_in
from newsletter.errors import NewsletterError, Refused, refuse_if
from newsletter.issues.archived_publications import open_publications
from newsletter.issues.models import Publication
from newsletter.issues.visible_to_actor import visible_publications, visible_with
from newsletter.notifications import outbound_webhooks
from newsletter.notifications.models import State, Webhook
from newsletter.notifications.webhook_history import DELIVERIES_KEPT_FOR, deliveries_of, send_again
from newsletter.notifications.webhook_secrets import secret_of, signs_with_former_secret
from newsletter.web.desk.articles.short_dates import Dates
from newsletter.web.desk.creation_form_keys import form_key
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.settings.webhook_words import STATES, describe_delivery, describe_webhook
from newsletter.web.desk.tell_browser_form_was_received import say_stored_now
from subscribers.whole_numbers import whole_number

LOOK = "Viewing a webhook"


@desk("GET", "HEAD", "POST", page="notifications")
def add_webhook(request: HttpRequest) -> HttpResponse:
    """Show the form of a webhook, or add it and show its secret."""
    refuse_if(why_not_role(Role.ADMINISTRATOR, "Adding a webhook", publication=ANY))
    if request.method != "POST":
        return _form(request, "", "")
    require_recent_sign_in(request)
    address, slug = request.POST.get("address", "").strip(), request.POST.get("publication", "")
    found = visible_with(visible_publications(), Role.ADMINISTRATOR, "pk")
    try:
        publication = found.filter(slug=slug).first() if slug else None
        webhook = outbound_webhooks.add_webhook(address, publication=publication, form_key=form_key(request))
    except AlreadyMadeError as earlier:
        sentence = "The webhook was added. If you did not save its secret, change the secret."
        return done(request, sentence, reverse("desk:webhook", args=[int(earlier.made)]))
    except NewsletterError as error:
        return _form(request, address, slug, error)
    return _secret(request, webhook, is_new=True)


@desk("GET", "HEAD", page="notifications")
def webhook(request: HttpRequest, webhook: int) -> HttpResponse:
    """Show a webhook, and what is posted to it."""
    return _one(request, webhook)


@desk("GET", "HEAD", "POST", page="webhook")
def change_webhook_secret(request: HttpRequest, webhook: int) -> HttpResponse:
    """Ask whether to change the secret of a webhook, or change it and show the new one."""
    found = outbound_webhooks.find_webhook(webhook, "Changing a webhook’s secret")
    if request.method != "POST":
        words = describe_webhook(found, Dates(request))
        return show(request, "settings/webhook_change_secret", webhook=found, words=words)
    require_recent_sign_in(request)
    return _secret(request, outbound_webhooks.change_secret(webhook), is_new=False)


@desk("POST", page="webhook")
def test_webhook(request: HttpRequest, webhook: int) -> HttpResponse:
    """Post a test event, and say what the receiver responded."""
    answer = outbound_webhooks.send_test_event(webhook)
    if not answer.accepted:
        sentence = f"The test event was not accepted. {answer.sentence}"
        return _one(request, webhook, Refused(sentence))
    sentence = f"The test event was accepted. {answer.sentence}"
    return done(request, sentence, reverse("desk:webhook", args=[webhook]))


@desk("GET", "HEAD", "POST", page="webhook")
def remove_webhook(request: HttpRequest, webhook: int) -> HttpResponse:
    """Ask whether to remove a webhook, or remove it."""
    found = outbound_webhooks.find_webhook(webhook, "Removing a webhook")
    words = describe_webhook(found, Dates(request))
    if request.method != "POST":
        return show(request, "settings/webhook_remove", webhook=found, words=words)
    outbound_webhooks.remove_webhook(webhook)
    sentence = f"The webhook to {words.host} was removed. We will not post any more events to it."
    return done(request, sentence, f"{reverse('desk:notifications')}#webhooks")


@desk("POST", page="webhook")
def send_webhook_again(request: HttpRequest, webhook: int, delivery: int) -> HttpResponse:
    """Let an event be posted again."""
    sent = send_again(webhook, delivery)
    sentence = f"“{sent.notification}” will be posted again within seconds."
    return done(request, sentence, f"{reverse('desk:webhook', args=[webhook])}#delivery-{delivery}")


def _one(request: HttpRequest, number: int, error: NewsletterError | None = None) -> HttpResponse:
    found, dates = outbound_webhooks.find_webhook(number, LOOK), Dates(request)
    text, after = request.GET.get("state", ""), whole_number(request.GET.get("after", ""))
    state = State(text) if text in State.values else None
    page = deliveries_of(number, state=state, after=after)
    form_error = FormError.of(error, "webhook", {}) if error else None
    query, until = {"state": state.value} if state else {}, found.former_secret_until
    return show(
        request,
        "settings/webhook",
        status=form_error.status if form_error else 200,
        webhook=found,
        words=describe_webhook(found, dates),
        deliveries=[describe_delivery(each, dates) for each in page.deliveries],
        kept_days=DELIVERIES_KEPT_FOR.days,
        both_until=dates.of(until) if until and signs_with_former_secret(found) else None,
        states=[("", "All"), *((each.value, label) for each, (label, _tone) in STATES.items())],
        state=state.value if state else "",
        newest=_address(number, query) if after is not None else "",
        older=_address(number, {**query, "after": str(page.next_cursor)}) if page.next_cursor else "",
        form_error=form_error,
    )


def _address(number: int, query: dict[str, str]) -> str:
    return f"{reverse('desk:webhook', args=[number])}{f'?{urlencode(query)}' if query else ''}"


def _secret(request: HttpRequest, webhook: Webhook, *, is_new: bool) -> HttpResponse:
    """Show a secret. No other page does."""
    page = show(
        request,
        "settings/webhook_secret",
        webhook=webhook,
        words=describe_webhook(webhook, Dates(request)),
        secret=secret_of(webhook),
        is_new=is_new,
    )
    return say_stored_now(request, page)


def _form(
    request: HttpRequest, address: str, slug: str, error: NewsletterError | None = None
) -> HttpResponse:
    form_error = FormError.of(error, "webhook", {"address": address}) if error else None
    publications = visible_with(open_publications(), Role.ADMINISTRATOR, "pk").order_by("name")
    return show(
        request,
        "settings/webhook_add",
        status=form_error.status if form_error else 200,
        address=address,
        publication=slug,
        publications=_choices(list(publications)),
        error=form_error.sentence if form_error else "",
        form_error=form_error,
    )


def _choices(publications: list[Publication]) -> list[tuple[str, str]]:
    """Return what events a webhook can be for. Those of the installation are for administrators of all."""
    everything = (
        [] if why_not_role(Role.ADMINISTRATOR, "Adding a webhook", publication=ALL) else [("", "All events")]
    )
    return [*everything, *((each.slug, f"Only {each.name}") for each in publications)]

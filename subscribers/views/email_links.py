"""Pages that links in emails open: confirm, unsubscribe, and the one-click POST of mail programs (RFC 8058).

A GET or HEAD changes nothing, because mail scanners open every link. Only a POST does.
"""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from subscribers import consent, signed_links, suppression
from subscribers.errors import NotFound, Refused
from subscribers.long_dates import locale_called, long_date
from subscribers.models import SourceKind, Subscription
from subscribers.sign_up_texts import language_of
from subscribers.signed_links import Purpose, SampleLink
from subscribers.translated_languages import written_in
from subscribers.views.public_page import GoneLink, public, show, source_of, subscription_in

ONE_CLICK = {"List-Unsubscribe": ["One-Click"]}
MAX_REASON = 500


@public("GET", "HEAD", "POST")
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Ask the person to confirm, and subscribe them when they do."""
    subscription = subscription_in(signed_links.read_token(Purpose.CONFIRM, token))
    active = subscription.state == Subscription.State.ACTIVE
    if request.method == "POST":
        try:
            subscription = consent.confirm(subscription, source_of(request, SourceKind.EMAIL_LINK))
        except Refused:
            return _not_confirmed(request, subscription)
        return _confirmed(request, subscription)
    if active and subscription.asked_at is None:
        return _confirmed(request, subscription)
    if subscription.asked_at is None:
        return _not_confirmed(request, subscription)
    return _page(request, "confirm", subscription, is_active=active)


@public("GET", "HEAD", "POST")
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask the person to confirm that they unsubscribe. Then offer to undo that, and ask for the reason."""
    subscription = subscription_in(signed_links.read_token(Purpose.LEAVE, token))
    if request.method == "POST":
        return _acted(request, subscription)
    return _unsubscribe_page(request, subscription)


@public("GET", "HEAD", "POST")
def one_click(request: HttpRequest, token: str) -> HttpResponse:
    """Unsubscribe on a POST as in RFC 8058, answered with 200 and no redirect. A GET shows a button."""
    row = signed_links.read_token(Purpose.ONE_CLICK, token)
    if request.method != "POST":
        return _unsubscribe_page(request, subscription_in(row))
    # Some programs add a line end after the body, which does not change what they ask for.
    posted = {name: [value.rstrip("\r\n") for value in values] for name, values in request.POST.lists()}
    if posted != ONE_CLICK or request.FILES:
        return HttpResponse(
            "The body of the POST must be exactly List-Unsubscribe=One-Click.\n", "text/plain", status=400
        )
    try:
        consent.unsubscribe(subscription_in(row), source_of(request, SourceKind.EMAIL_LINK, "one click"))
    except (GoneLink, NotFound):
        return HttpResponse("This person is not subscribed.\n", "text/plain")
    except SampleLink as error:
        return HttpResponse(f"{error}\n", "text/plain")
    return HttpResponse("Unsubscribed.\n", "text/plain")


def _confirmed(request: HttpRequest, subscription: Subscription) -> HttpResponse:
    """Say that somebody is subscribed, and until when they have paused the emails."""
    until = subscription.paused_until
    spoken = written_in(language_of(subscription))
    is_paused = until is not None and until > timezone.localdate()
    day = long_date(until, locale_called(spoken)) if until and is_paused else ""
    return _page(request, "confirmed", subscription, paused_until=day)


def _not_confirmed(request: HttpRequest, subscription: Subscription) -> HttpResponse:
    """Say why somebody could not be subscribed: their address is suppressed, or else they have unsubscribed."""
    why_not = suppression.reasons(subscription.subscriber.address_key) - suppression.OWN_CHOICE
    return _page(request, "not_confirmed", subscription, status=409, is_suppressed=bool(why_not))


def _acted(request: HttpRequest, subscription: Subscription) -> HttpResponse:
    source, act = source_of(request, SourceKind.EMAIL_LINK), request.POST.get("act", "leave")
    if act == "undo":
        try:
            return _page(request, "welcome_back", consent.resubscribe(subscription, source))
        except Refused:
            return _not_confirmed(request, subscription)
    if act == "reason":
        consent.give_reason(subscription, source, request.POST.get("reason", "")[:MAX_REASON])
        return _page(request, "unsubscribed", subscription, thanked=True)
    return _page(request, "unsubscribed", consent.unsubscribe(subscription, source), thanked=False)


def _unsubscribe_page(request: HttpRequest, subscription: Subscription) -> HttpResponse:
    if subscription.state == Subscription.State.UNSUBSCRIBED:
        return _page(request, "unsubscribed", subscription, thanked=False)
    return _page(request, "unsubscribe", subscription)


def _page(
    request: HttpRequest, template: str, subscription: Subscription, *, status: int = 200, **context: object
) -> HttpResponse:
    mailing_list = subscription.list
    return show(
        request,
        template,
        language_of(subscription),
        status=status,
        list=mailing_list,
        leave_url=signed_links.make_url(Purpose.LEAVE, subscription),
        preferences_url=signed_links.make_url(Purpose.PREFERENCES, subscription.subscriber),
        **context,
    )

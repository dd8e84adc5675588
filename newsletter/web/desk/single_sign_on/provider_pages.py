"""Leading to the provider, and what happens when it sends the person back."""

from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache

from newsletter.accounts.who_may_log_in_locally import PROVES, is_single_sign_on_offered
from newsletter.errors import NewsletterError, Refused, Unreachable
from newsletter.issues.page_urls import desk_path
from newsletter.single_sign_on.find_or_make_account import NoRoleError, ProofNeededError, account_for
from newsletter.single_sign_on.oidc_code_flow import Begun, Proven, complete
from newsletter.single_sign_on.oidc_code_flow import begin as begin_log_in
from newsletter.single_sign_on.provider_identity_model import SignInIdentity
from newsletter.web.desk.desk_page import View, show, show_failure, show_log_in
from subscribers.rate_limits import is_within_limit, network_of
from subscribers.views.public_page import network_address

NOW = "now"
BEGUN, PENDING = "single_sign_on", "single_sign_on_pending"
# Each makes us ask the provider up to five times.
MOST_PER_HOUR = 300
TOO_MANY = (
    "Too many people have tried to log in from your network. Wait an hour, or log in with your password."
)


def if_offered(view: View) -> View:
    """Make a view that exists only while there is a provider, and answers only GET."""

    @wraps(view)
    def answer(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if not is_single_sign_on_offered():
            return show_failure(request, 404, "Single sign-on is not set up here.")
        return view(request, *arguments, **named)

    return never_cache(answer)


@if_offered
def begin(request: HttpRequest) -> HttpResponse:
    """Lead to the provider. `next` is the page to come; with `confirm`, somebody who is logged in is asked again."""
    if request.method != "GET":
        return HttpResponseRedirect(reverse("desk:log-in"), status=303)
    next_path = _next_path(request)
    confirms = request.user.pk if request.user.is_authenticated and "confirm" in request.GET else None
    if request.user.is_authenticated and confirms is None:
        return HttpResponseRedirect(next_path, status=303)
    if confirms is not None and request.GET["confirm"] != NOW:
        # A form must not lead to another site (form-action of our policy), so a link on a page of ours does.
        query = urlencode({"confirm": NOW, "next": next_path})
        there = f"{reverse('desk:single-sign-on')}?{query}"
        return show(request, "single_sign_on/confirm", name=settings.NEWSLETTER.oidc_name, there=there)
    if not is_within_limit(
        "single sign-on", network_of(network_address(request)), at_most=MOST_PER_HOUR, span=timedelta(hours=1)
    ):
        return _refused(request, TOO_MANY, 429)
    try:
        there, begun = begin_log_in(next_path, confirms=confirms)
    except NewsletterError as error:
        return _refused(request, str(error), _status(error))
    request.session[BEGUN] = begun.kept()
    return HttpResponseRedirect(there)


@if_offered
def answer(request: HttpRequest) -> HttpResponse:
    """Log in the person whom the provider sends back, or say why not."""
    if request.method != "GET":
        return HttpResponseRedirect(reverse("desk:log-in"), status=303)
    begun = Begun.of(request.session.pop(BEGUN, None))
    try:
        proven = complete(begun, request.GET.dict())
        assert begun is not None
        if begun.confirms is not None:
            return _confirmed(request, proven, begun)
        user = account_for(proven)
    except ProofNeededError as needed:
        request.session[PROVES] = needed.user.pk
        request.session[PENDING] = {"subject": proven.subject, "begun": begun.kept() if begun else None}
        return HttpResponseRedirect(reverse("desk:single-sign-on-link"), status=303)
    except NoRoleError as error:
        return show(request, "single_sign_on/no_role", status=403, sentence=str(error))
    except NewsletterError as error:
        return _refused(request, str(error), _status(error))
    from newsletter.web.desk.single_sign_on.begin_provider_session import begin_session

    return begin_session(request, user, proven, begun.next_path)


def _confirmed(request: HttpRequest, proven: Proven, begun: Begun) -> HttpResponse:
    user: Any = request.user
    same = SignInIdentity.objects.filter(
        user=user.pk, issuer=settings.NEWSLETTER.oidc_issuer, subject=proven.subject
    )
    if user.pk != begun.confirms or not same.exists():
        raise Refused("You logged in as somebody else, so nothing was changed.")
    from newsletter.web.desk.single_sign_on.begin_provider_session import confirm

    return confirm(request, user, proven, begun.next_path)


def _next_path(request: HttpRequest) -> str:
    wished = request.GET.get("next", "")
    is_here = url_has_allowed_host_and_scheme(
        wished, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wished if is_here else desk_path()


def _refused(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    """Say why nobody was logged in: on the login page, or to somebody who is logged in on a page of its own."""
    if request.user.is_authenticated:
        return show_failure(request, status, sentence, back=desk_path())
    return show_log_in(request, status=status, sentence=sentence)


def _status(error: NewsletterError) -> int:
    return 503 if isinstance(error, Unreachable) else 403

"""What every public page shares: rendering in a language, who is asking, and pages for links that lead nowhere.

The pages set no cookie and ask for none: a signed link is all the right that there is, so that there is nothing
for a forged request to ride on.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from subscribers import app_settings
from subscribers.consent_log import ConsentSource
from subscribers.errors import KeyMissing, NotFound, Refused
from subscribers.models import List, SourceKind, Subscriber, Subscription
from subscribers.network_addresses import plain_network_address
from subscribers.signed_links import NOBODY, LinkedRow, SampleLink, StaleLink, WrongLink

log = logging.getLogger(__name__)

TRY_AGAIN_SECONDS = 3600
TRY_AGAIN_SOON = 60
View = Callable[Concatenate[HttpRequest, ...], HttpResponse]
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class GoneLink(Refused):
    """The link was good, but who it was for is not here any more."""


_KIND_AND_STATUS: dict[type[Refused], tuple[str, int]] = {
    WrongLink: ("wrong", 404),
    StaleLink: ("stale", 410),
    GoneLink: ("gone", 410),
    SampleLink: ("sample", 200),
}


def show(
    request: HttpRequest, template: str, language: str = "", *, status: int = 200, **context: Any
) -> HttpResponse:
    """A page of templates/public/ in a language; empty: the one that the browser asks for."""
    with translation.override(language or translation.get_language() or app_settings.languages()[0][0]):
        html = (
            engines["jinja2"]
            .get_template(f"public/{template}.html")
            .render(
                {
                    "_": gettext,
                    "ngettext": ngettext,
                    "lang": translation.get_language(),
                    "right_to_left": translation.get_language_bidi(),
                    "url": reverse,
                    "stylesheet": static("subscribers/public.css"),
                    "list": None,
                    **context,
                },
                request,
            )
        )
    response = HttpResponse(html, status=status)
    response["Content-Security-Policy"] = POLICY
    response["Referrer-Policy"] = "no-referrer"
    if not language:
        patch_vary_headers(response, ("Accept-Language",))
    return response


def public(*methods: str) -> Callable[[View], View]:
    """A view for anybody: only these methods, no cookie or token asked for, a page for what may go wrong."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
            try:
                response = view(request, *arguments, **named)
            except (WrongLink, StaleLink, GoneLink, SampleLink) as error:
                response = _no_such_link(request, error)
            except NotFound:
                response = _no_such_link(request, GoneLink())  # erased while the request was answered
            except KeyMissing as error:
                log.error("%s", error)  # noqa: TRY400 - the sentence says it all
                response = _not_now(request, TRY_AGAIN_SECONDS)
            except OperationalError as error:
                # Its words may hold what was typed.
                log.error("The database did not let a page act: %s", type(error.__cause__).__name__)  # noqa: TRY400
                response = _not_now(request, TRY_AGAIN_SOON)
            if "token" in named:
                response["X-Robots-Tag"] = "noindex"
            return response

        return csrf_exempt(never_cache(require_http_methods(methods)(answer)))

    return decorate


def _not_now(request: HttpRequest, seconds: int) -> HttpResponse:
    response = show(request, "try_again_soon", status=503)
    response["Retry-After"] = str(seconds)
    return response


def _no_such_link(request: HttpRequest, error: Refused) -> HttpResponse:
    kind, status = _KIND_AND_STATUS[type(error)]
    lists = List.objects.filter(open_to_sign_up=True)[:10]
    return show(request, "no_such_link", status=status, kind=kind, lists=list(lists))


def find_open_list(slug: str) -> List:
    """The list that takes people. Raises WrongLink."""
    found = List.objects.filter(slug=slug, open_to_sign_up=True).first()
    if found is None:
        raise WrongLink("There is no list at this address that takes people.")
    return found


def subscription_in(row: LinkedRow) -> Subscription:
    """The subscription that a link names. Raises GoneLink, or SampleLink for the link of a test letter."""
    _refuse_samples(row)
    rows = Subscription.objects.select_related("subscriber", "list")
    found = rows.filter(pk=row.number, link_nonce=row.nonce).first()
    if found is None:
        raise GoneLink("This person is not known here any more.")
    return found


def subscriber_in(row: LinkedRow) -> Subscriber:
    """The person that a link names. Raises GoneLink, or SampleLink for the link of a test letter."""
    _refuse_samples(row)
    found = Subscriber.objects.filter(pk=row.number, link_nonce=row.nonce).first()
    if found is None:
        raise GoneLink("This person is not known here any more.")
    return found


def _refuse_samples(row: LinkedRow) -> None:
    if row == NOBODY:
        raise SampleLink("This link is of a test letter: nothing was changed.")


def source_of(request: HttpRequest, kind: SourceKind, name: str = "") -> ConsentSource:
    """Who is asking, for the consent log."""
    return ConsentSource(kind, name, network_address(request), request.headers.get("User-Agent", ""))


def network_address(request: HttpRequest) -> str:
    """Where the request came from; proxies are believed only as far as SUBSCRIBERS_PROXY_COUNT says."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    proxies = app_settings.proxy_count()
    if proxies and len(hops) >= proxies:
        return plain_network_address(hops[-proxies])
    return plain_network_address(str(request.META.get("REMOTE_ADDR", "")))

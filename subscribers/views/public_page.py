"""What every public page shares: rendering in a language, the source of a request, and pages for invalid links.

The pages neither set nor read cookies. Only a signed link gives access, so a forged request has no session to use.
"""

import logging
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, Concatenate

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from markupsafe import Markup

from subscribers import app_settings
from subscribers.address_changes import ChangeEnded
from subscribers.bidi import isolated
from subscribers.consent_log import ConsentSource
from subscribers.errors import KeyMissing, NotFound, Refused
from subscribers.models import AddressChange, List, SourceKind, Subscriber, Subscription
from subscribers.network_addresses import plain_network_address
from subscribers.punctuation import LISTED, colon, listed
from subscribers.signed_links import NOBODY, LinkedRow, SampleLink, StaleLink, WrongLink
from subscribers.translated_languages import direction, texts_in, written_in

log = logging.getLogger(__name__)

TRY_AGAIN_SECONDS = 3600
TRY_AGAIN_SOON = 60
View = Callable[Concatenate[HttpRequest, ...], HttpResponse]
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class GoneLink(Refused):
    """The link is valid, but the person it was for is no longer in the database."""


_KIND_AND_STATUS: dict[type[Refused], tuple[str, int]] = {
    WrongLink: ("wrong", 404),
    StaleLink: ("stale", 410),
    GoneLink: ("gone", 410),
    ChangeEnded: ("ended", 410),
    SampleLink: ("sample", 200),
}


def show(
    request: HttpRequest, template: str, language: str = "", *, status: int = 200, **context: Any
) -> HttpResponse:
    """Render a page of templates/public/ in a language. If empty, use the language that the browser prefers.

    The page is English if we have no texts in the language, or only unreviewed ones that nobody chose.
    """
    spoken = written_in(language) if language else _language_of_browser()
    response = HttpResponse(html_of(request, template, spoken, **context), status=status)
    response["Content-Security-Policy"] = POLICY
    response["Referrer-Policy"] = "no-referrer"
    if not language:
        patch_vary_headers(response, ("Accept-Language",))
    return response


def html_of(request: HttpRequest, template: str, spoken: str, /, **context: Any) -> str:
    """Return the HTML of a page of templates/public/ in a language in which our texts exist.

    The context can have a name of its own for anything, also for `spoken`.
    """
    texts = texts_in(spoken)
    with translation.override(spoken):
        return (
            engines["jinja2"]
            .get_template(f"public/{template}.html")
            .render(
                {
                    "_": texts.gettext,
                    "ngettext": texts.ngettext,
                    "colon": colon(texts),
                    "comma": listed(texts.gettext(LISTED), ("", "")),
                    "lang": spoken,
                    "right_to_left": direction(spoken) == "rtl",
                    "isolated": isolated,
                    "written_in": partial(_language_attributes, around=spoken),
                    "url": reverse,
                    "stylesheet": static("subscribers/public.css"),
                    "list": None,
                    **context,
                },
                request,
            )
        )


def _language_attributes(language: str, *, around: str) -> Markup:
    """Return `lang` and `dir` for a text in this language, as far as they are not those of the page around it."""
    if not language or language.lower().split("-")[0] == around.lower().split("-")[0]:
        return Markup()
    attributes = Markup(' lang="{}"').format(language)
    own = direction(language)
    return attributes if own == direction(around) else attributes + Markup(' dir="{}"').format(own)


def _language_of_browser() -> str:
    offered = tuple(code for code, _name in app_settings.languages())
    preferred = translation.get_language() or offered[0]
    return written_in(preferred, offered=offered)


def public(*methods: str) -> Callable[[View], View]:
    """Make a view that anyone can use with these methods, without cookies or CSRF tokens. Errors get a page."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
            try:
                response = view(request, *arguments, **named)
            except (WrongLink, StaleLink, GoneLink, ChangeEnded, SampleLink) as error:
                response = _no_such_link(request, error)
            except NotFound:
                response = _no_such_link(request, GoneLink())  # erased during this request
            except KeyMissing as error:
                log.error("%s", error)  # noqa: TRY400 - the message is enough
                response = _not_now(request, TRY_AGAIN_SECONDS)
            except OperationalError as error:
                # The message of the error may contain personal data.
                log.error("A page could not use the database: %s", type(error.__cause__).__name__)  # noqa: TRY400
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
    lists = List.objects.filter(open_to_sign_up=True, archived_at=None)[:10]
    return show(request, "no_such_link", status=status, kind=kind, lists=list(lists))


def find_open_list(slug: str) -> List:
    """Return the list with this slug if it is open to sign-up. Raises WrongLink."""
    found = List.objects.filter(slug=slug, open_to_sign_up=True, archived_at=None).first()
    if found is None:
        raise WrongLink("No list at this address is open for sign-up.")
    return found


def subscription_in(row: LinkedRow) -> Subscription:
    """Return the subscription that a link names. Raises GoneLink, or SampleLink for the link of a test email."""
    _refuse_samples(row)
    rows = Subscription.objects.select_related("subscriber", "list")
    found = rows.filter(pk=row.number, link_nonce=row.nonce).first()
    if found is None:
        raise GoneLink("This person is no longer in the database.")
    return found


def subscriber_in(row: LinkedRow) -> Subscriber:
    """Return the person that a link names. Raises GoneLink, or SampleLink for the link of a test email."""
    _refuse_samples(row)
    found = Subscriber.objects.filter(pk=row.number, link_nonce=row.nonce).first()
    if found is None:
        raise GoneLink("This person is no longer in the database.")
    return found


def address_change_in(row: LinkedRow) -> AddressChange:
    """Return the change of address that a link names. Raises ChangeEnded if it was cancelled or replaced."""
    _refuse_samples(row)
    found = AddressChange.objects.select_related("subscriber").filter(pk=row.number, link_nonce=row.nonce)
    change = found.first()
    if change is None:
        raise ChangeEnded("The change of address was cancelled or replaced by a newer one.")
    return change


def _refuse_samples(row: LinkedRow) -> None:
    if row == NOBODY:
        raise SampleLink("This link is from a test email. Nothing was changed.")


def source_of(request: HttpRequest, kind: SourceKind, name: str = "") -> ConsentSource:
    """Return the source of a request, for the consent log."""
    return ConsentSource(kind, name, network_address(request), request.headers.get("User-Agent", ""))


def network_address(request: HttpRequest) -> str:
    """Return the client's network address. Only SUBSCRIBERS_PROXY_COUNT proxies are trusted."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    proxies = app_settings.proxy_count()
    if proxies and len(hops) >= proxies:
        return plain_network_address(hops[-proxies])
    return plain_network_address(str(request.META.get("REMOTE_ADDR", "")))

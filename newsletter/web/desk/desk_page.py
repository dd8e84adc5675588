"""What every page of the desk shares: access, rendering, and how results and errors are shown."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial as partial_function
from functools import wraps
from typing import Any, Concatenate
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import NoReverseMatch, reverse
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseLocation

from newsletter.accounts.actor import current_actor
from newsletter.accounts.login_by_host_site import has_own_sign_in
from newsletter.accounts.reauthentication import RecentSignInNeededError
from newsletter.accounts.who_may_log_in_locally import is_single_sign_on_offered
from newsletter.errors import NewsletterError
from newsletter.issues.confirm_changes_that_end_approval import (
    WouldEndApprovalError,
    asking_before_approvals_end,
)
from newsletter.issues.page_urls import desk_path, issue_path
from newsletter.web.ask_to_reauthenticate import ask_again
from newsletter.web.desk.form_error import status_of
from newsletter.web.desk.formatting import without_commands
from newsletter.web.desk.htmx_config import HTMX
from newsletter.web.desk.navigation import navigation
from newsletter.web.desk.render_template import rendered, secured
from newsletter.web.desk.repeated_form import answer_like_first
from newsletter.web.desk.resubmit_after_login import submitted_form
from newsletter.web.desk.short_quotations import with_short_quotations
from newsletter.web.desk.tell_browser_form_was_received import say_stored
from newsletter.web.nul_removal import remove_nul_from_form
from newsletter.web.second_factor_gate import deadline_of

REPEATED = "You sent this form more than once. We only processed it once."
View = Callable[Concatenate[HttpRequest, ...], HttpResponse]
HEADINGS: Mapping[int, str] = {
    400: "We could not read this request",
    403: "You cannot do this",
    404: "Page not found",
    405: "This page cannot be opened this way",
    409: "You cannot do this",
    422: "Check what you entered",
    429: "Too many attempts",
    503: "This is temporarily unavailable",
}


@dataclass(frozen=True, slots=True)
class Undo:
    """The opposite of an act: the path to which “Undo” posts these fields."""

    path: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Toast:
    """A sentence that says what was done, without the ends of long titles, and how it is undone."""

    sentence: str
    undo: Undo | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "sentence", with_short_quotations(self.sentence))


def is_htmx(request: HttpRequest) -> bool:
    """Return whether htmx asks for a part of a page, not the browser for a page."""
    return bool(getattr(request, "htmx", False))


def show(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Render a page of templates/desk/."""
    page = {
        "navigation": navigation(request),
        "own_sign_in": has_own_sign_in(),
        "provider": settings.NEWSLETTER.oidc_name if is_single_sign_on_offered() else "",
        "second_factor_deadline": deadline_of(request),
        "toasts": list(_pending_toasts(request)),
        "htmx_config": HTMX,
        "csrf_token_for_htmx": json.dumps({"X-CSRFToken": get_token(request)}),
        "live": False,
        **context,
    }
    return secured(HttpResponse(rendered(request, template, page), status=status))


def desk_fragment(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Render a template of templates/desk/ that is only a part of a page, for htmx."""
    return secured(HttpResponse(rendered(request, template, context), status=status))


def partial(
    request: HttpRequest,
    template: str,
    *,
    sentence: str = "",
    undo: Undo | None = None,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """Answer htmx with a changed part of a page, and a toast that says what was done."""
    response = desk_fragment(request, template, status=status, **context)
    if sentence:
        toast = rendered(request, "components/toast_out_of_band", {"toasts": [Toast(sentence, undo)]})
        response.write(toast)
    return response


def done(request: HttpRequest, sentence: str, address: str, *, undo: Undo | None = None) -> HttpResponse:
    """Lead to a page, and show there what was done, with “Undo” if it can be undone.

    The address may end with the anchor of the changed thing. htmx replaces the main part of its page; to answer it
    with less than that, use `partial`.
    """
    messages.success(request, sentence, extra_tags=json.dumps(asdict(undo)) if undo else "")
    if is_htmx(request):
        return HttpResponseLocation(address, target="#main", select="#main", swap="outerHTML")
    return HttpResponseRedirect(address, status=303)


def desk(*methods: str, page: str = "dashboard") -> Callable[[View], View]:
    """Make a view of the desk, which needs a login and a role. A NewsletterError becomes a page with its sentence.

    An act that would end an approval becomes a page that asks first. A form that arrives again and is refused leads
    where it led the first time (repeated_form.py).
    If a view answers only POST, a GET leads to the page that it belongs to: `page` is the name of its URL.
    """

    def decorate(view: View) -> View:
        def respond(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return to_log_in(request)
            if not current_actor().has_a_role:
                return show(request, "shell/no_role", status=403)
            remove_nul_from_form(request)
            try:
                if request.method not in methods:
                    return _lead_on(request, methods, page, named)
                with asking_before_approvals_end(request.POST.getlist("agreed")):
                    return say_stored(request, view(request, *arguments, **named))
            except WouldEndApprovalError as question:
                return _ask_to_end_approval(request, question)
            except NewsletterError as error:
                return show_error(request, error)

        @wraps(view)
        def answer(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
            return answer_like_first(
                request,
                partial_function(respond, request, *arguments, **named),
                partial_function(done, request, REPEATED),
            )

        return never_cache(answer)

    return decorate


def show_error(request: HttpRequest, error: NewsletterError) -> HttpResponse:
    """Show a page, or to htmx a toast, that says what went wrong; or ask who it is, if only that is missing."""
    if isinstance(error, RecentSignInNeededError):
        return ask_again(request)
    status = status_of(error)
    if is_htmx(request):
        response = secured(HttpResponse(status=status))
        response["HX-Reswap"] = "none"
        response.write(
            rendered(
                request,
                "components/toast_out_of_band",
                {"toasts": [Toast(without_commands(str(error)))], "alarm": True},
            )
        )
        return response
    return show_failure(request, status, without_commands(str(error)))


def _ask_to_end_approval(request: HttpRequest, question: WouldEndApprovalError) -> HttpResponse:
    """Ask whether the act may end an approval. The page posts the same form again, with the agreement."""
    typed = [(name, text) for name, texts in request.POST.lists() for text in texts]
    answer = show(
        request,
        "shell/end_approval",
        status=409,
        issue=question.issue,
        sentence=str(question),
        typed=[(name, text) for name, text in typed if name != "csrfmiddlewaretoken"],
        agreed=question.approval,
        back=_page_before(request) or issue_path(question.issue),
    )
    if is_htmx(request):
        answer["HX-Retarget"] = answer["HX-Reselect"] = "#main"
        answer["HX-Reswap"] = "outerHTML show:window:top"
    return answer


def show_failure(request: HttpRequest, status: int, sentence: str, *, back: str = "") -> HttpResponse:
    """Show a page that says what went wrong, with a way on: back to a path, and to Home."""
    heading = HEADINGS.get(status, "Something went wrong")
    return show(
        request,
        "shell/error",
        status=status,
        heading=heading,
        sentence=sentence,
        back=back or _page_before(request),
    )


def _page_before(request: HttpRequest) -> str:
    """Return the path of the page of the desk that led here, or an empty string."""
    before = urlsplit(request.headers.get("Referer", ""))
    try:
        host = request.get_host()
    except DisallowedHost:
        return ""
    ours = before.netloc == host and before.path.startswith(desk_path())
    return before.path if ours and before.path != request.path else ""


def _lead_on(
    request: HttpRequest, methods: Sequence[str], page: str, named: Mapping[str, Any]
) -> HttpResponse:
    """Lead a GET on the address of an act to the page where the act is offered."""
    if request.method not in {"GET", "HEAD"}:
        refused = show_failure(
            request,
            405,
            "This page does not accept forms, so nothing was changed. Go back, reload the page and try again.",
        )
        refused["Allow"] = ", ".join(methods)
        return refused
    for fewer in range(len(named) + 1):
        kept = dict(list(named.items())[: len(named) - fewer])
        try:
            return HttpResponseRedirect(reverse(f"desk:{page}", kwargs=kept), status=303)
        except NoReverseMatch:
            continue
    return HttpResponseRedirect(desk_path(), status=303)


def to_log_in(request: HttpRequest) -> HttpResponse:
    """Lead somebody who is not logged in to the page to log in, and keep the form that they sent."""
    if is_htmx(request):
        # shell.js offers to log in beside the page, so that nothing typed is lost.
        return HttpResponse(status=401)
    ended = settings.SESSION_COOKIE_NAME in request.COOKIES
    kept = submitted_form(request)
    if kept:
        return show_log_in(request, status=403, next_path=request.path, ended=True, kept=kept.signed())
    # A GET on the address of an act leads to its page.
    answer = redirect_to_login(request.get_full_path(), reverse("desk:log-in"))
    if ended:
        answer["Location"] += "&ended=yes"
    return answer


def show_log_in(
    request: HttpRequest,
    *,
    status: int = 200,
    sentence: str = "",
    name: str = "",
    next_path: str = "",
    ended: bool = False,
    kept: str = "",
) -> HttpResponse:
    """Show the form to log in. It leads to `next_path`, or shows the form again that resubmit_after_login.py kept."""
    return show(
        request,
        "shell/log_in",
        status=status,
        sentence=sentence,
        name=name,
        next=next_path,
        ended=ended,
        kept=kept,
    )


def _pending_toasts(request: HttpRequest) -> Iterator[Toast]:
    for message in messages.get_messages(request):
        undo = message.extra_tags
        yield Toast(str(message), Undo(**json.loads(undo)) if undo and undo.startswith("{") else None)

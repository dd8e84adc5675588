"""What every page of the desk shares: access, rendering, and how errors are shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Concatenate

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import engines
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from newsletter.accounts.actor import Role, current_actor
from newsletter.errors import Invalid, KeyMissing, NewsletterError, NotFound, Refused, Unreachable
from newsletter.issues.page_urls import desk_path
from newsletter.scheduling.recurrence.local_time import AmbiguousTime, TimeChoice
from newsletter.web.desk import formatting

View = Callable[Concatenate[HttpRequest, ...], HttpResponse]
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LANGUAGE = "en-gb"
STATUS: Mapping[type[NewsletterError], int] = {
    NotFound: 404,
    Invalid: 422,
    Refused: 409,
    KeyMissing: 503,
    Unreachable: 503,
}


@dataclass(frozen=True, slots=True)
class FormError:
    """What was wrong with one form of a page: the error, what the user typed, and times to choose from instead."""

    form: str
    sentence: str
    status: int
    typed: Mapping[str, str] = field(default_factory=dict)
    choices: Sequence[TimeChoice] = ()

    @classmethod
    def of(cls, error: NewsletterError, form: str, typed: Mapping[str, str]) -> "FormError":
        """Return the error as it is shown beside a form."""
        choices = error.choices if isinstance(error, AmbiguousTime) else ()
        return cls(form, str(error), status_of(error), typed, choices)


def status_of(error: NewsletterError) -> int:
    """Return the HTTP status for an error."""
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))


def show(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Render a page of templates/desk/."""
    with translation.override(LANGUAGE):
        html = (
            engines["jinja2"].get_template(f"desk/{template}.html").render(_common(request, context), request)
        )
    response = HttpResponse(html, status=status)
    response["Content-Security-Policy"] = POLICY
    response["Cross-Origin-Opener-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response


def desk(*methods: str) -> Callable[[View], View]:
    """Make a view of the desk, which needs a login and a role. A NewsletterError becomes a page with its sentence."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_log_in(request)
            if not current_actor().may(Role.EDITOR):
                return show(request, "no_role", status=403)
            try:
                return view(request, *arguments, **named)
            except NewsletterError as error:
                return show(request, "error", status=status_of(error), sentence=str(error))

        return never_cache(require_http_methods(methods)(answer))

    return decorate


def done(request: HttpRequest, sentence: str, address: str) -> HttpResponse:
    """Redirect to a page, and show there what was done."""
    messages.success(request, sentence)
    return HttpResponseRedirect(address, status=303)


def _to_log_in(request: HttpRequest) -> HttpResponse:
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else desk_path()
    return redirect_to_login(back, reverse("desk:log-in"))


def _common(request: HttpRequest, context: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "url": reverse,
        "static": static,
        "fmt": formatting,
        "actor": current_actor(),
        "administrator": current_actor().may(Role.ADMINISTRATOR),
        "done": [str(message) for message in messages.get_messages(request)],
        "form_error": None,
        "live": False,
        **context,
    }

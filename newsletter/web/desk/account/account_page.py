"""What the pages of one's own account share. Anybody who is logged in reaches them, whatever their role."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import json_script
from django.views.decorators.cache import never_cache

from newsletter.errors import NewsletterError
from newsletter.web.desk.desk_page import View, show, show_error, to_log_in
from newsletter.web.nul_removal import remove_nul_from_form


def own_account(*methods: str) -> Callable[[View], View]:
    """Make a view of the user's own account, which needs a login and no role."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return to_log_in(request)
            remove_nul_from_form(request)
            try:
                if request.method not in methods:
                    return HttpResponseRedirect(reverse("desk:account"), status=303)
                return view(request, *arguments, **named)
            except NewsletterError as error:
                return show_error(request, error)

        return never_cache(answer)

    return decorate


class OwnPage:
    """One of allauth's views, shown by a template of ours: `shown_by` is its name in templates/desk/account/."""

    request: HttpRequest
    shown_by = ""

    @classmethod
    def as_view(cls, **initial: Any) -> View:
        """Return the view, behind a login."""
        return own_account("GET", "HEAD", "POST")(super().as_view(**initial))  # type: ignore[misc]  # of allauth's view

    def render_to_response(self, context: Mapping[str, Any], **_named: Any) -> HttpResponseBase:
        """Show our template."""
        return show_form(self.request, f"account/{self.shown_by}", context)


class FieldErrors(dict[str, str]):
    """A sentence for each wrong field. A right one has an empty sentence."""

    def __missing__(self, _name: str) -> str:
        return ""


def show_form(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """Show one of allauth's forms: the errors of its fields by name, and the options for the browser's passkeys."""
    form = context.get("form")
    errors = FieldErrors(
        {name: " ".join(map(str, texts)) for name, texts in (form.errors if form else {}).items()}
    )
    options = context.get("js_data")
    values = {name: value for name, value in context.items() if name not in {"view", "form", "js_data"}}
    return show(
        request,
        template,
        status=422 if errors else 200,
        errors=errors,
        options=json_script(options, "passkey-options") if options else "",
        typed={each.name: each.value() or "" for each in form} if form else {},
        form=form,
        **values,
    )

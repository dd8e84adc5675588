"""Chooses the transport: SendGrid with its key, an SMTP server, or a folder on this server.

Keys and passwords are never shown again. A form with one is not kept anywhere: somebody who has to confirm who they are
enters it again.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from newsletter.accounts.reauthentication import is_recent_sign_in, require_recent_sign_in
from newsletter.errors import InvalidFields, NewsletterError, refuse_if
from newsletter.sending.sending_setup import (
    SMTP_FIELDS,
    choose_transport,
    is_outcome_unknown,
    use_sendgrid,
    use_smtp,
)
from newsletter.sending_settings.change import choice_version, undo_sending, why_not_change_sending
from newsletter.sending_settings.current import sending_settings
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.form_error import FormError, errors_by_field
from newsletter.web.desk.sending.sending_limits_page import seen_version, undo_of
from newsletter.web.desk.sending.sending_overview_page import show_sending
from newsletter.web.desk.sending.sending_words import NOW, TRANSPORTS, at_the_desk, taken
from subscribers.whole_numbers import whole_number

FORMS = {"sendgrid": "sending-sendgrid", "smtp": "sending-smtp"}


@desk("POST", page="sending")
def transport(request: HttpRequest) -> HttpResponse:
    """Choose the transport. One that is not set up yet leads to its form."""
    refuse_if(why_not_change_sending())
    require_recent_sign_in(request)
    name = request.POST.get("transport", "")
    try:
        version = choose_transport(name if name in TRANSPORTS else "", seen=seen_version(request))
    except InvalidFields as error:
        if name in FORMS:
            return HttpResponseRedirect(reverse(f"desk:{FORMS[name]}"), status=303)
        return show_sending(request, form_error=FormError.of(error, "transport", {}))
    except NewsletterError as error:
        return show_sending(request, form_error=FormError.of(error, "transport", {}))
    return _chosen(request, version)


@desk("GET", "HEAD", "POST")
def sendgrid(request: HttpRequest) -> HttpResponse:
    """Show the form of the SendGrid key, or check and store the key."""
    in_europe = ".eu." in (sending_settings().sendgrid_host.host or "")

    def use() -> int | None:
        region = "eu" if request.POST.get("region") == "eu" else "global"
        key = request.POST.get("sendgrid_api_key", "")
        return use_sendgrid(key, region, seen=seen_version(request))

    return _with_secret(request, "sendgrid", {"region": "eu" if in_europe else "global"}, use)


@desk("GET", "HEAD", "POST")
def smtp(request: HttpRequest) -> HttpResponse:
    """Show the form of the SMTP server, or try and store the server."""
    now = sending_settings()
    stored = {name: str(getattr(now, name)) for name in SMTP_FIELDS if name != "smtp_password"}
    if "smtp_host" not in now.model_fields_set:
        stored["smtp_host"] = ""

    def use() -> int | None:
        values = {name: str(request.POST.get(name, "")) for name in SMTP_FIELDS}
        return use_smtp(values, seen=seen_version(request))

    return _with_secret(request, "smtp", stored, use)


@desk("POST", page="sending")
def undo(request: HttpRequest) -> HttpResponse:
    """Take the last choice back."""
    refuse_if(why_not_change_sending())
    require_recent_sign_in(request)
    text = request.POST.get("version", "")
    undo_sending(whole_number(text) or 0)
    return done(request, "The previous sending settings were restored.", reverse("desk:sending"))


def _with_secret(
    request: HttpRequest, name: str, stored: Mapping[str, str], use: Callable[[], int | None]
) -> HttpResponse:
    """Show a form with a secret, or use what it says. `stored` has the fields that are not secret."""
    refuse_if(why_not_change_sending())
    if request.method == "POST" and not is_recent_sign_in(request):
        # The form would be kept in the session meanwhile, with the secret in it.
        return HttpResponseRedirect(request.path, status=303)
    require_recent_sign_in(request)
    if request.method != "POST":
        return _form(request, name, stored)
    try:
        return _chosen(request, use())
    except NewsletterError as error:
        typed = {field: str(request.POST.get(field, "")) for field in stored}
        return _form(request, name, typed, error)


def _chosen(request: HttpRequest, version: int | None) -> HttpResponse:
    page = reverse("desk:sending")
    if version is None:
        return done(request, "Nothing was changed.", page)
    return done(request, NOW[sending_settings().transport], page, undo=undo_of(version))


def _form(
    request: HttpRequest, name: str, typed: Mapping[str, Any], error: NewsletterError | None = None
) -> HttpResponse:
    fields = errors_by_field(error)
    errors = {field: at_the_desk(sentence) for field, sentence in fields.items()}
    form_error = FormError.of(error, name, {}) if error else None
    return show(
        request,
        f"sending/{name}",
        status=form_error.status if form_error else 200,
        form_error=form_error,
        typed=typed,
        taken=taken(),
        now=sending_settings(),
        has_unknown=is_outcome_unknown(),
        has_key=bool(sending_settings().sendgrid_api_key.get_secret_value()),
        has_password=bool(sending_settings().smtp_password.get_secret_value()),
        seen=choice_version(),
        errors=defaultdict(str, errors),
        summary=list(errors.items()),
    )

"""The page that an invited person opens: they choose a name and a password, and are logged in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from newsletter.accounts.accept_invitation import accept, invitation_of
from newsletter.accounts.invitation_model import Invitation
from newsletter.errors import InvalidFields, NewsletterError
from newsletter.issues.page_urls import desk_path
from newsletter.web.desk.account.slow_down_link_guesses import closed_link
from newsletter.web.desk.desk_page import show
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.shell.login_stages import log_in
from newsletter.web.nul_removal import remove_nul_from_form

LINKS = "invitations"


@never_cache
def invitation(request: HttpRequest) -> HttpResponse:
    """Show the form of the account, or make it, log in to it, and lead to Home."""
    remove_nul_from_form(request)
    sent = request.method == "POST"
    token = (request.POST if sent else request.GET).get("token", "")
    try:
        found = invitation_of(token)
        if not sent:
            return _form(request, token, found, "")
        return _accept(request, token, found)
    except NewsletterError as error:
        return closed_link(request, LINKS, error, named="invitation")


def _accept(request: HttpRequest, token: str, found: Invitation) -> HttpResponse:
    name = request.POST.get("name", "").strip()
    try:
        user = accept(token, name=name, password=request.POST.get("password", ""))
    except InvalidFields as error:
        return _form(request, token, found, name, error=error)
    answer = log_in(request, user, next_path=desk_path())
    messages.success(request, f"Welcome, {user.get_username()}. Your account is ready.")
    return answer


def _form(
    request: HttpRequest, token: str, found: Invitation, name: str, *, error: InvalidFields | None = None
) -> HttpResponse:
    errors = dict(error.fields) if error else {}
    form_error = FormError.of(error, "account", {}) if error else None
    return show(
        request,
        "settings/invitation",
        status=form_error.status if form_error else 200,
        token=token,
        invitation=found,
        roles=", ".join(found.role_words),
        name=name,
        form_error=form_error,
        errors={**dict.fromkeys(("name", "address", "password"), ""), **errors},
        summary=list(errors.items()),
    )

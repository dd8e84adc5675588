"""The first account: the link that the server printed makes its user the administrator."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from newsletter.accounts.first_account_link import make_first_account, require_setup_token
from newsletter.accounts.slow_down_password_guesses import clear_failures, try_sign_in
from newsletter.errors import InvalidFields, NewsletterError
from newsletter.web.desk.account.slow_down_link_guesses import sentence_of_wait, show_closed_link
from newsletter.web.desk.desk_page import show
from newsletter.web.desk.form_error import FormError, status_of
from newsletter.web.desk.shell.login_stages import log_in
from newsletter.web.desk.tell_browser_form_was_received import say_stored
from newsletter.web.nul_removal import remove_nul_from_form
from subscribers.views.public_page import network_address

FIELDS = ("name", "address")
# Wrong tokens are counted like wrong passwords of somebody with this name.
COUNTED_AS = "the setup link"
SUMMARY = "Your account was not created. Correct the marked fields."


@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """Make the first account, sign in to it, and lead on to the publication."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("desk:start"), status=303)
    remove_nul_from_form(request)
    typed = {name: request.POST.get(name, "").strip() for name in FIELDS}
    token = request.POST.get("token", "")
    if closed := _closed(request, token):
        return closed
    try:
        user = make_first_account(
            token, name=typed["name"], address=typed["address"], password=request.POST.get("password", "")
        )
    except InvalidFields as error:
        form_error = FormError("account", SUMMARY, status_of(error), typed)
        return _form(request, token, typed, form_error=form_error, errors=error.fields)
    except NewsletterError as error:
        return show_closed_link(request, str(error), status_of(error))
    return say_stored(request, log_in(request, user, next_path=reverse("desk:start-publication")))


def show_account(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form of the first account to a person with the link, and to others why they cannot have it."""
    return _closed(request, token) or _form(request, token, dict.fromkeys(FIELDS, ""))


def _closed(request: HttpRequest, token: str) -> HttpResponse | None:
    """Return a page that says why this token opens nothing, or None if it is right.

    Each network can try a few wrong tokens, and then has to wait.
    """
    address = network_address(request)
    wait = try_sign_in(COUNTED_AS, address)
    if wait:
        return show_closed_link(request, sentence_of_wait(wait), 429)
    try:
        require_setup_token(token)
    except NewsletterError as error:
        return show_closed_link(request, str(error), status_of(error))
    clear_failures(COUNTED_AS, address)
    return None


def _form(
    request: HttpRequest,
    token: str,
    typed: dict[str, str],
    *,
    form_error: FormError | None = None,
    errors: dict[str, str] | None = None,
) -> HttpResponse:
    return show(
        request,
        "first_run/account",
        status=form_error.status if form_error else 200,
        token=token,
        typed=typed,
        form_error=form_error,
        errors={**dict.fromkeys((*FIELDS, "password"), ""), **(errors or {})},
        summary=list((errors or {}).items()),
    )

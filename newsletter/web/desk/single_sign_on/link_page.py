"""Links an account with the provider, once its owner has proved by a log-in here that it is theirs."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from newsletter.accounts.actor import acting_as
from newsletter.accounts.users import actor_of
from newsletter.accounts.who_may_log_in_locally import PROVES
from newsletter.errors import NewsletterError
from newsletter.single_sign_on.find_or_make_account import link as link_account
from newsletter.single_sign_on.oidc_code_flow import BEGIN_AGAIN, Begun
from newsletter.web.desk.desk_page import show, show_failure
from newsletter.web.desk.form_error import status_of
from newsletter.web.desk.single_sign_on.provider_pages import PENDING, if_offered


@if_offered
def link(request: HttpRequest) -> HttpResponse:
    """Ask the owner of the account to log in here, then whether to link it; and link it."""
    pending = request.session.get(PENDING)
    begun = Begun.of(pending.get("begun")) if isinstance(pending, dict) else None
    if not isinstance(pending, dict) or begun is None:
        return show_failure(request, 403, BEGIN_AGAIN)
    user: Any = request.user
    is_owner = user.is_authenticated and user.pk == request.session.get(PROVES)
    if request.method != "POST" or not is_owner:
        return show(
            request,
            "single_sign_on/link",
            is_owner=is_owner,
            name=settings.NEWSLETTER.oidc_name,
            actor_name=user.get_username(),
        )
    try:
        with acting_as(actor_of(user)):
            link_account(user, pending["subject"])
    except NewsletterError as error:
        return show_failure(request, status_of(error), str(error))
    # The provider says which roles they have, so they log in there. A form must not lead to another site (form-action
    # of our policy), so the login page does.
    logout(request)
    name = settings.NEWSLETTER.oidc_name
    messages.success(request, f"Your account is linked. Log in with {name} from now on.")
    return HttpResponseRedirect(
        f"{reverse('desk:log-in')}?{urlencode({'next': begun.next_path})}", status=303
    )

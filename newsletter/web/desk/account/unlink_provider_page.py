"""Ending the link of one's own account with the provider of single sign-on."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.reauthentication import require_recent_sign_in
from newsletter.single_sign_on.account_provider_link import unlink_own
from newsletter.web.desk.account.account_page import own_account
from newsletter.web.desk.desk_page import done


@own_account("POST")
def end_link(request: HttpRequest) -> HttpResponse:
    """End the link of the person who is logged in."""
    require_recent_sign_in(request)
    unlink_own(request.user)
    sentence = f"Your account is no longer linked to {settings.NEWSLETTER.oidc_name}."
    return done(request, sentence, f"{reverse('desk:account')}#details")

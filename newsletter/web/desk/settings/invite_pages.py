"""Inviting a person, sending the invitation again, and withdrawing it."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts import invitations
from newsletter.accounts.actor import Role
from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.accounts.invitations import why_not_invite
from newsletter.accounts.reauthentication import require_recent_sign_in
from newsletter.errors import NewsletterError, refuse_if
from newsletter.web.desk.creation_form_keys import form_key
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.form_error import FormError, errors_by_field
from newsletter.web.desk.settings.role_choices import (
    chosen_publication_roles,
    chosen_roles,
    publications_to_choose,
    role_choices,
)


@desk("GET", "HEAD", "POST")
def invite_person(request: HttpRequest) -> HttpResponse:
    """Show the form that invites a person, or send the invitation."""
    refuse_if(why_not_invite())
    if request.method != "POST":
        return _form(request, "", [Role.EDITOR])
    require_recent_sign_in(request)
    address, roles = request.POST.get("address", "").strip(), chosen_roles(request)
    try:
        single = chosen_publication_roles(request, roles)
        everywhere = () if single else roles
        made = invitations.invite(address, everywhere, single, form_key=form_key(request)).pk
    except AlreadyMadeError as already:
        made = int(already.made)
    except NewsletterError as error:
        return _form(request, address, roles, error)
    sentence = f"We are sending the invitation to {address}."
    return done(request, sentence, f"{reverse('desk:people')}#invitation-{made}")


@desk("POST", page="people")
def send_invitation_again(request: HttpRequest, invitation: int) -> HttpResponse:
    """Send an invitation again, with a new link."""
    refuse_if(why_not_invite())
    require_recent_sign_in(request)
    sent = invitations.send_again(invitation)
    sentence = f"We are sending the invitation to {sent.address} again. The earlier link no longer works."
    return done(request, sentence, f"{reverse('desk:people')}#invitation-{sent.pk}")


@desk("POST", page="people")
def withdraw_invitation(request: HttpRequest, invitation: int) -> HttpResponse:
    """Withdraw an invitation."""
    withdrawn = invitations.withdraw(invitation)
    sentence = f"The invitation to {withdrawn.address} was withdrawn. Its link no longer works."
    return done(request, sentence, reverse("desk:people"))


def _form(
    request: HttpRequest, address: str, roles: list[Role], error: NewsletterError | None = None
) -> HttpResponse:
    errors = errors_by_field(error)
    form_error = FormError.of(error, "invite", {"address": address}) if error else None
    return show(
        request,
        "settings/invite",
        status=form_error.status if form_error else 200,
        address=address,
        roles=[role.value for role in roles],
        choices=role_choices(),
        publications=publications_to_choose(),
        publication=request.POST.get("publication", ""),
        form_error=form_error,
        errors={**dict.fromkeys(("address", "roles"), ""), **errors},
        summary=list(errors.items()),
    )

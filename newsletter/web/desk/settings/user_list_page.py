"""The people who have an account, and those who are invited."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.actor import current_actor
from newsletter.accounts.administer_accounts import advice, why_not_manage_people
from newsletter.accounts.invitation_model import Invitation
from newsletter.accounts.invitations import open_invitations
from newsletter.accounts.role_assignments import publication_roles_assigned, roles_assigned
from newsletter.errors import refuse_if
from newsletter.sending.django_mail_backends import are_system_mails_saved
from newsletter.web.desk.articles.short_dates import Dates, ShownDate
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.settings.role_choices import names_of_publications, publication_roles_in_words

PEOPLE_PER_PAGE = 100
MOST_INVITATIONS = 200


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as the list shows them."""

    user: Any
    roles: str
    is_me: bool
    last_login: ShownDate | None


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An open invitation as the list shows it. `mail` says what became of its newest email."""

    invitation: Invitation
    roles: str
    made: ShownDate
    expires: ShownDate
    mail: str


@desk("GET", "HEAD")
def people(request: HttpRequest) -> HttpResponse:
    """Show who has an account, in the order of their names, and who is invited."""
    refuse_if(why_not_manage_people())
    dates = Dates(request)
    after = request.GET.get("after", "")[:150]
    users = get_user_model().objects.filter(username__gt=after).order_by("username")
    found = list(users.prefetch_related("role_grants")[: PEOPLE_PER_PAGE + 1])
    shown = found[:PEOPLE_PER_PAGE]
    names = names_of_publications()
    invited = open_invitations().prefetch_related("mails")[:MOST_INVITATIONS] if not after else []
    return show(
        request,
        "settings/people",
        rows=[_person_row(user, dates, names) for user in shown],
        invitations=[_invitation_row(each, dates, names) for each in invited],
        advice=advice(),
        only_saves=are_system_mails_saved(),
        first=reverse("desk:people") if after else "",
        after=shown[-1].username if len(found) > PEOPLE_PER_PAGE else "",
    )


def words_of_grants(user: Any, names: Mapping[int, str]) -> str:
    """Return the roles of a user as a page shows them. `names` has those of the publications."""
    single = publication_roles_in_words(publication_roles_assigned(user), names)
    everywhere = sorted(str(role).capitalize() for role in roles_assigned(user))
    return ", ".join([*everywhere, *single]) or "No role"


def _person_row(user: Any, dates: Dates, names: Mapping[int, str]) -> PersonRow:
    return PersonRow(
        user=user,
        roles=words_of_grants(user, names),
        is_me=user.pk == current_actor().account,
        last_login=dates.of(user.last_login) if user.last_login else None,
    )


def _invitation_row(invitation: Invitation, dates: Dates, names: Mapping[int, str]) -> InvitationRow:
    mails = list(invitation.mails.all())
    return InvitationRow(
        invitation=invitation,
        roles=", ".join(
            [
                *sorted(role.capitalize() for role in invitation.roles),
                *publication_roles_in_words(invitation.single_grants, names),
            ]
        ),
        made=dates.of(invitation.made_at),
        expires=dates.of(invitation.expires_at),
        mail=mails[-1].state if mails else "",
    )

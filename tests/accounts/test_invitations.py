"""Invitations: who gets one, what its link does, and when it stops."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.utils import timezone

from newsletter.accounts.accept_invitation import accept, invitation_of
from newsletter.accounts.account_mails import AccountMail
from newsletter.accounts.actor import Role, acting_as
from newsletter.accounts.administer_accounts import deactivate
from newsletter.accounts.invitation_model import Invitation
from newsletter.accounts.invitations import invite, open_invitations, send_again, token_to_send, withdraw
from newsletter.accounts.reauthentication import RecentSignInNeededError
from newsletter.accounts.role_assignments import publication_roles_assigned, roles_assigned
from newsletter.accounts.users import actor_of
from newsletter.errors import InvalidFields, NotFound, Refused
from newsletter.issues.models import AuditEntry
from tests.accounts.conftest import confirmed
from tests.hostile_text import INJECTIONS

pytestmark = pytest.mark.django_db
NEW = "slack water at noon"
JO = "jo@example.org"


def accepted(invitation, name="jo"):
    return accept(invitation.token, name=name, password=NEW)


def test_an_invited_person_gets_an_account_with_the_roles_and_the_address(as_ada):
    user = accepted(invite(JO, [Role.EDITOR, Role.APPROVER]))
    assert roles_assigned(user) == {Role.EDITOR, Role.APPROVER}
    assert user.email == JO
    assert authenticate(username="jo", password=NEW) == user
    assert not open_invitations().exists()


def test_an_invitation_to_one_publication_gives_a_role_there_and_ends_with_the_publication(
    as_ada, publication
):
    for name in ("jo", "ben"):
        invite(f"{name}@example.org", [], [(publication.pk, Role.EDITOR)])
    jo, ben = Invitation.objects.order_by("pk")
    user = accepted(jo)
    assert roles_assigned(user) == set()
    assert publication_roles_assigned(user) == {(publication.pk, Role.EDITOR)}
    publication.delete()
    with pytest.raises(Refused, match="no longer exists"):
        accepted(ben, "ben")


def test_nothing_that_is_stored_opens_the_link(as_ada):
    invitation = invite(JO, [Role.EDITOR])
    mail = AccountMail.objects.get(invitation=invitation)
    stored = f"{Invitation.objects.values().get()} {mail.link} {mail.paragraphs} {list(AuditEntry.objects.values())}"
    assert invitation.token not in stored
    for name in ("nonce", "digest"):
        with pytest.raises(NotFound):
            invitation_of(getattr(invitation, name))


def test_an_invitation_and_its_acceptance_are_in_the_log_without_the_address(as_ada):
    accepted(invite(JO, [Role.EDITOR]))
    said = list(AuditEntry.objects.filter(act="user").values_list("actor", "sentence").order_by("pk"))[1:]
    assert said == [
        ("ada", "Invited a person (role: editor)."),
        ("jo", "Added the user jo."),
        ("jo", "Accepted an invitation (role: editor)."),
    ]
    assert JO not in f"{list(AuditEntry.objects.values('changes', 'sentence'))}"


def test_who_invited_is_told(as_ada):
    accepted(invite(JO, [Role.EDITOR]))
    assert AccountMail.objects.get(address="ada@example.org").subject == "jo accepted your invitation"


@pytest.mark.parametrize("role", [Role.EDITOR, Role.APPROVER])
def test_only_administrators_can_invite(ruth, role):
    with acting_as(actor_of(ruth)):
        for act in (lambda: invite(JO, [role]), lambda: send_again(1), lambda: withdraw(1)):
            with pytest.raises(Refused, match="Only an administrator"):
                act()
    assert not AccountMail.objects.exists()


def test_an_administrator_is_invited_only_after_a_recent_sign_in(as_ada):
    with pytest.raises(RecentSignInNeededError):
        invite(JO, [Role.ADMINISTRATOR])
    assert not Invitation.objects.exists()
    with confirmed(as_ada):
        invitation = invite(JO, [Role.ADMINISTRATOR])
    assert Role.ADMINISTRATOR in roles_assigned(accepted(invitation))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "jo",
        "jo@example.org\r\nBcc: eve@example.org",
        "jo@example.org, eve@example.org",
        "=?utf-8?q?a=0d=0a?=@example.org",
    ],
)
def test_what_is_no_address_is_not_invited(as_ada, address):
    with pytest.raises(InvalidFields) as caught:
        invite(address, [Role.EDITOR])
    assert set(caught.value.fields) == {"address"}
    assert not Invitation.objects.exists()


def test_an_invitation_needs_a_role(as_ada):
    with pytest.raises(InvalidFields, match="at least one role"):
        invite(JO, [])


def test_an_address_that_has_an_account_is_said_to_have_one(as_ada, ruth):
    with pytest.raises(InvalidFields, match="ruth already has an account with this address"):
        invite("RUTH@Example.org", [Role.EDITOR])
    deactivate("ruth")
    with pytest.raises(InvalidFields, match=r"deactivated\. You can activate it again"):
        invite("ruth@example.org", [Role.EDITOR])


def test_an_address_is_invited_once_also_by_two_clicks(as_ada):
    invite(JO, [Role.EDITOR])
    with pytest.raises(InvalidFields, match="already been invited"):
        invite("Jo@EXAMPLE.org", [Role.EDITOR])
    assert AccountMail.objects.count() == 1


def test_an_invitation_is_accepted_once(as_ada):
    invitation = invite(JO, [Role.EDITOR])
    accepted(invitation)
    with pytest.raises(Refused, match="already been accepted"):
        accepted(invitation, "eve")


def test_an_invitation_expires(as_ada, settings):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"invitation_days": 3})
    invitation = invite(JO, [Role.EDITOR])
    with time_machine.travel(timezone.now() + timedelta(days=3, seconds=1)):
        with pytest.raises(Refused, match=r"expired on .* Ask ada to send it again"):
            accepted(invitation)
        renewed = send_again(invitation.pk)
        accepted(renewed)


def test_a_withdrawn_invitation_does_not_work_and_its_email_is_not_sent(as_ada):
    invitation = invite(JO, [Role.EDITOR])
    withdraw(invitation.pk)
    with pytest.raises(Refused, match="withdrawn"):
        accepted(invitation)
    assert not AccountMail.objects.exists()
    for again in (send_again, withdraw):
        with pytest.raises(Refused, match="has been withdrawn"):
            again(invitation.pk)
    accepted(invite(JO, [Role.EDITOR]))


def test_sending_again_ends_the_link_before(as_ada):
    first = invite(JO, [Role.EDITOR])
    second = send_again(first.pk)
    with pytest.raises(NotFound, match="newest email"):
        invitation_of(first.token)
    assert invitation_of(second.token) == first
    assert AccountMail.objects.count() == 1


def test_an_accepted_invitation_cannot_be_sent_again_or_withdrawn(as_ada):
    invitation = invite(JO, [Role.EDITOR])
    accepted(invitation)
    for act in (send_again, withdraw):
        with pytest.raises(Refused, match="now has an account"):
            act(invitation.pk)
        with pytest.raises(NotFound):
            act(invitation.pk + 1)


def test_an_invitation_ends_with_the_role_of_who_sent_it(as_ada, adele):
    invitation = invite(JO, [Role.EDITOR])
    with confirmed(adele):
        deactivate("ada")
    with pytest.raises(Refused, match="can no longer invite"):
        accepted(invitation)
    with acting_as(actor_of(adele)):
        accepted(send_again(invitation.pk))


@pytest.mark.parametrize(
    "name", ["", "ada", "ADA", "jo smith", "jo\r\nBcc: eve", "<b>jo</b>", "j" * 151, *INJECTIONS]
)
def test_a_name_that_cannot_be_used_leaves_the_link_as_it_was(as_ada, name):
    invitation = invite(JO, [Role.EDITOR])
    with pytest.raises(InvalidFields) as caught:
        accepted(invitation, name)
    assert set(caught.value.fields) == {"name"}
    accepted(invitation)


def test_a_weak_password_leaves_the_link_as_it_was(as_ada):
    invitation = invite(JO, [Role.EDITOR])
    with pytest.raises(InvalidFields) as caught:
        accept(invitation.token, name="jo", password="password")
    assert set(caught.value.fields) == {"password"}
    accepted(invitation)


def test_an_invitation_waits_for_its_email_over_a_change_of_the_secret_key(as_ada, settings):
    invite(JO, [Role.EDITOR])
    settings.SECRET_KEY = "another key that is long enough to be one"
    accept(token_to_send(Invitation.objects.get()), name="jo", password=NEW)
    assert not open_invitations().exists()


def test_an_email_that_was_sent_works_after_a_change_of_the_secret_key(as_ada, settings):
    token = invite(JO, [Role.EDITOR]).token
    settings.SECRET_KEY = "another key that is long enough to be one"
    accept(token, name="jo", password=NEW)


def test_a_token_in_a_log_is_redacted(as_ada):
    from newsletter.issues.page_urls import invitation_path
    from newsletter.logs import RedactingFormatter

    invitation = invite(JO, [Role.EDITOR])
    record = logging.LogRecord("x", logging.INFO, "", 1, f"GET {invitation_path(invitation.token)}", (), None)
    assert invitation.token not in RedactingFormatter().format(record)

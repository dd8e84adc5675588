"""Deactivating and activating people, and changing their roles."""

import pytest
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.test import Client

from newsletter.accounts.account_mails import AccountMail
from newsletter.accounts.actor import Role, acting_as
from newsletter.accounts.administer_accounts import (
    activate,
    advice,
    change_roles,
    deactivate,
    why_not_change_roles,
    why_not_deactivate,
)
from newsletter.accounts.change_users import save_account
from newsletter.accounts.reauthentication import RecentSignInNeededError
from newsletter.accounts.role_assignments import roles_assigned
from newsletter.accounts.users import actor_of
from newsletter.errors import Invalid, NotFound, Refused
from newsletter.issues.models import AuditEntry
from tests.accounts.conftest import PASSWORD, confirmed

pytestmark = pytest.mark.django_db


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


def told(user):
    return list(AccountMail.objects.filter(address=user.email).values_list("subject", flat=True))


def test_a_deactivated_person_is_logged_out_everywhere_for_good_and_can_not_log_in(as_ada, ruth):
    here, there, adas = logged_in(ruth), logged_in(ruth), logged_in(as_ada)
    assert deactivate("ruth")
    assert not authenticate(username="ruth", password=PASSWORD)
    assert activate("ruth")
    for client in (here, there):
        assert client.get("/desk/").status_code == 302
    assert adas.get("/desk/").status_code == 200
    assert Session.objects.count() == 1
    assert authenticate(username="ruth", password=PASSWORD) == ruth


def test_sessions_also_end_when_the_administration_deactivates_a_person(as_ada, ruth):
    client = logged_in(ruth)
    ruth.is_active = False
    save_account(ruth, roles=[Role.EDITOR])
    ruth.is_active = True
    save_account(ruth, roles=[Role.EDITOR])
    assert client.get("/desk/").status_code == 302


def test_each_act_is_in_the_log_once_and_told_once_also_after_two_clicks(as_ada, ruth):
    AuditEntry.objects.all().delete()
    acts = (deactivate, activate, lambda name: change_roles(name, [Role.APPROVER]))
    for act in acts:
        assert [act("ruth"), act("ruth")] == [True, False]
    assert list(AuditEntry.objects.values_list("actor", "sentence").order_by("pk")) == [
        ("ada", "Deactivated the user ruth."),
        ("ada", "Activated the user ruth."),
        ("ada", "Changed the roles of the user ruth."),
    ]
    assert told(ruth) == [
        "Your account was deactivated",
        "Your account was activated",
        "Your roles were changed",
    ]


def test_a_person_keeps_roles_and_password_while_deactivated(as_ada, ruth):
    deactivate("ruth")
    ruth.refresh_from_db()
    assert roles_assigned(ruth) == {Role.EDITOR}
    assert "Activate it first" in why_not_change_roles(ruth)
    with pytest.raises(Refused):
        change_roles("ruth", [Role.APPROVER])


def test_somebody_without_an_address_is_not_told(as_ada, ruth):
    ruth.email = ""
    ruth.save()
    deactivate("ruth")
    assert not AccountMail.objects.exists()


def test_nobody_deactivates_themselves(ada, adele):
    with confirmed(ada):
        assert "your own account" in why_not_deactivate(ada)
        with pytest.raises(Refused, match="Ask another administrator"):
            deactivate("ada")


def test_the_last_administrator_cannot_be_deactivated_or_lose_the_role(ada, ruth):
    # On the machine itself, without an account.
    assert "is the only administrator" in why_not_deactivate(ada)
    with pytest.raises(Refused, match="only administrator"):
        deactivate("ada")
    with pytest.raises(Refused, match="only administrator"):
        change_roles("ada", [Role.EDITOR])


def test_of_two_administrators_only_one_can_be_deactivated(ada, adele):
    deactivate("ada")
    with pytest.raises(Refused, match="only administrator"):
        deactivate("adele")


def test_one_administrator_alone_is_advised_to_have_two(ada, ruth):
    assert "Invite a second administrator" in advice()
    change_roles("ruth", [Role.ADMINISTRATOR])
    assert advice() == ""


def test_changes_of_administrators_need_a_recent_sign_in(as_ada, adele, ruth):
    acts = (
        lambda: change_roles("ruth", [Role.ADMINISTRATOR]),
        lambda: change_roles("adele", [Role.EDITOR]),
        lambda: deactivate("adele"),
    )
    for act in acts:
        with pytest.raises(RecentSignInNeededError):
            act()
    for act in acts[:1] + acts[2:]:
        with confirmed(as_ada):
            act()
    with pytest.raises(RecentSignInNeededError):
        activate("adele")
    with confirmed(as_ada):
        activate("adele")


def test_only_administrators_change_people(ada, ruth):
    with acting_as(actor_of(ruth)):
        for act in (deactivate, activate, lambda name: change_roles(name, [Role.ADMINISTRATOR])):
            with pytest.raises(Refused, match="Only an administrator"):
                act("ada")
        assert "Only an administrator" in why_not_deactivate(ada)
        assert "Only an administrator" in why_not_change_roles(ada)


def test_nobody_is_left_without_a_role_and_a_stranger_is_not_found(as_ada, ruth):
    with pytest.raises(Invalid):
        change_roles("ruth", [])
    for act in (deactivate, activate, lambda name: change_roles(name, [Role.EDITOR])):
        with pytest.raises(NotFound):
            act("eve")


def test_a_command_with_a_password_may_change_administrators(ada, ruth, cli, monkeypatch):
    monkeypatch.setenv("NEWSLETTER_PASSWORD", PASSWORD)
    assert cli("--as", "ada", "users", "roles", "ruth", "administrator").code == 0
    assert cli("--as", "ruth", "users", "deactivate", "ada").out == "ada was deactivated.\n"
    assert "only administrator" in cli("users", "deactivate", "ruth").err
    assert "ada@example.org   deactivated" in cli("users", "list").out
    assert cli("users", "activate", "ada").out == "ada can log in again.\n"
    assert cli("users", "activate", "ada").out == "ada can already log in.\n"


def test_a_command_that_would_leave_no_roles_says_what_to_do(ruth, cli):
    refused = cli("users", "roles", "ruth", "--remove")
    assert refused.code == 2
    assert "ruth has no other roles" in refused.err
    assert "newsletter users deactivate ruth" in refused.err


def test_a_command_invites(cli, db):
    assert "jo@example.org, who will have the role editor" in cli("users", "invite", "jo@example.org").out
    again = cli("users", "invite", "jo@example.org")
    assert again.code == 2
    assert "already been invited" in again.err

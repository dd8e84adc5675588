"""The link that leads to the first account of an installation."""

import pytest
from django.contrib.auth import authenticate, get_user_model

from newsletter.accounts.actor import Role
from newsletter.accounts.first_account_link import (
    SetupLink,
    make_first_account,
    new_setup_token,
    require_setup_token,
    why_not_set_up,
)
from newsletter.accounts.role_assignments import roles_of
from newsletter.accounts.users import add_user, all_users
from newsletter.errors import InvalidFields, NotFound, Refused
from newsletter.issues.models import AuditEntry

GOOD = "ebb and flow at the quay"
RUTH = {"name": "ruth", "address": "ruth@example.org", "password": GOOD}

pytestmark = pytest.mark.django_db


def test_the_link_makes_one_administrator_who_can_log_in_and_no_second_one():
    token = new_setup_token()
    make_first_account(token, **RUTH)
    ruth = authenticate(username="ruth", password=GOOD)
    assert (roles_of(ruth), ruth.is_superuser) == ({Role.ADMINISTRATOR}, False)
    with pytest.raises(Refused, match="already set up"):
        make_first_account(token, name="eve", address="", password=GOOD)
    assert [user["username"] for user in all_users()] == ["ruth"]


def test_only_a_digest_of_the_token_is_stored():
    token = new_setup_token()
    [stored] = SetupLink.objects.values()
    assert token not in str(stored)


def test_a_new_link_ends_the_one_before():
    old, new = new_setup_token(), new_setup_token()
    with pytest.raises(NotFound, match="newest link"):
        require_setup_token(old)
    require_setup_token(new)
    assert SetupLink.objects.count() == 1


@pytest.mark.parametrize("token", ["", "wrong", "ä" * 40, "\0"])
def test_a_wrong_token_is_refused(token):
    new_setup_token()
    with pytest.raises(NotFound):
        make_first_account(token, **RUTH)
    assert all_users() == []


def test_a_weak_password_leaves_the_link_as_it_was():
    token = new_setup_token()
    with pytest.raises(InvalidFields) as raised:
        make_first_account(token, **RUTH | {"password": "ruth"})
    assert list(raised.value.fields) == ["password"]
    assert all_users() == []
    make_first_account(token, **RUTH)


def test_each_field_that_is_wrong_has_its_own_sentence():
    with pytest.raises(InvalidFields) as raised:
        make_first_account(new_setup_token(), name="Ruth Okafor", address="ruth", password="")
    assert set(raised.value.fields) == {"name", "address", "password"}
    assert "For example, ruth.okafor." in raised.value.fields["name"]


def test_nothing_at_all_is_a_sentence_for_each_field():
    with pytest.raises(InvalidFields) as raised:
        make_first_account(new_setup_token(), name="", address="", password="")
    assert raised.value.fields["name"] == "Enter the name that you want to log in with."


def test_an_account_made_another_way_ends_the_link():
    token = new_setup_token()
    add_user("ada", password=GOOD)
    with pytest.raises(Refused, match="already set up"):
        require_setup_token(token)
    assert new_setup_token() == ""
    assert not SetupLink.objects.exists()


def test_the_door_stays_shut_when_the_accounts_are_gone():
    make_first_account(new_setup_token(), **RUTH)
    get_user_model().objects.all().delete()
    assert why_not_set_up()
    assert new_setup_token() == ""


def test_the_audit_log_names_who_made_the_account():
    make_first_account(new_setup_token(), **RUTH)
    entry = AuditEntry.objects.get(act="user")
    assert (entry.actor, entry.sentence) == ("ruth", "Added the user ruth.")
    assert "example.org" not in str(entry.changes)

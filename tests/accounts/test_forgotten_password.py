"""A forgotten password: the same answer for everybody, one email to the account, and a link that works once."""

from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.test import Client
from django.utils import timezone

from newsletter.accounts.account_mails import AccountMail
from newsletter.accounts.actor import SYSTEM, acting_as
from newsletter.accounts.administer_accounts import deactivate
from newsletter.accounts.forgotten_password import (
    PasswordRequest,
    answer_next_password_request,
    ask_for_new_password,
    new_password_path,
    set_forgotten_password,
    user_of_link,
)
from newsletter.accounts.users import add_user
from newsletter.errors import InvalidFields, NotFound, Refused
from newsletter.issues.models import AuditEntry
from newsletter.notifications.account_mail_sending import compose
from tests.accounts.conftest import PASSWORD
from tests.hostile_text import INJECTIONS

pytestmark = pytest.mark.django_db
NEW = "slack water at noon"
HERE = "192.0.2.1"


def answered():
    """The addresses that get an email for all requests."""
    AccountMail.objects.all().delete()
    for _ in range(50):
        if not answer_next_password_request():
            return list(AccountMail.objects.order_by("pk").values_list("address", flat=True))
    raise AssertionError("There is always another request.")


def link_token(user):
    return new_password_path(user).partition("token=")[2]


@pytest.mark.parametrize("typed", ["ruth", "ruth@example.org", "Ruth@Example.ORG", " ruth "])
def test_the_account_gets_an_email_whose_link_changes_the_password_once(ruth, typed):
    session = Client()
    session.force_login(ruth)
    ask_for_new_password(typed, HERE)
    assert answered() == ["ruth@example.org"]
    mail = AccountMail.objects.get()
    assert "token=" not in mail.link
    token = compose(mail).body.partition("token=")[2].split()[0]
    assert set_forgotten_password(token, password=NEW) == ruth
    assert authenticate(username="ruth", password=NEW) == ruth
    assert not authenticate(username="ruth", password=PASSWORD)
    assert session.get("/desk/").status_code == 302
    assert AccountMail.objects.order_by("pk").last().subject == "Your password was changed"
    assert AuditEntry.objects.order_by("pk").last().sentence == "Changed the password of the user ruth."
    assert AuditEntry.objects.order_by("pk").last().actor == "ruth"
    with pytest.raises(NotFound, match="no longer works"):
        set_forgotten_password(token, password=NEW)


def test_nobody_else_gets_an_email(ruth, ada):
    with acting_as(SYSTEM):
        add_user("sam", password=PASSWORD)
        deactivate("ruth")
    for typed in ("ruth", "sam", "eve", "eve@example.org", "RUTH", "%", "*", "1", *INJECTIONS):
        try:
            ask_for_new_password(typed, HERE)
        except (InvalidFields, Refused):
            continue
    assert answered() == []
    assert not PasswordRequest.objects.exists()


def test_known_and_unknown_names_do_the_same_work(ruth):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    kinds = []
    for typed in ("ruth", "eve", "ruth@example.org"):
        with CaptureQueriesContext(connection) as queries:
            ask_for_new_password(typed, HERE)
        kinds.append([each["sql"].split()[0] for each in queries])
    assert kinds[0] == kinds[1] == kinds[2]
    assert not AccountMail.objects.exists()


def test_accounts_that_share_an_address_each_get_their_own_email(ruth):
    with acting_as(SYSTEM):
        add_user("editors", password=PASSWORD, address="ruth@example.org")
    ask_for_new_password("ruth@example.org", HERE)
    assert answered() == ["ruth@example.org"] * 2
    assert set(AccountMail.objects.values_list("user__username", flat=True)) == {"ruth", "editors"}


def test_nobody_is_flooded_with_emails_or_requests(ruth):
    for number in range(30):
        ask_for_new_password("ruth", f"192.0.2.{number}")
    assert len(answered()) == 3
    # Around a full hour, twice as many can be made.
    for _ in range(39):
        with suppress(Refused):
            ask_for_new_password("eve", "198.51.100.1")
    assert 20 <= PasswordRequest.objects.count() < 39


def test_a_link_ends_after_two_hours_and_with_a_log_in_or_another_address(ruth):
    token = link_token(ruth)
    with time_machine.travel(timezone.now() + timedelta(hours=2, seconds=5)), pytest.raises(NotFound):
        user_of_link(token)
    assert user_of_link(token) == ruth
    ruth.email = "other@example.org"
    ruth.save()
    with pytest.raises(NotFound):
        user_of_link(token)
    token = link_token(ruth)
    Client().force_login(ruth)
    with pytest.raises(NotFound):
        user_of_link(token)


@pytest.mark.parametrize("token", ["", "-", "1", "x-y", "9" * 40 + "-a-b", "²-a-b", "1-a-b"])
def test_a_guessed_link_opens_nothing(ruth, token):
    with pytest.raises(NotFound):
        user_of_link(token)


def test_a_link_is_only_for_its_own_account(ruth, ada):
    rest = link_token(ruth).partition("-")[2]
    with pytest.raises(NotFound):
        user_of_link(f"{ada.pk}-{rest}")


def test_a_weak_password_leaves_the_link_as_it_was(ruth):
    token = link_token(ruth)
    for weak in ("", "ruth", "password"):
        with pytest.raises(InvalidFields):
            set_forgotten_password(token, password=weak)
    set_forgotten_password(token, password=NEW)


def test_an_account_that_only_the_provider_logs_in_gets_no_password(ruth, settings):
    ruth.set_unusable_password()
    ruth.save()
    issuer = "https://login.example.org"
    ruth.sign_in_identities.create(issuer=issuer, subject="7", linked_at=timezone.now())
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"oidc_issuer": issuer})
    ask_for_new_password("ruth", HERE)
    assert answered() == []
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"oidc_issuer": ""})
    ask_for_new_password("ruth", HERE)
    assert answered() == ["ruth@example.org"]

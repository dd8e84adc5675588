"""The pages of a forgotten password, and of another address: what everybody sees, and what a link opens."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from newsletter.accounts.account_mails import AccountMail
from newsletter.accounts.forgotten_password import PasswordRequest, new_password_path
from tests.web.desk.conftest import PASSWORD

ASK, ADDRESS, CONFIRM = "/desk/forgotten-password/", "/desk/account/address/", "/desk/confirm-address/"
NEW = "slack water at noon"


@pytest.fixture
def ruth(people):
    user = get_user_model().objects.get(username="ruth")
    user.email = "ruth@example.org"
    user.save()
    return user


@pytest.fixture
def ruths(ruth):
    """A browser in which Ruth has just logged in."""
    client = Client()
    assert client.post("/desk/log-in/", {"username": "ruth", "password": PASSWORD}).status_code == 302
    return client


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def same(page):
    return re.sub(r'csrfmiddlewaretoken" value="\w+"|X-CSRFToken[^}]+', "", page)


def test_the_log_in_page_leads_to_it(client, ruth):
    assert f'href="{ASK}"' in text(client.get("/desk/log-in/"))
    assert "Username or email address" in text(client.get(ASK))


def test_known_and_unknown_names_get_the_same_answer(ruth):
    answers = []
    for name in ("ruth", "eve", "ruth@example.org", "eve@example.org"):
        answer = Client().post(ASK, {"name": name}, follow=True)
        answers.append((answer.redirect_chain, answer.status_code, same(text(answer))))
    assert all(answer == answers[0] for answer in answers)
    assert "If there is an account with this username or address" in answers[0][2]
    assert PasswordRequest.objects.count() == 4


def test_an_empty_name_is_said_beside_the_field(client, ruth):
    answer = client.post(ASK, {"name": "  "})
    assert answer.status_code == 422
    assert "Enter your username or your email address" in text(answer)


def test_too_many_requests_are_refused(client, ruth):
    codes = {client.post(ASK, {"name": "ruth"}).status_code for _ in range(45)}
    assert 429 in codes


def test_a_link_changes_the_password_and_leads_to_the_log_in_page(client, ruth):
    path = new_password_path(ruth)
    page = client.get(path)
    assert "You are choosing a new password for the account ruth." in text(page)
    assert "no-store" in page["Cache-Control"]
    token = path.partition("token=")[2]
    weak = client.post("/desk/forgotten-password/new/", {"token": token, "password": "x"})
    assert weak.status_code == 422
    assert "too short" in text(weak)
    done = client.post("/desk/forgotten-password/new/", {"token": token, "password": NEW}, follow=True)
    assert "Your password was changed. Log in with your new password." in text(done)
    assert "sessionid" not in client.cookies or not client.session.get("_auth_user_id")
    for answer in (
        client.get(path),
        client.post("/desk/forgotten-password/new/", {"token": token, "password": NEW}),
    ):
        assert answer.status_code == 404
        assert "This link no longer works" in text(answer)
    assert client.login(username="ruth", password=NEW)


def test_guesses_of_links_have_to_wait(ruth):
    for path in ("/desk/forgotten-password/new/?token=1-a-b", f"{CONFIRM}?token=x"):
        client = Client()
        codes = [client.get(path).status_code for _ in range(7)]
        assert codes[:5] == [404] * 5
        assert 429 in codes


def test_another_address_is_asked_for_and_confirmed_from_both(ruths, ruth):
    assert f'href="{ADDRESS}"' in text(ruths.get("/desk/account/"))
    wrong = ruths.post(ADDRESS, {"address": "ruth@"})
    assert wrong.status_code == 422
    assert 'value="ruth@"' in text(wrong)
    page = text(ruths.post(ADDRESS, {"address": "new@example.org"}, follow=True))
    assert "new@example.org: not confirmed yet" in page
    stranger = Client()
    for address, sentence in (
        ("new@example.org", "Thank you"),
        ("ruth@example.org", "Your address was changed"),
    ):
        link = AccountMail.objects.get(address=address, state="waiting").link
        path = link[link.index("/desk/") :]
        assert "will be changed to new@example.org" in text(stranger.get(path))
        assert stranger.get(path).status_code == 200
        assert sentence in text(stranger.post(CONFIRM, {"token": path.partition("token=")[2]}))
    assert stranger.get(path).status_code == 404
    ruth.refresh_from_db()
    assert ruth.email == "new@example.org"


def test_a_change_is_cancelled(ruths, ruth):
    ruths.post(ADDRESS, {"address": "new@example.org"})
    assert "The change to your email address was cancelled" in text(
        ruths.post(f"{ADDRESS}cancel/", follow=True)
    )
    assert "Send the emails" in text(ruths.get(ADDRESS))


def test_a_change_is_asked_for_only_after_a_recent_sign_in(desk_of, ruth):
    answer = desk_of("ruth").post(ADDRESS, {"address": "new@example.org"})
    assert "/account/confirm/" in answer["Location"]
    assert not AccountMail.objects.exists()
    assert desk_of("").get(ADDRESS)["Location"].startswith("/desk/log-in/")

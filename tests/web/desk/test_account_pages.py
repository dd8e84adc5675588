"""“Your account”: the password, the sessions, asking again, and the emails about all of it."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client

from newsletter.accounts.account_mails import AccountMail
from newsletter.accounts.users import find_user
from tests.web.desk.second_factors import PASSWORD, code_of, factors, give_app, is_in, log_in

NEW = "a lantern above the weir"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"


@pytest.fixture
def ruth(people):
    get_user_model().objects.filter(username="ruth").update(email="ruth@example.org")
    return find_user("ruth")


def browser(user_agent=FIREFOX, address="192.0.2.15"):
    return log_in(client=Client(HTTP_USER_AGENT=user_agent, REMOTE_ADDR=address))


def mails():
    return list(AccountMail.objects.values_list("kind", flat=True))


def test_sessions_are_listed_with_device_and_coarse_network_and_can_be_ended(ruth):
    here, phone = browser(), browser(PHONE, "2001:db8:7:8::9")
    page = here.get("/desk/account/").content.decode()
    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    assert "192.0.x.x" in page
    assert "2001:0db8:…" in page
    assert "192.0.2.15" not in page
    number = page.partition('name="session" value="')[2].partition('"')[0]
    answer = here.post("/desk/account/sessions/end/", {"session": number})
    assert answer.url == "/desk/account/#sessions"
    assert not is_in(phone)
    assert is_in(here)


def test_nobody_ends_the_session_of_somebody_else(ruth, people):
    hers, his = browser(), log_in("amir")
    page = browser(PHONE).get("/desk/account/").content.decode()
    number = page.partition('name="session" value="')[2].partition('"')[0]
    assert number
    assert his.post("/desk/account/sessions/end/", {"session": number}).status_code == 404
    assert his.post("/desk/account/sessions/end/", {"session": "nonsense"}).status_code == 404
    assert is_in(hers)


def test_all_other_sessions_end_at_once_by_a_button_and_by_a_new_password(ruth):
    here, phone = browser(), browser(PHONE)
    here.post("/desk/account/sessions/end-others/")
    assert not is_in(phone)
    phone = browser(PHONE)
    answer = here.post("/desk/account/password/", {"old": PASSWORD, "new": NEW})
    assert answer.headers["Location"] == "/desk/account/"
    assert not is_in(phone)
    assert is_in(here)
    assert is_in(log_in(password=NEW))
    assert "password-changed" in mails()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("wrong", NEW, "This is not your current password."),
        (PASSWORD, "12345678", "too common"),
        (PASSWORD, "", "Enter a new password."),
    ],
)
def test_a_password_is_changed_only_with_the_old_one_and_to_a_good_one(ruth, old, new, says):
    here = browser()
    answer = here.post("/desk/account/password/", {"old": old, "new": new})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert is_in(log_in())


def test_guessing_the_old_password_in_an_open_session_has_to_wait(ruth):
    here = browser()
    answers = [
        here.post("/desk/account/password/", {"old": f"guess {n}", "new": NEW}).status_code for n in range(7)
    ]
    assert answers[:5] == [422] * 5
    assert answers[5:] == [429] * 2


def test_a_new_device_is_told_by_mail_but_neither_the_first_nor_a_known_one(ruth):
    here = browser()
    assert mails() == []
    here.post("/desk/log-out/")
    log_in(client=here)
    assert mails() == []
    browser(PHONE, "198.51.100.4")
    mail = AccountMail.objects.get()
    assert mail.kind == "new-device"
    assert mail.address == "ruth@example.org"
    assert "Safari on iPhone" in mail.paragraphs[0]
    assert "198.51.x.x" in mail.paragraphs[0]


def test_half_an_hour_later_the_password_is_asked_for_again_and_then_the_page_opens(ruth):
    with time_machine.travel(datetime(2026, 11, 23, 12, 0, tzinfo=UTC), tick=False) as clock:
        here = browser()
        assert here.get("/desk/account/app/").status_code == 200
        clock.shift(31 * 60)
        answer = here.get("/desk/account/app/")
        assert answer.url == "/desk/account/confirm/?next=%2Fdesk%2Faccount%2Fapp%2F"
        page = here.get(answer.url)
        assert "Confirm that it is you" in page.content.decode()
        wrong = here.post("/desk/account/confirm/", {"password": "guess", "next": "/desk/account/app/"})
        assert wrong.status_code == 422
        right = here.post("/desk/account/confirm/", {"password": PASSWORD, "next": "/desk/account/app/"})
        assert right.url == "/desk/account/app/"
        assert here.get("/desk/account/app/").status_code == 200


def test_a_form_that_was_sent_too_late_goes_on_after_the_password(ruth):
    give_app(ruth)
    with time_machine.travel(datetime(2026, 11, 23, 12, 0, tzinfo=UTC), tick=False) as clock:
        here = browser()
        here.post("/desk/log-in/code/", {"code": code_of()})
        clock.shift(31 * 60)
        answer = here.post("/desk/account/app/remove/")
        assert factors(ruth)
        here.post("/desk/account/confirm/", {"password": PASSWORD, "next": "/desk/account/app/remove/"})
        assert answer.url.startswith("/desk/account/confirm/")
        assert factors(ruth) == set()


def test_confirming_leads_nowhere_else(ruth):
    here = browser()
    answer = here.post("/desk/account/confirm/", {"password": PASSWORD, "next": "https://evil.example/"})
    assert answer.url == "/desk/"


def test_who_is_logged_out_or_has_no_role_sees_only_what_is_theirs(people):
    for path in (
        "",
        "password/",
        "app/",
        "passkeys/add/",
        "codes/",
        "codes/new/",
        "confirm/",
        "confirm/code/",
    ):
        answer = Client().get(f"/desk/account/{path}")
        assert answer.status_code == 302
        assert answer.url.startswith("/desk/log-in/"), path
    assert log_in("sam").get("/desk/account/").status_code == 200


def test_nobody_signs_up_and_no_other_address_of_allauth_exists(client, people):
    for path in (
        "signup",
        "accounts/signup",
        "accounts/login",
        "desk/signup",
        "desk/account/signup",
        "accounts/email",
    ):
        assert client.get(f"/{path}/").status_code == 404

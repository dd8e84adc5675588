"""Logging in with a second factor, and what happens to people whose role needs one."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client

from newsletter.accounts import second_factor
from newsletter.accounts.account_mails import AccountMail
from newsletter.accounts.actor import acting_as
from newsletter.accounts.change_users import set_superuser
from newsletter.accounts.users import find_user
from newsletter.cli import command_actor as cli_actor
from newsletter.errors import Refused
from newsletter.issues.models import AuditEntry
from tests.full import share_of
from tests.web.desk.second_factors import PASSWORD, code_of, factors, give_app, is_in, just_now, log_in

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def ruth(people):
    get_user_model().objects.filter(username="ruth").update(email="ruth@example.org")
    return find_user("ruth")


@pytest.fixture
def demanded(settings):
    def demand(*roles, days=14):
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
            update={"second_factor_roles": roles, "second_factor_days": days}
        )

    return demand


def test_after_the_right_password_the_code_is_asked_for_and_nothing_is_open_before_it(ruth):
    give_app(ruth)
    client = Client()
    answer = client.post("/desk/log-in/?next=/desk/audit/", {"username": "ruth", "password": "wrong"})
    assert answer.status_code == 422
    client = log_in(next="/desk/audit/")
    assert not is_in(client)
    answer = client.post("/desk/log-in/code/", {"code": "000000"})
    assert "This code is wrong" in answer.content.decode()
    assert answer.status_code == 422
    assert not is_in(client)
    answer = client.post("/desk/log-in/code/", {"code": code_of()})
    assert answer.url == "/desk/audit/"
    assert is_in(client)


def test_a_code_logs_in_once(ruth):
    give_app(ruth)
    code = code_of()
    for expected in (True, False):
        client = log_in()
        client.post("/desk/log-in/code/", {"code": code})
        assert is_in(client) is expected


def test_the_code_that_set_up_the_app_does_not_log_in_as_well(people):
    client = just_now(log_in("ruth"))
    page = client.get("/desk/account/app/").content.decode()
    secret = re.search(r'"account-key">([A-Z2-7]+)<', page)[1]
    code = code_of(secret)
    assert client.post("/desk/account/app/", {"code": code}).status_code == 302
    elsewhere = log_in("ruth")
    elsewhere.post("/desk/log-in/code/", {"code": code})
    assert not is_in(elsewhere)
    elsewhere.post("/desk/log-in/code/", {"code": code_of(secret, half_minutes=1)})
    assert is_in(elsewhere)


def test_a_recovery_code_logs_in_once_also_with_a_space(ruth):
    code = give_app(ruth)[0]
    for expected in (True, False):
        client = log_in()
        client.post("/desk/log-in/code/", {"code": f" {code[:4]} {code[4:]}"})
        assert is_in(client) is expected


def test_somebody_who_knows_the_password_cannot_guess_codes_from_many_networks(ruth):
    give_app(ruth)
    answers = []
    for network in range(8):
        client = Client(REMOTE_ADDR=f"192.0.2.{network}")
        log_in(client=client)
        answers.append(client.post("/desk/log-in/code/", {"code": f"{network:06}"}).content.decode())
    assert "This code is wrong" in answers[4]
    assert all("too many wrong codes. Wait 1 minute" in each for each in answers[5:])
    client = log_in(client=Client(REMOTE_ADDR="192.0.2.99"))
    client.post("/desk/log-in/code/", {"code": code_of()})
    assert not is_in(client)


def guess_codes(guesses):
    """Enter codes from many networks after the right password. Return how many were looked at, and told as refused."""
    tried = {"looked at": 0, "refused": 0, "in": 0}
    for number in range(guesses):
        client = Client(REMOTE_ADDR=f"198.18.{number % 50}.{number // 50 + 1}")
        log_in(client=client)
        page = client.post("/desk/log-in/code/", {"code": f"{number:06}"}).content.decode()
        tried["refused" if "too many wrong codes" in page else "looked at"] += 1
        tried["in"] += is_in(client)
    return tried


@pytest.mark.parametrize("guesses", [12, pytest.param(share_of(10_000), marks=pytest.mark.full)])
def test_nobody_who_knows_the_password_guesses_a_code_or_keeps_its_owner_out_of_their_network(ruth, guesses):
    give_app(ruth)
    mine = log_in(client=Client(REMOTE_ADDR="203.0.113.5"))
    mine.post("/desk/log-in/code/", {"code": code_of()})
    assert is_in(mine)
    tried = guess_codes(guesses)
    print(f"{guesses} codes: {tried}")
    assert tried["in"] == 0
    assert tried["looked at"] < 30
    # With another browser, and from another address of the same network.
    for place, steps in (("203.0.113.5", 1), ("203.0.113.77", 0)):
        cache.clear()
        client = log_in(client=Client(REMOTE_ADDR=place))
        client.post("/desk/log-in/code/", {"code": code_of(half_minutes=steps)})
        assert is_in(client)
    told = AccountMail.objects.filter(kind="wrong-codes")
    assert [mail.address for mail in told] == ["ruth@example.org"]
    said = AuditEntry.objects.filter(
        sentence="Refused several wrong codes from somebody who had entered the correct password for the user ruth."
    )
    assert [(entry.actor, entry.account) for entry in said] == [("", None)]


def test_wrong_codes_do_not_make_commands_on_the_machine_wait(ruth, monkeypatch):
    give_app(ruth)
    guess_codes(8)
    monkeypatch.setenv("NEWSLETTER_PASSWORD", PASSWORD)
    monkeypatch.setenv("NEWSLETTER_CODE", code_of())
    assert cli_actor.prove_user("ruth").name == "ruth"


def test_guesses_of_others_do_not_make_a_browser_wait_that_has_logged_in_before(ruth):
    give_app(ruth)
    mine = log_in()
    mine.post("/desk/log-in/code/", {"code": code_of()})
    mine.post("/desk/log-out/")
    for guess in range(9):
        log_in(client=Client(REMOTE_ADDR="192.0.2.7")).post("/desk/log-in/code/", {"code": f"{guess:06}"})
    log_in(client=mine)
    mine.post("/desk/log-in/code/", {"code": code_of(half_minutes=1)})
    assert is_in(mine)


def test_the_page_for_the_code_leads_to_the_login_without_a_password_before(people):
    assert Client().get("/desk/log-in/code/").url == "/desk/log-in/"


def test_a_form_that_was_kept_is_shown_after_the_second_factor(ruth, desk_of, ruths_draft):
    give_app(ruth)
    client = Client()
    answer = client.post(
        "/desk/issues/harbour-letter/1/texts/",
        {"subject": "Ebb & flow, kept"},
        headers={"Origin": "http://testserver"},
    )
    kept = answer.content.decode().partition('name="kept" value="')[2].partition('"')[0]
    log_in(client=client, kept=kept)
    answer = client.post("/desk/log-in/code/", {"code": code_of()})
    assert "Ebb &amp; flow, kept" in answer.content.decode()
    assert is_in(client)


def test_before_the_deadline_every_page_says_until_when_and_afterwards_only_the_account_opens(ruth, demanded):
    demanded("editor", days=14)
    with time_machine.travel(NOON, tick=False) as clock:
        client = log_in()
        page = client.get("/desk/issues/")
        assert "Your role needs a second factor." in page.content.decode()
        assert re.search(r"before Monday 7 December( 2026)? at 12:00 UTC", page.content.decode())
        clock.shift(14 * 86_400)
        client = log_in()
        for path in ("/desk/", "/desk/issues/", "/desk/articles/", "/admin/"):
            assert client.get(path).headers["Location"] == "/desk/account/"
        answer = client.post("/desk/articles/write/", {"title": "x"}, headers={"HX-Request": "true"})
        assert answer.headers["HX-Redirect"] == "/desk/account/"
        assert client.get("/desk/account/").status_code == 200
        assert client.get("/desk/account/app/").status_code in {200, 302}
        assert client.post("/desk/log-out/").status_code == 302


def test_who_has_a_second_factor_or_another_role_is_not_asked(
    ruth, people, demanded, django_assert_num_queries
):
    give_app(ruth)
    demanded("editor", days=0)
    client = log_in()
    client.post("/desk/log-in/code/", {"code": code_of()})
    assert is_in(client)
    # An approver may do all that an editor may, so their account is worth as much.
    assert not is_in(log_in("amir"))
    demanded("administrator", days=0)
    assert is_in(log_in("amir"))


def test_a_role_that_does_not_exist_is_refused_with_a_sentence(monkeypatch):
    from newsletter.environment import read_environment
    from newsletter.errors import Invalid

    monkeypatch.setenv("NEWSLETTER_SECOND_FACTOR_ROLES", "editor, editr")
    with pytest.raises(Invalid, match="editr is not a role"):
        read_environment()


def test_an_administrator_resets_a_second_factor_and_both_are_told(ruth, people):
    give_app(ruth)
    get_user_model().objects.filter(username="ada").update(email="ada@example.org")
    client = log_in()
    client.post("/desk/log-in/code/", {"code": code_of()})
    with acting_as(people["ada"]):
        second_factor.reset_second_factor("ruth")
    assert factors(ruth) == set()
    assert not is_in(client)
    assert is_in(log_in())
    assert AuditEntry.objects.filter(
        actor="ada", sentence="Reset the second factor for the user ruth."
    ).exists()
    told = dict(
        AccountMail.objects.filter(kind__startswith="second-factor").values_list("address", "subject")
    )
    assert told == {
        "ruth@example.org": "Your second factor was reset",
        "ada@example.org": "You reset the second factor for ruth",
    }


def test_nobody_else_resets_a_second_factor_and_nobody_their_own(ruth, people):
    give_app(ruth)
    give_app(find_user("ada"))
    for name, whose in (("ruth", "ruth"), ("amir", "ruth"), ("ada", "ada")):
        with acting_as(people[name]), pytest.raises(Refused):
            second_factor.reset_second_factor(whose)
    assert "totp" in factors(ruth)


def test_the_last_factor_stays_while_the_role_needs_one(ruth, demanded):
    give_app(ruth)
    demanded("editor")
    client = log_in()
    client.post("/desk/log-in/code/", {"code": code_of()})
    client.post("/desk/account/app/remove/")
    assert "totp" in factors(ruth)
    demanded()
    assert client.post("/desk/account/app/remove/").status_code == 302
    assert factors(ruth) == set()


def test_a_command_asks_for_the_code_too(ruth, monkeypatch):
    give_app(ruth)
    monkeypatch.setenv("NEWSLETTER_PASSWORD", "ebb and flow at the quay")
    monkeypatch.setenv("NEWSLETTER_CODE", "000000")
    with pytest.raises(Refused, match="The code for ruth is wrong"):
        cli_actor.prove_user("ruth")
    monkeypatch.setenv("NEWSLETTER_CODE", code_of())
    assert cli_actor.prove_user("ruth").name == "ruth"


def test_a_command_refuses_who_has_not_set_up_what_their_role_needs(ruth, demanded, monkeypatch):
    demanded("editor", days=0)
    monkeypatch.setenv("NEWSLETTER_PASSWORD", "ebb and flow at the quay")
    with pytest.raises(Refused, match="needs a second factor"):
        cli_actor.prove_user("ruth")


def test_an_administrator_resets_it_on_the_page_of_the_person_after_confirming(ruth, people, desk_of):
    give_app(ruth)
    ada, page = desk_of("ada"), f"/desk/settings/people/{ruth.pk}/"
    assert "Reset…" in ada.get(page).content.decode()
    assert "First speak to" in ada.get(f"{page}reset-second-factor/").content.decode()
    asked = ada.post(f"{page}reset-second-factor/")
    assert "/account/confirm/" in asked.url
    assert factors(ruth)
    assert ada.post(asked.url, {"password": PASSWORD}).headers["Location"] == page
    assert factors(ruth) == set()
    assert "ruth has no second factor" in ada.get(page).content.decode()
    assert desk_of("amir").get(f"{page}reset-second-factor/").status_code in {403, 409}


@pytest.mark.parametrize(
    "path",
    [
        "/desk/issues/harbour-letter/1/report/people.csv",
        "/admin/auth/user/add/",
        "/admin/auth/user/2/password/",
    ],
)
def test_people_are_exported_and_accounts_changed_only_by_who_confirms_it(desk_of, ruths_draft, path):
    set_superuser("ada", superuser=True)
    answer = desk_of("ada").post(path, {"username": "ben"})
    assert answer.status_code == 302
    assert answer.url.startswith("/desk/account/confirm/")


@pytest.mark.parametrize(
    "credential", ["", "{}", "[]", "nonsense", '{"id": "AA", "response": {"userHandle": "AA"}}']
)
def test_a_passkey_that_we_do_not_know_opens_nothing(people, credential):
    client = Client()
    answer = client.post("/desk/log-in/passkey/", {"credential": credential})
    assert answer.status_code == 422
    assert "We do not recognise this passkey." in answer.content.decode()
    assert not is_in(client)

"""Who comes in at the desk, and who does not."""

import random
import statistics
import time
from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from newsletter.accounts.known_browsers_and_networks import digest
from newsletter.accounts.slow_down_password_guesses import FailedSignIn
from newsletter.accounts.users import change_password
from tests.full import share_of
from tests.web.desk.counting_hasher import CountingHasher

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PASSWORD = "ebb and flow at the quay"
PAGES = ["/desk/", "/desk/audit/", "/desk/issues/harbour-letter/1/", "/desk/issues/harbour-letter/1/email/"]
ACTS = [
    "approve",
    "withdraw",
    "schedule",
    "unschedule",
    "texts",
    "send/now",
    "cancel",
    "mailing/pause",
    "mailing/stop",
]


def log_in(client, name="ruth", password=PASSWORD, **more):
    return client.post("/desk/log-in/", {"username": name, "password": password, **more})


@pytest.mark.parametrize("page", PAGES)
def test_whoever_is_logged_out_is_led_to_the_log_in_and_back(client, ruths_draft, page):
    answer = client.get(page)
    assert answer.status_code == 302
    assert answer.url == f"/desk/log-in/?next={page}"
    assert log_in(client, next=page).url == page


@pytest.mark.parametrize("act", ACTS)
def test_whoever_is_logged_out_changes_nothing(client, ruths_draft, act):
    answer = client.post(f"/desk/issues/harbour-letter/1/{act}/", {"at": "friday"})
    assert answer.url == f"/desk/log-in/?next=/desk/issues/harbour-letter/1/{act}/"
    ruths_draft.refresh_from_db()
    assert ruths_draft.state == "draft"


def test_a_wrong_password_is_a_sentence_that_does_not_say_whether_the_name_is_known(client, people):
    known, unknown = log_in(client, "ruth", "guess"), log_in(client, "nobody", "guess")
    for answer in (known, unknown):
        assert answer.status_code == 422
        assert "The username or password is wrong. Check both and try again." in answer.content.decode()


def guess(client, times, name="ruth", **more):
    return [log_in(client, name, "guess", **more).status_code for _ in range(times)]


def log_in_from(client, address, name="ruth", password=PASSWORD):
    return client.post("/desk/log-in/", {"username": name, "password": password}, REMOTE_ADDR=address)


def test_guessing_is_stopped_also_for_the_right_password_and_each_further_guess_costs_more(client, people):
    with time_machine.travel(NOON, tick=False) as clock:
        assert guess(client, 6) == [422] * 5 + [429]
        refused = log_in(client)
        assert refused.status_code == 429
        assert "Wait 1 minute, or ask an administrator to change your password." in refused.content.decode()
        assert "newsletter users" not in refused.content.decode()
        for wait in (30, 60, 120, 240, 480, 900, 900):
            clock.shift(wait - 1)
            assert log_in(client).status_code == 429
            clock.shift(1)
            assert guess(client, 2) == [422, 429]
        clock.shift(900)
        assert log_in(client).status_code == 302


def test_logging_in_is_no_failure_however_often_and_forgets_those_before(client, people):
    for _ in range(12):
        assert guess(client, 4) == [422] * 4
        assert log_in(client).status_code == 302
        client.post("/desk/log-out/")


def test_a_stranger_cannot_lock_somebody_out(people):
    for number in range(1, 12):
        for _ in range(10):
            log_in_from(Client(), f"127.0.{number}.1", password="guess")
    assert log_in_from(Client(), "127.0.99.1").status_code == 302
    assert log_in_from(Client(), "127.0.1.1").status_code == 429


@pytest.mark.parametrize("pattern", ["192.0.2.{}", "2001:db8:1:{:x}::1"])
def test_many_addresses_of_one_network_have_few_guesses_of_a_name(people, pattern):
    answers = [log_in_from(Client(), pattern.format(n), password="guess").status_code for n in range(12)]
    assert answers == [422] * 10 + [429] * 2
    assert log_in_from(Client(), pattern.format(99)).status_code == 429
    assert log_in_from(Client(), pattern.format(99), "amir").status_code == 302


def failed(name, network, failures):
    """What the guesses of others have left: so many failures of this name in a network."""
    FailedSignIn.objects.create(
        name=digest(name),
        place=digest(f"{network}.250"),
        site=digest(network),
        failures=failures,
        last_at=timezone.now(),
    )


def test_nobody_waits_for_guesses_of_others_in_their_own_network(people):
    """Ruth has logged in at .1 before, so that she may also come from another address there, such as .99."""
    log_in_from(Client(), "192.0.2.1")
    failed("nobody", "192.0.2", 300)
    failed("ruth", "198.51.100", 60)
    assert log_in_from(Client(), "192.0.2.99", "amir").status_code == 429
    assert log_in_from(Client(), "192.0.2.99").status_code == 302
    failed("ruth", "192.0.2", 30)
    assert log_in_from(Client(), "192.0.2.98").status_code == 429
    assert log_in_from(Client(), "192.0.2.1").status_code == 302


def test_while_a_name_is_guessed_at_from_everywhere_a_new_network_has_one_try(people):
    for number in range(1, 11):
        for _ in range(5):
            assert log_in_from(Client(), f"192.0.{number}.1", password="guess").status_code == 422
    assert log_in_from(Client(), "198.51.100.7", password="guess").status_code == 422
    assert log_in_from(Client(), "198.51.100.7").status_code == 429
    assert log_in_from(Client(), "198.51.100.8").status_code == 429
    assert log_in_from(Client(), "198.51.101.8").status_code == 302
    assert log_in_from(Client(), "198.51.102.9", "amir", "guess").status_code == 422
    assert log_in_from(Client(), "198.51.102.9", "amir").status_code == 302


def test_a_browser_that_logged_in_before_is_not_kept_waiting_by_others_in_its_network(client, people):
    assert log_in(client).status_code == 302
    client.post("/desk/log-out/")
    assert guess(Client(), 6)[-1] == 429
    assert log_in(client).status_code == 302
    client.post("/desk/log-out/")
    assert guess(client, 6) == [422] * 5 + [429]


def test_what_a_browser_keeps_helps_no_other_name_and_cannot_be_made_up(client, people):
    assert log_in(client, "amir").status_code == 302
    client.post("/desk/log-out/")
    assert guess(Client(), 6)[-1] == 429
    assert log_in(client, "ruth").status_code == 429
    for made_up in ("", "x", "a:b:c", client.cookies["device"].value[:-2]):
        forger = Client()
        forger.cookies["device"] = made_up
        assert log_in(forger, "ruth").status_code == 429


def test_another_password_from_an_administrator_opens_the_door_at_once(client, people):
    for number in range(1, 12):
        for _ in range(6):
            log_in(client, "ruth", "guess")
            log_in_from(Client(), f"192.0.2.{number}", password="guess")
    for number in range(45):
        log_in(client, f"nobody-{number}", "guess")
    assert log_in(client).status_code == 429
    assert log_in(client, "amir").status_code == 429
    change_password("ruth", password="slack water at noon")
    assert log_in(client, "ruth", "slack water at noon").status_code == 302


@pytest.mark.parametrize(
    ("pattern", "refused"),
    [
        ("2001:db8:1:1::{:x}", True),  # one /64
        ("2001:db8:1:{:x}::1", False),  # one /48: each /64 by itself
        ("::ffff:192.0.2.1", True),  # an IPv4 address, written as IPv6
    ],
)
def test_the_addresses_of_one_household_are_one_network(people, pattern, refused):
    for number in range(1, 6):
        assert log_in_from(Client(), pattern.format(number), password="guess").status_code == 422
    last = log_in_from(Client(), pattern.format(0x77), password="guess")
    assert last.status_code == (429 if refused else 422)


@pytest.mark.sqlite
def test_many_names_from_one_network_are_slowed_down(people):
    names = [log_in_from(Client(), "192.0.2.1", f"n{number}", "guess").status_code for number in range(41)]
    assert names == [422] * 40 + [429]
    assert log_in_from(Client(), "192.0.3.1").status_code == 302


@pytest.mark.full
def test_many_names_from_one_ipv6_site_are_slowed_down(people):
    site = [
        log_in_from(Client(), f"2001:db8:2:{number:x}::1", f"m{number}", "guess").status_code
        for number in range(201)
    ]
    assert site == [422] * 200 + [429]
    assert log_in_from(Client(), "2001:db8:3::1").status_code == 302


def test_an_unknown_name_costs_as_many_hashes_as_a_known_one(client, people, settings):
    settings.PASSWORD_HASHERS = ["tests.web.desk.counting_hasher.CountingHasher"]
    change_password("ruth", password=PASSWORD)
    get_user_model().objects.create_user("off", password=PASSWORD, is_active=False)
    costs = []
    for name, password in (
        ("ruth", "guess"),
        ("nobody", "guess"),
        ("off", "guess"),
        ("off", PASSWORD),
        ("ruth", PASSWORD),
    ):
        CountingHasher.hashes = 0
        log_in(client, name, password)
        costs.append(CountingHasher.hashes)
    assert costs == [1] * 5


def test_logging_in_begins_another_session(client, people):
    client.get("/desk/log-in/")
    log_in(client, "ruth")
    first = client.cookies["sessionid"].value
    log_in(client, "amir")
    assert client.cookies["sessionid"].value not in {"", first}


def test_the_administration_has_the_same_way_in(client, people):
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/desk/log-in/?next=%2Fadmin%2F"
    assert log_in(client, next="/admin/").url == "/admin/"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"]
)
def test_logging_in_leads_nowhere_else(client, people, elsewhere):
    assert log_in(client, next=elsewhere).url == "/desk/"


def test_somebody_without_a_role_gets_a_sentence_and_nothing_else(desk_of, ruths_draft):
    sam = desk_of("sam")
    for page in PAGES:
        answer = sam.get(page)
        assert answer.status_code == 403
        assert "You do not have access yet" in answer.content.decode()
        assert ruths_draft.subject not in answer.content.decode()


def test_logging_out_needs_a_post_and_then_is_done(desk_of):
    ruth = desk_of("ruth")
    assert ruth.get("/desk/log-out/").url == "/desk/"
    assert ruth.get("/desk/").status_code == 200
    assert ruth.post("/desk/log-out/").url == "/desk/log-in/"
    assert ruth.get("/desk/").status_code == 302


def test_a_post_from_elsewhere_is_refused_with_a_sentence(people, ruths_draft):
    amir = Client(enforce_csrf_checks=True)
    amir.force_login(get_user_model().objects.get(username="amir"))
    answer = amir.post("/desk/issues/harbour-letter/1/approve/")
    assert answer.status_code == 403
    assert "this form has expired" in answer.content.decode()
    ruths_draft.refresh_from_db()
    assert ruths_draft.state == "draft"


@pytest.mark.parametrize("page", PAGES[:3])
def test_nothing_may_run_on_a_page_that_the_desk_did_not_bring(desk_of, ruths_draft, page):
    answer = desk_of("ruth").get(page)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in answer.content.decode()
    assert "style=" not in answer.content.decode()
    assert answer["X-Frame-Options"] == "DENY"
    assert "no-store" in answer["Cache-Control"]


def test_who_is_logged_in_stays_so_when_the_secret_key_changes(desk_of, settings):
    browser = desk_of("ruth")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a new key"
    assert browser.get("/desk/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert browser.get("/desk/").status_code == 200  # the visit before signed the session with the new key


def test_a_known_network_stays_known_when_the_secret_key_changes(people, settings):
    log_in_from(Client(), "192.0.2.1")
    failed("ruth", "198.51.100", 60)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a new key"
    assert log_in_from(Client(), "192.0.2.2", password="guess").status_code == 422
    assert log_in_from(Client(), "192.0.2.2").status_code == 302


def guess_everywhere(guesses, networks, own, clock):
    """Guess passwords of three names from so many networks within ten minutes, while their owners log in.

    The owners have no cookie. Our clock moves only between guesses, so that waits are the same on a slow machine.
    """
    tried = {200: 0, 422: 0, 429: 0, 302: 0}
    chosen = random.Random(15)
    for number in range(guesses):
        clock.shift(600 / guesses)
        address = f"198.18.{chosen.randrange(networks)}.{chosen.randrange(1, 255)}"
        name = chosen.choice(list(own))
        answer = log_in_from(Client(), address, name, f"guess {number}")
        tried[answer.status_code] += 1
        if number % (guesses // 5) == 0:
            for whose, place in own.items():
                assert log_in_from(Client(), place, whose).status_code == 302, (whose, number)
    return tried


@pytest.mark.parametrize(
    ("guesses", "networks"), [(80, 2), pytest.param(share_of(10_000), 50, marks=pytest.mark.full)]
)
def test_guesses_from_many_networks_find_nothing_and_lock_nobody_out(people, guesses, networks):
    own = {"ada": "203.0.113.5", "amir": "2001:db8:7:1::5", "ruth": "192.0.2.5"}
    with time_machine.travel(NOON, tick=False) as clock:
        for name, place in own.items():
            assert log_in_from(Client(), place, name).status_code == 302
        tried = guess_everywhere(guesses, networks, own, clock)
        print(f"{guesses} guesses: {tried}")
        assert tried[302] == 0
        assert tried[429] > 0
        # Each guess that was looked at is one that could have been right.
        assert tried[422] < 1_000
        for name, place in own.items():
            assert log_in_from(Client(), place, name).status_code == 302
        # Somebody on a journey has one try.
        assert log_in_from(Client(), "100.64.9.1").status_code == 302


@pytest.mark.full
def test_a_log_in_with_an_unknown_name_takes_as_long_as_one_with_a_known_name(people, settings):
    """With the hasher of a real installation, in time of the processor, because other programs may be running."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    change_password("ruth", password=PASSWORD)
    taken, tries = {"ruth": [], "nobody": []}, share_of(200)
    for number in range(tries + 2):
        for name, times in taken.items():
            begun = time.thread_time()
            answer = log_in_from(Client(), f"100.64.{number}.1", name, "guess")
            times.append(time.thread_time() - begun)
            assert answer.status_code == 422
    # The first ones load what all others need.
    known, unknown = (statistics.median(times[2:]) for times in taken.values())
    print(f"known {known * 1000:.1f} ms, unknown {unknown * 1000:.1f} ms")
    # A few tries on a busy machine differ by more.
    assert abs(known - unknown) < (0.05 if tries >= 200 else 0.2) * max(known, unknown)

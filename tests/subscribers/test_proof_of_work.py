import time
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import orjson
import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from subscribers import proof_of_work, rate_limits
from subscribers.models import Subscriber
from tests.full import examples


@pytest.fixture
def asked(settings, db):
    settings.SUBSCRIBERS_PROOF_OF_WORK = 300


def solved(challenge, **changed):
    numbers = range(challenge.maxnumber + 1)
    number = next(n for n in numbers if hash_of(challenge.salt, n) == challenge.challenge)
    return packed({**orjson.loads(challenge.as_json()), "number": number, **changed})


def hash_of(salt, number):
    return sha256(f"{salt}{number}".encode()).hexdigest()


def packed(document):
    return b64encode(orjson.dumps(document)).decode()


def test_a_solution_is_good_once(asked):
    solution = solved(proof_of_work.make_challenge())
    assert proof_of_work.is_solved(solution)
    assert not proof_of_work.is_solved(solution)


def test_a_solution_is_good_for_an_hour(asked):
    solution = solved(proof_of_work.make_challenge())
    with time_machine.travel(time.time() + 3_602):
        assert not proof_of_work.is_solved(solution)


def test_nobody_sets_their_own_challenge_or_time(asked):
    challenge = proof_of_work.make_challenge()
    mine = "mine?expires=9999999999&"
    easy = replace(challenge, challenge=hash_of(mine, 1), salt=mine)
    wrong = solved(challenge, number=-1)
    assert not proof_of_work.is_solved(solved(easy))
    assert not proof_of_work.is_solved(wrong)


def test_no_digit_moves_from_the_number_into_the_time(asked):
    """What is hashed is salt and number, one after the other: without an end of the salt, both splits have one hash."""
    challenge = proof_of_work.make_challenge()
    said = orjson.loads(b64decode(solved(challenge)))
    digits = str(said["number"])
    moved = [(challenge.salt + digits[:at], digits[at:]) for at in range(1, len(digits) + 1)]
    moved += [(challenge.salt.rstrip("&") + digits[:at], digits[at:]) for at in range(len(digits) + 1)]
    for salt, rest in moved:
        if salt != challenge.salt.rstrip(
            "&"
        ):  # that spelling of the salt says the same, and counts as the same
            for number in (rest, int(rest) if rest else 0):
                assert not proof_of_work.is_solved(packed({**said, "salt": salt, "number": number}))
    assert proof_of_work.is_solved(packed({**said, "salt": challenge.salt.rstrip("&")}))
    assert not proof_of_work.is_solved(packed(said))


def test_a_solution_is_good_once_around_midnight_as_well(asked):
    with time_machine.travel("2026-05-01 23:50+00:00", tick=False) as clock:
        solution = solved(proof_of_work.make_challenge())
        assert proof_of_work.is_solved(solution)
        for _time in range(6):
            clock.shift(timedelta(minutes=9, seconds=59))
            rate_limits.prune_counters(timezone.now())
            assert not proof_of_work.is_solved(solution)


def test_what_was_solved_when_the_secret_key_changed_is_taken_once(asked, settings):
    solution, again = solved(proof_of_work.make_challenge()), solved(proof_of_work.make_challenge())
    assert proof_of_work.is_solved(again)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a new key"
    assert proof_of_work.is_solved(solution)
    assert not proof_of_work.is_solved(solution)
    assert not proof_of_work.is_solved(again)


@pytest.mark.parametrize(
    "shape", [[], {}, "x", 1, None, [[[[]]]], {"challenge": 1, "salt": 2, "number": 3, "signature": 4}]
)
def test_other_shapes_are_no_solution(asked, shape):
    assert not proof_of_work.is_solved(packed(shape))


@given_settings(max_examples=examples(50))
@given(st.text(max_size=50))
def test_any_text_is_no_solution(text):
    assert proof_of_work._read(text) is None


def test_the_form_asks_for_it_and_takes_it(asked, news):
    browser = Client()
    page = browser.get("/lists/news/").content.decode()
    assert "data-challenge=" in page
    assert "proof.js" in page
    refused = browser.post("/lists/news/", {"address": "ada@example.org"})
    assert refused.status_code == 422
    assert 'value="ada@example.org"' in refused.content.decode()
    assert not Subscriber.objects.exists()
    taken = browser.post(
        "/lists/news/", {"address": "ada@example.org", "proof": solved(proof_of_work.make_challenge())}
    )
    assert taken.status_code == 303
    assert Subscriber.objects.exists()


def test_it_is_off_unless_asked_for(news):
    assert proof_of_work.make_challenge() is None
    assert proof_of_work.is_solved("")
    assert "<script" not in Client().get("/lists/news/").content.decode()

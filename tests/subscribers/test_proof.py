import time
from base64 import b64encode
from dataclasses import replace

import orjson
import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from subscribers import proof
from subscribers.models import Subscriber
from tests.full import examples


@pytest.fixture
def asked(settings, db):
    settings.SUBSCRIBERS_PROOF_OF_WORK = 300


def solved(challenge, **changed):
    number = next(
        n for n in range(challenge.maxnumber) if proof._hash(challenge.salt, n) == challenge.challenge
    )
    return packed({**orjson.loads(challenge.as_json()), "number": number, **changed})


def packed(document):
    return b64encode(orjson.dumps(document)).decode()


def test_a_solution_is_good_once(asked):
    solution = solved(proof.make())
    assert proof.holds(solution)
    assert not proof.holds(solution)


def test_a_solution_is_good_for_an_hour(asked):
    solution = solved(proof.make())
    with time_machine.travel(time.time() + 3_601):
        assert not proof.holds(solution)


def test_nobody_sets_their_own_challenge_or_time(asked):
    challenge = proof.make()
    easy = replace(
        challenge, challenge=proof._hash("mine?expires=9999999999", 1), salt="mine?expires=9999999999"
    )
    later = replace(challenge, salt=challenge.salt[:-1] + "9")
    wrong = solved(challenge, number=-1)
    assert not proof.holds(solved(easy))
    assert not proof.holds(packed({**orjson.loads(later.as_json()), "number": 1}))
    assert not proof.holds(wrong)


@pytest.mark.parametrize(
    "shape", [[], {}, "x", 1, None, {"challenge": 1, "salt": 2, "number": 3, "signature": 4}]
)
def test_other_shapes_are_no_solution(asked, shape):
    assert not proof.holds(packed(shape))


@given_settings(max_examples=examples(50))
@given(st.text(max_size=50))
def test_any_text_is_no_solution(text):
    assert proof._read(text) is None


def test_the_form_asks_for_it_and_takes_it(asked, news):
    browser = Client()
    page = browser.get("/lists/news/").content.decode()
    assert "data-challenge=" in page
    assert "proof.js" in page
    refused = browser.post("/lists/news/", {"address": "ada@example.org"})
    assert refused.status_code == 422
    assert 'value="ada@example.org"' in refused.content.decode()
    assert not Subscriber.objects.exists()
    taken = browser.post("/lists/news/", {"address": "ada@example.org", "proof": solved(proof.make())})
    assert taken.status_code == 303
    assert Subscriber.objects.exists()


def test_it_is_off_unless_asked_for(news):
    assert proof.make() is None
    assert proof.holds("")
    assert "<script" not in Client().get("/lists/news/").content.decode()

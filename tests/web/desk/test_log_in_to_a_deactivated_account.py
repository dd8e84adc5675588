"""A person whose account is deactivated reads why they cannot log in, once they have proved who they are.

A stranger learns nothing.
"""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth import get_user_model
from django.test import Client

from newsletter.accounts.administer_accounts import deactivate
from newsletter.accounts.users import find_user
from tests.fakes.software_passkey import SoftwarePasskey
from tests.web.desk.second_factors import code_of, give_app, is_in, log_in

LOG_IN = "/desk/log-in/passkey/"
WHY = "Your account is deactivated. Ask an administrator to activate it again."


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def passkey(people):
    return SoftwarePasskey(find_user("ruth"))


def test_the_owner_of_a_deactivated_account_reads_why_and_whom_to_ask(passkey):
    client = Client()
    client.post(LOG_IN, {"credential": passkey.answer(client)})
    assert is_in(client)
    deactivate("ruth")
    client = Client()
    answer = client.post(LOG_IN, {"credential": passkey.answer(client)})
    assert answer.status_code == 403
    assert WHY in text_of(answer)
    assert "Error: Log in" in text_of(answer)
    assert not is_in(client)


def test_a_wrong_signature_is_answered_as_for_a_passkey_that_we_do_not_know(passkey):
    deactivate("ruth")
    client, forged = Client(), ec.generate_private_key(ec.SECP256R1())
    answer = client.post(LOG_IN, {"credential": passkey.answer(client, key=forged)})
    assert answer.status_code == 422
    assert "We do not recognise this passkey." in text_of(answer)
    assert "deactivated" not in text_of(answer)


def test_a_password_alone_never_says_that_the_account_is_deactivated(passkey):
    deactivate("ruth")
    client = Client()
    right, wrong = (
        text_of(client.post("/desk/log-in/", {"username": "ruth", "password": password}))
        for password in ("ebb and flow at the quay", "wrong")
    )
    assert "The username or password is wrong." in right
    assert "deactivated" not in right + wrong


def test_somebody_deactivated_between_password_and_code_reads_why_too(people):
    give_app(find_user("ruth"))
    client = log_in("ruth")
    get_user_model().objects.filter(username="ruth").update(is_active=False)
    wrong = client.post("/desk/log-in/code/", {"code": "000000"})
    assert "deactivated" not in text_of(wrong)
    answer = client.post("/desk/log-in/code/", {"code": code_of()})
    assert answer.status_code == 403
    assert WHY in text_of(answer)
    assert not is_in(client)

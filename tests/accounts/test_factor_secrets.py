"""A copy of the database does not tell anybody the secrets of second factors."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.db import connection

from newsletter.accounts.second_factor import ON_THE_MACHINE, check_code
from newsletter.encrypted_text import MARK, is_current
from newsletter.errors import Refused
from tests.web.desk.second_factors import SECRET, code_of, give_app


@pytest.fixture
def ruth(db):
    return get_user_model().objects.create_user("ruth")


def stored():
    return {row.type: row.data for row in Authenticator.objects.all()}


def check(user, code):
    return check_code(user, code, place=ON_THE_MACHINE)


def test_the_secrets_of_apps_and_codes_are_encrypted_and_work(ruth):
    code = give_app(ruth)[0]
    assert stored()["totp"]["secret"].startswith(MARK)
    assert stored()["recovery_codes"]["seed"].startswith(MARK)
    assert SECRET not in str(stored())
    assert check(ruth, code_of()).type == "totp"
    assert check(ruth, code).type == "recovery_codes"
    assert check(ruth, code) is None


def test_they_are_encrypted_with_the_new_key_when_they_are_used_after_a_change(ruth, settings):
    codes = give_app(ruth)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "k" * 50
    assert check(ruth, codes[0])
    assert check(ruth, code_of())
    settings.SECRET_KEY_FALLBACKS = []
    assert is_current(stored()["totp"]["secret"], purpose="second factor")
    assert check(ruth, codes[0]) is None
    assert check(ruth, codes[1])


def test_they_are_all_encrypted_with_the_new_key_by_finishing_its_change(ruth, settings, cli):
    codes = give_app(ruth)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "k" * 50
    for updated in ("2 second-factor secrets", "0 second-factor secrets"):
        assert f"Updated 0 suppressions and {updated} to the new key." in cli("rotate-key", "--finish").out
    settings.SECRET_KEY_FALLBACKS = []
    assert check(ruth, code_of())
    assert check(ruth, codes[0])


def test_with_a_lost_key_a_sentence_says_what_helps(ruth, settings):
    give_app(ruth)
    settings.SECRET_KEY = "k" * 50
    with pytest.raises(
        Refused, match=r"this installation does not have the secret key that was used\. Use a passkey, or ask"
    ):
        check(ruth, code_of())


def test_secrets_from_before_are_encrypted_by_the_migration(ruth):
    give_app(ruth)
    app = Authenticator.objects.get(type="totp")
    app.data = {"secret": SECRET}
    app.save()
    untouched = stored()["recovery_codes"]
    migration = import_module("newsletter.migrations.0042_encrypted_factors")
    for _ in range(2):
        migration.encrypt_factors(None, SimpleNamespace(connection=connection))
    assert stored()["totp"]["secret"].startswith(MARK)
    assert stored()["recovery_codes"] == untouched
    assert check(ruth, code_of())

"""A copied passkey is noticed by its counter (Web Authentication Level 2, section 7.2, step 21)."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model

from newsletter.accounts.account_mails import AccountMail
from newsletter.accounts.passkey_counters import COUNTER, is_counter_higher
from newsletter.issues.models import AuditEntry


@pytest.fixture
def passkey(db):
    ruth = get_user_model().objects.create_user("ruth", email="ruth@example.org")
    return Authenticator.objects.create(user=ruth, type="webauthn", data={"name": "My key", COUNTER: 0})


@pytest.mark.parametrize(
    ("last", "received", "accepted"),
    [
        (0, 0, True),  # A phone does not count.
        (0, 1, True),
        (5, 6, True),
        (5, 900, True),
        (5, 5, False),
        (5, 4, False),
        (5, 0, False),
    ],
)
def test_only_a_higher_counter_is_accepted_and_kept(passkey, last, received, accepted):
    passkey.data[COUNTER] = last
    passkey.save()
    assert is_counter_higher(passkey, received) is accepted
    passkey.refresh_from_db()
    assert passkey.data[COUNTER] == (received if accepted else last)
    assert AccountMail.objects.filter(kind="passkey-copied").exists() is not accepted


def test_a_copy_is_told_once_a_day_and_the_right_passkey_still_works(passkey):
    assert is_counter_higher(passkey, 7)
    for _ in range(3):
        assert not is_counter_higher(passkey, 3)
    assert AccountMail.objects.get().address == "ruth@example.org"
    said = "Refused the passkey “My key” of the user ruth, because its usage count was lower than last time."
    assert AuditEntry.objects.get().sentence == said
    assert is_counter_higher(passkey, 8)

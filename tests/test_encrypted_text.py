"""Texts that the installation's secret key encrypts in the database."""

import pytest

from newsletter.encrypted_text import UnreadableError, decrypt, encrypt, is_current


def test_a_text_is_read_again_and_never_stored_the_same_way_twice():
    stored = encrypt("a secret ✓", purpose="test")
    assert decrypt(stored, purpose="test") == "a secret ✓"
    assert "secret" not in stored
    assert encrypt("a secret ✓", purpose="test") != stored


def test_an_earlier_key_reads_what_it_encrypted_and_the_new_one_encrypts(settings):
    stored = encrypt("a secret", purpose="test")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "k" * 50
    assert decrypt(stored, purpose="test") == "a secret"
    assert not is_current(stored, purpose="test")
    assert is_current(encrypt("a secret", purpose="test"), purpose="test")
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(UnreadableError, match="the stored test"):
        decrypt(stored, purpose="test")


@pytest.mark.parametrize("stored", ["", "plain", "encrypted:", "encrypted:gAAAAA==", "\u00e9"])
def test_what_we_have_not_encrypted_is_not_read(stored):
    with pytest.raises(UnreadableError):
        decrypt(stored, purpose="test")


def test_a_text_for_another_purpose_is_not_read():
    with pytest.raises(UnreadableError):
        decrypt(encrypt("a secret", purpose="test"), purpose="other")

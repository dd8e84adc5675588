"""Each email by SMTP has a return path of its own, and nobody else can make one."""

import string
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as some

from newsletter.environment import Environment
from newsletter.sending.return_path import (
    MAILING_BYTES,
    TOKEN_LENGTH,
    SentMessage,
    messages_named_in,
    read_token,
    return_path,
    token_for,
)
from newsletter.sending.transports.smtp import Smtp
from tests.fakes.smtp import FakeSmtp
from tests.sending.example_emails import post_to

NUMBERS = some.integers(min_value=0, max_value=2**56 - 1)
OTHER_CHARACTERS = string.ascii_lowercase + string.digits + "=+-_ \n\u0131"


@given(some.uuids(version=4), NUMBERS)
def test_a_token_names_its_own_message_in_capitals_too(mailing, recipient):
    token = token_for(mailing, recipient)
    sent = SentMessage(recipient, mailing.bytes[:MAILING_BYTES])
    assert (read_token(token), read_token(token.upper()), read_token(token.title())) == (sent, sent, sent)
    path = return_path("a.mailbox-of-23-letters@example.org", mailing, recipient)
    assert len(path.rpartition("@")[0]) == 64
    assert list(messages_named_in(f"rfc822; <{path.upper()}>")) == [sent]


@given(some.uuids(version=4), some.uuids(version=4), NUMBERS, NUMBERS)
def test_the_token_of_one_message_is_never_the_token_of_another(mailing, other_mailing, one, other):
    sent = {(mailing, one), (mailing, other), (other_mailing, one), (other_mailing, other)}
    tokens = {token_for(*each) for each in sent}
    assert len(tokens) == len(sent)
    assert {read_token(token).recipient for token in tokens} == {one, other}


@given(
    some.uuids(version=4),
    NUMBERS,
    some.integers(0, TOKEN_LENGTH - 1),
    some.sampled_from(OTHER_CHARACTERS),
)
def test_a_token_with_one_character_changed_is_refused(mailing, recipient, place, character):
    token = token_for(mailing, recipient)
    changed = token[:place] + character + token[place + 1 :]
    assert (read_token(changed) is None) == (changed != token)
    assert read_token(token[:place] + token[place + 1 :]) is None
    assert read_token(token + character) is None


@given(some.text(max_size=60))
def test_any_text_is_read_without_an_error(text):
    assert read_token(text) is None
    assert list(messages_named_in(text)) == []


def test_a_token_under_an_earlier_secret_key_is_read(settings):
    token = token_for(uuid.UUID(int=7), 3)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert read_token(token).recipient == 3
    settings.SECRET_KEY_FALLBACKS = []
    assert read_token(token) is None


def test_each_email_leaves_with_a_return_path_of_its_own_and_the_same_from(settings):
    with FakeSmtp() as server:
        environment = Environment(
            _env_file=None,
            smtp_host="127.0.0.1",
            smtp_port=server.port,
            smtp_security="none",
            bounce_address="bounces@Example.org",
        )
        transport = Smtp(environment)
        assert len(list(transport.deliver(post_to("a@example.com", "b@example.com")))) == 2
        transport.close()
    mailing = uuid.UUID(int=7)
    assert server.senders == [return_path("bounces@example.org", mailing, number) for number in (1, 2)]
    assert all(b"<news@example.org>" in message for message in server.messages)


@pytest.mark.parametrize(
    "address",
    [
        "bounces",
        "@example.org",
        "a b@example.org",
        "x" * 24 + "@example.org",
        "a@b",
        "a..b@example.org",
        "é@example.org",
    ],
)
def test_a_bounce_mailbox_that_cannot_take_tokens_is_refused(address):
    with pytest.raises(ValueError, match="write an address"):
        Environment(_env_file=None, bounce_address=address)

"""The message as bytes is the one that `build_message` makes, though its letter was encoded once for everybody."""

from email import message_from_bytes, policy

import pytest

from newsletter.errors import Invalid
from newsletter.sending.build_message import build_message
from newsletter.sending.message_bytes import message_bytes
from tests.hostile_text import INJECTIONS, a_hostile_text, dice
from tests.sending.example_emails import NOW, an_email, post_to

ODD_TEXTS = [
    "",
    "\n",
    ".",
    "\n.\n..\n",
    "a" * 300,
    "é" * 200,
    "line \nnext\t\n\ttab",
    "*|FIRST_NAME|*",
    "*|FIRST_NAME|*.\n.*|FIRST_NAME|*\n*|FIRST_NAME|*",
    "x *|UNSUBSCRIBE_URL|* y *|UNSUBSCRIBE_URL|*",
    "one\r\ntwo\rthree\n",
    " " * 100 + "." * 100,
    "=20=\n=2E",
    "--=_part\n--=_part--\n",
]


def both(email, envelope):
    made = build_message(email, envelope, message_id="<1.2@example.org>", date=NOW).as_bytes()
    return made, message_bytes(email, envelope, message_id="<1.2@example.org>", date=NOW)


def contents(data):
    message = message_from_bytes(data, policy=policy.default)
    return [
        part.get_payload(decode=True).replace(b"\r\n", b"\n").removesuffix(b"\n")
        for part in message.iter_parts()
    ]


def head(data):
    return data.partition(b"\r\n\r\n")[0].split(b"\r\n")


def test_headers_and_contents_are_those_of_the_message_that_is_built():
    random = dice()
    texts = [*ODD_TEXTS, *INJECTIONS, *(a_hostile_text(random) for _ in range(100))]
    for text in texts:
        email = an_email(
            html=text, text=text.replace("|*", "_TEXT|*"), headers={"Content-X": "no", "X-A": "b"}
        )
        [envelope] = post_to("jörg@example.org", name=random.choice(texts)[:80]).envelopes
        try:
            built, written = both(email, envelope)
        except Invalid:
            with pytest.raises(Invalid):
                message_bytes(email, envelope, message_id="<1.2@example.org>", date=NOW)
            with pytest.raises(Invalid):
                build_message(email, envelope, message_id="<1.2@example.org>", date=NOW)
            continue
        assert sorted(head(written)) == sorted(head(built))
        assert contents(written) == contents(built)
        lines = written.split(b"\r\n")
        assert not any(line.startswith(b".") or b"\n" in line or b"\r" in line for line in lines)
        body = written.partition(b"\r\n\r\n")[2]
        assert max(map(len, body.split(b"\r\n"))) <= 76


def test_a_letter_that_is_changed_is_encoded_again():
    [envelope] = post_to("ada@example.org").envelopes
    for number in range(30):
        email = an_email(text=f"Number {number}")
        data = message_bytes(email, envelope, message_id="<1.2@example.org>", date=NOW)
        assert contents(data)[0] == f"Number {number}".encode()


def test_a_character_that_mail_cannot_carry_is_said():
    [envelope] = post_to("ada@example.org").envelopes
    with pytest.raises(Invalid, match="cannot be sent by email"):
        message_bytes(an_email(text="\ud800"), envelope, message_id="<1.2@example.org>", date=NOW)

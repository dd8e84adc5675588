"""Subjects and names in twenty scripts arrive as they were typed, in the finished message and in SendGrid's request."""

import re

import orjson
import pytest

from newsletter.environment import Environment
from newsletter.rendering.ascii_sender_names import ascii_name
from newsletter.sending.build_message import as_bytes, build_message, display_name
from newsletter.sending.transports import sendgrid_request
from subscribers.clean_text import name_on_one_line, on_one_line
from tests import full
from tests.hostile_text import WORD, a_text, decoded, dice
from tests.sending.example_emails import NOW, an_email, post_to

HOW_MANY = [300, pytest.param(full.share_of(100_000), marks=pytest.mark.full)]
# RFC 2047, section 5 (3): all that an encoded word beside an address may contain. It suits every other place, too.
ENCODED = re.compile(r"=\?utf-8\?(?:q\?(?:[A-Za-z0-9!*+/_-]|=[0-9A-F]{2})+|b\?[A-Za-z0-9+/]+={0,2})\?=")
MAILBOX = re.compile(r'(?:(?P<phrase>[^"<>]*|"(?:[^"\\]|\\.)*") )?<(?P<address>[^<>]*)>')


def typed_texts(how_many):
    """Subjects, senders' names and recipients' names, with spaces of several kinds and in odd places."""
    random = dice()
    for _ in range(how_many):
        subject, sender, reader = a_text(random), a_text(random, longest=6), a_text(random, longest=6)
        if random.random() < 0.1:
            subject = random.choice([" ", "\u3000", "\xa0"]).join(subject)
        yield on_one_line(subject), name_on_one_line(sender), display_name(reader)


def headers_in(data):
    """The headers of a message by a strict reader: its own lines, and nothing mended. Also checks their length."""
    found = {}
    for field in re.split(r"\r\n(?![ \t])", data.partition(b"\r\n\r\n")[0].decode("ascii")):
        name, colon, value = field.partition(": ")
        assert colon
        assert name not in found
        lines = field.split("\r\n")
        if name in {"Subject", "From", "To"}:
            assert all(len(line) <= (76 if "=?" in line else 78) and line.strip() for line in lines), lines
        for word in WORD.finditer(value):
            assert ENCODED.fullmatch(word[0]), word[0]
            assert len(word[0]) <= 75
        found[name] = value
    return found


def mailbox_in(value):
    """Name and address of a mailbox header."""
    found = MAILBOX.fullmatch(re.sub(r"\r\n(?=[ \t])", "", value))
    if found is None:
        return "", value
    phrase = found["phrase"] or ""
    if phrase.startswith('"'):
        return re.sub(r"\\(.)", r"\1", phrase[1:-1]), found["address"]
    return decoded(phrase), found["address"]


@pytest.mark.parametrize("how_many", HOW_MANY)
def test_a_finished_message_has_exactly_the_subject_and_the_names_that_were_typed(how_many):
    for subject, sender, reader in typed_texts(how_many):
        email = an_email(subject=subject, sender_name=sender)
        [envelope] = post_to("ana@example.org", email=email, name=reader).envelopes
        data = as_bytes(build_message(email, envelope, message_id="<1.2@example.org>", date=NOW))
        headers = headers_in(data)
        assert decoded(headers["Subject"]) == subject, full.SEED
        assert mailbox_in(headers["From"]) == (sender, "news@example.org"), full.SEED
        assert mailbox_in(headers["To"]) == (reader, "ana@example.org"), full.SEED


@pytest.mark.parametrize("how_many", HOW_MANY)
def test_sendgrid_is_given_exactly_the_subject_and_name_that_were_typed(how_many):
    """But for the word joiner that keeps “=?” from being read, and the sender's name, which has to be ASCII."""
    environment = Environment(_env_file=None)
    for subject, sender, reader in typed_texts(how_many):
        post = post_to("ana@example.org", email=an_email(subject=subject, sender_name=sender), name=reader)
        people = [sendgrid_request.personalizer(post)(each) for each in post.envelopes]
        request = orjson.loads(orjson.dumps(sendgrid_request.request_of(post, people, environment)))
        assert request["subject"].replace("=\u2060?", "=?") == subject, full.SEED
        [to] = request["personalizations"][0]["to"]
        assert to.get("name", "").replace("=\u2060?", "=?") == reader, full.SEED
        shown = request["from"].get("name", "")
        assert shown == ascii_name(sender), full.SEED
        assert shown.isascii()
        assert shown.isprintable()


def test_only_runs_of_spaces_and_control_characters_change_before_a_subject_is_sent():
    random = dice()
    for _ in range(300):
        typed = a_text(random)
        assert on_one_line(typed) == re.sub("  +", " ", typed)


@pytest.mark.parametrize("name", ['"\u200d', "(\u200f)", ",", "\u2066\u2069;"])
def test_a_name_of_which_only_invisible_characters_would_be_left_is_left_out(name):
    assert display_name(name) == ""

"""Messages that any mail program reads, and that nothing in a name or subject can break."""

import re
import uuid
from datetime import UTC, datetime
from email import message_from_bytes
from email import policy as mail_policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import Invalid
from newsletter.rendering.email import Email
from newsletter.rendering.merge_tags import MergeValues
from newsletter.sending.build_message import build_message, display_name, domain_of, message_id_of
from newsletter.sending.personalise_email import unsubscribe_headers
from newsletter.sending.transport import Envelope
from subscribers.clean_text import on_one_line
from tests.hostile_text import decoded_by_python

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ONE_CLICK = "https://news.a-charity-with-a-long-name.example.org/letters/one-click/" + "k" * 60
HOSTILE = st.text(alphabet=st.characters(codec="utf-8"), max_size=200)


def an_email(**changes):
    fields = {
        "subject": "Gezeiten – für *|FIRST_NAME_TEXT|*",
        "preheader": "",
        "html": "<p>Guten Tag, *|FIRST_NAME|*</p><p>" + "x" * 3000 + "</p>",
        "text": "Guten Tag, *|FIRST_NAME_TEXT|* – 潮汐\n" + "y" * 3000,
        "language": "de-CH",
        "sender_name": "Hafen, Zürich",
        "sender_address": "news@example.org",
        "reply_to": "hello@example.org",
        "list_id": '"Hafen" <readers.example.org>',
        "first_name_fallback": "Leserin",
        "headers": {"Feedback-ID": "1:harbour:issue:newsletter"},
    }
    return Email(**{**fields, **changes})


def an_envelope(address="ana@example.org", name="Ana Núñez", first_name="Ana"):
    person = MergeValues(
        first_name=first_name,
        unsubscribe_url="https://example.org/leave/x",
        preferences_url="https://example.org/preferences/x",
        read_online_url="https://example.org/harbour/1/",
    )
    return Envelope(
        recipient=7, address=address, name=name, person=person, headers=unsubscribe_headers(ONE_CLICK)
    )


def sent(email=None, envelope=None):
    """The message as it travels, and as a mail program reads it."""
    built = build_message(
        email or an_email(), envelope or an_envelope(), message_id="<a.7@example.org>", date=NOW
    )
    data = built.as_bytes()
    return data, message_from_bytes(data, _class=EmailMessage, policy=mail_policy.default)


def test_both_ways_to_unsubscribe_arrive_whole_and_in_order():
    token = "x" * 40
    by_mail = f"mailto:bounces+{token}@example.org?subject=unsubscribe"
    data, message = sent(envelope=an_envelope()._replace(headers=unsubscribe_headers(ONE_CLICK, by_mail)))
    assert message["List-Unsubscribe"] == f"<{ONE_CLICK}>, <{by_mail}>"
    assert max(map(len, data.partition(b"\r\n\r\n")[0].split(b"\r\n"))) < 200


def test_a_message_has_every_header_once():
    data, message = sent()
    assert parsedate_to_datetime(message["Date"]) == NOW
    assert message["Message-ID"] == "<a.7@example.org>"
    assert [(each.display_name, each.addr_spec) for each in message["From"].addresses] == [
        ("Hafen, Zürich", "news@example.org")
    ]
    assert [(each.display_name, each.addr_spec) for each in message["To"].addresses] == [
        ("Ana Núñez", "ana@example.org")
    ]
    assert message["Reply-To"].addresses[0].addr_spec == "hello@example.org"
    assert message["Subject"] == "Gezeiten – für Ana"
    assert message["List-Id"] == '"Hafen" <readers.example.org>'
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Feedback-ID"] == "1:harbour:issue:newsletter"
    assert message["Content-Language"] == "de-CH"
    assert message["MIME-Version"] == "1.0"
    assert len(message.keys()) == len({name.lower() for name, _ in message.items()})
    assert data.count(b"MIME-Version") == 1


def test_the_text_comes_before_the_html_and_both_are_whole():
    _, message = sent()
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert (text.get_content_type(), text.get_content_charset()) == ("text/plain", "utf-8")
    assert (html.get_content_type(), html.get_content_charset()) == ("text/html", "utf-8")
    assert text.get_content().splitlines()[0] == "Guten Tag, Ana – 潮汐"
    assert html.get_content().startswith("<p>Guten Tag, Ana</p>")


def test_a_long_unsubscribe_address_stays_readable_in_one_line():
    data, _ = sent()
    assert f"List-Unsubscribe: <{ONE_CLICK}>\r\n".encode() in data


@pytest.mark.parametrize("value", ["x" * 5_000, "=?utf-8?q?=0d=0aBcc:_x?=", "ü\r\nBcc: x", "a  b"])
def test_a_header_of_the_letter_is_one_header_whatever_is_in_it(value):
    data, message = sent(an_email(headers={"X-Own": value}))
    assert data.count(b"X-Own: ") == 1
    assert decoded_by_python(message_from_bytes(data)["X-Own"]) == on_one_line(value)
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    assert message["Bcc"] is None


def test_lines_are_short_and_ascii():
    data, _ = sent()
    assert data.isascii()
    unfolded = [line for line in data.split(b"\r\n") if not line.startswith(b"List-")]
    assert max(map(len, unfolded)) <= 78
    assert re.search(rb"[^\r]\n|\r[^\n]", data) is None


def test_a_name_from_outside_fills_no_header_of_its_own():
    data, message = sent(
        an_email(subject="A\r\nBcc: victim@example.org\r\n\r\n<script>"),
        an_envelope(name="Eve\r\nBcc: victim@example.org"),
    )
    assert b"\nBcc" not in data
    assert message["Bcc"] is None
    assert len(message["To"].addresses) == 1


def name_in(header):
    """The display name as RFC 2047 decodes it; Python's newer parser puts spaces between encoded words."""
    return str(make_header(decode_header(parseaddr(header)[0])))


@given(subject=HOSTILE, name=HOSTILE, first_name=HOSTILE)
def test_whatever_people_are_called_the_message_stays_whole(subject, name, first_name):
    data, message = sent(
        an_email(subject=subject, sender_name=name), an_envelope(name=name, first_name=first_name)
    )
    assert [each.addr_spec for each in message["To"].addresses] == ["ana@example.org"]
    assert [each.addr_spec for each in message["From"].addresses] == ["news@example.org"]
    assert name_in(message_from_bytes(data)["To"]) == display_name(name)
    assert len(list(message.iter_parts())) == 2
    assert data.isascii()


def test_a_header_of_the_letter_cannot_replace_ours():
    _, message = sent(an_email(headers={"To": "victim@example.org", "subject": "Other", "X-Own": "yes"}))
    assert message["To"].addresses[0].addr_spec == "ana@example.org"
    assert message["Subject"] == "Gezeiten – für Ana"
    assert message["X-Own"] == "yes"


def test_an_international_address_is_written_for_servers_that_know_it():
    data, _ = sent(envelope=an_envelope(address="jürgen@bücher.example"))
    assert "<jürgen@xn--bcher-kva.example>".encode() in data


@pytest.mark.parametrize(
    "address", ["a@b\r\nBcc: x@example.org", "a@" + "x" * 70 + ".org", "a b\n@example.org"]
)
def test_an_address_that_no_header_can_hold_is_refused(address):
    with pytest.raises(Invalid):
        sent(envelope=an_envelope(address=address))


def test_a_message_id_is_the_same_for_the_same_recipient_and_of_the_senders_domain():
    mailing = uuid.UUID(int=5)
    first = message_id_of(mailing, 7, "news@bücher.example")
    assert first == message_id_of(mailing, 7, "news@bücher.example")
    assert first != message_id_of(mailing, 8, "news@bücher.example")
    assert first.endswith("@xn--bcher-kva.example>")
    assert domain_of("news@example.org") == "example.org"

"""What is signed here holds for another implementation of DKIM, over exactly the bytes that the server got."""

import os
import re

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from django.core.mail import get_connection
from hypothesis import given
from hypothesis import strategies as some

from newsletter.environment import Environment
from newsletter.errors import Invalid
from newsletter.sending.dkim_signing import SIGNED, Signer, signer_of
from newsletter.sending.message_bytes import message_bytes
from newsletter.sending.outcomes import Accepted, NotSent
from newsletter.sending.transports.smtp import Smtp
from subscribers.mail_message import SystemMail
from subscribers.send_system_mail import MailNotSentError
from tests.fakes.smtp import FakeSmtp
from tests.sending.example_emails import NOW, an_email, post_to

KEY = rsa.generate_private_key(public_exponent=65_537, key_size=1_024)
SIGNER = Signer(KEY, "mail", "")


def pem_of(key, encryption=None):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


def holds(message, *, domain="example.org", key=SIGNER):
    """Whether dkimpy finds the signature good; `domain` is the only one whose key the DNS shows."""

    def texts(name, timeout=5):
        return key.record.encode() if name == f"mail._domainkey.{domain}.".encode() else b""

    return dkim.verify(message, dnsfunc=texts)


def signed_names(message):
    value = re.search(rb"h=([^;]+);", message)[1]
    return [name.strip().decode() for name in value.split(b":")]


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "dkim.pem"
    path.write_bytes(pem_of(KEY))
    return path


@pytest.fixture
def server():
    with FakeSmtp() as running:
        yield running


@pytest.fixture
def transport_to(opened, key_file):
    def make(server, **changes):
        fields = {
            "smtp_host": "127.0.0.1",
            "smtp_port": server.port,
            "smtp_security": "none",
            "dkim_selector": "mail",
            "dkim_key_file": key_file,
        }
        return opened(Smtp, **{**fields, **changes})

    return make


def as_received(text):
    """The message after DATA, without the dot that ends it."""
    return text.removesuffix(b".\r\n")


def test_what_the_server_got_is_signed_with_both_headers_of_unsubscribing(server, transport_to):
    [outcome, _second] = transport_to(server).deliver(post_to("a@example.com", "b@example.com"))
    assert isinstance(outcome.answer, Accepted)
    for text in server.messages:
        message = as_received(text)
        assert holds(message)
        assert {"From", "To", "Subject", "Date", "Message-ID"} < set(signed_names(message))
        assert {"List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type"} < set(
            signed_names(message)
        )
        assert all(len(line) <= 78 for line in message.partition(b"\r\nDate:")[0].split(b"\r\n"))


@given(some.text(max_size=300), some.text(max_size=60))
def test_a_signature_holds_for_any_text(text, name):
    email = an_email(text=text.encode("utf-8", "replace").decode(), html=f"<p>{name}  \t</p>\n\n \n")
    post = post_to("a@example.com", email=email, name=name.encode("utf-8", "replace").decode())
    try:
        data = message_bytes(email, post.envelopes[0], message_id="<1.1@example.org>", date=NOW)
    except Invalid:
        return
    assert holds(SIGNER.signed(data, "news@example.org"))


@pytest.mark.parametrize(
    "data",
    [
        b"From: a@example.org\r\n\r\n",
        b"From: a@example.org\r\n\r\n\r\n\r\n \r\n",
        b"From: a@example.org\r\n\r\n a  \t b \r\n\t\r\nc\r\n\r\n",
        b"From:  a@example.org \r\nSubject:  x \t y\r\n  z  \r\nTo:\r\n b@example.com\r\n\r\nhello\r\n",
        b"From: a@example.org\r\nTo: one@x\r\nTo: two@x\r\n\r\nhello\r\n",
    ],
)
def test_a_signature_holds_for_odd_white_space_and_repeated_headers(data):
    message = SIGNER.signed(data, "news@example.org")
    assert holds(message)
    assert not holds(message.replace(b"From:", b"From: mallory@example.org\r\nFrom:", 1))


def test_no_byte_of_what_is_signed_can_be_changed(server, transport_to):
    list(transport_to(server).deliver(post_to("a@example.com")))
    message = as_received(server.messages[0])
    for piece in (b"news@example.org", b"one-click/1", b"One-Click", b"Hello", b"2026", b"7.1@"):
        assert piece in message
        assert not holds(message.replace(piece, piece[:-1] + b"~"))
    assert not holds(message, key=Signer(rsa.generate_private_key(65_537, 1_024), "mail", ""))


def test_the_domain_above_the_sender_can_sign_and_no_other_one(server, transport_to):
    email = an_email(sender_address="news@mail.example.org")
    post = post_to("a@example.com", email=email)
    assert isinstance(next(transport_to(server, dkim_domain="example.org").deliver(post)).answer, Accepted)
    assert holds(as_received(server.messages[0]), domain="example.org")
    [outcome] = transport_to(server, dkim_domain="ample.org").deliver(post_to("a@example.com"))
    assert isinstance(outcome.answer, NotSent)
    assert (outcome.answer.pause, "cannot sign" in outcome.answer.reason) == (True, True)
    assert len(server.messages) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        pem_of(KEY, BestAvailableEncryption(b"secret")),
        pem_of(ed25519.Ed25519PrivateKey.generate()),
        None,
    ],
)
def test_a_key_that_cannot_be_used_pauses_the_mailing_and_refuses_nobody(
    server, transport_to, key_file, content
):
    if content is None:
        key_file.unlink()
    else:
        key_file.write_bytes(content)
    transport = transport_to(server)
    [first, rest] = transport.deliver(post_to("a@example.com", "b@example.com"))
    assert first.answer == rest.answer
    assert isinstance(first.answer, NotSent)
    assert (first.answer.pause, str(key_file) in first.answer.reason) == (True, True)
    assert server.messages == []
    # Once the file is mended, the same process signs.
    key_file.write_bytes(pem_of(KEY))
    [outcome] = transport.deliver(post_to("a@example.com"))
    assert isinstance(outcome.answer, Accepted)
    assert holds(as_received(server.messages[0]))


def test_a_key_is_read_again_only_when_its_file_changes(key_file):
    environment = Environment(_env_file=None, dkim_selector="mail", dkim_key_file=key_file)
    first = signer_of(environment).key
    assert signer_of(environment).key is first
    other = rsa.generate_private_key(65_537, 1_024)
    key_file.write_bytes(pem_of(other))
    os.utime(key_file, ns=(1, 1))
    assert signer_of(environment).record == Signer(other, "mail", "").record


def test_without_a_selector_it_says_which_setting_is_missing(key_file):
    with pytest.raises(Invalid, match="NEWSLETTER_DKIM_SELECTOR"):
        signer_of(Environment(_env_file=None, dkim_key_file=key_file))


def system_mail(text="Please press\n.\n..dots\n"):
    return SystemMail(
        subject="Please confirm",
        text=text,
        html="<p>Please press</p>",
        sender=("The News", "news@example.org"),
        recipient="ada@example.org",
        headers={"Auto-Submitted": "auto-generated"},
    )


def test_confirmations_and_notices_are_signed_too(server, settings, key_file):
    changes = {"dkim_selector": "mail", "dkim_key_file": key_file}
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update=changes)
    backend = get_connection(
        "newsletter.sending.django_mail_backends.SmtpBackend",
        host="127.0.0.1",
        port=server.port,
        use_tls=False,
    )
    assert backend.send_messages([system_mail()]) == 1
    message = re.sub(rb"(?m)^\.\.", b".", as_received(server.messages[0]))
    assert holds(message)
    key_file.unlink()
    with pytest.raises(MailNotSentError, match="We could not sign the email"):
        backend.send_messages([system_mail()])
    assert len(server.messages) == 1


def test_every_header_that_says_something_to_readers_is_signed(server, transport_to):
    list(transport_to(server).deliver(post_to("a@example.com")))
    head = as_received(server.messages[0]).partition(b"\r\n\r\n")[0]
    there = set(re.findall(r"(?m)^([A-Za-z-]+):", head.decode())) - {"DKIM-Signature"}
    assert there <= set(SIGNED)

from email import message_from_bytes, policy
from mailbox import Maildir

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection

from subscribers.errors import Invalid
from subscribers.mail_message import SystemMail
from tests.fakes.smtp import FakeSmtp
from tests.hostile_text import INJECTIONS, a_hostile_text, decoded, dice

BACKEND = "newsletter.sending.django_mail_backends.MaildirBackend"
SMTP_BACKEND = "newsletter.sending.django_mail_backends.SmtpBackend"
HEADERS = ["Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To"]


def a_mail(
    *,
    subject="Please confirm",
    name="The News",
    recipient="ada@example.org",
    headers=None,
    text="Please press",
):
    return SystemMail(
        subject=subject,
        text=text,
        html="<p>Please press</p>",
        sender=(name, "news@example.org"),
        recipient=recipient,
        headers={"Auto-Submitted": "auto-generated"} if headers is None else headers,
    )


def test_mails_of_the_press_itself_lie_in_a_maildir_of_their_own(home, settings):
    settings.EMAIL_BACKEND = BACKEND
    for subject in ("Bitte bestätigen", "Please confirm"):
        mail = EmailMultiAlternatives(
            subject, "Bitte drücken", "news@example.org", ["ada@bücher.example.org"]
        )
        mail.attach_alternative("<p>Bitte drücken</p>", "text/html")
        assert mail.send() == 1
    outbox = Maildir(home / "outbox-system")
    found = [message_from_bytes(each.as_bytes(), policy=policy.default) for each in outbox]
    assert {message["Subject"] for message in found} == {"Bitte bestätigen", "Please confirm"}
    for message in found:
        assert message.get_body(("plain",)).get_content().strip() == "Bitte drücken"
        assert "bücher.example.org" in message["To"] or "xn--bcher-kva" in message["To"]


def names_of_headers(data):
    head = data.partition(b"\r\n\r\n")[0]
    return sorted(line.partition(b":")[0].decode() for line in head.split(b"\r\n") if line[:1] != b" ")


def test_no_text_becomes_a_header_of_a_system_mail():
    random = dice()
    texts = [*INJECTIONS, *(a_hostile_text(random) for _ in range(200))]
    with FakeSmtp() as server:
        mails = [a_mail(subject=text, name=text) for text in texts]
        connection = get_connection(SMTP_BACKEND, host="127.0.0.1", port=server.port, timeout=30)
        assert connection.send_messages(mails) == len(texts)
        assert server.inbox == {"ada@example.org": len(texts)}
        for data in server.messages:
            assert names_of_headers(data) == HEADERS
            message = message_from_bytes(data)
            assert [part.get_payload(decode=True).strip() for part in message.get_payload()] == [
                b"Please press",
                b"<p>Please press</p>",
            ]


def test_words_of_a_system_mail_do_not_run_together():
    made = a_mail(subject="Łódź ürgent " * 20, name="Ελληνική Αντικαρκινική Εταιρεία").message()
    assert decoded(made["Subject"]) == ("Łódź ürgent " * 20).strip()
    assert decoded(made["From"]) == "Ελληνική Αντικαρκινική Εταιρεία <news@example.org>"
    assert max(map(len, made.as_bytes().partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 78


def test_a_system_mail_is_the_same_mail_when_it_is_built_again():
    mail = a_mail(headers={})
    assert mail.message()["Message-ID"] == mail.message()["Message-ID"]


def test_a_system_mail_reaches_an_address_outside_ascii():
    with FakeSmtp() as server:
        connection = get_connection(SMTP_BACKEND, host="127.0.0.1", port=server.port, timeout=30)
        assert connection.send_messages([a_mail(recipient="zoë@bücher.example")]) == 1
        assert server.inbox == {"zoë@xn--bcher-kva.example": 1}
        assert "To: zoë@xn--bcher-kva.example".encode() in server.messages[0]


def test_a_system_mail_goes_to_the_domain_itself_and_not_to_one_that_looks_like_it():
    with FakeSmtp() as server:
        connection = get_connection(SMTP_BACKEND, host="127.0.0.1", port=server.port, timeout=30)
        assert connection.send_messages([a_mail(recipient="zoë@faß.de")]) == 1
        assert server.inbox == {"zoë@xn--fa-hia.de": 1}


def test_a_line_that_begins_with_a_dot_ends_no_system_mail():
    text = "One\n.\n..two\n.three"
    with FakeSmtp() as server:
        connection = get_connection(SMTP_BACKEND, host="127.0.0.1", port=server.port, timeout=30)
        assert connection.send_messages([a_mail(text=text)]) == 1
        received = server.messages[0].removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
        plain = message_from_bytes(received, policy=policy.default).get_body(("plain",))
        assert plain.get_content().splitlines() == text.splitlines()


def test_a_system_mail_to_what_is_no_address_is_not_built():
    with pytest.raises(Invalid):
        a_mail(recipient="ada@example.org\r\nBcc: x@example.org")


def test_a_mail_of_djangos_own_goes_as_before():
    with FakeSmtp() as server:
        connection = get_connection(SMTP_BACKEND, host="127.0.0.1", port=server.port, timeout=30)
        mail = EmailMultiAlternatives("Your password", "Here", "news@example.org", ["ada@example.org"])
        assert connection.send_messages([mail]) == 1
        assert server.inbox == {"ada@example.org": 1}

"""Emails about accounts: what they say, in text and in HTML, and that no name or address becomes a header."""

from email import message_from_bytes, policy

import pytest
from django.core import mail

from newsletter.accounts.accept_invitation import accept
from newsletter.accounts.account_mails import queue_account_mail
from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.accounts.invitations import invite, send_again, withdraw
from newsletter.accounts.users import add_user
from newsletter.notifications.account_mail_sending import send_next_account_mail
from tests.hostile_text import INJECTIONS

pytestmark = pytest.mark.django_db
PASSWORD = "ebb and flow at the quay"


def sent():
    """All emails that are due, as they were sent."""
    for _ in range(20):
        if not send_next_account_mail():
            return mail.outbox
    raise AssertionError("There is always another email.")


def test_an_invitation_reads_as_text_and_as_html_and_its_link_works_once(publication):
    ada = add_user("ada", password=PASSWORD, address="ada@example.org")
    with acting_as(Actor("ada", frozenset({Role.ADMINISTRATOR}), ada.pk)):
        invitation = invite("jo@example.org", [Role.EDITOR])
    (email,) = sent()
    assert email.subject == "ada has invited you to the newsletter desk"
    assert email.to == ["jo@example.org"]
    text, html = email.body, email.alternatives[0][0]
    link = next(line for line in text.splitlines() if line.startswith("http"))
    for each in (text, html):
        assert link in each
        words = " ".join(each.split())
        assert (
            "ada has invited you to work on the newsletter at http://localhost:8000, with the role editor."
            in words
        )
        assert "You can use the link once. It expires after 7 days." in words
    assert link.endswith(f"/desk/invitation/?token={invitation.token}")
    accept(link.partition("token=")[2], name="jo", password=PASSWORD)
    assert sent()[1].to == ["ada@example.org"]
    assert "http://localhost:8000/desk/" in sent()[1].body


def test_an_invitation_sent_again_has_the_new_link_only(publication):
    first = invite("jo@example.org", [Role.EDITOR])
    again = send_again(first.pk)
    (email,) = sent()
    assert again.token in email.body
    assert first.token not in email.body


def test_a_withdrawn_invitation_is_not_sent(publication):
    withdraw(invite("jo@example.org", [Role.EDITOR]).pk)
    assert sent() == []


def test_an_invitation_before_the_first_publication_comes_from_the_default_sender(settings):
    invite("jo@example.org", [Role.EDITOR])
    (email,) = sent()
    assert email.from_email == settings.DEFAULT_FROM_EMAIL


@pytest.mark.parametrize("words", INJECTIONS)
def test_no_words_become_a_header_or_a_tag(words, publication):
    queue_account_mail("roles-changed", "jo@example.org", name=words, by=words, roles=words)
    (email,) = sent()
    message = message_from_bytes(email.message().as_bytes(), policy=policy.default)
    names = {name.lower() for name in message}
    assert names <= {
        "subject", "from", "to", "date", "message-id", "mime-version", "content-type", "content-language",
        "auto-submitted", "x-auto-response-suppress", "reply-to",
    }  # fmt: skip
    assert "<script>" not in email.alternatives[0][0]

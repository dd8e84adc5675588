"""Confirmations and notices to editors by SMTP: what each answer of the server does to the row that asks for a mail."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.mail import get_connection
from django.db.models import F
from django.utils import timezone

from newsletter.accounts.account_mails import AccountMail
from newsletter.accounts.actor import Role
from newsletter.accounts.change_users import set_roles
from newsletter.accounts.invitations import invite
from newsletter.notifications.account_mail_sending import send_next_account_mail
from newsletter.notifications.detectors.notable_event import Kind, NotableEvent
from newsletter.notifications.models import NotificationMail
from newsletter.notifications.notification_mails import mail_next_notification
from newsletter.notifications.write_notifications import notify
from newsletter.sending.django_mail_backends import SmtpBackend
from subscribers import confirmation_mails, send_system_mail
from subscribers.consent import ConsentSource, sign_up
from subscribers.consent_wordings import wording_shown
from subscribers.lists import add_list
from subscribers.models import QueuedMail, SourceKind
from subscribers.send_system_mail import wait_after
from tests.fakes.smtp import FakeSmtp, Trouble

pytestmark = pytest.mark.django_db
SMTP_BACKEND = "newsletter.sending.django_mail_backends.SmtpBackend"
MORNING = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
ANSWER_LOST = Trouble("text", takes=True)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def server(settings):
    with FakeSmtp() as running:
        settings.SUBSCRIBERS_MAIL_AT_ONCE = False
        settings.EMAIL_BACKEND = SMTP_BACKEND
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", running.port, 5
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"smtp_reply_timeout_seconds": 0.3})
        yield running


def signs_up(address="ada@example.org"):
    email = add_list("harbour", "The Harbour Letter", sender_address="news@harbour.example.org")
    sign_up(email, address, ConsentSource(SourceKind.FORM), wording=wording_shown(email))


def an_editor_is_told():
    ruth = get_user_model().objects.create(username="ruth", email="ada@example.org")
    set_roles(ruth.username, [Role.EDITOR])
    notify(
        NotableEvent(
            key="test:closed", kind=Kind.BLOCKED, subject="Closed", text="It is closed.", link="/desk/"
        )
    )


def a_person_is_invited():
    invite("ada@example.org", [Role.EDITOR])


def send_confirmation():
    return confirmation_mails.send_next_mail(timezone.now())


KINDS = pytest.mark.parametrize(
    ("ask", "send_next"),
    [
        (signs_up, send_confirmation),
        (an_editor_is_told, mail_next_notification),
        (a_person_is_invited, send_next_account_mail),
    ],
)


def send_for_days(clock, send_next):
    """Send what is due whenever it is due; how many attempts there were."""
    for attempt in range(40):
        rows = [
            *QueuedMail.objects.all(),
            *NotificationMail.objects.filter(state="waiting"),
            *AccountMail.objects.filter(state="waiting"),
        ]
        if not rows:
            return attempt
        clock.move_to(max(min(row.due_at for row in rows), timezone.now()))
        assert send_next()
    raise AssertionError("It is tried for ever.")


def waiting():
    return QueuedMail.objects.count() + sum(
        kind.objects.filter(state="waiting").count() for kind in (NotificationMail, AccountMail)
    )


@KINDS
def test_a_mail_whose_answer_is_lost_is_repeated_once_under_the_same_name(server, clock, ask, send_next):
    server.troubles = iter([ANSWER_LOST] * 50)
    ask()
    assert send_for_days(clock, send_next) == 2
    assert server.inbox == {"ada@example.org": 2}
    assert len({message_from_bytes(each)["Message-ID"] for each in server.messages}) == 1
    assert waiting() == 0


@KINDS
@pytest.mark.parametrize(
    "trouble",
    [Trouble("text", "hang", takes=True), Trouble("text", "what?", takes=True)],
    ids=["slow", "unreadable"],
)
def test_an_answer_that_is_late_or_unreadable_is_a_lost_one(server, clock, ask, send_next, trouble):
    server.troubles = iter([trouble, trouble])
    ask()
    assert send_for_days(clock, send_next) == 2
    assert server.inbox == {"ada@example.org": 2}


@KINDS
def test_a_repeat_that_is_answered_ends_it(server, clock, ask, send_next):
    server.troubles = iter([ANSWER_LOST])
    ask()
    assert send_for_days(clock, send_next) == 2
    assert server.inbox == {"ada@example.org": 2}
    assert waiting() == 0


@KINDS
def test_a_recipient_that_the_server_does_not_know_ends_it(server, clock, ask, send_next, caplog):
    server.troubles = iter([Trouble("rcpt", "550 5.1.1 no such user <ada@example.org>")] * 50)
    ask()
    assert send_for_days(clock, send_next) == 1
    assert (sum(server.inbox.values()), waiting()) == (0, 0)
    assert "550: 5.1.1 no such user" in caplog.text
    assert "ada@example.org" not in caplog.text


@pytest.mark.postgresql_full
@KINDS
@pytest.mark.parametrize(
    "trouble",
    [
        Trouble("rcpt", "450 4.2.0 greylisted"),
        Trouble("mail", "452 4.3.1 hourly limit"),
        Trouble("mail", "550 5.7.1 sender not allowed"),
        Trouble("data", "451 4.3.0 busy"),
        Trouble("text", "554 5.7.1 looks like spam"),
        Trouble("rcpt"),
    ],
    ids=lambda trouble: f"{trouble.stage} {trouble.says[:3]}",
)
def test_what_may_be_mended_is_tried_for_days_and_arrives_once(server, clock, ask, send_next, trouble):
    hours = 80
    ask()
    server.troubles = iter(
        trouble for _ in iter(lambda: timezone.now() < MORNING + timedelta(hours=hours), False)
    )
    send_for_days(clock, send_next)
    assert server.inbox == {"ada@example.org": 1}
    assert waiting() == 0


@KINDS
def test_a_server_that_is_away_for_days_is_given_up_and_said(server, clock, ask, send_next, caplog):
    server.greeting_trouble = Trouble("greeting", "421 4.3.2 not now")
    ask()
    assert send_for_days(clock, send_next) == send_system_mail.MAX_ATTEMPTS
    assert waiting() == 0
    assert "23 attempts" in caplog.text
    assert "ada@example.org" not in caplog.text


def test_a_mail_is_tried_for_four_days():
    waits = [wait_after(each) for each in range(1, send_system_mail.MAX_ATTEMPTS)]
    assert timedelta(days=4) < sum(waits, timedelta()) < timedelta(days=5)


class DiesError(BaseException):
    """The process dies here: nothing of ours catches it."""


class DyingBackend(SmtpBackend):
    """The server takes the mail, and the process dies before it has written that down."""

    def send_messages(self, email_messages):
        super().send_messages(email_messages)
        raise DiesError


class SlowBackend(SmtpBackend):
    """Another process claims the notice before the mail leaves, since this one took too long."""

    def send_messages(self, email_messages):
        QueuedMail.objects.update(attempts=F("attempts") + 1)
        return super().send_messages(email_messages)


@KINDS
def test_a_process_that_dies_after_the_mail_left_leaves_at_most_one_repeat(
    server, clock, settings, ask, send_next
):
    ask()
    settings.EMAIL_BACKEND = f"{__name__}.DyingBackend"
    for _death in range(2):
        with pytest.raises(DiesError):
            send_next()
        clock.shift(timedelta(hours=1))
    settings.EMAIL_BACKEND = SMTP_BACKEND
    assert send_for_days(clock, send_next) == 1
    assert server.inbox == {"ada@example.org": 2}
    assert waiting() == 0


def test_a_process_that_was_taken_for_dead_sends_nothing_more(server, settings):
    signs_up()
    settings.EMAIL_BACKEND = f"{__name__}.SlowBackend"
    assert send_confirmation()
    assert not server.messages
    assert QueuedMail.objects.get().attempts == 2


def test_a_refused_log_in_is_tried_once_and_not_for_each_mail_that_waits(server, settings, clock):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "press", "wrong"
    server.greeting_trouble = Trouble("auth", "535 5.7.8 wrong password")
    email = add_list("harbour", "The Harbour Letter", sender_address="news@harbour.example.org")
    for number in range(20):
        sign_up(email, f"p{number}@example.org", ConsentSource(SourceKind.FORM), wording=wording_shown(email))
    assert sum(bool(send_confirmation()) for _ in range(30)) == 1
    assert server.log_ins == 1
    server.greeting_trouble = Trouble("")
    clock.shift(timedelta(minutes=5))
    assert sum(bool(send_confirmation()) for _ in range(30)) == 20
    assert len(server.inbox) == 20


def test_a_refused_log_in_is_tried_once_and_not_for_each_editor(server, settings, clock):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "press", "wrong"
    server.greeting_trouble = Trouble("auth", "535 5.7.8 wrong password")
    for number in range(5):
        name = f"editor{number}"
        get_user_model().objects.create(username=name, email=f"{name}@example.org")
        set_roles(name, [Role.EDITOR])
    notify(
        NotableEvent(
            key="test:closed", kind=Kind.BLOCKED, subject="Closed", text="It is closed.", link="/desk/"
        )
    )
    assert sum(bool(mail_next_notification()) for _ in range(10)) == 1
    assert server.log_ins == 1
    server.greeting_trouble = Trouble("")
    clock.shift(timedelta(minutes=5))
    assert sum(bool(mail_next_notification()) for _ in range(10)) == 5
    assert len(server.inbox) == 5


def test_a_confirmation_reaches_an_address_outside_ascii(server):
    signs_up("zoë@straße.example")
    assert send_confirmation()
    assert server.inbox == {"zoë@xn--strae-oqa.example": 1}
    assert "To: zoë@xn--strae-oqa.example\r\n".encode() in server.messages[0]


def test_a_server_without_smtputf8_gets_no_other_address_instead_and_that_is_said(server, caplog):
    server.offers = []
    signs_up("zoë@straße.example")
    assert send_confirmation()
    assert not server.inbox
    assert waiting() == 0
    assert "no SMTPUTF8" in caplog.text
    assert "zoë" not in caplog.text


def test_a_confirmation_has_as_long_as_any_email(settings):
    given = settings.NEWSLETTER
    assert get_connection(SMTP_BACKEND).timeout == given.smtp_timeout_seconds
    assert (
        given.smtp_timeout_seconds * 2 + given.smtp_reply_timeout_seconds < settings.SUBSCRIBERS_MAIL_SECONDS
    )

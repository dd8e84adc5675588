from datetime import timedelta

import pytest
from django.utils import timezone

from subscribers import confirmation_mails, consent, consent_wordings, signed_links
from subscribers.consent import ConsentSource, PersonalDetails
from subscribers.lists import add_list
from subscribers.models import QueuedMail, SourceKind, Subscription
from subscribers.signed_links import Purpose
from tests.subscribers.conftest import EMAIL

HOSTILE = "<script>alert(1)</script> http://evil.example"


def test_the_confirmation_has_a_link_and_nothing_that_a_stranger_typed(signs_up, mailoutbox):
    signs_up("ada@example.org", person=PersonalDetails(first_name=HOSTILE, last_name=HOSTILE))
    mail = mailoutbox[0]
    subscription = Subscription.objects.get()
    html = mail.alternatives[0].content
    link = signed_links.make_url(Purpose.CONFIRM, subscription)
    assert mail.subject == "Please confirm: The News"
    assert link in mail.body
    assert f'href="{link}"' in html
    assert mail.extra_headers["Auto-Submitted"] == "auto-generated"
    whole = mail.message().as_string()
    assert "evil" not in whole
    assert "alert(1)" not in whole
    assert "ada@example.org" not in mail.body + html


def test_the_mail_speaks_the_language_of_its_list(signs_up, mailoutbox):
    signs_up("ada@example.org", add_list("brief", "Der Brief & mehr", language="de-AT"))
    mail = mailoutbox[0]
    assert mail.subject == "Bitte bestätigen: Der Brief & mehr"
    assert "Der Brief & mehr" in mail.body
    assert "Der Brief &amp; mehr" in mail.alternatives[0].content
    assert '<html lang="de' in mail.alternatives[0].content


def test_a_repeated_sign_up_is_mailed_only_so_often(signs_up, mailoutbox, settings):
    settings.SUBSCRIBERS_MAX_CONFIRMATIONS = 2
    settings.SUBSCRIBERS_MAILS_PER_DAY = 100
    for _time in range(5):
        signs_up("ada@example.org")
    assert len(mailoutbox) == 2


def test_nobody_is_bombed_by_signing_their_address_up_for_every_list(signs_up, mailoutbox, settings):
    settings.SUBSCRIBERS_MAILS_PER_DAY = 3
    for number in range(6):
        signs_up("ada@example.org", add_list(f"list-{number}", f"List {number}"))
        signs_up("ADA@example.org", add_list(f"more-{number}", f"More {number}"))
    assert len(mailoutbox) == 3


def test_a_readers_address_is_not_bombed_either(ada, signs_up, mailoutbox, settings):
    settings.SUBSCRIBERS_MAILS_PER_DAY = 3
    for _time in range(6):
        signs_up("ada@example.org")
    assert len(mailoutbox) == 3


def test_a_mail_that_could_not_be_sent_goes_later(signs_up, mailoutbox, settings):
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "tests.subscribers.broken_mail_backend.BrokenBackend"
    signs_up("ada@example.org")
    assert (mailoutbox, QueuedMail.objects.count()) == ([], 1)
    settings.EMAIL_BACKEND = working
    assert not confirmation_mails.send_next_mail(timezone.now())
    assert confirmation_mails.send_next_mail(timezone.now() + timedelta(hours=1))
    assert not confirmation_mails.send_next_mail(timezone.now() + timedelta(hours=1))
    assert len(mailoutbox) == 1


def test_mail_may_be_left_to_the_clock(news, mailoutbox, settings, django_capture_on_commit_callbacks):
    settings.SUBSCRIBERS_MAIL_AT_ONCE = False
    with django_capture_on_commit_callbacks(execute=True):
        consent.sign_up(
            news,
            "ada@example.org",
            ConsentSource(SourceKind.FORM),
            wording=consent_wordings.wording_shown(news),
        )
    assert mailoutbox == []
    assert confirmation_mails.send_next_mail(timezone.now())
    assert len(mailoutbox) == 1


def test_a_notice_goes_once_though_two_processes_see_it(news, signs_up, mailoutbox, settings):
    settings.SUBSCRIBERS_MAIL_AT_ONCE = False
    signs_up("ada@example.org")
    notice = QueuedMail.objects.get()
    confirmation_mails.send_at_once(notice.pk, notice.due_at)
    confirmation_mails.send_at_once(notice.pk, notice.due_at)
    assert len(mailoutbox) == 1


def test_the_sender_is_the_lists_own_and_its_name_can_not_break_the_header(news, signs_up, mailoutbox):
    news.sender_address, news.sender_name = "news@example.org", "News,\r\nBcc: x@example.org"
    news.save()
    signs_up("ada@example.org")
    message = mailoutbox[0].message()
    assert message["From"].startswith('"News, Bcc: x@example.org" <news@example.org>')
    assert message["Bcc"] is None


@pytest.mark.parametrize("act", ["unsubscribe", "confirm"])
def test_what_was_settled_before_the_mail_went_is_not_undone_by_it(news, signs_up, act, settings):
    settings.SUBSCRIBERS_MAIL_AT_ONCE = False
    signs_up("ada@example.org")
    subscription = Subscription.objects.get()
    state = getattr(consent, act)(subscription, EMAIL).state
    assert confirmation_mails.send_next_mail(timezone.now())
    subscription.refresh_from_db()
    assert subscription.state == state


@pytest.mark.parametrize("attempts", [0, 1, 3])
def test_a_mail_whose_time_the_clock_has_left_a_day_ahead_is_sent_now(
    signs_up, mailoutbox, settings, attempts
):
    settings.SUBSCRIBERS_MAIL_AT_ONCE = False
    signs_up("ada@example.org")
    now = timezone.now()
    waits = timedelta(minutes=5) * attempts**2
    QueuedMail.objects.update(attempts=attempts, due_at=now + waits)
    assert confirmation_mails.send_next_mail(now + waits - timedelta(seconds=30)) is False
    QueuedMail.objects.update(due_at=now + waits + timedelta(days=1))
    assert confirmation_mails.send_next_mail(now)
    assert len(mailoutbox) == 1

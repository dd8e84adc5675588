"""Everybody is mailed once, in a mail of their own, and what the server does not take is tried again."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models.signals import post_save

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.errors import NotFound, Refused
from newsletter.notifications.detectors.notable_event import Kind, NotableEvent
from newsletter.notifications.models import Notification, NotificationMail
from newsletter.notifications.notification_mail_choices import set_notification_mail
from newsletter.notifications.notification_mails import mail_next_notification
from newsletter.notifications.notification_queue import QUEUE
from newsletter.notifications.write_notifications import notify
from subscribers.send_system_mail import LONGEST_WAIT, MAX_ATTEMPTS

pytestmark = pytest.mark.django_db
LEASE = timedelta(seconds=settings.SUBSCRIBERS_MAIL_SECONDS)
EVERYBODY = ["boss@example.org", "omar@example.org", "ruth@example.org"]


class Crash(BaseException):
    """The process dies here: nothing of ours catches it."""


class DyingBackend(BaseEmailBackend):
    """The server takes the mail, and the process dies before it has written that down."""

    def send_messages(self, email_messages):
        mail.outbox.extend(email_messages)
        raise Crash


def addresses():
    return sorted(address for each in mail.outbox for address in each.to)


def states():
    return sorted(NotificationMail.objects.values_list("state", flat=True))


def test_everybody_with_a_role_and_an_address_gets_a_mail_of_their_own(people, happen, send):
    happen("the pier is closed")
    send()
    send()
    assert addresses() == EVERYBODY
    assert [len(each.recipients()) for each in mail.outbox] == [1, 1, 1]
    assert states() == ["done"] * 3


def test_a_mail_says_what_happened_and_where_to_look_in_text_and_html(people, happen, send, publication):
    happen("the <pier> & more\n", publication=publication, reason="It was late.")
    send()
    made = mail.outbox[0]
    html, link = made.alternatives[0].content, "http://localhost:8000/desk/issues/harbour/1/"
    assert made.subject == "Blocked: the <pier> & more"
    assert made.body.startswith("The <pier> & more")
    assert "\n\nIt was late.\n" in made.body
    assert link in made.body
    assert f'href="{link}"' in html
    assert "The &lt;pier&gt; &amp; more" in html
    assert made.message()["From"] == "The Harbour Letter <news@harbour.example.org>"
    assert made.extra_headers["Auto-Submitted"] == "auto-generated"


def test_a_mail_has_the_look_of_its_publication_and_the_headers_of_its_sender(
    people, happen, send, publication
):
    publication.accent_colour, publication.reply_to = "#7a1f5c", "desk@harbour.example.org"
    publication.save()
    happen("a word " * 40, publication=publication)
    send()
    message, html = mail.outbox[0].message(), mail.outbox[0].alternatives[0].content
    assert message["Message-ID"].endswith("@harbour.example.org>")
    assert message["Content-Language"] == "en-GB"
    assert message["Reply-To"] == "desk@harbour.example.org"
    assert 'bgcolor="#7a1f5c"' in html
    assert '<html lang="en-GB" dir="ltr"' in html
    assert all(len(line) <= 78 for line in mail.outbox[0].body.splitlines())
    assert "\n-- \n" in mail.outbox[0].body


def test_figures_are_a_table_of_what_there_is(people, happen, send):
    happen("figures", data={"figures": {"accepted": 41_230, "opened_by_machine_only": 7, "bounced": 0}})
    send()
    made = mail.outbox[0]
    assert "\nAccepted: 41,230\nOpened by machine only: 7\n" in made.body
    assert ">41,230<" in made.alternatives[0].content
    assert "Bounced" not in made.body


def test_failing_sources_are_the_business_of_editors_and_administrators(people, send, failing_source, write):
    failing_source(25)
    write()
    send()
    assert addresses() == ["boss@example.org", "ruth@example.org"]


def test_two_accounts_with_one_address_get_one_mail(person, happen, send):
    person("ruth", Role.EDITOR, address="desk@example.org")
    person("sam", Role.EDITOR, address="Desk@example.org")
    happen("the pier is closed")
    send()
    assert addresses() == ["desk@example.org"]


def test_who_asked_for_no_mail_gets_none_until_they_ask_again(people, happen, send):
    set_notification_mail("ruth", wanted=False)
    set_notification_mail("ruth", wanted=False)
    happen("one")
    send()
    assert "ruth@example.org" not in addresses()
    set_notification_mail("ruth", wanted=True)
    happen("two")
    send()
    assert addresses().count("ruth@example.org") == 1


def test_nobody_but_an_administrator_asks_for_others(people):
    ruth = get_user_model().objects.get(username="ruth")
    with acting_as(Actor("ruth", frozenset({Role.EDITOR}), ruth.pk)):
        set_notification_mail("ruth", wanted=False)
        with pytest.raises(Refused, match="administrator"):
            set_notification_mail("omar", wanted=False)
    with pytest.raises(NotFound, match="users list"):
        set_notification_mail("nobody", wanted=False)


def test_who_lost_their_role_before_the_mail_went_is_left_out(people, happen, send):
    happen("the pier is closed")
    ruth = NotificationMail.objects.select_related("user").get(user__username="ruth")
    ruth.user.is_active = False
    ruth.user.save()
    send()
    assert states() == ["done", "done", "left out"]


def test_without_a_mail_server_it_is_tried_again_and_then_given_up(
    clock, person, happen, send, settings, caplog
):
    person("ruth", Role.EDITOR)
    happen("the pier is closed")
    settings.EMAIL_BACKEND = "tests.subscribers.broken_mail_backend.BrokenBackend"
    send()
    assert states() == ["waiting"]
    for _attempt in range(MAX_ATTEMPTS):
        assert not mail_next_notification()
        clock.shift(LONGEST_WAIT)
        send()
    assert states() == ["given up"]
    assert "in 23 attempts, so we stopped trying. ConnectionRefusedError" in caplog.text
    assert "Traceback" not in caplog.text
    assert "example.org" not in caplog.text


def test_the_next_attempt_reaches_a_server_that_is_back(clock, person, happen, send, settings):
    person("ruth", Role.EDITOR)
    happen("the pier is closed")
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "tests.subscribers.broken_mail_backend.BrokenBackend"
    send()
    settings.EMAIL_BACKEND = working
    clock.shift(timedelta(minutes=5))
    send()
    assert addresses() == ["ruth@example.org"]


def test_an_address_that_no_mail_can_go_to_is_given_up_too(clock, person, happen, send):
    person("ruth", Role.EDITOR, address="ruth@example.org\nBcc: all@example.org")
    happen("the pier is closed")
    for _attempt in range(MAX_ATTEMPTS):
        send()
        clock.shift(LONGEST_WAIT)
    assert (mail.outbox, states()) == ([], ["given up"])


def test_what_somebody_else_is_at_is_left_to_them_until_their_lease_ends(clock, person, happen, send):
    person("ruth", Role.EDITOR)
    happen("the pier is closed")
    seen, other = NotificationMail.objects.get(), NotificationMail.objects.get()
    assert QUEUE.claim(other, LEASE)
    assert not QUEUE.claim(seen, LEASE)
    send()
    assert mail.outbox == []
    clock.shift(LEASE)
    send()
    assert addresses() == ["ruth@example.org"]


def test_a_process_that_dies_with_a_mail_on_its_way_repeats_it_recognisably(
    clock, person, happen, send, settings
):
    person("ruth", Role.EDITOR)
    happen("the pier is closed")
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.DyingBackend"
    with pytest.raises(Crash):
        send()
    settings.EMAIL_BACKEND = working
    send()
    assert len(mail.outbox) == 1
    clock.shift(LEASE)
    send()
    assert len({each.extra_headers["Message-ID"] for each in mail.outbox}) == 1
    assert states() == ["done"]


def test_a_process_that_dies_while_it_writes_a_notice_down_leaves_it_to_the_next(
    people, failing_source, write, webhook
):
    def die(**_named):
        raise Crash

    failing_source(25)
    post_save.connect(die, sender=Notification)
    try:
        with pytest.raises(Crash), transaction.atomic():
            write()
    finally:
        post_save.disconnect(die, sender=Notification)
    assert not Notification.objects.exists()
    [notification] = write()
    assert (notification.mails.count(), notification.deliveries.count()) == (2, 1)


def test_what_another_clock_has_just_told_is_not_told_again(people, happen):
    fact = NotableEvent(key="test:once", kind=Kind.BLOCKED, subject="Held", text="It is held.", link="/desk/")
    notify(fact)
    notify(fact)
    assert (Notification.objects.count(), NotificationMail.objects.count()) == (1, 3)

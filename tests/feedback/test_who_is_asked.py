"""Whoever was erased or suppressed is never emailed about a question, and unconfirmed addresses are asked once."""

import io
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from newsletter.feedback.models import CaseMail, ReaderCase
from newsletter.feedback.receive_case import SentForm, receive_case
from subscribers import consent, consent_by_editor, erasure, suppression
from subscribers.consent_log import ConsentSource
from subscribers.imports.run_import import import_people
from subscribers.models import SourceKind, Subscriber, Subscription
from tests.feedback.reader_forms import send_mails

Reason = suppression.Reason
ANA, DORA = "ana@example.org", "dora@example.org"
EDITOR = ConsentSource(SourceKind.EDITOR, "Edith")
FORMS_AT_ONCE = 6
NEVER = sorted(set(Reason) - {Reason.LEFT_ALL, Reason.MOVED})


@pytest.fixture
def add_by_import(questioned):
    """Dora is imported to the newsletter’s list."""

    def add():
        sheet = io.BytesIO(f"email\n{DORA}\n".encode())
        import_people(sheet, questioned.publication.mailing_list, consent="Paper", name="people.csv")

    return add


@pytest.mark.django_db
@pytest.mark.parametrize("reason", NEVER)
def test_nothing_is_sent_to_a_suppressed_address(asks, complains, mailoutbox, reason):
    suppression.suppress(DORA, reason, EDITOR)
    case = asks(DORA)
    complains(DORA)
    send_mails()
    assert mailoutbox == []
    assert case.address == DORA


@pytest.mark.django_db
@pytest.mark.parametrize("reason", NEVER)
def test_nothing_is_sent_to_another_address_of_a_suppressed_mailbox(asks, complains, mailoutbox, reason):
    suppression.suppress(DORA, reason, EDITOR)
    suppression.suppress("d.ora@gmail.com", reason, EDITOR)
    for address in ("dora+tides@example.org", "d.ora+a+b@gmail.com"):
        asks(address)
        complains(address)
    send_mails()
    assert mailoutbox == []


@pytest.mark.django_db
@pytest.mark.parametrize("reason", NEVER)
def test_an_email_is_left_out_if_the_address_was_suppressed_meanwhile(asks, mailoutbox, reason):
    asks(DORA)
    suppression.suppress(DORA, reason, EDITOR)
    send_mails()
    assert mailoutbox == []
    assert CaseMail.objects.get().state == CaseMail.State.LEFT_OUT


@pytest.mark.django_db
def test_an_erased_person_is_not_emailed_whatever_is_typed(asks, complains, confirms, mailoutbox):
    confirms(asks(ANA))
    before = len(mailoutbox)
    erasure.erase(Subscriber.objects.get(address_key=ANA), EDITOR)
    asks("Ana@Example.org", "Typed by somebody else")
    complains(ANA)
    send_mails()
    assert len(mailoutbox) == before


@pytest.mark.django_db
def test_who_unsubscribed_from_everything_can_still_ask(asks, mailoutbox):
    suppression.suppress(DORA, Reason.LEFT_ALL, EDITOR)
    asks(DORA)
    send_mails()
    assert len(mailoutbox) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("by", ["import", "editor"])
def test_an_address_that_others_added_is_asked_once(asks, add_by_import, questioned, mailoutbox, by):
    asks(DORA, network="192.0.2.9")
    if by == "import":
        add_by_import()
    else:
        consent_by_editor.add_by_editor(questioned.publication.mailing_list, DORA, EDITOR, consent="On paper")
    assert Subscription.objects.get(subscriber__address_key=DORA).state == Subscription.State.ACTIVE
    for number in range(3):
        asks(DORA, f"Question {number}", network=f"192.0.2.{number}")
    send_mails()
    assert len(mailoutbox) == 1


@pytest.mark.django_db
def test_an_imported_reader_who_confirmed_is_asked_about_each_question(
    asks, add_by_import, questioned, mailoutbox
):
    add_by_import()
    subscription = Subscription.objects.get(subscriber__address_key=DORA)
    consent.unsubscribe(subscription, ConsentSource(SourceKind.EMAIL_LINK, ""))
    consent.resubscribe(subscription, ConsentSource(SourceKind.EMAIL_LINK, ""))
    for number in range(2):
        asks(DORA, f"Question {number}")
    send_mails()
    assert len(mailoutbox) == 2


@pytest.mark.django_db(transaction=True)
def test_forms_at_the_same_moment_ask_an_unconfirmed_address_once(questioned, article, add_by_import):
    add_by_import()
    publication, start, failed = questioned.publication, Barrier(FORMS_AT_ONCE), []

    def send(number):
        try:
            start.wait(30)
            receive_case(publication, SentForm(f"Question {number}", DORA, f"192.0.2.{number}", article))
        except Exception as error:  # noqa: BLE001 - reported by the test
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=send, args=(number,)) for number in range(FORMS_AT_ONCE)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert failed == []
    assert (
        ReaderCase.objects.filter(address_key=DORA, received_at__lte=timezone.now()).count() == FORMS_AT_ONCE
    )
    assert CaseMail.objects.count() == 1

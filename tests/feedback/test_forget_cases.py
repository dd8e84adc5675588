"""Questions are in the export of who sent them, and are erased with them, after a year, or by the board."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from newsletter.errors import Refused
from newsletter.feedback import board_acts
from newsletter.feedback.forget_cases import forget_old_case
from newsletter.feedback.models import CaseMail, ReaderCase
from subscribers import erasure, signed_links
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind, Subscriber
from tests.feedback.reader_forms import send_mails

pytestmark = pytest.mark.django_db
ANA = "ana@example.org"
EDITOR = ConsentSource(SourceKind.EDITOR, "Edith")


@pytest.fixture
def ana(questioned):
    """Ana, who reads the newsletter."""
    return Subscriber.objects.get(address_key=ANA)


def is_empty(case):
    case.refresh_from_db()
    return (case.text, case.answer, case.address, case.address_key) == ("", "", "", "")


def test_an_export_has_what_a_person_confirmed_and_nothing_that_others_typed(asks, complains, confirms, ana):
    mine = asks(ANA, "It was 40.")
    confirms(mine)
    asks(ANA, "Typed by somebody else")
    board_acts.decide(mine.pk, "answered", "Yes.")
    [sent] = erasure.export_person(ana)["questions"]
    assert (sent["text"], sent["answer"], sent["state"]) == ("It was 40.", "Yes.", "answered")


def test_a_person_reads_their_questions_with_their_other_data(asks, confirms, ana):
    confirms(asks(ANA, "It was 40."))
    path = signed_links.make_url(signed_links.Purpose.EXPORT, ana).removeprefix("http://localhost:8000")
    assert "It was 40." in Client().get(path).content.decode()


def test_erasing_a_person_erases_their_questions_and_what_others_typed_with_their_address(
    asks, complains, confirms, ana
):
    mine, forged, other = asks(ANA, "Mine"), asks(ANA, "Forged"), complains("dora@example.org")
    path = confirms(mine)
    erasure.erase(ana, EDITOR)
    assert is_empty(mine)
    assert is_empty(forged)
    assert not is_empty(other)
    assert ReaderCase.objects.count() == 3
    assert not CaseMail.objects.exclude(case=other).exists()
    assert Client().get(path).status_code == 404


def test_the_board_erases_what_is_closed(asks):
    case = asks("dora@example.org")
    with pytest.raises(Refused, match="Save your decision first"):
        board_acts.erase_case(case.pk)
    board_acts.decide(case.pk, "answered", "Dora, yes.")
    board_acts.erase_case(case.pk)
    assert is_empty(case)
    assert case.state == "answered"


def test_the_board_erases_nothing_before_the_reader_was_told_what_came_of_it(asks, confirms, mailoutbox):
    case = asks("dora@example.org")
    confirms(case)
    board_acts.decide(case.pk, "answered", "Dora, yes.")
    with pytest.raises(Refused, match="We have not emailed the decision to the reader yet"):
        board_acts.erase_case(case.pk)
    assert not is_empty(case)
    send_mails()
    assert "Dora, yes." in mailoutbox[-1].body
    board_acts.erase_case(case.pk)
    assert is_empty(case)


def forget_all():
    for _ in range(50):
        if not forget_old_case():
            return
    raise AssertionError("There was always another case to erase.")


def test_old_questions_and_addresses_that_nobody_confirmed_are_erased(asks, complains, confirms):
    closed, junk, unconfirmed = (asks(f"{name}@example.org") for name in ("dora", "eve", "fay"))
    confirmed, complaint = asks("gus@example.org"), complains("hal@example.org")
    confirms(confirmed)
    board_acts.decide(closed.pk, "answered", "Yes.")
    board_acts.mark_as_junk(junk.pk)
    forget_all()
    assert not any(map(is_empty, (closed, junk, unconfirmed)))
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        forget_all()
    assert is_empty(junk)
    unconfirmed.refresh_from_db()
    assert (unconfirmed.address, unconfirmed.text) == ("", "It was 40 per cent.")
    with time_machine.travel(timezone.now() + timedelta(days=366), tick=False):
        forget_all()
    assert is_empty(closed)
    assert not is_empty(confirmed)
    assert not is_empty(complaint)

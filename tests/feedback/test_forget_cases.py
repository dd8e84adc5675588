"""Questions are in the export of who sent them, and are erased with them, after a year, or by the board."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from newsletter.errors import Refused
from newsletter.feedback import board_acts
from newsletter.feedback.board_sentences import decided_sentence
from newsletter.feedback.case_limits import CASES_OF_NETWORK, require_within_limits
from newsletter.feedback.case_links import case_token
from newsletter.feedback.forget_cases import forget_old_case
from newsletter.feedback.models import CaseMail, ReaderCase
from subscribers import erasure, signed_links
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind, Subscriber, Suppression
from subscribers.suppression import suppress
from tests.feedback.reader_forms import link_in, send_mails

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
    assert Client().get(path).status_code == 410


@pytest.mark.parametrize("kind", ["question", "complaint"])
def test_the_board_erases_nothing_while_the_reader_can_confirm_their_address_to_be_told(
    kind, asks, complains, confirms, mailoutbox
):
    act = asks if kind == "question" else complains
    case, other = act("dora@example.org"), act("eve@example.org")
    send_mails()
    for each in (case, other):
        board_acts.decide(each.pk, "answered", "Yes, it was.")
        with pytest.raises(
            Refused, match=r"The reader can confirm their address until .*, and we will then email"
        ):
            board_acts.erase_case(each.pk)
    confirms(case)
    assert "Yes, it was." in mailoutbox[-1].body
    board_acts.erase_case(case.pk)
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        board_acts.erase_case(other.pk)
    assert is_empty(case)
    assert is_empty(other)


def test_the_board_erases_at_once_what_the_reader_asked_it_to_erase_or_whom_we_do_not_email(asks, mailoutbox):
    asked, suppressed = asks("dora@example.org"), asks("fay@example.org")
    send_mails()
    suppress("fay@example.org", Suppression.Reason.COMPLAINT, EDITOR)
    for case in (asked, suppressed):
        board_acts.decide(case.pk, "answered", "Yes.")
        case.refresh_from_db()
    assert "once they have confirmed" in decided_sentence(asked)
    assert "We do not email this address" in decided_sentence(suppressed)
    with pytest.raises(Refused, match="If the reader asked you to erase it, you can do so now"):
        board_acts.erase_case(asked.pk)
    board_acts.erase_case(asked.pk, reader_asked=True)
    board_acts.erase_case(suppressed.pk)
    assert is_empty(asked)
    assert is_empty(suppressed)
    with pytest.raises(Refused, match="Save your decision first"):
        board_acts.erase_case(asks("gus@example.org").pk, reader_asked=True)


def test_the_board_erases_what_is_closed(asks):
    case = asks()
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


@pytest.fixture
def expired(asks, mailoutbox):
    """A question that nobody confirmed in 30 days, and the path of the link to it."""
    case = asks("dora@example.org")
    send_mails()
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        forget_all()
        case.refresh_from_db()
        mailoutbox.clear()
        yield case, f"/my-question/{case_token(case)}/"


def test_the_page_of_an_expired_link_says_so_and_emails_a_new_one(expired, mailoutbox):
    case, path = expired
    reader = Client()
    page = reader.get(path)
    assert page.status_code == 410
    assert "This link has expired" in page.content.decode()
    assert "Part of the link may be missing" not in page.content.decode()
    assert reader.post(path, {"address": "dora@"}).status_code == 422
    assert reader.post(path, {"address": "dora@example.org"})["Location"] == "/ask/harbour/sent/"
    send_mails()
    forget_all()
    new = link_in(mailoutbox[0])
    assert reader.post(new, {"case": [str(case.pk)]}).status_code == 303
    case.refresh_from_db()
    assert case.confirmed_at
    page = reader.get(path)
    assert page.status_code == 410
    assert "If we have emailed you a newer link" in page.content.decode()
    assert reader.post(path, {"address": "eve@example.org"}).status_code == 410
    send_mails()
    assert {mail.to[0] for mail in mailoutbox} == {"dora@example.org"}


def test_a_renewed_link_that_nobody_uses_expires_again(expired, mailoutbox):
    case, path = expired
    Client().post(path, {"address": "dora@example.org"})
    forget_all()
    case.refresh_from_db()
    assert case.address
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        forget_all()
    case.refresh_from_db()
    assert not case.address


def test_an_expired_link_emails_nobody_who_must_not_be_emailed(expired, ana, mailoutbox):
    _case, path = expired
    erasure.erase(ana, EDITOR)
    assert Client().post(path, {"address": ANA}).status_code == 303
    send_mails()
    assert mailoutbox == []


def test_too_many_requests_for_new_links_are_refused_on_the_page(expired):
    _case, path = expired
    reader = Client(REMOTE_ADDR="192.0.2.77")
    for _ in range(CASES_OF_NETWORK):
        require_within_limits("192.0.2.77", "")
    page = reader.post(path, {"address": "dora@example.org"})
    assert page.status_code == 429
    assert 'value="dora@example.org"' in page.content.decode()


def test_the_link_to_what_was_erased_says_so(asks, confirms):
    case = asks("dora@example.org")
    path = f"/my-question/{case_token(case)}/"
    confirms(case)
    board_acts.decide(case.pk, "answered", "Yes.")
    send_mails()
    board_acts.erase_case(case.pk)
    page = Client().get(path)
    assert page.status_code == 410
    assert "We have erased what was sent" in page.content.decode()
    assert Client().post(path, {"address": "eve@example.org"}).status_code == 410
    assert is_empty(case)


def test_a_damaged_link_still_says_that_a_part_may_be_missing(asks):
    path = f"/my-question/{case_token(asks('dora@example.org'))[:-2]}/"
    page = Client().get(path)
    assert page.status_code == 404
    assert "Part of the link may be missing" in page.content.decode()

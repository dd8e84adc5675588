"""When an issue goes: its time, the question before sending, the minutes in which it is taken back, its mailing."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.utils import timezone

from newsletter.scheduling.approval import approve
from newsletter.scheduling.models import Schedule
from newsletter.scheduling.release import release_next_issue
from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.sending.plan import plan_next_mailing
from tests.sending.planned_mailing import planned_mailing

HERE = "/desk/issues/harbour-letter/1/"


@pytest.fixture
def approved(ruths_draft):
    approve(ruths_draft)
    ruths_draft.refresh_from_db()
    return ruths_draft


def text(answer):
    return answer.content.decode()


def test_an_editor_sets_the_time_by_the_publications_clock(desk_of, approved):
    ruth = desk_of("ruth")
    assert ruth.post(f"{HERE}schedule/", {"at": "Friday 07:30"}).url == f"{HERE}send/#what-happens"
    assert Schedule.objects.get().due_at == datetime(2026, 11, 27, 7, 30, tzinfo=UTC)
    page = text(ruth.get(f"{HERE}send/"))
    assert "This issue will be sent on Friday 27 November at 07:30 GMT (Europe/London) to 1 person" in page
    assert "Unschedule" in page


def test_a_time_by_each_readers_own_clock_is_said_so(desk_of, approved):
    ruth = desk_of("ruth")
    ruth.post(f"{HERE}schedule/", {"at": "Friday 07:30", "readers_time": "on"})
    assert "Friday 27 November at 07:30 in each reader’s time zone" in text(ruth.get(f"{HERE}send/"))


@pytest.mark.parametrize(
    ("written", "status", "sentence"),
    [
        ("soonish", 422, "read “soonish” as a date and time. Try “tomorrow 07:30”."),
        ("2026-11-20 07:30", 409, "That time has passed"),
    ],
)
def test_a_time_that_can_not_be_is_a_sentence_and_what_was_typed_is_kept(
    desk_of, approved, written, status, sentence
):
    answer = desk_of("ruth").post(f"{HERE}schedule/", {"at": written, "readers_time": "on"})
    assert answer.status_code == status
    assert sentence in text(answer)
    assert f'value="{written}"' in text(answer)
    assert 'name="readers_time" value="on" checked' in text(answer)
    assert not Schedule.objects.exists()


@pytest.mark.parametrize(
    ("written", "choices", "taken", "due"),
    [
        (
            "2027-10-31 01:30",
            ("2027-10-31 01:30 BST", "2027-10-31 01:30 GMT"),
            "2027-10-31 01:30 GMT",
            datetime(2027, 10, 31, 1, 30, tzinfo=UTC),
        ),
        (
            "2027-03-28 01:30",
            ("2027-03-28 00:59", "2027-03-28 02:00"),
            "2027-03-28 02:00",
            datetime(2027, 3, 28, 1, 0, tzinfo=UTC),
        ),
    ],
    ids=["twice", "never"],
)
def test_of_an_hour_that_comes_twice_or_never_one_is_chosen_by_a_button(
    desk_of, approved, written, choices, taken, due
):
    ruth = desk_of("ruth")
    answer = ruth.post(f"{HERE}schedule/", {"at": written})
    assert answer.status_code == 409
    for choice in choices:
        assert f'name="at" value="{choice}"' in text(answer)
    assert not Schedule.objects.exists()
    assert ruth.post(f"{HERE}schedule/", {"at": taken}).status_code == 303
    assert Schedule.objects.get().due_at == due


def test_a_draft_with_a_time_says_that_it_needs_approval(desk_of, ruths_draft):
    ruth = desk_of("ruth")
    ruth.post(f"{HERE}schedule/", {"at": "Friday 07:30"})
    assert "if somebody approves it before then." in text(ruth.get(f"{HERE}send/"))


def test_a_time_is_moved_and_taken_away(desk_of, approved):
    ruth = desk_of("ruth")
    ruth.post(f"{HERE}schedule/", {"at": "Friday 07:30"})
    ruth.post(f"{HERE}schedule/", {"at": "Friday 08:30"})
    assert Schedule.objects.get().due_at.hour == 8
    assert ruth.post(f"{HERE}unschedule/").url == f"{HERE}send/#what-happens"
    assert not Schedule.objects.exists()
    assert ruth.post(f"{HERE}unschedule/").status_code == 409


def test_before_sending_it_is_asked_with_the_number_of_people(desk_of, approved):
    page = text(desk_of("amir").get(f"{HERE}send/now/"))
    assert "Send this issue to 1 person?" in page
    assert (
        "The issue will be sent to everybody on the list “The Harbour Letter”: 1 person (this is the first issue)."
        in page
    )
    assert "Sending starts in 5 minutes. Until then, you can undo this." in page
    assert not Schedule.objects.exists()


def test_after_send_one_button_takes_it_back(desk_of, approved):
    amir = desk_of("amir")
    assert amir.post(f"{HERE}send/now/").url == f"{HERE}send/#undo"
    page = text(amir.get(f"{HERE}send/"))
    assert 'data-seconds="300"' in page or 'data-seconds="299"' in page
    assert "Undo send" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    amir.post(f"{HERE}unschedule/")
    with time_machine.travel(datetime(2026, 11, 23, 10, 0, tzinfo=UTC)):
        assert not release_next_issue()
    approved.refresh_from_db()
    assert approved.state == "approved"


def test_taken_back_too_late_it_is_said_that_it_goes(desk_of, approved):
    amir = desk_of("amir")
    amir.post(f"{HERE}send/now/")
    with time_machine.travel(datetime(2026, 11, 23, 9, 6, tzinfo=UTC)):
        assert release_next_issue()
        answer = amir.post(f"{HERE}unschedule/")
    assert answer.status_code == 409
    assert "is being sent" in text(answer)


def test_what_is_not_approved_can_not_be_sent(desk_of, ruths_draft):
    answer = desk_of("amir").post(f"{HERE}send/now/")
    assert answer.status_code == 409
    assert "Approve it first" in text(answer)
    assert not Schedule.objects.exists()


def test_an_editor_neither_sends_nor_goes_on_nor_stops(desk_of, approved):
    mailing = planned_mailing(approved)
    ruth = desk_of("ruth")
    assert ruth.post(f"{HERE}mailing/pause/", {"why": "A wrong headline."}).status_code == 303
    for act in ("send/now", "mailing/resume", "mailing/stop", "mailing/retry"):
        assert ruth.post(f"{HERE}{act}/").status_code == 409
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.PAUSED
    page = text(ruth.get(f"{HERE}send/"))
    assert "A wrong headline." in page
    assert "Only a sender can stop a mailing." in page


def test_a_mailing_is_paused_resumed_and_stopped_after_a_question(desk_of, approved):
    mailing = planned_mailing(approved)
    amir = desk_of("amir")
    amir.post(f"{HERE}mailing/pause/")
    mailing.refresh_from_db()
    assert mailing.pause_reason == "Paused by amir."
    amir.post(f"{HERE}mailing/resume/")
    assert "Stop the mailing before it is sent to the remaining 1 person?" in text(
        amir.get(f"{HERE}mailing/stop/")
    )
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.SENDING
    amir.post(f"{HERE}mailing/stop/")
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.STOPPED


def test_the_page_says_that_an_email_is_still_being_sent_after_a_stop(desk_of, approved):
    planned_mailing(approved)
    amir = desk_of("amir")
    person = Recipient.objects.get()
    in_hand = Batch.objects.filter(pk=person.batch_id)
    in_hand.update(
        state=Batch.State.POSTING, attempts=1, current_recipient=person.pk, posted_at=timezone.now()
    )
    assert "It is too late to stop sending the issue to 1 person." in text(amir.get(f"{HERE}mailing/stop/"))
    assert amir.post(f"{HERE}mailing/stop/").status_code == 303
    page = text(amir.get(f"{HERE}send/"))
    assert "0 people will not get the email." in page
    assert "It is too late to stop sending it to 1 person." in page
    assert "Stopping" in page
    assert "will not be sent to anyone else." in page
    in_hand.update(current_recipient=0)
    assert "Stopped" in text(amir.get(f"{HERE}send/"))


def test_who_was_refused_for_their_own_address_is_not_offered_a_retry(desk_of, approved):
    mailing = planned_mailing(approved)
    amir = desk_of("amir")
    amir.post(f"{HERE}mailing/stop/")
    Recipient.objects.update(state=Recipient.State.REJECTED, rejected_for=Recipient.RejectedFor.PERSON)
    assert "Send again to" not in text(amir.get(f"{HERE}send/"))
    assert amir.post(f"{HERE}mailing/retry/").status_code == 409
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.STOPPED


def test_who_did_not_get_a_stopped_mailing_can_have_it_after_all(desk_of, approved):
    mailing = planned_mailing(approved)
    amir = desk_of("amir")
    amir.post(f"{HERE}mailing/stop/")
    assert "Send again to the 1 person who did not get it" in text(amir.get(f"{HERE}send/"))
    amir.post(f"{HERE}mailing/retry/")
    while send_next_batch(mailing.pk):
        pass
    approved.refresh_from_db()
    assert approved.state == "sent"


def test_the_figures_of_a_mailing_add_up_on_its_page(desk_of, approved):
    amir = desk_of("amir")
    amir.post(f"{HERE}send/now/")
    with time_machine.travel(datetime(2026, 11, 23, 9, 6, tzinfo=UTC)):
        assert release_next_issue()
        assert "Sending will start shortly." in text(amir.get("/desk/"))
        mailing = plan_next_mailing()
        assert "0% done." in text(amir.get(f"{HERE}send/"))
        while send_next_batch(mailing.pk):
            pass
        page = text(amir.get(f"{HERE}send/"))
    assert "Everybody is counted once." in page
    assert "This issue was sent on Monday 23 November at 09:06 to a folder on the server." in page


def test_an_issue_without_a_mailing_has_none_to_pause(desk_of, approved):
    assert desk_of("amir").post(f"{HERE}mailing/pause/").status_code == 404

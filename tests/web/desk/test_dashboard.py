"""The first page: what waits, by publication."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import acting_as
from newsletter.issues.edit_issue import set_subject
from newsletter.scheduling.approval import approve
from newsletter.scheduling.release import block_issue
from newsletter.scheduling.schedule import schedule_at, send_after_undo_window
from newsletter.sending import mailing_controls
from tests.sending.planned_mailing import planned_mailing


def front(desk_of, name="amir"):
    return desk_of(name).get("/desk/").content.decode()


def test_an_empty_press_says_what_to_do(desk_of):
    assert "newsletter publications load FILE" in front(desk_of)


def test_a_publication_where_nothing_is_open_says_so(desk_of, publication):
    page = front(desk_of)
    assert publication.name in page
    assert "No issues are open." in page
    assert "Nothing needs your attention." in page


def test_an_editor_drafts_the_next_issue_from_here(desk_of, publication):
    answer = desk_of("ruth").post("/desk/publications/harbour-letter/draft/")
    assert answer.url == "/desk/issues/harbour-letter/1/"
    issue = publication.issues.get()
    assert issue.audit.get(act="compose").actor == "ruth"


def test_too_few_articles_are_a_sentence_beside_the_button(desk_of, ruths_draft):
    answer = desk_of("ruth").post("/desk/publications/harbour-letter/draft/")
    assert answer.status_code == 409
    assert "We found no new articles since issue 1" in answer.content.decode()
    assert ruths_draft.publication.issues.count() == 1


def test_a_draft_waits_for_whoever_may_approve(desk_of, ruths_draft):
    page = front(desk_of)
    assert "To approve" in page
    assert ruths_draft.subject in page
    assert "One issue needs a decision." in page
    assert "last edited by ruth" in page


def test_a_draft_does_not_ask_for_whoever_may_not_approve_it(desk_of, ruths_draft):
    page = front(desk_of, "ruth")
    assert "Nothing needs your attention." in page
    assert "To approve" not in page
    assert ruths_draft.subject in page


def test_whoever_wrote_what_needs_a_second_person_is_told_so(desk_of, people, ruths_draft):
    ruths_draft.publication.four_eyes = True
    ruths_draft.publication.save()
    with acting_as(people["amir"]):
        set_subject(ruths_draft, "Amir's subject")
    page = front(desk_of)
    assert "somebody else must approve this one" in page
    assert "Nothing needs your attention." in page
    assert "One issue needs a decision." in front(desk_of, "ada")


def test_a_held_issue_says_why(desk_of, ruths_draft):
    with transaction.atomic():
        block_issue(ruths_draft, "It was not approved in time.")
    assert "It was not approved in time." in front(desk_of)


def test_a_scheduled_issue_says_when_by_its_publications_clock_and_to_how_many(desk_of, ruths_draft):
    approve(ruths_draft)
    schedule_at(ruths_draft, timezone.now() + timedelta(days=7))
    page = front(desk_of)
    assert "Monday 30 November at 09:00 GMT (Europe/London) to 1 person (this is the first issue)." in page


def test_what_was_sent_a_moment_ago_can_still_be_taken_back(desk_of, ruths_draft):
    approve(ruths_draft)
    send_after_undo_window(ruths_draft)
    page = front(desk_of)
    assert "Sending soon" in page
    assert "This issue will be sent in 5 minutes to 1 person" in page


def test_a_paused_mailing_says_why_and_how_far_it_came(desk_of, ruths_draft):
    mailing = planned_mailing(ruths_draft)
    mailing_controls.pause_mailing(mailing.pk, "A wrong headline.")
    page = front(desk_of)
    assert "A wrong headline. Progress: 0 of 1 person." in page


def test_what_was_sent_last_is_shown_with_its_figures(desk_of, sent_issue):
    page = front(desk_of)
    assert "This issue was sent Monday 23 November" in page
    assert "The email was accepted for delivery to 1 recipient." in page


def test_no_page_shows_an_address_of_a_subscriber(desk_of, people, ruths_draft):
    with acting_as(people["amir"]):
        planned_mailing(ruths_draft)
    amir = desk_of("amir")
    for page in ("/desk/", "/desk/audit/", "/desk/issues/harbour-letter/1/"):
        assert "amara@" not in amir.get(page).content.decode()

"""The web page of a sent issue is corrected in the open or withdrawn, and the email that was sent stays as it was."""

import pytest

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.errors import Invalid, NotFound, Refused
from newsletter.issues.models import AuditEntry
from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Variant
from newsletter.sending.published_issues import Withdrawn, email_online, found_issues, published_issues
from newsletter.sending.web_page_changes import (
    correct_web_page,
    corrections_of,
    undo_web_page_change,
    why_not_change_web_page,
    why_not_correct_web_page,
    withdraw_web_page,
)
from tests.sending.planned_mailing import planned_mailing

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(issue, join, way_out):
    join("ana")
    planned_mailing(issue)
    while send_next_batch():
        pass
    issue.refresh_from_db()
    return issue


def online(issue):
    return email_online(issue.publication, issue.number)


def test_words_are_replaced_on_the_web_and_not_in_the_stored_email(sent):
    before = Variant.objects.get().email
    correct_web_page(sent, "The headline was wrong.", old="Tides explained", new="Tides & <piers> explained")
    assert "Tides &amp; &lt;piers&gt; explained" in online(sent).page
    assert "Tides explained" not in online(sent).page
    assert Variant.objects.get().email == before


def test_a_subject_is_corrected_too(sent):
    correct_web_page(sent, "The subject was wrong.", old="Tides", new="Ebbs")
    assert online(sent).subject == "Ebbs"


def test_a_link_s_address_is_left_alone(sent):
    with pytest.raises(Invalid, match="We could not find “harbour"):
        correct_web_page(sent, "Wrong.", old="harbour.example.org/a", new="evil.example.org")


def test_new_words_cannot_smuggle_in_a_merge_tag(sent):
    correct_web_page(sent, "Wrong.", old="Tides explained", new="*|UNSUBSCRIBE_URL|*")
    assert "*|UNSUBSCRIBE_URL|*" not in online(sent).page
    assert "subscribe" not in online(sent).page.replace("UNSUBSCRIBE_URL", "")


def test_a_correction_needs_a_note_and_words_that_stand_on_the_page(sent):
    with pytest.raises(Invalid, match="Enter what was changed"):
        correct_web_page(sent, "  ")
    with pytest.raises(Invalid, match="We could not find “no such words”"):
        correct_web_page(sent, "Wrong.", old="no such words", new="x")
    with pytest.raises(Invalid, match="Enter the words on the page that you want to replace"):
        correct_web_page(sent, "Wrong.", new="x")
    assert corrections_of(sent) == []


def test_a_correction_can_be_undone_once(sent):
    change = correct_web_page(sent, "Wrong.", old="Tides explained", new="Ebbs")
    undo_web_page_change(sent, change.pk)
    assert "Tides explained" in online(sent).page
    with pytest.raises(Refused, match="already been undone"):
        undo_web_page_change(sent, change.pk)
    with pytest.raises(NotFound):
        undo_web_page_change(sent, change.pk + 1)


def test_a_correction_of_corrected_words_is_undone_first(sent):
    first = correct_web_page(sent, "Wrong.", old="Tides explained", new="Ebbs explained")
    second = correct_web_page(sent, "Wrong again.", old="Ebbs explained", new="Piers explained")
    with pytest.raises(Refused, match="Undo the later correction first"):
        undo_web_page_change(sent, first.pk)
    undo_web_page_change(sent, second.pk)
    undo_web_page_change(sent, first.pk)
    assert "Tides explained" in online(sent).page


def test_a_withdrawn_page_says_why_and_is_in_no_list(sent):
    change = withdraw_web_page(sent, "A person asked us to remove their story.")
    with pytest.raises(Withdrawn, match="A person asked us to remove their story"):
        online(sent)
    assert not published_issues(sent.publication).exists()
    assert not found_issues(sent.publication, "Tides").exists()
    with pytest.raises(Refused, match="has already been withdrawn"):
        withdraw_web_page(sent, "Again.")
    assert (
        why_not_correct_web_page(sent)
        == "The web page of this issue was withdrawn. First undo the withdrawal."
    )
    undo_web_page_change(sent, change.pk)
    assert "Tides explained" in online(sent).page
    withdraw_web_page(sent, "A second time.")


def test_only_an_approver_changes_what_the_public_reads_and_only_after_sending(sent, issue):
    with acting_as(Actor("ruth", frozenset({Role.EDITOR}), 1)):
        for act in (lambda: correct_web_page(sent, "Wrong."), lambda: withdraw_web_page(sent, "Wrong.")):
            with pytest.raises(Refused, match="Only an approver can"):
                act()
    assert why_not_change_web_page(sent) == ""


def test_an_issue_that_was_not_sent_has_no_page_to_change(issue):
    with pytest.raises(Refused, match="has not been sent, so it has no web page yet"):
        withdraw_web_page(issue, "Wrong.")


def test_every_change_is_in_the_audit_log(sent):
    change = correct_web_page(sent, "It was the ebb.", old="Tides explained", new="Ebbs")
    undo_web_page_change(sent, change.pk)
    withdraw_web_page(sent, "A mistake.")
    entries = AuditEntry.objects.filter(act="web-page", issue=sent)
    assert [each.sentence for each in entries] == [
        "Corrected the web page: It was the ebb.",
        "Undid a correction to the web page.",
        "Withdrew the web page: A mistake.",
    ]
    assert entries[0].changes == {"page": ["Tides explained", "Ebbs"]}

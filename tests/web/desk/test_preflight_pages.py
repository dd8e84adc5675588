"""The findings on the part Review: an error blocks the approval, and an approver can overrule it for a reason."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from newsletter.background_jobs.run_jobs import run_next_job
from newsletter.issues.models import Approval, AuditEntry, Issue
from newsletter.issues.saved_segments import add_segment
from newsletter.preflight.all_checks import check_now
from newsletter.preflight.finding import Level
from newsletter.preflight.models import OverruledFinding
from newsletter.scheduler import JOBS
from newsletter.sending import audience
from subscribers.models import Subscriber, Subscription

HERE = "/desk/issues/harbour-letter/1/"


def text(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def without_subject(ruths_draft):
    """A draft with one error."""
    Issue.objects.update(subject=" ")
    return Issue.objects.get()


@pytest.fixture
def error(without_subject):
    [found] = [each for each in check_now(without_subject) if each.level is Level.ERROR]
    return found


def test_an_error_is_shown_with_its_reason_and_leads_to_its_field(desk_of, error):
    answer = desk_of("ruth").get(f"{HERE}review/")
    assert error.what in text(answer)
    assert error.why in text(answer)
    assert f'href="{HERE}details/#subject"' in answer.content.decode()
    assert "Overrule this error" not in text(answer)
    assert "Overrule this error" in text(desk_of("amir").get(f"{HERE}review/"))


@pytest.mark.usefixtures("without_subject")
def test_an_error_blocks_the_approval_and_is_said_beside_the_button(desk_of):
    refused = desk_of("amir").post(f"{HERE}approve/")
    assert refused.status_code == 409
    assert "has 1 error, so it cannot be approved. The subject is empty." in text(refused)
    assert not Approval.objects.exists()


def test_send_shows_the_errors_that_the_checks_stored_about_this_version(desk_of, error):
    amir = desk_of("amir")
    assert "The checks found" not in text(amir.get(f"{HERE}send/"))
    amir.post(f"{HERE}approve/")
    page = amir.get(f"{HERE}send/")
    assert "The checks found an error in this version: The subject is empty." in text(page)
    assert f'href="{HERE}review/"' in page.content.decode()
    amir.post(f"{HERE}review/overrule/", {"finding": error.fingerprint, "reason": "A joke about silence"})
    assert "The checks found" not in text(amir.get(f"{HERE}send/"))
    amir.post(f"{HERE}review/overrule/", {"finding": error.fingerprint, "again": "yes"})
    Issue.objects.update(subject="Tides")
    assert "The checks found" not in text(amir.get(f"{HERE}send/"))


def test_an_approver_overrules_an_error_for_a_reason_and_approves(desk_of, error):
    amir = desk_of("amir")
    finding = {"finding": error.fingerprint}
    refused = amir.post(f"{HERE}review/overrule/", finding | {"reason": " "})
    assert refused.status_code == 422
    assert "Enter a reason for ignoring the error" in text(refused)
    assert (
        amir.post(f"{HERE}review/overrule/", finding | {"reason": "A joke about silence"}).status_code == 303
    )
    page = text(amir.get(f"{HERE}review/"))
    assert "amir overruled this error. Reason: A joke about silence" in page
    entry = AuditEntry.objects.get(act="overrule")
    assert (entry.actor, "A joke about silence" in entry.sentence) == ("amir", True)
    assert amir.post(f"{HERE}approve/").status_code == 303
    [run] = Issue.objects.get().preflight_runs.all()
    [kept] = [each for each in run.findings if each["overruled_because"]]
    assert (kept["overruled_by"], run.errors) == ("amir", 0)


def test_an_error_that_was_overruled_can_block_the_approval_again(desk_of, error):
    amir = desk_of("amir")
    finding = {"finding": error.fingerprint}
    amir.post(f"{HERE}review/overrule/", finding | {"reason": "A joke about silence"})
    amir.post(f"{HERE}review/overrule/", finding | {"again": "yes"})
    assert not OverruledFinding.objects.exists()
    assert amir.post(f"{HERE}approve/").status_code == 409


def test_only_what_the_checks_find_now_can_be_overruled_or_mended(desk_of, error):
    amir = desk_of("amir")
    Issue.objects.update(subject="Tides")
    for address in ("overrule", "mend"):
        answer = amir.post(f"{HERE}review/{address}/", {"finding": error.fingerprint, "reason": "Why not"})
        assert answer.status_code == 404
        assert "no longer find" in text(answer)
    assert desk_of("ruth").post(f"{HERE}review/overrule/", {"finding": error.fingerprint}).status_code == 409


def test_a_sent_issue_has_no_findings_to_overrule(desk_of, error):
    Issue.objects.update(state=Issue.State.SENT, sent_at=timezone.now())
    answer = desk_of("amir").post(f"{HERE}review/overrule/", {"finding": error.fingerprint, "reason": "Late"})
    assert answer.status_code == 409


CHECKS = "/desk/settings/publications/harbour-letter/checks/"


@pytest.fixture
def with_checklist(desk_of, ruths_draft):
    """A publication with a sentence that somebody must tick, which Ada wrote."""
    answer = desk_of("ada").post(
        CHECKS, {"checklist": "The chair has read it.\n\n", "level-size.styles": "off"}
    )
    assert answer.status_code == 303
    return Issue.objects.get()


def test_a_sentence_of_the_checklist_is_ticked_by_a_person_before_an_approval(desk_of, with_checklist):
    ruth, amir = desk_of("ruth"), desk_of("amir")
    refused = amir.post(f"{HERE}approve/")
    assert "1 sentence in the checklist has not been ticked: “The chair has read it.”" in text(refused)
    sentence = {"sentence": "The chair has read it.", "is": "true"}
    assert ruth.post(f"{HERE}review/checklist/", sentence).status_code == 303
    assert "Ticked by ruth" in text(amir.get(f"{HERE}review/"))
    assert AuditEntry.objects.filter(act="checklist", actor="ruth").count() == 1
    ruth.post(f"{HERE}review/checklist/", sentence | {"is": "open"})
    assert amir.post(f"{HERE}approve/").status_code == 409
    amir.post(f"{HERE}review/checklist/", sentence)
    assert amir.post(f"{HERE}approve/").status_code == 303
    assert (
        ruth.post(f"{HERE}review/checklist/", {"sentence": "Something else", "is": "true"}).status_code == 404
    )


def test_an_administrator_chooses_how_serious_a_rule_is_and_it_is_recorded(desk_of, with_checklist):
    page = desk_of("ada").get(CHECKS).content.decode()
    assert re.search(r'<select id="level-size-styles".*?<option value="off" selected', page, re.DOTALL)
    # Only the groups with a change are open.
    assert page.count('class="checks-of-a-kind" open') == 1
    assert re.search(
        r'class="checks-of-a-kind" open><summary><h2>Size</h2> <span class="small">\d+ checks, 1 changed',
        page,
    )
    entry = AuditEntry.objects.get(act="checks")
    assert entry.changes["levels"] == [{}, {"size.styles": "off"}]
    assert desk_of("ruth").get(CHECKS).status_code == 409


def test_a_rule_that_never_blocks_cannot_be_an_error(desk_of, ruths_draft):
    answer = desk_of("ada").post(CHECKS, {"level-clients.not-supported": "error"})
    assert answer.status_code == 422
    assert "Choose one of the levels" in text(answer)


def test_checks_that_a_colleague_changed_are_not_overwritten_unseen(desk_of, with_checklist):
    ada = desk_of("ada")
    seen = re.search(r'name="seen" value="(\w+)"', ada.get(CHECKS).content.decode())[1]
    ada.post(CHECKS, {"checklist": "The dates are right.", "seen": seen})
    refused = ada.post(CHECKS, {"checklist": "Mine.", "seen": seen})
    assert refused.status_code == 409
    assert "Somebody else has changed these settings" in text(refused)
    assert "The dates are right." in text(refused)
    assert "Mine." in text(refused)


def test_the_links_are_opened_when_somebody_asks(desk_of, ruths_draft):
    ruth = desk_of("ruth")
    assert "We have not opened the " in text(ruth.get(f"{HERE}review/"))
    assert ruth.post(f"{HERE}review/links/").url == f"{HERE}review/#links"
    assert "We are opening the links" in text(ruth.get(f"{HERE}review/"))
    assert run_next_job(JOBS)
    assert "We are opening the links" not in text(ruth.get(f"{HERE}review/"))


@pytest.fixture
def large_list_without_readers(desk_of, ruths_draft, monkeypatch):
    """A draft whose segment has no members. Two people are many, and nobody to send to is an error."""
    monkeypatch.setattr(audience, "LARGE", 1)
    for name in ("ben", "cem"):
        one = Subscriber.objects.create(address=f"{name}@example.org", address_key=f"{name}@example.org")
        Subscription.objects.create(
            subscriber=one, list=ruths_draft.publication.mailing_list, state=Subscription.State.ACTIVE
        )
    trustees = add_segment(ruths_draft.publication.mailing_list, "Trustees", "first name is Nobody")
    Issue.objects.update(audience={"segment": trustees.pk})
    assert desk_of("ada").post(CHECKS, {"level-audience.nobody": "error"}).status_code == 303


def test_the_people_of_a_large_list_are_checked_when_they_are_counted(desk_of, large_list_without_readers):
    amir, said = desk_of("amir"), "the segment “Trustees” has no members"
    amir.get(f"{HERE}review/")
    with CaptureQueriesContext(connection) as queries:
        page = amir.get(f"{HERE}review/")
    assert said not in text(page)
    assert "COUNT(" not in str(queries.captured_queries)
    assert len(queries) <= 50
    counted = amir.get(f"{HERE}review/audience/", HTTP_HX_REQUEST="true")
    for answer in (counted, amir.get(f"{HERE}review/?count=1"), amir.post(f"{HERE}approve/")):
        assert said in text(answer)
    [fingerprint] = re.findall(r'name="finding" value="(\w+)"', counted.content.decode())
    reason = {"finding": fingerprint, "reason": "A test of the archive"}
    assert amir.post(f"{HERE}review/overrule/", reason).status_code == 303
    again = amir.get(f"{HERE}review/audience/", HTTP_HX_REQUEST="true")
    assert "amir overruled this error. Reason: A test of the archive" in text(again)
    assert amir.post(f"{HERE}approve/").status_code == 303


def test_the_people_of_a_small_list_are_checked_on_the_page_alone(desk_of, ruths_draft):
    Subscription.objects.all().delete()
    said = "Nobody would receive this issue, because the list"
    assert said in text(desk_of("amir").get(f"{HERE}review/"))
    assert said not in text(desk_of("amir").get(f"{HERE}review/audience/", HTTP_HX_REQUEST="true"))

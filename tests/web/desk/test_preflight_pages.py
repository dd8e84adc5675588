"""The findings on the part Review: an error blocks the approval, and an approver can overrule it for a reason."""

import re

import pytest
from django.utils import timezone

from newsletter.issues.models import Approval, AuditEntry, Issue
from newsletter.preflight.all_checks import check_now
from newsletter.preflight.finding import Level
from newsletter.preflight.models import OverruledFinding

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


def test_an_approver_overrules_an_error_for_a_reason_and_approves(desk_of, error):
    amir = desk_of("amir")
    finding = {"finding": error.fingerprint}
    refused = amir.post(f"{HERE}review/overrule/", finding | {"reason": " "})
    assert refused.status_code == 422
    assert "why the error can be ignored" in text(refused)
    assert (
        amir.post(f"{HERE}review/overrule/", finding | {"reason": "A joke about silence"}).status_code == 303
    )
    page = text(amir.get(f"{HERE}review/"))
    assert "amir overruled this error because: A joke about silence" in page
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

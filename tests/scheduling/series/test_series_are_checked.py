"""An issue that a series would send without a person’s approval passes the same checks, or is blocked."""

from functools import partial

from newsletter.issues.models import Approval, Issue
from newsletter.preflight.models import PreflightSettings
from newsletter.preflight.run_preflight import run_preflight
from newsletter.scheduler import TASKS
from newsletter.scheduling.draft_occurrences import draft_next_occurrence


def test_an_issue_in_which_the_checks_find_an_error_is_blocked_with_the_error(
    tuesdays, publish, clock, weekly
):
    PreflightSettings.objects.create(publication=weekly, checklist=["The chair has read it."])
    tuesdays("send")
    publish(1)
    clock.move_to("2026-12-01T07:30")
    assert draft_next_occurrence(run_preflight)
    issue = Issue.objects.get()
    assert issue.state == Issue.State.BLOCKED
    assert "has 1 error, so it cannot be approved" in issue.blocked_reason
    assert "The chair has read it." in issue.blocked_reason
    assert not Approval.objects.exists()


def test_an_issue_without_errors_is_scheduled_and_its_findings_are_kept(tuesdays, publish, clock, weekly):
    tuesdays("send")
    publish(1)
    clock.move_to("2026-12-01T07:30")
    assert draft_next_occurrence(run_preflight)
    issue = Issue.objects.get()
    assert (issue.state, issue.blocked_reason) == (Issue.State.SCHEDULED, "")
    assert issue.preflight_runs.get().digest == Approval.objects.get().digest


def test_the_scheduler_gives_the_checks_to_series():
    [task] = [task for task in TASKS if "draft recurring issues" in task.name]
    assert isinstance(task.do_one, partial)
    assert task.do_one.func is draft_next_occurrence
    assert run_preflight in task.do_one.args

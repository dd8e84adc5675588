"""An issue that a series would send without a person’s approval passes the same checks, or is blocked."""

from functools import partial

from newsletter.background_jobs.run_jobs import run_next_job
from newsletter.issues.models import Approval, Issue, StandingBlock
from newsletter.preflight.check_recurring_issues import ask_for_links_of_recurring_issue, links_to_open
from newsletter.preflight.models import PreflightSettings
from newsletter.preflight.run_preflight import run_preflight
from newsletter.preflight.stored_errors import stored_errors
from newsletter.scheduler import JOBS, TASKS
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
    assert task.do_one.args == (run_preflight, links_to_open)


def link_to(weekly, url):
    """Have each issue of the publication link to a page."""
    StandingBlock.objects.create(
        publication=weekly, name="notice", kind="notice", title="Open day", body=f"[Come]({url})"
    )


def test_an_issue_that_nobody_reads_is_blocked_for_a_link_that_does_not_work(
    tuesdays, publish, clock, weekly, site
):
    tuesdays("send")
    publish(1)
    site.fail("/gone", 404)
    link_to(weekly, site.url("/gone"))
    clock.move_to("2026-12-01T07:30")
    assert draft_next_occurrence(run_preflight, links_to_open)
    issue = Issue.objects.get()
    assert issue.number == 1
    assert issue.state == Issue.State.BLOCKED
    assert "/gone" in issue.blocked_reason
    assert site.asked["/gone"] == 1


def test_the_links_of_an_issue_that_waits_for_a_person_are_opened_once_before_it_is_due(
    tuesdays, publish, clock, weekly, site
):
    tuesdays("approve")
    publish(1)
    site.fail("/gone", 404)
    link_to(weekly, site.url("/gone"))
    clock.move_to("2026-11-30T07:30")
    assert not ask_for_links_of_recurring_issue()
    assert draft_next_occurrence(run_preflight, links_to_open)
    assert not site.asked["/gone"]
    assert ask_for_links_of_recurring_issue()
    assert not ask_for_links_of_recurring_issue()
    assert run_next_job(JOBS)
    assert site.asked["/gone"] == 1
    issue = Issue.objects.get()
    [error] = stored_errors(issue, issue.preflight_runs.get().digest)
    assert "/gone" in error
    assert not ask_for_links_of_recurring_issue()

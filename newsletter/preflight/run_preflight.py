"""Runs the checks and stores what they found against the digest of the emails. An approval reads only that row."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils import timezone

from newsletter.issues.approvals import current_approval
from newsletter.issues.models import Issue, PreflightRun
from newsletter.preflight.all_checks import check_issue
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Finding
from newsletter.preflight.models import OverruledFinding


def run_preflight(issue: Issue, day: date | None = None) -> PreflightRun | None:
    """Run the checks on the emails of an issue for a day, and store the result. Nothing waits for the network.

    Return None if there is no email: the approval then says why. Findings about an email that was neither approved
    nor is checked now are deleted.
    """
    checked = CheckedIssue(issue, day)
    if not checked.digest:
        return None
    findings = with_decisions(issue, check_issue(checked))
    run, _created = PreflightRun.objects.update_or_create(
        issue=issue,
        digest=checked.digest,
        defaults={
            "made_at": timezone.now(),
            "findings": [finding.to_dict() | {"fingerprint": finding.fingerprint} for finding in findings],
            "errors": sum(finding.blocks_approval for finding in findings),
        },
    )
    kept = {checked.digest, *issue.approvals.values_list("digest", flat=True)}
    issue.preflight_runs.exclude(digest__in=kept).delete()
    return run


def overruled_at_approval(issue: Issue) -> list[Mapping[str, Any]]:
    """Return the errors that somebody had overruled when the email that was sent was approved, as they are stored."""
    approval = current_approval(issue)
    run = issue.preflight_runs.filter(digest=approval.digest).first() if approval else None
    return [each for each in (run.findings if run else ()) if each["overruled_because"]]


def with_decisions(issue: Issue, findings: list[Finding]) -> list[Finding]:
    """Return the findings with the reasons of those who overruled them."""
    rows = {row.finding: row for row in OverruledFinding.objects.filter(issue=issue)}
    return [
        replace(finding, overruled_because=row.reason, overruled_by=row.overruled_by)
        if (row := rows.get(finding.fingerprint))
        else finding
        for finding in findings
    ]

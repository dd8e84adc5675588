"""The report of one issue: who got the email and what they did with it."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from newsletter.corrections.emails_about_issue import correction_emails_about
from newsletter.feedback.useful_answers import answers_about
from newsletter.preflight.run_preflight import overruled_at_approval
from newsletter.sending.models import Recipient
from newsletter.sending.status_sentences import RECIPIENTS
from newsletter.tracking.export_report import why_not_export_people
from newsletter.tracking.mailing_report import MailingReport
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.reports.report_view import report_view


@desk("GET", "HEAD")
def report(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the report of an issue that was sent, or is being sent."""
    issue = issue_at(slug, number)
    view = report_view(issue)
    return show(
        request,
        "reports/report",
        view=view,
        issue=issue,
        publication=issue.publication,
        zone=issue.publication.tzinfo,
        now=timezone.now(),
        view_outcomes=_outcomes(view.report) if view.report else [],
        answers=answers_about(issue),
        overruled=overruled_at_approval(issue),
        corrections=correction_emails_about(issue),
        why_not_export=why_not_export_people(issue),
        # Until the scheduler has counted, the page looks again by itself.
        live=view.report is None,
    )


def _outcomes(report: MailingReport) -> list[tuple[str, str, int, str]]:
    """Return the label of each recipient state, what it means, how many people are in it, and the reasons."""
    found = []
    for state, status in RECIPIENTS.items():
        count = getattr(report.recipients, state)
        why = report.reasons.get(state, {}) if state != Recipient.State.ACCEPTED else {}
        reasons = "; ".join(f"{reason}: {people:,}" for reason, people in why.items())
        if count or state == Recipient.State.ACCEPTED:
            found.append((status.label, status.sentence, count, f"{reasons}." if reasons else ""))
    return found

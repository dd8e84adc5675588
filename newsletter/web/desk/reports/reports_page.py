"""The list of reports, with the main figures of each issue that was sent, and how the lists grow."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from newsletter.issues.models import Issue, Publication
from newsletter.issues.visible_to_actor import visible, visible_publications
from newsletter.sending.models import Mailing
from newsletter.tracking.compare_issues import rate
from newsletter.tracking.figures_never_reported import figures_not_reported
from newsletter.tracking.list_growth import MonthOfList
from newsletter.tracking.mailing_report import MailingReport
from newsletter.tracking.stored_figures import stored_growth, stored_reports
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.publication_choice import chosen_publication
from subscribers.whole_numbers import whole_number

REPORTS_PER_PAGE = 20
MAX_LISTS = 5


@dataclass(frozen=True, slots=True)
class ReportRow:
    """An issue with its main figures. Without `report`, they have not been counted yet."""

    issue: Issue
    mailing: Mailing
    report: MailingReport | None

    def percent(self, name: str) -> float:
        """Return a figure as a percentage of the accepted emails."""
        return rate(self.report, name) if self.report else 0.0

    def is_known(self, name: str) -> bool:
        """Return whether the transport reports a figure."""
        return self.report is not None and name not in figures_not_reported(
            self.report, self.mailing.transport
        )


@dataclass(frozen=True, slots=True)
class ListGrowth:
    """How a list grew, by month. Without `months`, it has not been counted yet."""

    name: str
    months: list[MonthOfList] | None


@desk("GET", "HEAD")
def reports(request: HttpRequest) -> HttpResponse:
    """List the issues that were sent, newest first, 20 at a time."""
    chosen = chosen_publication(request)
    rows, older = _rows(chosen, whole_number(request.GET.get("before", "")) or 0)
    return show(
        request,
        "reports/reports",
        rows=rows,
        older=older,
        is_first_page=not whole_number(request.GET.get("before", "")),
        growth=_growth(chosen),
        several=chosen is None and visible_publications().count() > 1,
        now=timezone.now(),
    )


def _rows(chosen: Publication | None, before: int) -> tuple[list[ReportRow], int]:
    """Return a page of rows, and the ID of its last mailing if there are more."""
    issues = Mailing.objects.filter(purpose=Mailing.Purpose.ISSUE)
    mailings = visible(issues, "issue__publication").order_by("-pk")
    if chosen is not None:
        mailings = mailings.filter(issue__publication=chosen)
    if before:
        mailings = mailings.filter(pk__lt=before)
    found = list(mailings.select_related("issue__publication")[: REPORTS_PER_PAGE + 1])
    shown = found[:REPORTS_PER_PAGE]
    stored = stored_reports(shown)
    rows = [ReportRow(each.issue, each, stored.get(each.pk)) for each in shown]
    return rows, shown[-1].pk if len(found) > REPORTS_PER_PAGE else 0


def _growth(chosen: Publication | None) -> list[ListGrowth]:
    publications = (
        [chosen] if chosen else list(visible_publications().select_related("mailing_list")[:MAX_LISTS])
    )
    lists = {each.mailing_list_id: each.mailing_list for each in publications}
    return [ListGrowth(each.name, stored_growth(each)) for each in lists.values()]

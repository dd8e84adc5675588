"""The URLs of reports, and of the web page of an issue that was sent."""

from django.urls import path

from newsletter.web.desk.reports import change_web_page, report_exports, report_page, reports_page

REPORT = "issues/<slug:slug>/<int:number>/report/"

urlpatterns = [
    path("reports/", reports_page.reports, name="reports"),
    path(REPORT, report_page.report, name="report"),
    path(f"{REPORT}links.csv", report_exports.links, name="report-links"),
    path(f"{REPORT}people.csv", report_exports.people, name="report-people"),
    path(f"{REPORT}web-page/", change_web_page.web_page, name="web-page"),
    path(f"{REPORT}web-page/correct/", change_web_page.correct, name="correct-web-page"),
    path(f"{REPORT}web-page/withdraw/", change_web_page.withdraw, name="withdraw-web-page"),
    path(f"{REPORT}web-page/undo/", change_web_page.undo, name="undo-web-page-change"),
]

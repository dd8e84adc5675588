"""The URLs of the desk."""

from django.urls import path

from newsletter.web.desk import (
    audit_page,
    confirmation_pages,
    dashboard_page,
    issue_actions,
    issue_items,
    issue_page,
    login,
    mailing_actions,
    series_page,
)

app_name = "desk"
SERIES = "publications/<slug:slug>/series/"
ISSUE = "issues/<slug:slug>/<int:number>/"

urlpatterns = [
    path("", dashboard_page.dashboard, name="dashboard"),
    path("log-in/", login.LogIn.as_view(), name="log-in"),
    path("log-out/", login.LogOut.as_view(), name="log-out"),
    path("audit/", audit_page.audit, name="audit"),
    path("publications/<slug:slug>/draft/", dashboard_page.draft, name="draft"),
    path(SERIES, series_page.series_page, name="series"),
    path(f"{SERIES}<slug:name>/pause/", series_page.pause, name="pause-series"),
    path(f"{SERIES}<slug:name>/resume/", series_page.resume, name="resume-series"),
    path(f"{SERIES}<slug:name>/skip/", series_page.skip, name="skip"),
    path(f"{SERIES}<slug:name>/move/", series_page.move, name="move"),
    path(ISSUE, issue_page.issue, name="issue"),
    path(f"{ISSUE}email/", issue_page.email, name="email"),
    path(f"{ISSUE}approve/", issue_actions.approve, name="approve"),
    path(f"{ISSUE}withdraw/", issue_actions.withdraw, name="withdraw"),
    path(f"{ISSUE}schedule/", issue_actions.set_time, name="schedule"),
    path(f"{ISSUE}unschedule/", issue_actions.unschedule, name="unschedule"),
    path(f"{ISSUE}texts/", issue_actions.save_texts, name="texts"),
    path(f"{ISSUE}pictures/", issue_actions.fetch_pictures, name="pictures"),
    path(f"{ISSUE}articles/<int:article>/", issue_items.arrange, name="arrange"),
    path(f"{ISSUE}send/", confirmation_pages.send, name="send"),
    path(f"{ISSUE}cancel/", confirmation_pages.cancel, name="cancel"),
    path(f"{ISSUE}mailing/pause/", mailing_actions.pause, name="pause"),
    path(f"{ISSUE}mailing/resume/", mailing_actions.resume, name="resume"),
    path(f"{ISSUE}mailing/stop/", confirmation_pages.stop, name="stop"),
    path(f"{ISSUE}mailing/retry/", mailing_actions.retry, name="retry"),
]

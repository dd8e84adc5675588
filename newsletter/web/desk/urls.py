"""The addresses of the desk."""

from django.urls import path

from newsletter.web.desk import (
    audit,
    confirm,
    front,
    issue,
    issue_actions,
    items,
    login,
    mailing_actions,
    series,
)

app_name = "desk"
RHYTHM = "publications/<slug:slug>/rhythm/"
ISSUE = "issues/<slug:slug>/<int:number>/"

urlpatterns = [
    path("", front.front, name="front"),
    path("log-in/", login.LogIn.as_view(), name="log-in"),
    path("log-out/", login.LogOut.as_view(), name="log-out"),
    path("audit/", audit.audit, name="audit"),
    path("publications/<slug:slug>/draft/", front.draft, name="draft"),
    path(RHYTHM, series.rhythm, name="rhythm"),
    path(f"{RHYTHM}<slug:name>/pause/", series.pause, name="pause-series"),
    path(f"{RHYTHM}<slug:name>/resume/", series.resume, name="resume-series"),
    path(f"{RHYTHM}<slug:name>/skip/", series.skip, name="skip"),
    path(f"{RHYTHM}<slug:name>/move/", series.move, name="move"),
    path(ISSUE, issue.issue, name="issue"),
    path(f"{ISSUE}letter/", issue.letter, name="letter"),
    path(f"{ISSUE}approve/", issue_actions.approve, name="approve"),
    path(f"{ISSUE}withdraw/", issue_actions.withdraw, name="withdraw"),
    path(f"{ISSUE}schedule/", issue_actions.set_time, name="schedule"),
    path(f"{ISSUE}unschedule/", issue_actions.unschedule, name="unschedule"),
    path(f"{ISSUE}words/", issue_actions.words, name="words"),
    path(f"{ISSUE}articles/<int:article>/", items.arrange, name="arrange"),
    path(f"{ISSUE}send/", confirm.send, name="send"),
    path(f"{ISSUE}cancel/", confirm.cancel, name="cancel"),
    path(f"{ISSUE}mailing/pause/", mailing_actions.pause, name="pause"),
    path(f"{ISSUE}mailing/resume/", mailing_actions.resume, name="resume"),
    path(f"{ISSUE}mailing/stop/", confirm.stop, name="stop"),
    path(f"{ISSUE}mailing/retry/", mailing_actions.retry, name="retry"),
]

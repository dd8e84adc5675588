"""The addresses of the desk."""

from django.urls import path

from newsletter.web.desk import acts, arranging, audit, entrance, front, issue, mailing, rhythm, sure

app_name = "desk"
RHYTHM = "publications/<slug:slug>/rhythm/"
ISSUE = "issues/<slug:slug>/<int:number>/"

urlpatterns = [
    path("", front.front, name="front"),
    path("log-in/", entrance.LogIn.as_view(), name="log-in"),
    path("log-out/", entrance.LogOut.as_view(), name="log-out"),
    path("audit/", audit.audit, name="audit"),
    path("publications/<slug:slug>/draft/", front.draft, name="draft"),
    path(RHYTHM, rhythm.rhythm, name="rhythm"),
    path(f"{RHYTHM}<slug:name>/pause/", rhythm.pause, name="pause-series"),
    path(f"{RHYTHM}<slug:name>/resume/", rhythm.resume, name="resume-series"),
    path(f"{RHYTHM}<slug:name>/skip/", rhythm.skip, name="skip"),
    path(f"{RHYTHM}<slug:name>/move/", rhythm.move, name="move"),
    path(ISSUE, issue.issue, name="issue"),
    path(f"{ISSUE}letter/", issue.letter, name="letter"),
    path(f"{ISSUE}approve/", acts.approve, name="approve"),
    path(f"{ISSUE}withdraw/", acts.withdraw, name="withdraw"),
    path(f"{ISSUE}schedule/", acts.set_time, name="schedule"),
    path(f"{ISSUE}unschedule/", acts.unschedule, name="unschedule"),
    path(f"{ISSUE}words/", acts.words, name="words"),
    path(f"{ISSUE}articles/<int:article>/", arranging.arrange, name="arrange"),
    path(f"{ISSUE}send/", sure.send, name="send"),
    path(f"{ISSUE}cancel/", sure.cancel, name="cancel"),
    path(f"{ISSUE}mailing/pause/", mailing.pause, name="pause"),
    path(f"{ISSUE}mailing/resume/", mailing.resume, name="resume"),
    path(f"{ISSUE}mailing/stop/", sure.stop, name="stop"),
    path(f"{ISSUE}mailing/retry/", mailing.retry, name="retry"),
]

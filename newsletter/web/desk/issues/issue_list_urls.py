"""The URLs of the list of issues, of new issues and of recurring issues."""

from django.urls import path

from newsletter.web.desk.issues import issues_page, new_issue_page, series_change_page, series_page

SERIES = "publications/<slug:slug>/series/"

urlpatterns = [
    path("issues/", issues_page.issues, name="issues"),
    path("issues/new/", new_issue_page.new_issue, name="new-issue"),
    path("issues/new/articles/", new_issue_page.to_come, name="new-issue-articles"),
    path(SERIES, series_page.series_page, name="series"),
    path(f"{SERIES}<slug:name>/change/", series_change_page.change, name="change-series"),
    path(f"{SERIES}<slug:name>/remove/", series_change_page.remove, name="remove-series"),
    path(f"{SERIES}<slug:name>/pause/", series_page.pause, name="pause-series"),
    path(f"{SERIES}<slug:name>/resume/", series_page.resume, name="resume-series"),
    path(f"{SERIES}<slug:name>/skip/", series_page.skip, name="skip"),
    path(f"{SERIES}<slug:name>/restore/", series_page.restore, name="restore-date"),
    path(f"{SERIES}<slug:name>/move/", series_page.move, name="move"),
]

"""The URLs of new issues and of recurring issues."""

from django.urls import path

from newsletter.web.desk.issues import draft_issue, series_page

SERIES = "publications/<slug:slug>/series/"

urlpatterns = [
    path("publications/<slug:slug>/draft/", draft_issue.draft, name="draft"),
    path(SERIES, series_page.series_page, name="series"),
    path(f"{SERIES}<slug:name>/pause/", series_page.pause, name="pause-series"),
    path(f"{SERIES}<slug:name>/resume/", series_page.resume, name="resume-series"),
    path(f"{SERIES}<slug:name>/skip/", series_page.skip, name="skip"),
    path(f"{SERIES}<slug:name>/move/", series_page.move, name="move"),
]

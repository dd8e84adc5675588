"""The URLs of the first run."""

from django.urls import path

from newsletter.web.desk.first_run import (
    account_step,
    example_acts,
    issue_step,
    publication_step,
    source_step,
    start_page,
)

urlpatterns = [
    path("", start_page.start, name="start"),
    path("account/", account_step.account, name="start-account"),
    path("publication/", publication_step.publication, name="start-publication"),
    path("source/", source_step.source, name="start-source"),
    path("source/find/", source_step.find, name="start-find"),
    path("source/add/", source_step.add, name="start-add"),
    path("articles/", issue_step.articles, name="start-articles"),
    path("articles/fetch/", issue_step.fetch, name="start-fetch"),
    path("articles/again/", issue_step.fetch_again, name="start-fetch-again"),
    path("issue/", issue_step.compose_first, name="start-issue"),
    path("example/", example_acts.load, name="start-example"),
    path("example/remove/", example_acts.remove, name="remove-example"),
]

"""Loads the example to look around with, and removes it."""

from django.http import HttpRequest, HttpResponse

from newsletter.first_run.load_example import load_example
from newsletter.first_run.remove_example import remove_example
from newsletter.issues.page_urls import issue_path
from newsletter.web.desk.desk_page import desk, done
from newsletter.web.desk.first_run.start_page import next_path


@desk("POST", page="start")
def load(request: HttpRequest) -> HttpResponse:
    """Load the example, and lead to its issue."""
    issue = load_example()
    sentence = (
        "The example is loaded. Try anything you like: its emails are saved in a folder on the "
        "server and not sent to anybody."
    )
    return done(request, sentence, issue_path(issue))


@desk("POST", page="dashboard")
def remove(request: HttpRequest) -> HttpResponse:
    """Remove the example, and lead to the next step of the first run."""
    remove_example()
    return done(request, "The example and everything in it were removed.", next_path())

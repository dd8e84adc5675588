"""What is asked before it is done: sending, cancelling, and stopping a mailing. Asking changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from newsletter.accounts.actor import current_actor
from newsletter.errors import NewsletterError
from newsletter.issues.approvals import current_approval
from newsletter.issues.cancel_issue import cancel_issue
from newsletter.issues.models import Approval, Issue
from newsletter.issues.page_urls import issue_path
from newsletter.sending import ledger, mailing_controls
from newsletter.sending.audience import audience_sentence
from newsletter.sending.send_now import send_now
from newsletter.sending.status_sentences import issue_status
from newsletter.web.desk import formatting
from newsletter.web.desk import mailing_actions as of_mailing
from newsletter.web.desk.desk_page import desk, done, show, status_of
from newsletter.web.desk.desk_urls import issue_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What is asked: the heading, what will follow, the words of the button, and whether it cannot be undone."""

    heading: str
    follows: list[str]
    button: str
    grave: bool = False
    approval: Approval | None = None


@desk("GET", "HEAD", "POST")
def send(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Send it after the minutes in which it can be taken back."""

    def act(issue: Issue) -> str:
        send_now(issue)
        issue.refresh_from_db()
        return issue_status(issue).sentence

    return _ask(request, issue_at(slug, number), _about_sending, act)


@desk("GET", "HEAD", "POST")
def cancel(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Give the issue up."""

    def act(issue: Issue) -> str:
        cancel_issue(issue)
        return "Cancelled."

    return _ask(request, issue_at(slug, number), _about_cancelling, act)


@desk("GET", "HEAD", "POST")
def stop(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Stop the mailing of the issue."""

    def act(issue: Issue) -> str:
        stopped = mailing_controls.stop_mailing(of_mailing.number_of(issue), stopped_by=current_actor().name)
        return f"Stopped. {formatting.people(stopped)} do not get it."

    return _ask(request, issue_at(slug, number), _about_stopping, act)


def _about_sending(issue: Issue) -> Confirmation:
    minutes = issue.publication.undo_minutes
    held = (
        f"For {formatting.span(minutes * 60)} after that, one button takes it back."
        if minutes
        else "It begins to go at once: this publication has no minutes in which it could be taken back."
    )
    return Confirmation(
        heading=f"Send to {audience_sentence(issue)}?",
        follows=[f"The list is “{issue.publication.mailing_list.name}”.", held],
        button="Send it",
        approval=current_approval(issue),
    )


def _about_cancelling(_issue: Issue) -> Confirmation:
    follows = ["It will not be sent. Its number stays used, and its articles are free for other issues."]
    return Confirmation(heading="Cancel this issue?", follows=follows, button="Cancel the issue", grave=True)


def _about_stopping(issue: Issue) -> Confirmation:
    counted = ledger.count_recipients(mailing_controls.mailing_by_number(of_mailing.number_of(issue)))
    return Confirmation(
        heading=f"Stop with {formatting.people(counted.waiting)} still waiting?",
        follows=[
            f"{formatting.people(counted.accepted)} have it already, and keep it.",
            "Who waits does not get it. It can be sent to exactly those later.",
        ],
        button="Stop the mailing",
        grave=True,
    )


def _ask(
    request: HttpRequest, issue: Issue, about: Callable[[Issue], Confirmation], act: Callable[[Issue], str]
) -> HttpResponse:
    problem = None
    if request.method == "POST":
        try:
            return done(request, act(issue), issue_path(issue))
        except NewsletterError as error:
            problem = error
    issue.refresh_from_db()
    return show(
        request,
        "confirm",
        status=status_of(problem) if problem else 200,
        issue=issue,
        publication=issue.publication,
        zone=issue.publication.tzinfo,
        question=about(issue),
        problem=str(problem) if problem else "",
    )

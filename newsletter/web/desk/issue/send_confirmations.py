"""Confirmation pages for sending or cancelling an issue and for stopping a mailing. A GET changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from newsletter.accounts.actor import current_actor
from newsletter.errors import NewsletterError
from newsletter.issues.approvals import current_approval
from newsletter.issues.cancel_issue import cancel_issue, why_not_cancel
from newsletter.issues.locked_draft import why_not_edit
from newsletter.issues.models import Approval, Issue
from newsletter.issues.page_urls import issue_path
from newsletter.preflight.demands_when_sent import send_checked, why_not_send_checked
from newsletter.scheduling.dateline import dateline_day, schedule_of
from newsletter.sending import mailing_controls, recipient_counts
from newsletter.sending.audience import (
    LARGE,
    audience_is_large,
    audience_sentence,
    audience_size,
    everybody_on_list,
)
from newsletter.sending.email_warnings import email_warnings
from newsletter.sending.saved_not_sent import saved_not_sent
from newsletter.sending.status_sentences import issue_status
from newsletter.web.desk import formatting
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import status_of
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue
from newsletter.web.desk.issue.pause_resume_retry import number_of
from subscribers.phrases import written_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A question to confirm: its heading, what will happen, the label of the button, and whether it is irreversible.

    `why_not` says why the user may not do this. With `counts_later`, the page asks for the size of the audience by
    itself. With `can_choose_audience`, it has a link to the form of the audience.
    """

    heading: str
    consequences: list[str]
    button: str
    irreversible: bool = False
    approval: Approval | None = None
    counts_later: bool = False
    can_choose_audience: bool = False
    why_not: str = ""


@desk("GET", "HEAD", "POST")
def send_issue(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Send the issue after the undo window of its publication."""

    def act(issue: Issue) -> str:
        send_checked(issue)
        issue.refresh_from_db()
        return issue_status(issue).sentence

    return _ask(request, issue_at(slug, number), _about_sending, act)


@desk("GET", "HEAD", "POST")
def cancel(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Cancel the issue."""

    def act(issue: Issue) -> str:
        cancel_issue(issue)
        return "The issue was cancelled."

    return _ask(request, issue_at(slug, number), _about_cancelling, act)


@desk("GET", "HEAD", "POST")
def stop(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Stop the mailing of the issue."""

    def act(issue: Issue) -> str:
        number = number_of(issue)
        stopped = mailing_controls.stop_mailing(number, stopped_by=current_actor().name)
        return mailing_controls.stopped_sentence(number, stopped)

    return _ask(request, issue_at(slug, number), _about_stopping, act)


def _about_sending(issue: Issue) -> Confirmation:
    minutes = issue.publication.undo_minutes
    undo_window = (
        (f"Sending starts in {formatting.span(minutes * 60)}. Until then, you can undo this.")
        if minutes
        else "Sending starts immediately and cannot be undone, because this newsletter has no undo window."
    )
    is_large, whom = audience_is_large(issue), everybody_on_list(issue)
    if is_large:
        people, to = whom, f"The issue will be sent to {whom}."
    else:
        people = formatting.people(audience_size(issue))
        to = f"The issue will be sent to {whom}: {audience_sentence(issue)}."
    approval = current_approval(issue)
    return Confirmation(
        heading=f"Send this issue to {people}?",
        consequences=[
            *filter(None, [to, saved_not_sent()]),
            *_another_date(issue, approval),
            undo_window,
            *email_warnings(issue),
        ],
        button="Send the issue",
        approval=approval,
        counts_later=is_large,
        can_choose_audience=not why_not_edit(issue),
        why_not=_already_selected(issue) or why_not_send_checked(issue),
    )


def _already_selected(issue: Issue) -> str:
    """Return when an issue will be sent of which somebody has selected “Send”, or an empty string."""
    schedule = schedule_of(issue)
    is_soon = issue.state == Issue.State.SCHEDULED and schedule is not None and schedule.in_undo_window
    return f"Somebody has already selected “Send”. {issue_status(issue).sentence}" if is_soon else ""


def _another_date(issue: Issue, approval: Approval | None) -> list[str]:
    """Return the sentence about the date that sending now gives the email, if it was approved for another day."""
    today = dateline_day(issue, None)
    if approval is None or approval.day == today:
        return []
    return [
        (
            f"The approved email is dated {written_day(approval.day)}. If you send it now, it will be dated "
            f"{written_day(today)}."
        )
    ]


def _about_cancelling(issue: Issue) -> Confirmation:
    consequences = [
        (
            "This issue will not be sent, and its number will not be used again. You can use its "
            "articles in other issues."
        ),
        "You cannot undo this.",
    ]
    return Confirmation(
        heading="Cancel this issue?",
        consequences=consequences,
        button="Cancel this issue",
        irreversible=True,
        why_not=why_not_cancel(issue),
    )


def _about_stopping(issue: Issue) -> Confirmation:
    mailing = mailing_controls.mailing_by_number(number_of(issue))
    remaining, already = "everybody else", []
    if mailing.audience <= LARGE:
        counted = recipient_counts.count_recipients(mailing)
        remaining = f"the remaining {formatting.people(counted.waiting)}"
        already = [f"The issue has already been sent to {formatting.people(counted.accepted)}."]
    already += filter(None, [saved_not_sent(mailing.transport)])
    if on_the_way := recipient_counts.count_on_the_way(mailing):
        sentence = f"It is too late to stop sending the issue to {formatting.people(on_the_way)}."
        already.append(sentence)
    return Confirmation(
        heading=f"Stop the mailing before it is sent to {remaining}?",
        consequences=[*already, "These people will not get the issue, unless you send it to them later."],
        button="Stop the mailing",
        irreversible=True,
        why_not=mailing_controls.why_not_stop(mailing),
    )


def _what_changed(issue: Issue) -> str:
    """Return the heading of the part “Send” that shows what an act of this page changed."""
    header = issue_header(fresh_issue(issue))
    if header.in_undo_window:
        return "undo"
    return "what-happens" if header.to_come else "state"


def _ask(
    request: HttpRequest, issue: Issue, about: Callable[[Issue], Confirmation], act: Callable[[Issue], str]
) -> HttpResponse:
    problem = None
    if request.method == "POST":
        try:
            sentence = act(issue)
            return done(request, sentence, f"{issue_path(issue, 'send')}#{_what_changed(issue)}")
        except NewsletterError as error:
            problem = error
    issue.refresh_from_db()
    return show(
        request,
        "issue/send_confirm",
        status=status_of(problem) if problem else 200,
        issue=issue,
        publication=issue.publication,
        zone=issue.publication.tzinfo,
        question=about(issue),
        problem=str(problem) if problem else "",
    )

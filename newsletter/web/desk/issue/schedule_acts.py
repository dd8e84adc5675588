"""Scheduling and unscheduling an issue, and saying how a time in words is understood while it is typed."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from newsletter.errors import NewsletterError
from newsletter.issues.models import Issue
from newsletter.issues.page_urls import issue_path
from newsletter.preflight.demands_when_sent import sentence_about_demands
from newsletter.scheduling import schedule
from newsletter.scheduling.dateline import schedule_of
from newsletter.scheduling.recurrence.local_time import AmbiguousTime, Side, TimeChoice, to_local
from newsletter.scheduling.recurrence.parse_datetime import UnclearTime, parse_moment
from newsletter.sending.status_sentences import issue_status
from newsletter.web.desk.desk_page import desk, desk_fragment, done
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import FormError, status_of
from newsletter.web.desk.issue.issue_page import act_on_issue
from newsletter.web.desk.issue.send_page import show_send


@desk("POST", page="send")
def set_time(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Schedule the issue. If a time is not clear, the user chooses which moment is meant."""
    issue = issue_at(slug, number)
    try:
        schedule.schedule_at(
            issue, _moment(issue, request.POST.get("at", "")), readers_time="readers_time" in request.POST
        )
    except NewsletterError as error:
        typed = request.POST.dict()
        wrong = FormError("schedule", str(error), status_of(error), typed, choices_of(error, issue))
        return show_send(request, issue, wrong)
    issue.refresh_from_db()
    sentence = f"{issue_status(issue).sentence} {sentence_about_demands(issue)}".strip()
    return done(request, sentence, f"{issue_path(issue, 'send')}#what-happens")


@desk("GET", "HEAD")
def understood(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Say how we understand a time that is being typed, or ask which moment is meant."""
    issue = issue_at(slug, number)
    written = request.GET.get("at", "").strip()
    context: dict[str, Any] = {"zone": issue.publication.tzinfo, "publication": issue.publication}
    if written:
        try:
            at = _moment(issue, written)
            context |= {"at": at, "local": f"{to_local(at, issue.publication.tzinfo):%Y-%m-%dT%H:%M}"}
            context["is_past"] = at <= timezone.now()
        except NewsletterError as error:
            context |= {"problem": str(error), "choices": choices_of(error, issue)}
    return desk_fragment(request, "issue/send_understood", **context)


@desk("POST", page="send")
def unschedule(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Unschedule the issue, or undo “Send” within the undo window."""

    def act(issue: Issue) -> str:
        before = schedule_of(issue)
        schedule.unschedule(issue)
        if before is not None and before.in_undo_window:
            return "“Send” was undone. The issue will not be sent."
        return "The issue is no longer scheduled, so it will not be sent."

    issue = issue_at(slug, number)
    return act_on_issue(request, issue, "unschedule", act, show_send, page="send", then="#what-happens")


def choices_of(error: NewsletterError, issue: Issue) -> tuple[TimeChoice, ...]:
    """Return the times that may be meant by a time that is not clear, to choose one by a button."""
    if isinstance(error, AmbiguousTime):
        return tuple(error.choices)
    if isinstance(error, UnclearTime):
        return tuple(TimeChoice(written, _moment(issue, written, earlier=True)) for written in error.choices)
    return ()


def _moment(issue: Issue, written: str, *, earlier: bool = False) -> datetime:
    choice: Side = "earlier" if earlier else ""
    return parse_moment(written, issue.publication.tzinfo, now=timezone.now(), choice=choice)

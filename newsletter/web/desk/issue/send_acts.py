"""Scheduling an issue, and taking it off the schedule."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from newsletter.issues.models import Issue
from newsletter.scheduling import schedule
from newsletter.scheduling.recurrence.parse_datetime import parse_moment
from newsletter.sending.status_sentences import issue_status
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.desk_urls import issue_at
from newsletter.web.desk.issue.issue_page import act_on_issue
from newsletter.web.desk.issue.send_page import show_send


@desk("POST", page="send")
def set_time(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Schedule the issue. For a local time that occurs twice or never, the user has chosen which instant is meant."""

    def act(issue: Issue) -> str:
        written = request.POST.get("at", "")
        moment = parse_moment(written, issue.publication.tzinfo, now=timezone.now())
        schedule.schedule_at(issue, moment, readers_time="readers_time" in request.POST)
        issue.refresh_from_db()
        return issue_status(issue).sentence

    return act_on_issue(request, issue_at(slug, number), "schedule", act, show_send, page="send")


@desk("POST", page="send")
def unschedule(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Unschedule the issue, or undo “Send” within the undo window."""

    def act(issue: Issue) -> str:
        schedule.unschedule(issue)
        return "The issue is no longer scheduled, so it will not be sent."

    return act_on_issue(request, issue_at(slug, number), "unschedule", act, show_send, page="send")

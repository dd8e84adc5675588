"""What an editor does to an issue by one button or form of its page. Each calls the one function that does it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from newsletter.errors import NewsletterError
from newsletter.issues.editing import set_words
from newsletter.issues.models import Issue
from newsletter.issues.page_urls import issue_path
from newsletter.scheduling import approval, schedule
from newsletter.scheduling.recurrence.parse_datetime import read_moment
from newsletter.sending.status import issue_status
from newsletter.web.desk.desk_urls import issue_at
from newsletter.web.desk.issue import show_issue
from newsletter.web.desk.page import Trouble, desk, done


@desk("POST")
def approve(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Approve the letter that was looked at."""

    def act(issue: Issue) -> str:
        approval.approve(issue, seen=request.POST.get("seen", ""))
        return "Approved. What goes is this letter, or nothing."

    return answer(request, issue_at(slug, number), "approve", act)


@desk("POST")
def withdraw(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Take the approval back."""

    def act(issue: Issue) -> str:
        approval.withdraw(issue)
        return "The approval is taken back: it is a draft again, and does not go."

    return answer(request, issue_at(slug, number), "withdraw", act)


@desk("POST")
def set_time(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Let it go at a time; of a time that comes twice or never, at the one that was chosen."""

    def act(issue: Issue) -> str:
        written = request.POST.get("at", "")
        moment = read_moment(written, issue.publication.tzinfo, now=timezone.now())
        schedule.schedule_at(issue, moment, readers_time="readers_time" in request.POST)
        issue.refresh_from_db()
        return issue_status(issue).sentence

    return answer(request, issue_at(slug, number), "schedule", act)


@desk("POST")
def unschedule(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Take its time away, or take it back after “send”."""

    def act(issue: Issue) -> str:
        schedule.unschedule(issue)
        return "Taken back: it has no time any more, and does not go."

    return answer(request, issue_at(slug, number), "unschedule", act)


@desk("POST")
def words(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Change subject, preheader and opening letter."""

    def act(issue: Issue) -> str:
        given = {name: request.POST.get(name, "") for name in ("subject", "preheader", "opening")}
        changed = set_words(issue, seen=request.POST.get("seen", ""), **given)
        return f"Changed: {', '.join(changed)}." if changed else "Nothing was changed: it is as it was."

    return answer(request, issue_at(slug, number), "words", act)


def answer(
    request: HttpRequest, issue: Issue, form: str, act: Callable[[Issue], str], *, then: str = ""
) -> HttpResponse:
    """Act, and go on to the page of the issue; what cannot be done is said on that page beside its form."""
    try:
        sentence = act(issue)
    except NewsletterError as error:
        return show_issue(request, issue, Trouble.of(error, form, request.POST.dict()))
    return done(request, sentence, issue_path(issue) + then)

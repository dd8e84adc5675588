"""The buttons and forms of an issue's page. Each view calls the stage function that does the work."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from newsletter.articles.pictures.models import OriginalPicture
from newsletter.errors import NewsletterError
from newsletter.issues.edit_issue import set_texts
from newsletter.issues.issue_pictures import fetch_missing_pictures, pictures_of_articles
from newsletter.issues.models import Issue
from newsletter.issues.page_urls import issue_path
from newsletter.scheduling import approval, schedule
from newsletter.scheduling.recurrence.parse_datetime import parse_moment
from newsletter.sending.status_sentences import issue_status
from newsletter.web.desk.desk_page import FormError, desk, done
from newsletter.web.desk.desk_urls import issue_at
from newsletter.web.desk.issue_page import show_issue
from subscribers.phrases import counted

# The texts of an issue, and what the desk calls them.
TEXTS = {"subject": "subject", "preheader": "preheader", "opening": "introduction"}


@desk("POST")
def approve(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Approve the email that the page showed."""

    def act(issue: Issue) -> str:
        approval.approve(issue, seen=request.POST.get("seen", ""))
        return "The issue was approved. Only this version of it can be sent."

    return act_on_issue(request, issue_at(slug, number), "approve", act)


@desk("POST")
def withdraw(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Withdraw the approval."""

    def act(issue: Issue) -> str:
        approval.withdraw_approval(issue)
        return "The issue is no longer approved. It is a draft again and will not be sent."

    return act_on_issue(request, issue_at(slug, number), "withdraw", act)


@desk("POST")
def set_time(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Schedule the issue. For a local time that occurs twice or never, the user has chosen which instant is meant."""

    def act(issue: Issue) -> str:
        written = request.POST.get("at", "")
        moment = parse_moment(written, issue.publication.tzinfo, now=timezone.now())
        schedule.schedule_at(issue, moment, readers_time="readers_time" in request.POST)
        issue.refresh_from_db()
        return issue_status(issue).sentence

    return act_on_issue(request, issue_at(slug, number), "schedule", act)


@desk("POST")
def unschedule(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Unschedule the issue, or undo “Send” within the undo window."""

    def act(issue: Issue) -> str:
        schedule.unschedule(issue)
        return "The issue is no longer scheduled, so it will not be sent."

    return act_on_issue(request, issue_at(slug, number), "unschedule", act)


@desk("POST")
def save_texts(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Change the subject, preheader and introduction."""

    def act(issue: Issue) -> str:
        given = {name: request.POST.get(name, "") for name in TEXTS}
        changed = set_texts(issue, seen=request.POST.get("seen", ""), **given)
        return (
            f"Your changes were saved: {', '.join(TEXTS[name] for name in changed)}."
            if changed
            else "Nothing was changed."
        )

    return act_on_issue(request, issue_at(slug, number), "texts", act)


@desk("POST")
def fetch_pictures(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Fetch the pictures of the issue that are missing."""

    def act(issue: Issue) -> str:
        fetch_missing_pictures(issue)
        missing = sum(each.state == OriginalPicture.State.FAILED for each in pictures_of_articles(issue))
        if not missing:
            return "There is nothing left to fetch: the issue has all the pictures that we can show."
        return f"{counted(missing, 'picture has', 'pictures have')} still not come. You can try again later."

    return act_on_issue(request, issue_at(slug, number), "articles", act, then="#articles")


def act_on_issue(
    request: HttpRequest, issue: Issue, form: str, act: Callable[[Issue], str], *, then: str = ""
) -> HttpResponse:
    """Act, and redirect to the page of the issue. An error is shown on that page beside its form."""
    try:
        sentence = act(issue)
    except NewsletterError as error:
        return show_issue(request, issue, FormError.of(error, form, request.POST.dict()))
    return done(request, sentence, issue_path(issue) + then)

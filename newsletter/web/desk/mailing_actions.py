"""What an editor does to the mailing of an issue: pause it, go on, send again to those who did not get it."""

from django.http import HttpRequest, HttpResponse

from newsletter.accounts.actor import acting
from newsletter.errors import NotFound
from newsletter.issues.models import Issue
from newsletter.sending import controls
from newsletter.sending.plan import mailing_of
from newsletter.web.desk import formatting
from newsletter.web.desk.desk_urls import issue_at
from newsletter.web.desk.issue_actions import answer
from newsletter.web.desk.page import desk


@desk("POST")
def pause(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Start no more of it."""

    def act(issue: Issue) -> str:
        reason = request.POST.get("why", "").strip()[:500] or f"Paused by {acting().name}."
        paused = controls.pause(number_of(issue), reason, paused_by=acting().name)
        return "Paused: nothing more goes out." if paused else "It was not going out any more."

    return answer(request, issue_at(slug, number), "mailing", act)


@desk("POST")
def resume(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Go on."""

    def act(issue: Issue) -> str:
        controls.resume(number_of(issue), resumed_by=acting().name)
        return "It goes on."

    return answer(request, issue_at(slug, number), "mailing", act)


@desk("POST")
def retry(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Send again to exactly those who surely did not get it."""

    def act(issue: Issue) -> str:
        again = controls.retry(number_of(issue), retried_by=acting().name)
        return f"It goes again to {formatting.people(again)}, and to nobody else."

    return answer(request, issue_at(slug, number), "mailing", act)


def number_of(issue: Issue) -> int:
    """The number of the mailing of an issue. Raises NotFound."""
    mailing = mailing_of(issue)
    if mailing is None:
        raise NotFound("This issue has no mailing yet.")
    return mailing.pk

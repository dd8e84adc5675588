"""The buttons that pause or resume the mailing of an issue, or send it again to people who did not get it."""

from django.http import HttpRequest, HttpResponse

from newsletter.accounts.actor import current_actor
from newsletter.errors import NotFound
from newsletter.issues.models import Issue
from newsletter.sending import mailing_controls, retry_mailing
from newsletter.sending.plan import find_mailing
from newsletter.sending.saved_not_sent import promise
from newsletter.web.desk import formatting
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.issue.issue_page import act_on_issue
from newsletter.web.desk.issue.send_page import show_send


@desk("POST", page="send")
def pause(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Pause the mailing."""

    def act(issue: Issue) -> str:
        reason = request.POST.get("why", "").strip()[:500] or f"Paused by {current_actor().name}."
        paused = mailing_controls.pause_mailing(number_of(issue), reason, paused_by=current_actor().name)
        return (
            "The mailing was paused. We will finish sending the current emails, but will not send any more."
            if paused
            else "The mailing was not paused, because it is no longer being sent."
        )

    return act_on_issue(request, issue_at(slug, number), "mailing", act, show_send, page="send")


@desk("POST", page="send")
def resume(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Resume the mailing, or let it try again at once."""

    def act(issue: Issue) -> str:
        number = number_of(issue)
        is_waiting = mailing_controls.waits_after_failure(mailing_controls.mailing_by_number(number))
        mailing_controls.resume_mailing(number, resumed_by=current_actor().name)
        return "We are trying again now." if is_waiting else "The mailing was resumed."

    return act_on_issue(request, issue_at(slug, number), "mailing", act, show_send, page="send")


@desk("POST", page="send")
def retry(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Send the issue again to the people who certainly did not get it."""

    def act(issue: Issue) -> str:
        again = retry_mailing.retry_mailing(number_of(issue), retried_by=current_actor().name)
        return promise(f"We will send the issue again, but only to {formatting.people(again)}.")

    return act_on_issue(request, issue_at(slug, number), "mailing", act, show_send, page="send")


def number_of(issue: Issue) -> int:
    """Return the number of an issue's mailing. Raises NotFound."""
    mailing = find_mailing(issue)
    if mailing is None:
        raise NotFound("This issue has no mailing yet.")
    return mailing.pk

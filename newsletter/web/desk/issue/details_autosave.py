"""The address to which a page saves one text while somebody types it. autosave.js is the other side.

A POST has `field`, `text`, `started_from` (the version of the text that the page showed), `sent` (texts whose answer
the page did not hear), `account` (whose page it is) and `agreed` (an approval to end). The answer is JSON. Its `state`
is `saved` with the version and the time, `conflict` with both texts, `ends-approval`, or `refused` with a sentence.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone

from newsletter.accounts.actor import current_actor
from newsletter.errors import NewsletterError
from newsletter.issues.models import Issue
from newsletter.issues.page_urls import issue_path
from newsletter.issues.save_texts_without_overwriting import (
    Conflict,
    EndsApproval,
    Outcome,
    Saved,
    TypedText,
    save_text,
)
from newsletter.issues.word_diff import word_changes
from newsletter.web.desk import formatting
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import status_of

JSON = "application/json"


@desk("GET", "HEAD", "POST")
def save_field(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Save one text. A GET of a script renews its form token, and any other GET leads to the details."""
    if request.method != "POST":
        if JSON in request.headers.get("Accept", ""):
            return JsonResponse({"csrf": get_token(request), "account": _account()})
        return HttpResponseRedirect(issue_path(issue_at(slug, number), "details"), status=303)
    try:
        issue = issue_at(slug, number)
        if request.POST.get("account", "") != _account():
            return _refused(
                f"You are now logged in as {current_actor().name}. Log in as the person who typed this text.",
                409,
            )
        outcome = save_text(issue, _typed(request), agreed=request.POST.get("agreed", ""))
    except NewsletterError as error:
        return _refused(str(error), status_of(error))
    return JsonResponse(answer_to(outcome, issue), status=200 if isinstance(outcome, Saved) else 409)


def answer_to(outcome: Outcome, issue: Issue) -> dict[str, Any]:
    """Return the answer to a save, for a script."""
    zone = issue.publication.tzinfo
    match outcome:
        case Saved():
            return {
                "state": "saved",
                "text": outcome.text,
                "version": outcome.version,
                "at": f"{timezone.localtime(timezone=zone):%H:%M}",
            }
        case Conflict():
            changed_at = outcome.changed_at
            return {
                "state": "conflict",
                "sentence": outcome.sentence,
                "theirs": outcome.theirs,
                "version": outcome.version,
                "label": theirs_label(outcome),
                "at": formatting.short_moment(changed_at, zone) if changed_at else "a while ago",
                "words": [[piece.edit, piece.text] for piece in word_changes(outcome.theirs, outcome.typed)],
            }
        case EndsApproval():
            return {"state": "ends-approval", "sentence": outcome.sentence, "approval": outcome.approval}


def theirs_label(conflict: Conflict) -> str:
    """Return what the other text of a conflict is called."""
    if conflict.by_themselves:
        return "Your text from another window"
    return f"{formatting.capital(conflict.changed_by) or 'Somebody else'}’s text"


def _typed(request: HttpRequest) -> TypedText:
    return TypedText(
        field=request.POST.get("field", ""),
        text=request.POST.get("text", ""),
        started_from=request.POST.get("started_from", ""),
        sent=tuple(request.POST.getlist("sent")[:50]),
    )


def _refused(sentence: str, status: int) -> HttpResponse:
    return JsonResponse({"state": "refused", "sentence": sentence}, status=status)


def _account() -> str:
    return str(current_actor().account or "")

"""The page behind a proof link: the email before it is sent, and beside it comments, suggestions and signatures.

The page works without scripts. The token of the link is all that gives access, and no page behind it is indexed.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.errors import InvalidFields, NewsletterError, Refused
from newsletter.issues.models import Issue
from newsletter.proof.comments import LONGEST_COMMENT, LONGEST_SUGGESTION, WrittenComment, comment_by_link
from newsletter.proof.models import ProofLink
from newsletter.proof.open_proof_link import EndedLink, UnknownLink, open_proof_link
from newsletter.proof.parts_now import parts_now
from newsletter.proof.proof_links import proof_url
from newsletter.proof.proof_view import ProofView, proof_view
from newsletter.proof.reviewer_limits import TooOftenError, require_within_views
from newsletter.proof.reviewers_email import reviewers_email
from newsletter.proof.signatures import sign_by_link, signer_of, withdraw_signature_by_link
from newsletter.proof.suggested_words import are_in_email
from newsletter.rendering.inbox_preview import inbox_line
from newsletter.web.desk import formatting
from newsletter.web.desk.account.slow_down_link_guesses import count_guess
from newsletter.web.desk.creation_form_keys import form_key, new_key
from newsletter.web.desk.form_error import status_of
from newsletter.web.desk.issue.email_pane import ALL_PICTURES, NO_PICTURES, framed_email
from newsletter.web.nul_removal import remove_nul_from_form
from subscribers.views.public_page import POLICY, network_address, public, show
from subscribers.whole_numbers import whole_number

LINKS = "proof links"
LANGUAGE = "en-GB"
PAGE_POLICY = f"{POLICY}; frame-src 'self'"
DONE = {
    "comment": "Thank you. Your comment was saved, and the editors can see it.",
    "reply": "Your reply was saved.",
    "sign": "Thank you. Your signature was saved.",
    "withdraw": "Your signature was withdrawn.",
}


@public("GET", "HEAD", "POST")
def proof(request: HttpRequest, *, token: str) -> HttpResponse:
    """Show the issue behind a proof link with what was said about it, or store what its reviewer says or signs."""
    remove_nul_from_form(request)
    return _answer(request, token, _act if request.method == "POST" else _page)


@public("GET", "HEAD")
def proof_email(request: HttpRequest, *, token: str) -> HttpResponse:
    """Show the email alone, for the frame of the page."""

    def email(_request: HttpRequest, token: str, link: ProofLink) -> HttpResponse:
        return framed_email(HttpResponse(reviewers_email(link.issue, proof_url(token)).html), ALL_PICTURES)

    return _answer(request, token, email)


@public("GET", "HEAD")
def proof_text(request: HttpRequest, *, token: str) -> HttpResponse:
    """Show the text part of the email alone."""

    def text(_request: HttpRequest, token: str, link: ProofLink) -> HttpResponse:
        shown = reviewers_email(link.issue, proof_url(token)).text
        return framed_email(HttpResponse(shown, content_type="text/plain; charset=utf-8"), NO_PICTURES)

    return _answer(request, token, text)


def _answer(
    request: HttpRequest, token: str, answer: Callable[[HttpRequest, str, ProofLink], HttpResponse]
) -> HttpResponse:
    """Answer with what a link opens, or say that it opens nothing: the same to everybody who guesses."""
    try:
        link = open_proof_link(token)
        require_within_views(link)
        return answer(request, token, link)
    except UnknownLink as error:
        wait = count_guess(request, LINKS)
        return _closed(request, wait or str(error), 429 if wait else 404)
    except EndedLink as error:
        return _closed(request, str(error), 410, written=_written(request))
    except TooOftenError as error:
        response = _closed(request, str(error), 429)
        response["Retry-After"] = "3600"
        return response
    except NewsletterError:
        return _closed(request, "We cannot show the email at the moment. Try again later.", 503)


def _closed(request: HttpRequest, sentence: str, status: int, *, written: str = "") -> HttpResponse:
    return show(request, "proof_closed", LANGUAGE, status=status, sentence=sentence, written=written)


def _written(request: HttpRequest) -> str:
    """Return what somebody wrote when their link had ended, so that they can copy it."""
    texts = (
        request.POST.get("text", ""),
        request.POST.get("suggestion", "") if request.POST.get("quote") else "",
    )
    return "\n\n".join(text.strip() for text in texts if text.strip())[: LONGEST_COMMENT + LONGEST_SUGGESTION]


def _act(request: HttpRequest, token: str, link: ProofLink) -> HttpResponse:
    wanted = request.POST.get("act", "")
    try:
        if wanted in {"sign", "withdraw"}:
            _sign(request, token, wanted)
        else:
            wanted = "reply" if request.POST.get("reply_to") else "comment"
            _comment(request, token)
    except (UnknownLink, EndedLink):
        raise
    except NewsletterError as error:
        return _page(request, token, link, error=error)
    query = urlencode({"done": wanted, "at": request.POST.get("part", "")[:200]})
    return HttpResponseRedirect(f"{reverse('proof', args=[token])}?{query}#done", status=303)


def _comment(request: HttpRequest, token: str) -> None:
    posted = request.POST
    answered = posted.get("reply_to", "")
    written = WrittenComment(
        text=posted.get("text", ""),
        part=posted.get("part", "")[:200],
        field=posted.get("field", "")[:20],
        quote=posted.get("quote", ""),
        suggestion=posted.get("suggestion") if posted.get("quote") else None,
        reply_to=whole_number(answered),
    )
    if answered and written.reply_to is None:
        raise Refused("We could not find the comment that you replied to.")
    try:
        comment_by_link(token, written, network=network_address(request), form_key=form_key(request))
    except AlreadyMadeError:
        return


def _sign(request: HttpRequest, token: str, act: str) -> None:
    part, network = request.POST.get("part", "")[:200], network_address(request)
    if act == "sign":
        sign_by_link(token, part, seen=request.POST.get("seen", ""), network=network)
    else:
        withdraw_signature_by_link(token, part, network=network)


def _page(
    request: HttpRequest, token: str, link: ProofLink, *, error: NewsletterError | None = None
) -> HttpResponse:
    issue = link.issue
    parts = parts_now(issue)
    view = proof_view(issue, parts)
    response = show(
        request,
        "proof",
        LANGUAGE,
        status=_status(error),
        link=link,
        issue=issue,
        publication=issue.publication,
        view=view,
        inbox=_inbox(issue, token, view),
        signer=signer_of(link),
        are_in_email=lambda row: are_in_email(row, parts),
        until=formatting.moment(link.expires_at, issue.publication.tzinfo),
        moment=lambda at: formatting.moment(at, issue.publication.tzinfo),
        here=reverse("proof", args=[token]),
        email_path=reverse("proof-email", args=[token]),
        text_path=reverse("proof-text", args=[token]),
        writing=_writing(request, view, error),
        form_key=new_key(),
        done=DONE.get(request.GET.get("done", ""), "") if error is None else "",
        at=_part_acted_on(request, view, error),
        error=str(error) if error else "",
        errors={"text": "", "suggestion": "", **(error.fields if isinstance(error, InvalidFields) else {})},
        is_field_wrong=isinstance(error, InvalidFields),
        longest_comment=LONGEST_COMMENT,
        longest_suggestion=LONGEST_SUGGESTION,
    )
    response["Content-Security-Policy"] = PAGE_POLICY
    return response


def _status(error: NewsletterError | None) -> int:
    if isinstance(error, TooOftenError):
        return 429
    return status_of(error) if error else 200


def _inbox(issue: Issue, token: str, view: ProofView) -> Any:
    return None if view.problem else inbox_line(reviewers_email(issue, proof_url(token)))


def _part_acted_on(request: HttpRequest, view: ProofView, error: NewsletterError | None) -> str:
    """Return the part in which the page says what came of an act, because the page is long; empty for its top."""
    asked = request.POST.get("part") if error else request.GET.get("at")
    return next((each.part.name for each in view.parts if each.part.name == asked), "")


def _writing(request: HttpRequest, view: ProofView, error: NewsletterError | None) -> dict[str, str]:
    """Return which form is open on the page: about which part and sentence, and with what was typed."""
    asked = request.POST if error else request.GET
    part = next((each for each in view.parts if each.part.name == asked.get("part")), None)
    reply_to = asked.get("reply_to", "")
    if error is not None:
        typed = {name: asked.get(name, "") for name in ("field", "quote", "text", "suggestion", "act")}
        return {**typed, "part": asked.get("part", "") if part else "email", "reply_to": reply_to}
    quote = part.sentence(asked.get("field", ""), asked.get("sentence", "")) if part else ""
    return {
        "part": part.part.name if part else "",
        "field": asked.get("field", "") if quote else "",
        "quote": quote,
        "text": "",
        "suggestion": quote,
        "reply_to": reply_to,
        "act": "",
    }

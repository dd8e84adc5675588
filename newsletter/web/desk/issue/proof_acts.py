"""What users do on the page “Comments and signatures”: make links, comment, resolve, use words and sign."""

from collections.abc import Callable
from contextlib import suppress

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.errors import InvalidFields, NewsletterError, NotFound
from newsletter.issues.models import Issue
from newsletter.issues.page_urls import issue_path
from newsletter.proof.comments import WrittenComment, comment, resolve, resolve_all_by
from newsletter.proof.proof_links import (
    MadeLink,
    erase_reviewer,
    make_proof_link,
    revoke_proof_link,
)
from newsletter.proof.signatures import sign, withdraw_signature
from newsletter.proof.suggested_words import use_suggested_words
from newsletter.web.desk.creation_form_keys import form_key
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.issue.issue_page import act_on_issue
from newsletter.web.desk.issue.proof_page import show_proof
from newsletter.web.desk.issue.undo_and_restore_acts import undo_of
from newsletter.web.desk.links_that_work_here import why_not_share
from newsletter.web.desk.tell_browser_form_was_received import say_stored_now
from subscribers.phrases import counted
from subscribers.whole_numbers import whole_number


@desk("POST", page="proof")
def add_proof_link(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Make a proof link: send it by email, or show it once."""
    issue = issue_at(slug, number)
    days = request.POST.get("days", "")
    try:
        made = make_proof_link(
            issue,
            request.POST.get("name", ""),
            address=request.POST.get("address", ""),
            days=whole_number(days) or 0,
            ends_with_change=bool(request.POST.get("ends_with_change")),
            form_key=form_key(request),
        )
    except AlreadyMadeError:
        return done(
            request,
            "You have already made this proof link. If you did not copy it, revoke it and make another one.",
            f"{issue_path(issue, 'proof')}#links",
        )
    except NewsletterError as error:
        return show_proof(request, issue, _error_of(error, "link", request))
    return _made(request, issue, made)


@desk("POST", page="proof")
def end_proof_link(request: HttpRequest, slug: str, number: int, link: int) -> HttpResponse:
    """Revoke a proof link, resolve the comments written with it, or erase what names its reviewer."""
    posted = request.POST

    def act(issue: Issue) -> str:
        if posted.get("act") == "erase":
            erase_reviewer(issue, link)
            return "The name and address were erased. The link no longer works."
        if posted.get("act") == "resolve":
            resolved = counted(resolve_all_by(issue, link), "comment was", "comments were")
            return f"{resolved} resolved."
        with transaction.atomic():
            revoke_proof_link(issue, link, without_signatures=bool(posted.get("without_signatures")))
            if posted.get("resolve_comments"):
                resolve_all_by(issue, link)
        removed = " The signatures made with it were removed." if posted.get("without_signatures") else ""
        return f"The proof link no longer works.{removed}"

    return _act(request, slug, number, "revoke", act, "links")


@desk("POST", page="proof")
def add_comment(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Add a comment, or a reply to one."""
    posted = request.POST
    answered = posted.get("reply_to", "")
    form = "reply" if answered else "comment"

    def act(issue: Issue) -> str:
        part, _, rest = posted.get("about", "").replace("\r\n", "\n").partition("\n")
        field, _, quote = rest.partition("\n")
        suggestion = posted.get("suggestion", "").strip()
        written = WrittenComment(
            text=posted.get("text", ""),
            part=part[:200],
            field=field[:20],
            quote=quote,
            suggestion=suggestion or None,
            reply_to=_number(answered) if answered else None,
        )
        with suppress(AlreadyMadeError):
            comment(issue, written, form_key=form_key(request))
        return "Your reply was saved." if answered else "Your comment was saved."

    return _act(request, slug, number, form, act, f"comment-{answered}" if answered else "comments")


@desk("POST", page="proof")
def act_on_comment(request: HttpRequest, slug: str, number: int, comment: int) -> HttpResponse:
    """Resolve a comment, open it again, or use the words that it suggests."""
    wanted = request.POST.get("act", "")
    if wanted == "use":
        return _use(request, issue_at(slug, number), comment)

    def act(issue: Issue) -> str:
        resolve(issue, comment, is_resolved=wanted != "reopen")
        return "The comment is open again." if wanted == "reopen" else "The comment was resolved."

    return _act(request, slug, number, "comment-act", act, "comments")


@desk("POST", page="proof")
def sign_part(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Sign a part in the name of the user, or withdraw their signature."""

    def act(issue: Issue) -> str:
        part, _, seen = request.POST.get("part", "").rpartition(" ")
        if request.POST.get("act") == "withdraw":
            withdraw_signature(issue, request.POST.get("part", ""))
            return "Your signature was withdrawn."
        sign(issue, part, seen=seen)
        return "Your signature was saved. It is valid until anything in this part changes."

    return _act(request, slug, number, "sign", act, "signatures")


def _use(request: HttpRequest, issue: Issue, comment: int) -> HttpResponse:
    """Use suggested words, and offer to undo that, which restores the version before."""
    try:
        use_suggested_words(issue, comment)
    except NewsletterError as error:
        return show_proof(request, issue, FormError.of(error, "comment-act", request.POST.dict()))
    address = f"{issue_path(issue, 'proof')}#comments"
    undo = undo_of(issue, "proof", anchor="comments")
    return done(request, "The suggested words are now in the email.", address, undo=undo)


def _act(  # noqa: PLR0917 - as act_on_issue
    request: HttpRequest, slug: str, number: int, form: str, act: Callable[[Issue], str], anchor: str
) -> HttpResponse:
    issue = issue_at(slug, number)
    return act_on_issue(request, issue, form, act, show_proof, page="proof", then=f"#{anchor}")


def _made(request: HttpRequest, issue: Issue, made: MadeLink) -> HttpResponse:
    """Say that a link is sent, or show it. Only this answer has it: a notice would be stored until it is shown."""
    page = reverse("desk:proof", args=[issue.publication.slug, issue.number])
    if not made.url:
        sentence = f"We are sending the link to {made.link.address}. Only {made.link.name} will get the link."
        return done(request, sentence, f"{page}#links")
    shown = show(
        request,
        "issue/proof_link_made",
        issue=issue,
        publication=issue.publication,
        link=made.link,
        address=made.url,
        why_not_share=why_not_share(made.url),
        back=page,
    )
    return say_stored_now(request, shown)


def _error_of(error: NewsletterError, form: str, request: HttpRequest) -> FormError:
    fields = error.fields if isinstance(error, InvalidFields) else {}
    typed = {**request.POST.dict(), **{f"error-{name}": text for name, text in fields.items()}}
    return FormError.of(error, form, typed)


def _number(text: str) -> int:
    number = whole_number(text)
    if number is None:
        raise NotFound("We could not find the comment that you replied to.")
    return number

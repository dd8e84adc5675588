"""The page “Comments and signatures” of an issue, with the links by which people without an account read it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse

from newsletter.accounts.actor import Role, current_actor
from newsletter.errors import NewsletterError
from newsletter.issues.locked_draft import why_not_write
from newsletter.issues.models import Issue
from newsletter.proof.comments import LONGEST_COMMENT, LONGEST_SUGGESTION, open_comments, why_not_comment
from newsletter.proof.models import ProofComment, ProofLink, Signature
from newsletter.proof.parts_now import parts_now
from newsletter.proof.proof_links import DAYS, USUAL_DAYS, LinkState, state_of, why_not_share
from newsletter.proof.proof_view import ProofView, proof_view
from newsletter.proof.signature_demands import MissingSignature, demands_of, missing_signatures
from newsletter.proof.signatures import why_not_sign
from newsletter.proof.suggested_words import are_in_email, why_not_apply
from newsletter.rendering.email_parts import EmailParts
from newsletter.web.desk.creation_form_keys import new_key
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, show_part
from subscribers.phrases import counted, shortened

FORMS = frozenset({"comment", "reply", "comment-act", "sign", "link", "revoke"})
LONGEST_CHOICE = 90
TONES = {LinkState.OPEN: "good"}


@desk("GET", "HEAD")
def proof(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show what was said and signed about an issue, and its proof links."""
    return show_proof(request, issue_at(slug, number))


def show_proof(request: HttpRequest, issue: Issue, form_error: FormError | None = None) -> HttpResponse:
    """Show the page, with what was wrong with a form of it."""
    header = issue_header(fresh_issue(issue))
    issue = header.issue
    parts = parts_now(issue)
    view = proof_view(issue, parts)
    can_share = header.to_come and not why_not_share(issue)
    return show_part(
        request,
        header,
        "review",
        template="proof",
        form_error=form_error,
        forms=FORMS,
        view=view,
        threads=_threads(view),
        can_comment=header.to_come and not why_not_comment(issue),
        can_sign=header.to_come and not why_not_sign(issue),
        can_use=header.to_come and not why_not_write(issue),
        why_not_apply=lambda row: why_not_apply(row, parts),
        are_in_email=lambda row: are_in_email(row, parts),
        missing=_missing(issue, parts) if header.to_come else [],
        about_options=_about_options(view),
        part_options=[(f"{each.part.name} {each.digest}", each.part.title) for each in view.parts],
        signer=f"account {current_actor().account}",
        links=_links(issue),
        can_share=can_share,
        can_erase=current_actor().may(Role.ADMINISTRATOR, issue.publication_id),
        days=[(days, counted(days, "day", "days")) for days in DAYS],
        new_link=_new_link(request, issue, form_error) if can_share else {},
        form_key=new_key(),
        longest_comment=LONGEST_COMMENT,
        longest_suggestion=LONGEST_SUGGESTION,
    )


def _missing(issue: Issue, parts: EmailParts) -> list[MissingSignature]:
    try:
        return list(missing_signatures(issue, parts))
    except NewsletterError:
        return []


def _threads(view: ProofView) -> dict[str, list[ProofComment]]:
    """Return the comments in the order of the email: those that are open, and those that are resolved."""
    rows = [row for each in view.parts for row in each.comments] + list(view.comments_on_others)
    return {
        "open": [row for row in rows if row.resolved_at is None],
        "resolved": [row for row in rows if row.resolved_at is not None],
    }


def _about_options(view: ProofView) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what a comment can be about: for each part, the whole of it and its sentences, as values and labels."""
    return [
        (
            each.part.title,
            [
                (each.part.name, "The whole part"),
                *(
                    (f"{each.part.name}\n{text.field}\n{sentence}", shortened(sentence, LONGEST_CHOICE))
                    for text in each.texts
                    for sentence in text.sentences
                ),
            ],
        )
        for each in view.parts
    ]


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A proof link as the page shows it, with what was given by it."""

    link: ProofLink
    state: LinkState
    tone: str
    signatures: int
    open_comments: int

    @property
    def works(self) -> bool:
        """Whether the link can still be opened."""
        return self.state is LinkState.OPEN


def _links(issue: Issue) -> list[ShownLink]:
    signed = dict(Signature.objects.filter(issue=issue).values_list("link").annotate(Count("pk")))
    said = dict(open_comments(issue).values_list("link").annotate(Count("pk")))
    return [
        ShownLink(link, state, TONES.get(state, "neutral"), signed.get(link.pk, 0), said.get(link.pk, 0))
        for link in issue.proof_links.order_by("-pk")
        for state in [state_of(link)]
    ]


def _new_link(request: HttpRequest, issue: Issue, form_error: FormError | None) -> dict[str, Any]:
    """Return what the form of a new link shows: what was typed, or the person whose signature is needed."""
    if form_error is not None and form_error.form == "link":
        return dict(form_error.typed)
    asked = request.GET.get("for", "")
    demand = next((each for each in demands_of(issue.publication) if str(each.pk) == asked), None)
    return {
        "name": demand.name if demand else "",
        "address": demand.address if demand else "",
        "days": USUAL_DAYS,
    }

"""Comments on the parts of an issue, by people with a proof link and by people of the desk; and their replies.

A comment is open until somebody of the desk resolves it. Open comments are shown in the review and at the approval.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from newsletter.accounts.actor import Actor, Role, acting_as, current_actor, why_not_role
from newsletter.accounts.form_idempotency import once
from newsletter.errors import InvalidFields, NotFound, Refused, refuse_if
from newsletter.issues.change_locks import lock_issue, why_not_change
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Issue
from newsletter.proof.models import ProofComment, ProofLink
from newsletter.proof.open_proof_link import find_proof_link
from newsletter.proof.parts_now import parts_now, require_part
from newsletter.proof.reviewer_limits import require_room_for_comment, require_within_limits
from newsletter.proof.sentences import sentences_of
from newsletter.rendering.email_parts import Part
from subscribers.clean_text import printable
from subscribers.phrases import counted

LONGEST_COMMENT, LONGEST_SUGGESTION = 2_000, 5_000
WHO_COMMENTS = (Role.AUTHOR, Role.APPROVER, Role.SENDER, Role.BOARD)
ACT = "Commenting on an issue"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenComment:
    """What somebody wrote: about a part, or with `field` and `quote` about one sentence of it.

    `suggestion` has other words for the sentence; None suggests none. `reply_to` is the number of another comment.
    """

    text: str
    part: str = ""
    field: str = ""
    quote: str = ""
    suggestion: str | None = None
    reply_to: int | None = None


def why_not_comment(issue: Issue) -> str:
    """Return why the current actor may not comment on an issue at the desk, or an empty string if they may."""
    return why_not_role(WHO_COMMENTS, ACT, publication=issue.publication_id) or why_not_change(
        issue, "commented on"
    )


def comment(issue: Issue, written: WrittenComment, *, form_key: str | None = None) -> ProofComment:
    """Add a comment of the current actor. Raises InvalidFields, Refused, NotFound and AlreadyMadeError."""
    refuse_if(why_not_comment(issue))
    actor = current_actor()
    with transaction.atomic(), once(form_key) as form:
        issue = lock_issue(issue)
        refuse_if(why_not_comment(issue))
        row = ProofComment(issue=issue, author=actor.name[:150], account=actor.account)
        form.made = str(_add(row, written).pk)
    return row


def comment_by_link(
    token: str, written: WrittenComment, *, network: str, form_key: str | None = None
) -> ProofComment:
    """Add a comment of the person who has this link. Raises as `comment`, and UnknownLink, EndedLink, TooOftenError."""
    link = find_proof_link(token)
    require_within_limits(link, network)
    with acting_as(reviewer(link)), transaction.atomic(), once(form_key) as form:
        issue = lock_issue(link.issue)
        link = find_proof_link(token)
        refuse_if(why_not_change(issue, "commented on"))
        require_room_for_comment(link)
        row = ProofComment(issue=issue, link=link)
        form.made = str(_add(row, written).pk)
    return row


def reviewer(link: ProofLink) -> Actor:
    """Return the actor of what is done by a link. The audit log does not have the names of people without accounts."""
    return Actor(str(link))


def resolve(issue: Issue, number: int, *, is_resolved: bool = True) -> ProofComment:
    """Resolve a comment with its replies, or open it again. Raises Refused and NotFound."""
    refuse_if(why_not_comment(issue))
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_comment(issue))
        row = comment_numbered(issue, number)
        if (row.resolved_at is not None) != is_resolved:
            row.resolved_at = timezone.now() if is_resolved else None
            row.resolved_by = current_actor().name[:150] if is_resolved else ""
            row.save(update_fields=["resolved_at", "resolved_by"])
            did = "Resolved" if is_resolved else "Opened again"
            record(
                "comment",
                f"{did} {row} on “{row.part_title}”.",
                issue=issue,
                thing=str(row),
                changes={"resolved": [not is_resolved, is_resolved]},
            )
    return row


def resolve_all_by(issue: Issue, link: int) -> int:
    """Resolve all open comments that were written with a proof link. Return how many. Raises Refused."""
    refuse_if(why_not_comment(issue))
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_comment(issue))
        rows = open_comments(issue).filter(link=link)
        # The rows that are updated are those that were counted, because the publication is locked.
        count = rows.update(resolved_at=timezone.now(), resolved_by=current_actor().name[:150])
        if count:
            said = counted(count, "comment", "comments")
            record(
                "comment",
                f"Resolved {said} made with proof link {link}.",
                issue=issue,
                thing=f"proof link {link}",
            )
    return count


def comment_numbered(issue: Issue, number: int) -> ProofComment:
    """Return a comment on an issue that is not a reply. Raises NotFound."""
    row = ProofComment.objects.select_related("link").filter(issue=issue, pk=number, reply_to=None).first()
    if row is None:
        raise NotFound("We could not find this comment.")
    return row


def open_comments(issue: Issue) -> QuerySet[ProofComment]:
    """Return the comments on an issue that nobody has resolved."""
    return ProofComment.objects.filter(issue=issue, reply_to=None, resolved_at=None).select_related("link")


def open_comment_counts(issues: Collection[int]) -> dict[int, int]:
    """Return how many comments are open, by the primary key of the issue, for those of the issues that have some."""
    rows = ProofComment.objects.filter(issue__in=issues, reply_to=None, resolved_at=None)
    return dict(rows.values_list("issue").annotate(Count("pk")))


def comments_on(issue: Issue) -> Sequence[ProofComment]:
    """Return all comments on an issue, oldest first, each with its replies read."""
    rows = ProofComment.objects.filter(issue=issue, reply_to=None).select_related("link")
    return list(rows.prefetch_related("replies__link"))


def _add(row: ProofComment, written: WrittenComment) -> ProofComment:
    """Check a comment, store it and record it. Call this with the publication locked."""
    row.made_at = timezone.now()
    row.text = _checked_text("text", written.text, LONGEST_COMMENT)
    if written.reply_to is not None:
        _fill_reply(row, written.reply_to)
    else:
        _fill_comment(row, written)
    row.save()
    did = (
        "Replied to a comment on"
        if row.reply_to_id
        else "Suggested different wording for"
        if _suggests(row)
        else "Commented on"
    )
    record("comment", f"{did} “{row.part_title}”.", issue=row.issue, thing=str(row))
    return row


def _fill_reply(row: ProofComment, number: int) -> None:
    answered = comment_numbered(row.issue, number)
    if not row.text:
        raise InvalidFields({"text": "Enter your reply."})
    row.reply_to, row.part, row.part_title = answered, answered.part, answered.part_title


def _fill_comment(row: ProofComment, written: WrittenComment) -> None:
    part = require_part(parts_now(row.issue), written.part)
    row.part, row.part_title = part.name, part.title
    if written.quote:
        row.field, row.quote = written.field, written.quote
        _require_sentence(part, written.field, written.quote)
    if written.suggestion is not None:
        if not written.quote:
            raise Refused("Choose the sentence that you want to suggest different wording for.")
        words = _checked_text("suggestion", written.suggestion, LONGEST_SUGGESTION)
        row.suggestion = None if words == written.quote else words
    if not row.text and row.suggestion is None:
        raise InvalidFields({"text": "Enter your comment, or suggest different wording."})


def _require_sentence(part: Part, field: str, quote: str) -> None:
    texts = {each.field: each.text for each in part.texts}
    if quote not in sentences_of(texts.get(field, ""), field):
        raise Refused(
            "This sentence has changed since you opened the page, so we did not save your comment. Your text is "
            "still here. Choose the sentence again, or comment on the whole part."
        )


def _suggests(row: ProofComment) -> bool:
    return row.suggestion is not None


def _checked_text(field: str, text: str, longest: int) -> str:
    """Return what somebody typed as it is stored. Raises InvalidFields if it is too long."""
    typed = printable(text.replace("\r\n", "\n")).strip()
    if len(typed) > longest:
        raise InvalidFields(
            {field: f"Enter up to {longest:,} characters. Your text has {len(typed):,} characters."}
        )
    return typed

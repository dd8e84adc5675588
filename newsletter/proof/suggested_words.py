"""Uses words that somebody suggested for a sentence, by the function by which an editor changes the same text."""

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import current_actor
from newsletter.errors import NewsletterError, NotFound, refuse_if
from newsletter.issues.autosaved_texts import text_field
from newsletter.issues.block_edit_conflicts import block_version
from newsletter.issues.change_locks import lock_issue
from newsletter.issues.edit_issue_blocks import edit_block
from newsletter.issues.issue_audit import record
from newsletter.issues.locked_draft import why_not_write
from newsletter.issues.models import Issue, IssueBlock
from newsletter.issues.running_order import blocks_of, key_of
from newsletter.proof.comments import comment_numbered
from newsletter.proof.models import ProofComment
from newsletter.proof.parts_now import parts_now
from newsletter.proof.sentences import sentences_of, with_sentence_replaced
from newsletter.rendering.email_parts import EmailParts, article_of, block_of
from newsletter.rendering.text_as_read import read_text
from subscribers.clean_text import folded

ONE_LINE = frozenset({"subject", "preheader", "headline", "title"})


def use_suggested_words(issue: Issue, number: int) -> ProofComment:
    """Put the words that a comment suggests in place of its sentence, and resolve the comment.

    Raises Refused if the sentence has changed since, NotFound, and what the change itself raises, which includes
    WouldEndApprovalError. Then nothing was changed.
    """
    refuse_if(why_not_write(issue))
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_write(issue))
        row = comment_numbered(issue, number)
        parts = parts_now(issue)
        refuse_if(_why_not_use(row, parts))
        _write(issue, row, parts)
        now = timezone.now()
        row.taken_at, row.resolved_at = now, row.resolved_at or now
        row.resolved_by = row.resolved_by or current_actor().name[:150]
        row.save(update_fields=["taken_at", "resolved_at", "resolved_by"])
        record(
            "comment",
            f"Used the wording suggested in {row} for “{row.part_title}”.",
            issue=issue,
            thing=str(row),
        )
    return row


def why_not_apply(row: ProofComment, parts: EmailParts) -> str:
    """Return why the words of a suggestion do not fit these parts any more, or an empty string if they do."""
    try:
        with_sentence_replaced(_text_now(row, parts), row.quote, _words(row), row.field)
    except NewsletterError as error:
        return str(error)
    return ""


def are_in_email(row: ProofComment, parts: EmailParts) -> bool:
    """Return whether the words of a suggestion that was used are still in the email, or its sentence still left out."""
    if row.taken_at is None:
        return False
    try:
        text = _text_now(row, parts)
    except NewsletterError:
        return False
    if not row.suggestion:
        return row.quote not in sentences_of(text, row.field)
    return folded(row.suggestion) in folded(read_text(row.field, text).words)


def _why_not_use(row: ProofComment, parts: EmailParts) -> str:
    """Return why words cannot be used, or an empty string. Words that were taken out again can be used again."""
    if row.suggestion is None:
        return "This comment does not suggest different wording."
    return "These words have already been used." if are_in_email(row, parts) else ""


def _words(row: ProofComment) -> str:
    words = row.suggestion or ""
    return folded(words) if row.field in ONE_LINE else words


def _text_now(row: ProofComment, parts: EmailParts) -> str:
    """Return the text that a comment is about, as the email shows it now. Raises NotFound."""
    part = parts.part(row.part)
    for each in part.texts if part else ():
        if each.field == row.field:
            return each.text
    raise NotFound(f"“{row.part_title}” is no longer in the email, or no longer has this text.")


def _write(issue: Issue, row: ProofComment, parts: EmailParts) -> None:
    text = with_sentence_replaced(_text_now(row, parts), row.quote, _words(row), row.field)
    if key := block_of(row.part):
        _write_block(issue, _block(issue, key), row.field, text)
        return
    article = article_of(row.part)
    name = row.field if article is None else f"article-{article}-{row.field}"
    text_field(issue, name).write(text)


def _write_block(issue: Issue, block: IssueBlock, field: str, text: str) -> None:
    texts = {"title": block.title, "body": block.body, field: text}
    edit_block(
        issue,
        key_of(block),
        title=texts["title"],
        body=texts["body"],
        data=block.data,
        seen=block_version(block),
    )


def _block(issue: Issue, key: str) -> IssueBlock:
    for block in blocks_of(issue):
        if key_of(block) == key:
            return block
    raise NotFound("This block is no longer in the issue.")

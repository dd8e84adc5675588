"""The changes that an editor can make to the blocks of one issue. Other issues keep the standing blocks as they are.

A block is named by its key: the name of the standing block, or `+` and a number if only this issue has it. Raises
NotFound, Invalid and Refused, and then changes nothing.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from newsletter.accounts.actor import Role
from newsletter.accounts.form_idempotency import once
from newsletter.errors import Invalid, NotFound, Refused
from newsletter.issues.block_data import (
    KINDS,
    data_to_json,
    read_data,
    require_something_to_show,
)
from newsletter.issues.block_edit_conflicts import require_block_as_seen, require_block_to_lose_as_seen
from newsletter.issues.issue_labels import issue_label, issue_label_at_start
from newsletter.issues.locked_draft import OpenDraft, open_draft
from newsletter.issues.models import Issue, IssueBlock, StandingBlock
from newsletter.issues.running_order import key_of
from newsletter.issues.validation_messages import require_length
from subscribers.clean_text import folded, printable

LONGEST_TITLE, LONGEST_BODY = 200, 50_000
MAX_OWN_BLOCKS = 20


def hide_block(issue: Issue, key: str) -> None:
    """Hide a block in this issue. A block that only this issue has is kept, so that it can be put back."""
    with open_draft(issue) as draft:
        block = find_block(draft, key)
        block.hidden = True
        draft.did = f"Left out the block {named(block)}."


def show_block(issue: Issue, key: str) -> None:
    """Show a hidden block in this issue again, where it was."""
    with open_draft(issue) as draft:
        block = find_block(draft, key)
        block.hidden = False
        draft.did = f"Put back the block {named(block)}."


def edit_block(
    issue: Issue, key: str, *, title: str, body: str, data: Mapping[str, Any], seen: str | None = None
) -> None:
    """Change the title, text and data of a block in this issue only. What is as in every issue is not stored.

    `seen` is the `block_version` that a form started from. Raises BlockChangedError if somebody has changed the block
    since then. Without it, nothing is compared.
    """
    with open_draft(issue, role=Role.AUTHOR) as draft:
        block = find_block(draft, key)
        content = _content(block.shown_kind, title, body, data)
        if seen is not None:
            require_block_as_seen(draft.issue, block, content, seen)
        if block.block is not None:
            content = _differences(block.block, content)
        block.content = content
        draft.did = f"Changed the block {named(block)}."


def restore_block(issue: Issue, key: str, *, seen: str | None = None) -> None:
    """Show the title, text and data of a standing block as in every issue again. Its place stays.

    `seen` is as in `edit_block`.
    """
    with open_draft(issue, role=Role.AUTHOR) as draft:
        block = find_block(draft, key)
        require_block_to_lose_as_seen(draft.issue, block, seen)
        if block.block is None:
            raise Refused(
                f"The block {named(block)} appears only in {issue_label(issue)}, so it has no original text to "
                "restore. Leave the block out instead."
            )
        block.content = {}
        draft.did = f"Restored the text of the block {named(block)}."


def add_block(
    issue: Issue, kind: str, *, title: str, body: str, data: Mapping[str, Any], form_key: str | None = None
) -> str:
    """Add a block that only this issue has, after the articles, and return its key.

    Raises AlreadyMadeError with the key of the block if the form with this `form_key` has added one.
    """
    with transaction.atomic(), once(form_key) as form, open_draft(issue) as draft:
        if kind not in KINDS:
            raise Invalid(f"“{kind}” is not a kind of block. The kinds are {', '.join(KINDS)}.")
        if sum(block.block is None for block in draft.blocks) >= MAX_OWN_BLOCKS:
            raise Refused(
                f"{issue_label_at_start(issue)} already has {MAX_OWN_BLOCKS} blocks of its own, which "
                "is the maximum."
            )
        content = _content(kind, title, body, data)
        require_something_to_show(kind, content.values())
        block = IssueBlock(issue=draft.issue, kind=kind, content=content)
        block.save()
        draft.order.append(block)
        draft.did = f"Added the block {named(block)}."
        form.made = key_of(block)
    return form.made


def remove_own_block(issue: Issue, key: str, *, seen: str | None = None) -> None:
    """Remove a block that only this issue has. Raises Refused for a standing block, which can be hidden.

    `seen` is as in `edit_block`.
    """
    with open_draft(issue) as draft:
        block = find_block(draft, key)
        require_block_to_lose_as_seen(draft.issue, block, seen)
        if block.block is not None:
            raise Refused(
                f"The block {named(block)} appears in every issue. Leave it out of this issue instead."
            )
        draft.order.remove(block)
        block.delete()
        draft.did = f"Removed the block {named(block)}."


def copy_blocks(source: Issue, target: Issue) -> None:
    """Give an issue of the same publication the blocks of another, in the same places, in place of its own.

    Call this inside the transaction that composes the issue.
    """
    target.blocks.all().delete()
    IssueBlock.objects.bulk_create(
        IssueBlock(
            issue=target,
            block=row.block,
            kind=row.kind,
            position=row.position,
            hidden=row.hidden,
            content=row.content,
        )
        for row in source.blocks.select_related("block")
        if row.block is None or row.block.publication_id == target.publication_id
    )


def find_block(draft: OpenDraft, key: str) -> IssueBlock:
    """Return the block of an open draft with this key. Raises NotFound."""
    for block in draft.blocks:
        if key_of(block) == key:
            return block
    raise NotFound(f"This block is no longer in {issue_label(draft.issue)}. Reload the page.")


def named(block: IssueBlock) -> str:
    """Return the name of a block for a sentence: its title between quotation marks, or else its kind or name."""
    return f"“{folded(str(block))[:200]}”"


def _content(kind: str, title: str, body: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a block as stored. Raises Invalid with the field."""
    checked = data_to_json(read_data(kind, data))
    title, body = folded(title), _clean_body(body)
    require_length("title", title, LONGEST_TITLE)
    require_length("text", body, LONGEST_BODY)
    return {"title": title, "body": body, "data": checked}


def _differences(block: StandingBlock, content: Mapping[str, Any]) -> dict[str, Any]:
    usual = {
        "title": folded(block.title),
        "body": _clean_body(block.body),
        "data": data_to_json(read_data(block.kind, block.data)),
    }
    return {key: value for key, value in content.items() if value != usual[key]}


def _clean_body(body: str) -> str:
    """Return a text of several lines without control characters, and without those that turn round what follows."""
    return printable(body.replace("\r\n", "\n")).strip()

"""Whether somebody changed a block of an issue while somebody else had its form open.

A form starts from a version of the block. If the block has another one when the form is saved, nothing is stored, and
the editor gets both to choose from.
"""

import json
from collections.abc import Mapping
from typing import Any

from newsletter.accounts.actor import current_actor
from newsletter.errors import Refused
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.issue_snapshot import block_key
from newsletter.issues.issue_versions import last_change_of
from newsletter.issues.models import Issue, IssueBlock
from newsletter.issues.running_order import key_of
from subscribers.clean_text import folded

LONGEST_SHOWN = 500


class BlockChangedError(Refused):
    """A block was changed since its form was opened. Nothing was stored. `block` is how it is stored now."""

    def __init__(self, block: IssueBlock, sentence: str) -> None:
        super().__init__(sentence)
        self.block = block


def block_content(block: IssueBlock) -> dict[str, Any]:
    """Return the title, text and data of a block as its issue shows them."""
    return {"title": block.title.strip(), "body": _lines(block.body), "data": block.data}


def block_version(block: IssueBlock) -> str:
    """Return a short digest of what a form can change about a block, by which two versions are told apart."""
    return text_version(json.dumps(block_content(block), sort_keys=True))


def require_block_as_seen(issue: Issue, block: IssueBlock, wanted: Mapping[str, Any], seen: str) -> None:
    """Raise BlockChangedError if a block is neither as the form started from it nor as the editor wants it.

    `seen` is the `block_version` that the form started from. `wanted` is the content to store. Call this with the
    publication locked.
    """
    if seen == block_version(block) or wanted == block_content(block):
        return
    sentence = (
        f"{_who_changed(issue, block)} Both texts are shown here. Choose one of them, or copy what you need from "
        "the other text into yours."
    )
    raise BlockChangedError(block, sentence)


def require_block_to_lose_as_seen(issue: Issue, block: IssueBlock, seen: str | None) -> None:
    """Raise BlockChangedError if a block whose text would be lost was changed since a page showed it.

    `seen` is the `block_version` that the page showed. None compares nothing. Call this with the publication locked.
    """
    if seen is None or seen == block_version(block):
        return
    text = folded(" – ".join(part for part in (block.title, block.body) if part.strip()))
    shown = f"{text[:LONGEST_SHOWN]}…" if len(text) > LONGEST_SHOWN else text
    sentence = (
        f"{_who_changed(issue, block)} Its text is now: “{shown}” Your change was not made. To make "
        "your change anyway, and lose this text, choose the same action again."
    )
    raise BlockChangedError(block, sentence)


def _who_changed(issue: Issue, block: IssueBlock) -> str:
    last = last_change_of(issue, [block_key(key_of(block), "content")])
    if last and last.account is not None and last.account == current_actor().account:
        return "You have changed this block in another window or browser."
    return f"{last.actor if last and last.actor else 'Somebody else'} has changed this block since you opened it."


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()

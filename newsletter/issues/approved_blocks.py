"""The blocks of an issue as they were when its email was approved. A standing block can change after it was sent."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from newsletter.issues.models import Approval, Issue, IssueBlock, StandingBlock
from newsletter.issues.running_order import blocks_of, is_shown_on

_OF_STANDING_BLOCK = ("id", "name", "kind", "position", "title", "body", "data")
_OF_BLOCK = ("id", "kind", "position", "hidden", "content")


def blocks_to_keep(issue: Issue, day: date) -> list[dict[str, Any]]:
    """Return the blocks of an issue for a day as a JSON array, also those that the email does not show."""
    return [
        {
            "shown": is_shown_on(block, day),
            "standing": {name: getattr(block.block, name) for name in _OF_STANDING_BLOCK}
            if block.block
            else None,
            **{name: getattr(block, name) for name in _OF_BLOCK},
        }
        for block in blocks_of(issue)
    ]


def approved_blocks(approval: Approval) -> tuple[Sequence[IssueBlock], Sequence[IssueBlock]] | None:
    """Return the blocks that an approved email shows, and those that it does not, in their usual order.

    They are in memory alone. Return None if the approval is older than the blocks that are kept with it.
    """
    if approval.blocks is None:
        return None
    shown: list[IssueBlock] = []
    others: list[IssueBlock] = []
    for kept in approval.blocks:
        values = {name: kept[name] for name in _OF_BLOCK}
        standing = StandingBlock(**kept["standing"]) if kept["standing"] else None
        (shown if kept["shown"] else others).append(
            IssueBlock(issue=approval.issue, block=standing, **values)
        )
    return shown, others

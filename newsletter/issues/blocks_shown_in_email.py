"""Blocks as an email shows them, and whether a standing block is shown on a given day."""

from dataclasses import dataclass
from datetime import date

from newsletter.issues.block_data import BlockData
from newsletter.issues.models import StandingBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block, ready to be rendered: `body` is Markdown, `data` is what its kind needs.

    `placed` blocks stand among the articles, the others after them. `notes` are small lines below the block, each text
    of another language between isolates (bidi.py).
    """

    name: str
    kind: str
    title: str
    body: str
    data: BlockData
    placed: bool = False
    notes: tuple[str, ...] = ()


def shown_on(block: StandingBlock, day: date) -> bool:
    """Return whether a block is shown on a day, in the publication's time zone. Its first and last day count."""
    return (not block.starts_on or block.starts_on <= day) and (not block.ends_on or day <= block.ends_on)

"""Standing blocks, which appear in every issue: which of them are shown on a given day."""

from dataclasses import dataclass
from datetime import date

from newsletter.issues.block_data import BlockData, read_data
from newsletter.issues.models import Publication, StandingBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A standing block, ready to be rendered: `body` is Markdown, `data` is what its kind needs."""

    name: str
    kind: str
    title: str
    body: str
    data: BlockData


def standing_blocks(publication: Publication, *, on: date) -> list[Block]:
    """Return the blocks to show on a day, in order. A block is shown on its first and last day too.

    The day is in the publication's time zone. Raises Invalid if a block's data cannot be used.
    """
    return [
        Block(
            name=block.name,
            kind=block.kind,
            title=block.title,
            body=block.body,
            data=read_data(block.kind, block.data),
        )
        for block in publication.blocks.all()
        if shown_on(block, on)
    ]


def shown_on(block: StandingBlock, day: date) -> bool:
    """Return whether a block is shown on a day."""
    return (not block.starts_on or block.starts_on <= day) and (not block.ends_on or day <= block.ends_on)

"""What returns every issue: which standing blocks a day shows, and how one is changed."""

from dataclasses import dataclass
from datetime import date

from newsletter.issues.block_data import BlockData, read_data
from newsletter.issues.models import Publication, StandingBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A standing block, ready to be printed: `body` is Markdown, `data` is what its kind needs."""

    name: str
    kind: str
    title: str
    body: str
    data: BlockData


def standing_blocks(publication: Publication, *, on: date) -> list[Block]:
    """The blocks that a day shows, in order; both days of a block's time are within it.

    The day is one of the publication's zone. Raises Invalid if a block's data cannot be used.
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
    """Whether a day is within the block's time."""
    return (not block.starts_on or block.starts_on <= day) and (not block.ends_on or day <= block.ends_on)

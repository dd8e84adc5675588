"""Changes the blocks that appear in every issue, as forms do: with a check that nobody has changed them since.

A block is named by its name, which is made from its title. Raises NotFound, Invalid and Refused, and then changes
nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from newsletter.accounts.form_idempotency import once
from newsletter.errors import Invalid, Refused
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.block_data import (
    KINDS,
    data_to_json,
    read_data,
    require_something_to_show,
)
from newsletter.issues.change_locks import lock_publication
from newsletter.issues.change_publications import remove_block, save_block
from newsletter.issues.find_publication_or_issue import find_block
from newsletter.issues.four_eyes import require_editor
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Publication, StandingBlock
from newsletter.issues.validation_messages import require_length
from subscribers.clean_text import folded, printable

LONGEST_TITLE, LONGEST_BODY, LONGEST_NAME = 200, 50_000, 60
MAX_BLOCKS = 30
STEP = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockTexts:
    """What a form says about a standing block. The days are the first and the last on which it is shown."""

    title: str = ""
    body: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    starts_on: date | None = None
    ends_on: date | None = None


class StandingBlockChangedError(Refused):
    """Somebody else has changed the block since its form was opened. Nothing was stored. `block` is as stored now."""

    def __init__(self, block: StandingBlock) -> None:
        self.block = block
        super().__init__(
            "Somebody else has changed this block since you opened it, so your change was not made."
        )


def texts_of(block: StandingBlock) -> BlockTexts:
    """Return what a form shows of a standing block."""
    return BlockTexts(
        title=block.title,
        body=block.body,
        data=block.data,
        starts_on=block.starts_on,
        ends_on=block.ends_on,
    )


def standing_block_version(block: StandingBlock) -> str:
    """Return a digest of what a form can change about a standing block."""
    values = [block.title, block.body, block.data, block.starts_on, block.ends_on]
    return text_version(json.dumps(values, sort_keys=True, default=str))


def add_standing_block(
    publication: Publication, kind: str, texts: BlockTexts, *, form_key: str | None = None
) -> StandingBlock:
    """Add a block to every issue, after the others.

    Raises AlreadyMadeError with the name of the block if the form with this `form_key` has added one.
    """
    with transaction.atomic(), once(form_key) as form:
        publication = lock_publication(publication)
        require_editor(publication, "Adding a standing block")
        if kind not in KINDS:
            raise Invalid("Choose a kind of block.")
        blocks = list(publication.blocks.all())
        if len(blocks) >= MAX_BLOCKS:
            raise Refused(f"{publication.name} has {MAX_BLOCKS} blocks, which is the maximum.")
        block = StandingBlock(
            publication=publication,
            name=_free_name(texts.title or kind, {each.name for each in blocks}),
            kind=kind,
            position=max((each.position for each in blocks), default=0) + STEP,
        )
        _set(block, texts)
        require_something_to_show(kind, (block.title, block.body, block.data))
        save_block(block, ["all fields"])
        form.made = block.name
    return block


def change_standing_block(
    publication: Publication, name: str, texts: BlockTexts, *, seen: str | None = None
) -> bool:
    """Change a block for every issue, and return whether anything differs.

    `seen` is the `standing_block_version` that a form started from; without it, nothing is compared. Raises
    StandingBlockChangedError if the block has another version and other texts.
    """
    with transaction.atomic():
        publication = lock_publication(publication)
        require_editor(publication, "Changing a standing block")
        block = find_block(publication, name)
        before = standing_block_version(block)
        _set(block, texts)
        if standing_block_version(block) == before:
            return False
        if seen is not None and seen != before:
            raise StandingBlockChangedError(find_block(publication, name))
        save_block(block, ["all fields"])
    return True


def remove_standing_block(publication: Publication, name: str, *, seen: str | None = None) -> None:
    """Remove a block from every issue for good. `seen` is as in `change_standing_block`."""
    with transaction.atomic():
        publication = lock_publication(publication)
        block = find_block(publication, name)
        if seen is not None and seen != standing_block_version(block):
            raise StandingBlockChangedError(block)
        remove_block(publication, name)


def move_standing_block(publication: Publication, name: str, *, down: bool) -> None:
    """Move a block one place up or down among the blocks of every issue. The first stays first, the last stays last."""
    with transaction.atomic():
        publication = lock_publication(publication)
        require_editor(publication, "Moving a standing block")
        block = find_block(publication, name)
        blocks = list(publication.blocks.all())
        before = [each.name for each in blocks]
        place = before.index(block.name)
        blocks.insert(max(0, place + (1 if down else -1)), blocks.pop(place))
        for number, each in enumerate(blocks, start=1):
            StandingBlock.objects.filter(pk=each.pk).update(position=number * STEP)
        after = [each.name for each in blocks]
        if after != before:
            record(
                "block",
                f"Moved the block {block.name}.",
                publication=publication,
                thing=f"block {block.pk}",
                changes={"order": [before, after]},
            )


def _set(block: StandingBlock, texts: BlockTexts) -> None:
    """Set what a form says, cleaned. Raises Invalid with the field."""
    block.title, block.body = folded(texts.title), printable(texts.body.replace("\r\n", "\n")).strip()
    require_length("title", block.title, LONGEST_TITLE)
    require_length("text", block.body, LONGEST_BODY)
    block.data = data_to_json(read_data(block.kind, texts.data))
    block.starts_on, block.ends_on = texts.starts_on, texts.ends_on
    if block.starts_on and block.ends_on and block.ends_on < block.starts_on:
        raise Invalid("The last day must not be before the first day.")


def _free_name(title: str, taken: set[str]) -> str:
    beginning = slugify(title)[:LONGEST_NAME].strip("-_") or "block"
    name, number = beginning, 2
    while name in taken:
        name, number = f"{beginning}-{number}", number + 1
    return name

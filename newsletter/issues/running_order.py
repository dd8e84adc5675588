"""Puts the articles and the blocks of an issue into one running order, in which an email shows them.

A block stands before an article, or after all of them: there, blocks that end an email come last. Its position counts
in the same sequence as those of the articles. Without one, it has its usual place after the articles.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from newsletter.issues.block_data import read_data
from newsletter.issues.blocks_shown_in_email import Block, shown_on
from newsletter.issues.issue_labels import issue_label_at_start
from newsletter.issues.models import Issue, IssueBlock, Item, StandingBlock

Entry = Item | IssueBlock
"""An article or a block in an issue."""

AT_THE_FOOT = frozenset(
    {StandingBlock.Kind.SOCIAL, StandingBlock.Kind.COPYRIGHT, StandingBlock.Kind.CORRECTIONS}
)

# No standing block has such a name.
OWN_BLOCK = "+"


def blocks_of(issue: Issue) -> list[IssueBlock]:
    """Return all blocks of an issue in their usual order, also those that are hidden or not shown on every day.

    A standing block of which the issue changes nothing is not stored.
    """
    rows = list(issue.blocks.select_related("block"))
    stored = {row.block_id for row in rows}
    standing = issue.publication.blocks.all()
    rows += [IssueBlock(issue=issue, block=block) for block in standing if block.pk not in stored]
    return sorted(rows, key=usual_place)


def key_of(block: IssueBlock) -> str:
    """Return the key of a block in its issue: the name of a standing block, or `+` and a number."""
    return block.block.name if block.block else f"{OWN_BLOCK}{block.pk}"


def usual_place(block: IssueBlock) -> tuple[bool, int, int]:
    """Return the sort key of a block among the blocks after the articles: those of the issue alone come last."""
    if block.block is None:
        return True, 0, block.pk or 0
    return False, block.block.position, block.block.pk


def running_order(items: Sequence[Item], blocks: Sequence[IssueBlock]) -> list[Entry]:
    """Return the printed items, which are in order, and the blocks of an issue in one order."""
    placed = sorted(
        (block for block in blocks if block.position is not None), key=lambda block: block.position or 0
    )
    order: list[Entry] = []
    for item in items:
        while placed and (placed[0].position or 0) <= item.position:
            order.append(placed.pop(0))
        order.append(item)
    usual = [block for block in blocks if block.position is None]
    return order + sorted(placed + usual, key=is_at_the_foot)


def order_by_index(items: Sequence[Item], blocks: Sequence[IssueBlock]) -> list[Entry]:
    """Return the items, in order, and the blocks, in their usual order: each at its position, counted from 1."""
    order: list[Entry] = list(items)
    placed = [block for block in blocks if block.position is not None]
    for block in sorted(placed, key=lambda block: block.position or 0):
        order.insert((block.position or 1) - 1, block)
    order += [block for block in blocks if block.position is None]
    last = max((index for index, entry in enumerate(order) if isinstance(entry, Item)), default=-1)
    return order[: last + 1] + sorted(order[last + 1 :], key=is_at_the_foot)


def keep_order(order: Sequence[Entry], items: Sequence[Item]) -> list[Entry]:
    """Return an order with these items in place of its own. Each block stays between the same items as far as it can.

    The blocks after all items stay there.
    """
    last = max((index for index, entry in enumerate(order) if isinstance(entry, Item)), default=-1)
    among: list[list[IssueBlock]] = [[] for _ in range(len(items) + 1)]
    for index, entry in enumerate(order):
        if isinstance(entry, IssueBlock):
            place = _place_between(order, index, items) if index < last else len(items)
            among[place].append(entry)
    kept: list[Entry] = []
    for item, before in zip(items, among, strict=False):
        kept += [*before, item]
    return kept + sorted(among[-1], key=is_at_the_foot)


def save_positions(order: Sequence[Entry], left_out: Sequence[Item]) -> None:
    """Save the positions of items and blocks as they are in the order, so that no two positions are equal.

    Items that are left out come last. Blocks after the articles that are in their usual order need no position.
    """
    _number_blocks(order)
    items = []
    for position, entry in enumerate([*order, *left_out], start=1):
        if isinstance(entry, Item):
            entry.position = position
            items.append(entry)
    Item.objects.bulk_update(items, ["position", "section", "lead", "pinned", "dropped"])
    _save_blocks(entry for entry in order if isinstance(entry, IssueBlock))


def _number_blocks(order: Sequence[Entry]) -> None:
    after = 0
    for index, entry in enumerate(order):
        if isinstance(entry, Item):
            after = index + 1
    usual = len(order)
    while usual > after and _follows(order, usual - 1):
        usual -= 1
    for index, entry in enumerate(order):
        if isinstance(entry, IssueBlock):
            entry.position = index + 1 if index < usual else None


def _save_blocks(blocks: Iterable[IssueBlock]) -> None:
    """Store what an issue changes about its blocks, and delete what is as in every issue."""
    for block in blocks:
        changed = block.block_id is None or block.position is not None or block.hidden or block.content
        if changed:
            block.save()
        elif block.pk:
            block.delete()


def is_shown_on(block: IssueBlock, day: date) -> bool:
    """Return whether an issue for a day shows a block."""
    return not block.hidden and (block.block is None or shown_on(block.block, day))


def why_nothing_to_send(issue: Issue, day: date) -> str:
    """Return why there is nothing in an issue to send on a day, or an empty string if there is.

    An article, an introduction or a block is enough. A block that ends an email is not.
    """
    printed = issue.items.filter(dropped=False, article__withdrawn_at=None, article__excluded=False)
    if issue.opening.strip() or printed.exists():
        return ""
    if any(is_shown_on(block, day) and not is_at_the_foot(block) for block in blocks_of(issue)):
        return ""
    return f"{issue_label_at_start(issue)} is empty. Add an article, an introduction or a block first."


def as_shown(block: IssueBlock, *, placed: bool = False) -> Block:
    """Return a block of an issue, ready to be rendered. Raises Invalid if its data cannot be used."""
    return Block(
        name=key_of(block),
        kind=block.shown_kind,
        title=block.title,
        body=block.body,
        data=read_data(block.shown_kind, block.data),
        placed=placed,
    )


def is_at_the_foot(block: Entry) -> bool:
    """Return whether an entry is a block of a kind that ends an email."""
    return isinstance(block, IssueBlock) and block.shown_kind in AT_THE_FOOT


def _place_between(order: Sequence[Entry], index: int, items: Sequence[Item]) -> int:
    """Return how many items shall stand before a block, so that the fewest change sides.

    Of several such numbers, it is the one nearest to how many stood before it.
    """
    before = {entry.pk for entry in order[:index] if isinstance(entry, Item)}
    after = {entry.pk for entry in order[index:] if isinstance(entry, Item)}
    changing = [len(before)]
    for item in items:
        changing.append(changing[-1] + (item.pk in after) - (item.pk in before))
    return min(range(len(changing)), key=lambda place: (changing[place], abs(place - len(before)), -place))


def _follows(order: Sequence[Entry], index: int) -> bool:
    """Return whether the entry is a block that stands in its usual order before the next one."""
    entry = order[index]
    if not isinstance(entry, IssueBlock):
        return False
    if index + 1 == len(order):
        return True
    following = order[index + 1]
    assert isinstance(following, IssueBlock)
    return _usual_order(entry) <= _usual_order(following)


def _usual_order(block: IssueBlock) -> tuple[bool, tuple[bool, int, int]]:
    return is_at_the_foot(block), usual_place(block)

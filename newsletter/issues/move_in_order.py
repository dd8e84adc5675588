"""Moves an article or a block to another place in the running order of one issue."""

from newsletter.errors import NotFound
from newsletter.issues.edit_issue_articles import place
from newsletter.issues.edit_issue_blocks import named as block_name
from newsletter.issues.issue_labels import issue_label
from newsletter.issues.locked_draft import OpenDraft, named, open_draft
from newsletter.issues.models import Issue, Item
from newsletter.issues.running_order import Entry, key_of


def entry_key(entry: Entry) -> str:
    """Return the key of an article or a block of an issue, such as `article:12` or `block:appeal`."""
    return f"article:{entry.article_id}" if isinstance(entry, Item) else f"block:{key_of(entry)}"


def move_before(issue: Issue, key: str, before: str = "", *, section: str | None = None) -> None:
    """Move an article or a block so that it stands before another one, or last if `before` is empty.

    The first article is the lead. An article that is moved between articles of another section joins that section. With
    a `section`, it joins that one if it is beside its place. Blocks that end an email (running_order.py) stand last
    among those after the articles. Raises NotFound and Refused.
    """
    if key == before:
        return
    with open_draft(issue) as draft:
        moved = _entry(draft, key)
        following = _entry(draft, before) if before else None
        draft.order.remove(moved)
        draft.order.insert(_index(draft, moved, following), moved)
        if isinstance(moved, Item):
            order = [entry for entry in draft.order if isinstance(entry, Item)]
            to = order.index(moved) + 1
            moved.section = moved.section if section is None else section
            place(draft, moved, to)
            draft.did = f"Moved {named(moved)} to position {to}."
        else:
            draft.did = f"Moved the block {block_name(moved)} {_where(draft, moved)}."


def _index(draft: OpenDraft, moved: Entry, following: Entry | None) -> int:
    if following is not None:
        return draft.order.index(following)
    if isinstance(moved, Item):
        # The blocks after the articles stay there.
        return max((i + 1 for i, entry in enumerate(draft.order) if isinstance(entry, Item)), default=0)
    return len(draft.order)


def _where(draft: OpenDraft, moved: Entry) -> str:
    after = draft.order[draft.order.index(moved) + 1 :]
    item = next((entry for entry in after if isinstance(entry, Item)), None)
    return f"before {named(item)}" if item else "after the articles"


def _entry(draft: OpenDraft, key: str) -> Entry:
    for entry in draft.order:
        if entry_key(entry) == key:
            return entry
    raise NotFound(f"This article or block is no longer in {issue_label(draft.issue)}. Reload the page.")

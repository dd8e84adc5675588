"""The content of an issue as plain values: what a version stores, and what is compared and restored.

A snapshot is a JSON object: `texts` by field; `items` in print order, removed ones too, and `blocks` that the issue
changed or has alone, by key, each without its empty values; `rules`, by which the articles were chosen; `audience`, if
the issue has one of its own (audience_choice.py); and `suggested`, the names of the texts that nobody wrote. In the
flat form, which undo and the comparison use, each text and each field of an item or a block has a key of its own, and
the order of the items is one value.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from newsletter.issues.default_subject import suggest
from newsletter.issues.item_order import is_printed, print_position
from newsletter.issues.models import Issue, IssueBlock, Item
from newsletter.issues.running_order import key_of

Snapshot = Mapping[str, Any]
Flat = dict[str, Any]

TEXTS = ("subject", "preheader", "opening")
ITEM_FIELDS = (
    "section",
    "lead",
    "pinned",
    "dropped",
    "headline",
    "blurb",
    "picture_id",
    "picture_alt",
    "without_picture",
)
BLOCK_FIELDS = ("block_id", "kind", "position", "hidden", "content")
ORDER, RULES, SUGGESTED, BLOCKS, AUDIENCE = "order", "rules", "suggested", "blocks", "audience"
_BLOCK = "block "


def take_snapshot(issue: Issue) -> dict[str, Any]:
    """Return the content of an issue as it is stored now."""
    found = Issue.objects.select_related("publication").get(pk=issue.pk)
    items = list(found.items.select_related("article").defer("article__body_html"))
    return snapshot_with(found, items, list(found.blocks.select_related("block")))


def snapshot_with(issue: Issue, items: Sequence[Item], blocks: Sequence[IssueBlock] = ()) -> dict[str, Any]:
    """Return the content of an issue whose row, items and blocks the caller has just read or stored."""
    items = sorted(items, key=print_position)
    suggested = suggest(issue, [item for item in items if is_printed(item)])
    return {
        "texts": {name: getattr(issue, name) for name in TEXTS},
        "items": [_item_values(item) for item in items],
        BLOCKS: {key_of(block): _block_values(block) for block in blocks},
        RULES: {
            "selection": issue.selection,
            "composed_at": issue.composed_at.isoformat(),
            "passed_over": issue.passed_over,
        },
        AUDIENCE: issue.audience,
        SUGGESTED: sorted(name for name, text in suggested.items() if getattr(issue, name) == text),
    }


def flat_values(snapshot: Snapshot) -> Flat:
    """Return a snapshot as one value a key, such as `subject`, `article 5 headline` and `order`."""
    flat: Flat = dict(snapshot["texts"])
    flat[ORDER] = [item["article"] for item in snapshot["items"]]
    flat[RULES] = snapshot[RULES]
    flat[AUDIENCE] = snapshot.get(AUDIENCE)
    for item in snapshot["items"]:
        for name in ITEM_FIELDS:
            if item.get(name):
                flat[item_key(item["article"], name)] = item[name]
    for key, values in snapshot.get(BLOCKS, {}).items():
        flat |= {block_key(key, name): value for name, value in values.items()}
    return flat


def snapshot_of(flat: Flat) -> dict[str, Any]:
    """Return the snapshot that has these flat values."""
    items = []
    for article in flat[ORDER]:
        values = {
            name: flat[item_key(article, name)] for name in ITEM_FIELDS if item_key(article, name) in flat
        }
        items.append({"article": article, **values})
    return {
        "texts": {name: flat[name] for name in TEXTS},
        "items": items,
        BLOCKS: _blocks_of(flat),
        RULES: flat[RULES],
        AUDIENCE: flat.get(AUDIENCE),
        SUGGESTED: [],
    }


def item_key(article: int, name: str) -> str:
    """Return the key of one field of an item among flat values."""
    return f"article {article} {name}"


def block_key(key: str, name: str) -> str:
    """Return the key of one field of a block among flat values."""
    return f"{_BLOCK}{key} {name}"


def _blocks_of(flat: Flat) -> dict[str, dict[str, Any]]:
    blocks: dict[str, dict[str, Any]] = {}
    for flat_key, value in flat.items():
        if flat_key.startswith(_BLOCK):
            key, _, name = flat_key.removeprefix(_BLOCK).partition(" ")
            blocks.setdefault(key, {})[name] = value
    return blocks


def changed_keys(before: Flat, after: Flat) -> list[str]:
    """Return the keys whose values differ, in the order of the newer values."""
    keys = [*after, *(key for key in before if key not in after)]
    return [key for key in keys if before.get(key) != after.get(key)]


def _block_values(block: IssueBlock) -> dict[str, Any]:
    values = {name: getattr(block, name) for name in BLOCK_FIELDS}
    return {name: value for name, value in values.items() if value}


def _item_values(item: Item) -> dict[str, Any]:
    values = {name: getattr(item, name) for name in ITEM_FIELDS}
    return {"article": item.article_id, **{name: value for name, value in values.items() if value}}

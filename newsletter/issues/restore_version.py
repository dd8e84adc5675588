"""Restores an issue to an earlier version, and undoes one change. Both are changes of their own that can be undone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from newsletter.articles.models import Article
from newsletter.articles.pictures.models import OriginalPicture
from newsletter.errors import Refused
from newsletter.issues.exclude_articles import EXCLUDED, include_article
from newsletter.issues.issue_labels import issue_label
from newsletter.issues.issue_snapshot import (
    AUDIENCE,
    BLOCKS,
    ITEM_FIELDS,
    RULES,
    SUGGESTED,
    TEXTS,
    Flat,
    Snapshot,
    changed_keys,
    flat_values,
    item_key,
    snapshot_of,
    take_snapshot,
)
from newsletter.issues.issue_versions import (
    RESTORED,
    last_change_of,
    require_state_seen,
    version_at,
    version_before,
)
from newsletter.issues.item_order import is_printed
from newsletter.issues.locked_draft import OpenDraft, open_draft
from newsletter.issues.models import Issue, IssueBlock, Item
from newsletter.issues.running_order import OWN_BLOCK, key_of, order_by_index, usual_place
from subscribers.phrases import counted

_EMPTY = Item()


def restore_version(issue: Issue, number: int, *, seen: str | None = None) -> list[str]:
    """Make an issue what it was in a version, and return a sentence about each thing that could not come back.

    An article comes back only while it is stored, a picture likewise. `seen` is the `state_seen` that a page showed;
    without it, nothing is compared. Raises NotFound, and Refused once the issue can no longer be changed, or if
    somebody else has changed it since.
    """
    version = version_at(issue, number)
    with open_draft(issue, f"{RESTORED} {number}: {version.sentence}") as draft:
        require_state_seen(draft.issue, seen)
        draft.suggests = False
        return _put_back(draft, version.snapshot)


def undo_change(issue: Issue, number: int) -> list[str]:
    """Take back what one version changed, and leave everything that was changed since. Return as `restore_version`.

    Raises Refused if the same thing was changed again since, with who did that, and if there is nothing to undo.
    """
    version = version_at(issue, number)
    previous = version_before(version)
    if previous is None:
        raise Refused("This is the issue’s first version, so there is nothing to undo.")
    with open_draft(issue, f"Undid: {version.sentence}") as draft:
        before, after = flat_values(previous.snapshot), flat_values(version.snapshot)
        now = flat_values(take_snapshot(issue))
        unwritten = set(previous.snapshot[SUGGESTED]) & set(version.snapshot[SUGGESTED])
        keys = [key for key in changed_keys(before, after) if key not in unwritten]
        again = [key for key in keys if now.get(key) != after.get(key)]
        if again:
            raise Refused(_changed_again(issue, again))
        if version.sentence.startswith(EXCLUDED):
            _include_again(draft, keys)
        return _put_back(draft, snapshot_of(_with_values(now, before, keys)))


def _include_again(draft: OpenDraft, keys: list[str]) -> None:
    """Include the articles that the change left out, so that they are printed again."""
    for item in draft.printed + draft.left_out:
        if item_key(item.article_id, "dropped") in keys and item.article.excluded:
            include_article(item.article_id)
            item.article.excluded = False


def _with_values(now: Flat, before: Flat, keys: list[str]) -> Flat:
    """Return the present values with those of some keys as they were before. A key that had no value is removed."""
    values = {key: value for key, value in now.items() if key not in keys}
    return values | {key: before[key] for key in keys if key in before}


def _changed_again(issue: Issue, keys: list[str]) -> str:
    last = last_change_of(issue, keys)
    if last is None:
        return f"Somebody has changed {issue_label(issue)} again, so nothing was undone."
    return (
        f"{last.actor or 'Somebody'} has changed the same part of the issue again: {last.sentence} Nothing "
        "was undone. "
        "To go back further, restore an earlier version."
    )


def _put_back(draft: OpenDraft, snapshot: Snapshot) -> list[str]:
    for name in TEXTS:
        setattr(draft.issue, name, snapshot["texts"][name])
    draft.issue.audience = snapshot.get(AUDIENCE)
    rules = snapshot[RULES]
    draft.issue.selection, draft.issue.passed_over = rules["selection"], rules["passed_over"]
    draft.issue.composed_at = datetime.fromisoformat(rules["composed_at"])
    gone = _put_items_back(draft, snapshot["items"])
    return gone + _put_blocks_back(draft, snapshot.get(BLOCKS, {}))


def _put_items_back(draft: OpenDraft, wanted: list[dict[str, Any]]) -> list[str]:
    present = {item.article_id: item for item in draft.printed + draft.left_out}
    articles = Article.objects.in_bulk([each["article"] for each in wanted])
    pictures = OriginalPicture.objects.in_bulk(
        [each["picture_id"] for each in wanted if each.get("picture_id")]
    )
    superfluous = [item.pk for article, item in present.items() if article not in articles]
    Item.objects.filter(pk__in=superfluous).delete()
    items, without_picture = [], 0
    for each in wanted:
        article = articles.get(each["article"])
        if article is None:
            continue
        item = present.get(article.pk) or Item(issue=draft.issue, article=article)
        values = {name: each.get(name, getattr(_EMPTY, name)) for name in ITEM_FIELDS}
        if values["picture_id"] and values["picture_id"] not in pictures:
            values |= {"picture_id": None, "picture_alt": ""}
            without_picture += 1
        for name, value in values.items():
            setattr(item, name, value)
        item.save()
        items.append(item)
    draft.printed = [item for item in items if is_printed(item)]
    draft.left_out = [item for item in items if not is_printed(item)]
    return _what_is_gone(len(wanted) - len(items), without_picture)


def _put_blocks_back(draft: OpenDraft, wanted: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Give the blocks of the draft what they had, and put them into the order by their positions."""
    blocks = {key_of(block): block for block in draft.blocks}
    standing = {block.pk for block in draft.issue.publication.blocks.all()}
    missing = 0
    for key in [key for key in blocks if blocks[key].block is None and key not in wanted]:
        blocks.pop(key).delete()
    for key, values in wanted.items():
        if key not in blocks and values.get("block_id"):
            missing += values["block_id"] not in standing
        elif key not in blocks:
            blocks[key] = IssueBlock(pk=int(key.removeprefix(OWN_BLOCK)), issue=draft.issue)
            blocks[key].kind = values["kind"]
            blocks[key].save(force_insert=True)
    for key, block in blocks.items():
        values = wanted.get(key, {})
        block.position, block.hidden = values.get("position"), bool(values.get("hidden"))
        block.content = values.get("content", {})
    draft.order = order_by_index(draft.printed, sorted(blocks.values(), key=usual_place))
    sentence = f"{counted(missing, 'block is', 'blocks are')} no longer stored and could not be restored."
    return [sentence] if missing else []


def _what_is_gone(articles: int, pictures: int) -> list[str]:
    gone = []
    if articles:
        gone.append(
            f"{counted(articles, 'article is', 'articles are')} no longer stored and could not be restored."
        )
    if pictures:
        gone.append(
            f"{counted(pictures, 'picture is', 'pictures are')} no longer stored and could not be restored."
        )
    return gone

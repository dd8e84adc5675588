"""What the part “Contents” shows: the running order with its articles and blocks, and what is left out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse

from newsletter.articles.models import Article
from newsletter.articles.pictures.models import OriginalPicture
from newsletter.articles.pictures.picture_candidates import candidates
from newsletter.articles.pictures.store_pictures import originals_at, with_versions
from newsletter.issues.approvals import current_approval
from newsletter.issues.approved_blocks import approved_blocks
from newsletter.issues.article_corrections import corrections_since_last_issue
from newsletter.issues.articles_left_out import LeftOut, articles_left_out
from newsletter.issues.block_edit_conflicts import block_version
from newsletter.issues.default_subject import headline
from newsletter.issues.item_order import headings, is_printed, print_position
from newsletter.issues.models import Issue, IssueBlock, Item
from newsletter.issues.move_in_order import entry_key
from newsletter.issues.running_order import (
    Entry,
    blocks_of,
    is_at_the_foot,
    is_shown_on,
    key_of,
    running_order,
)
from newsletter.rendering.choose_pictures import items_without_description
from newsletter.rendering.text_as_read import read_text
from newsletter.scheduling.dateline import dateline_day
from newsletter.web.desk.issue.issue_header import IssueHeader

SITE, NONE, UPLOADED = "site", "none", "uploaded"
END, FOOT = "After the articles", "At the foot of the email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An article or a block in the list. `anchor` is its id on the page; `place` counts articles only.

    `version` is the `block_version` of a block.
    """

    key: str
    anchor: str
    title: str
    item: Item | None = None
    block: IssueBlock | None = None
    block_key: str = ""
    version: str = ""
    place: int = 0
    thumbnail: str = ""
    marks: Sequence[tuple[str, str]] = ()
    why_hidden: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows under one heading. `section` is the section that an article joins here; None after the articles."""

    title: str
    section: str | None
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentsView:
    """The running order in groups, what was left out of the issue, and what the selection passed over.

    `undescribed` are the rows whose picture has no description. `introduction` is as readers read it. `corrections` is
    how many corrections to earlier articles the email tells readers about.
    """

    introduction: str

    groups: list[Group]
    undescribed: list[Row]
    sections: list[str]
    left_out: list[Row]
    passed_over: list[LeftOut]
    articles: int
    corrections: int

    @property
    def rows(self) -> list[Row]:
        """All rows of the running order."""
        return [row for group in self.groups for row in group.rows]

    def row(self, key: str) -> Row | None:
        """Return the row with this key, also if it was left out."""
        return next((row for row in [*self.rows, *self.left_out] if row.key == key), None)


def contents_view(header: IssueHeader) -> ContentsView:
    """Return what the part shows now. The number of queries does not grow with the issue."""
    issue = header.issue
    rows = issue.items.select_related("article", "article__source").defer("article__fingerprint")
    items = sorted(rows, key=print_position)
    printed = [item for item in items if is_printed(item)]
    day = dateline_day(issue, header.schedule)
    shown, hidden = _blocks_of(header, day)
    pictures = _Pictures(issue, items)
    order = running_order(printed, shown)
    undescribed = items_without_description(issue.publication, printed) if header.can_edit else []
    return ContentsView(
        introduction=read_text("opening", issue.opening).words,
        groups=_groups(order, pictures, headings(issue.publication)),
        undescribed=[_article(item, pictures) for item in undescribed],
        sections=list(
            dict.fromkeys([*headings(issue.publication), *(i.section for i in printed if i.section)])
        ),
        left_out=[
            *(_article(item, pictures) for item in items if item not in printed),
            *(_block(block, _why_hidden(block, day)) for block in hidden),
        ],
        passed_over=articles_left_out(issue) if header.to_come else [],
        articles=len(printed),
        corrections=len(corrections_since_last_issue(issue.publication, before=issue))
        if header.to_come
        else 0,
    )


def _blocks_of(header: IssueHeader, day: date) -> tuple[Sequence[IssueBlock], Sequence[IssueBlock]]:
    """Return the blocks that the email shows, and the others. Of a sent issue, they are as they were sent."""
    approval = None if header.to_come else current_approval(header.issue)
    if approval is not None and (as_sent := approved_blocks(approval)) is not None:
        return as_sent
    blocks = blocks_of(header.issue)
    shown = [block for block in blocks if is_shown_on(block, day)]
    return shown, [block for block in blocks if not is_shown_on(block, day)]


def anchor_of(key: str) -> str:
    """Return the id of a row on the page."""
    return "entry-" + key.replace(":", "-").replace("+", "own-")


def picture_choice(item: Item) -> str:
    """Return which picture an item shows: SITE, NONE, UPLOADED, or the address of another one of the article."""
    if item.without_picture:
        return NONE
    if item.picture is None:
        return SITE
    return item.picture.url or UPLOADED


def versions_of_candidates(article: Article) -> list[tuple[str, str, str]]:
    """Return the pictures of an article: address, description, and the path of our small copy, if we have one."""
    found = candidates(article)
    known = originals_at(each.url for each in found)
    return [(each.url, each.alt, _path(known.get(each.url))) for each in found]


class _Pictures:
    """The small pictures of some items, read with at most four queries."""

    def __init__(self, issue: Issue, items: Sequence[Item]) -> None:
        self._hotlinked = issue.publication.hotlink_pictures
        self._candidates = {item.pk: candidates(item.article) for item in items}
        urls = {each.url for found in self._candidates.values() for each in found}
        self._known = {} if self._hotlinked else originals_at(urls)
        own = [key for item in items if (key := item.uploaded_picture)]
        self._own = {each.pk: each for each in with_versions().filter(pk__in=own)} if own else {}

    def thumbnail(self, item: Item) -> str:
        if item.without_picture:
            return ""
        if key := item.uploaded_picture:
            return _path(self._own.get(key))
        for each in self._candidates[item.pk]:
            if path := _path(self._known.get(each.url)):
                return path
        return ""


def _path(original: OriginalPicture | None) -> str:
    if original is None:
        return ""
    for version in original.versions.all():
        if version.place == "thumbnail":
            return reverse("media", args=[version.file.name])
    return ""


def _groups(order: Sequence[Entry], pictures: _Pictures, known: Sequence[str]) -> list[Group]:
    last = max((index for index, entry in enumerate(order) if isinstance(entry, Item)), default=-1)
    groups = [Group(title="", section=None)]
    waiting: list[Row] = []
    place = 0
    for index, entry in enumerate(order):
        if isinstance(entry, IssueBlock):
            if index < last:
                waiting.append(_block(entry))
            continue
        place += 1
        if place > 1 and (place == 2 or groups[-1].section != entry.section):  # noqa: PLR2004 - after the lead
            # Blocks before the first article of a section stand above its heading.
            groups[-1].rows.extend(waiting)
            waiting = []
            title = entry.section or ("No section" if known else "")
            groups.append(Group(title=title, section=entry.section))
        groups[-1].rows.extend([*waiting, _article(entry, pictures, place)])
        waiting = []
    after = [_block(entry) for entry in order[last + 1 :] if isinstance(entry, IssueBlock)]
    ending = [row for row in after if row.block and is_at_the_foot(row.block)]
    for title, rows in ((END, [row for row in after if row not in ending]), (FOOT, ending)):
        if rows:
            groups.append(Group(title=title, section=None, rows=rows))
    return groups


def _article(item: Item, pictures: _Pictures, place: int = 0) -> Row:
    key = entry_key(item)
    return Row(
        key=key,
        anchor=anchor_of(key),
        title=headline(item),
        item=item,
        place=place,
        thumbnail=pictures.thumbnail(item),
        marks=list(_marks(item)),
        why_hidden="" if place else _why_left_out(item),
    )


def _marks(item: Item) -> list[tuple[str, str]]:
    marks = []
    if item.lead:
        marks.append(("Lead", "accent"))
    if item.pinned and not item.lead:
        marks.append(("Pinned", "neutral"))
    if item.headline or item.blurb or item.picture_id or item.picture_alt or item.without_picture:
        marks.append(("Edited for this issue", "neutral"))
    if item.article.edited_at and item.issue.composed_at < item.article.edited_at:
        marks.append(("Changed on its site", "warn"))
    return marks


def _block(block: IssueBlock, why_hidden: str = "") -> Row:
    key = entry_key(block)
    marks = []
    if block.block is None:
        marks.append(("Only in this issue", "neutral"))
    elif block.content:
        marks.append(("Edited for this issue", "neutral"))
    return Row(
        key=key,
        anchor=anchor_of(key),
        title=str(block),
        block=block,
        block_key=key_of(block),
        version=block_version(block),
        marks=marks,
        why_hidden=why_hidden,
    )


def _why_hidden(block: IssueBlock, day: date) -> str:
    if block.hidden:
        return "Left out of this issue"
    standing = block.block
    if standing and standing.starts_on and day < standing.starts_on:
        return f"Shown from {standing.starts_on:%-d %B %Y}"
    ends = standing.ends_on if standing else None
    return f"Shown until {ends:%-d %B %Y}" if ends else "Not shown on this day"


def _why_left_out(item: Item) -> str:
    if item.article.withdrawn_at:
        return "Withdrawn by its source"
    if item.article.excluded:
        return "Excluded from the newsletter"
    return "Left out of this issue"

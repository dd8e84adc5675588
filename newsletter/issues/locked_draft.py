"""A draft while it is being changed: locked, with its items loaded. When the change is done, the items are sorted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from newsletter.accounts.actor import Role
from newsletter.accounts.audit_log import changes_between, values_of
from newsletter.articles.models import Article
from newsletter.errors import NotFound, Refused, refuse_if
from newsletter.issues.approvals import current_approval, reopen_issue
from newsletter.issues.change_locks import lock_publication, why_not_change
from newsletter.issues.confirm_changes_that_end_approval import require_agreement
from newsletter.issues.default_subject import suggest
from newsletter.issues.four_eyes import why_not_work_on
from newsletter.issues.issue_audit import record
from newsletter.issues.issue_labels import issue_label, issue_label_at_start
from newsletter.issues.issue_snapshot import Snapshot, changed_keys, flat_values, take_snapshot
from newsletter.issues.issue_versions import record_version
from newsletter.issues.item_order import (
    choose_lead,
    headings,
    in_print_order,
    is_printed,
    print_position,
)
from newsletter.issues.models import Issue, IssueBlock, Item, Publication
from newsletter.issues.running_order import Entry, blocks_of, keep_order, running_order, save_positions
from subscribers.clean_text import folded

LONGEST_NAME = 200
CHANGING = "Changing an issue"
WRITING = "Changing the text of an issue"
ITEM_FIELDS = (
    "section",
    "lead",
    "pinned",
    "dropped",
    "headline",
    "blurb",
    "picture",
    "picture_alt",
    "without_picture",
)
BLOCK_FIELDS = ("position", "hidden", "content")


@dataclass(slots=True)
class OpenDraft:
    """An issue, its printed items in order, its items that are not printed, and the running order with the blocks.

    `did` is the sentence for the audit log. `suggests` says whether texts that nobody wrote are suggested again after
    the change.
    """

    issue: Issue
    printed: list[Item]
    left_out: list[Item]
    order: list[Entry]
    did: str = ""
    suggests: bool = True

    @property
    def blocks(self) -> list[IssueBlock]:
        """The blocks of the issue in order, also those that are hidden."""
        return [entry for entry in self.order if isinstance(entry, IssueBlock)]

    def item(self, article: int) -> Item:
        """Return the item of an article, printed or not. Raises NotFound."""
        for item in self.printed + self.left_out:
            if item.article_id == article:
                return item
        found = Article.objects.filter(pk=article).only("title").first()
        name = f"“{title_of(found)}”" if found else f"Article {article}"
        raise NotFound(f"{name} is not in {issue_label(self.issue)}.")

    def printed_item(self, article: int) -> Item:
        """Return the printed item of an article. Raises NotFound, or Refused with why the item is not printed."""
        item = self.item(article)
        if item in self.printed:
            return item
        raise Refused(_why_left_out(item, issue_label(self.issue)))

    def settle(self) -> None:
        """Choose a lead if there is none, and number the positions in the current order, blocks among them."""
        for item in self.left_out:
            item.lead = False
        choose_lead(self.printed)
        self.printed = in_print_order(self.printed, headings(self.issue.publication))
        self.order = keep_order(self.order, self.printed)
        save_positions(self.order, self.left_out)


@contextmanager
def open_draft(issue: Issue, did: str = "", *, role: Role = Role.EDITOR) -> Iterator[OpenDraft]:
    """Change an issue in one transaction. An error changes nothing. Raises Refused once the issue is being sent.

    `role` is what the actor needs: an author for a change to its texts and pictures alone.

    `did` is the sentence for the audit log, and for the version of the issue that is recorded (issue_versions.py). It
    can be set on the draft as well. An approved issue becomes a draft again and needs approval again, unless only pins
    changed, which no email shows. Where the person can be asked first, that raises WouldEndApprovalError until they
    agreed (confirm_changes_that_end_approval.py). A suggested subject or preheader is suggested again after the change.
    Afterwards `issue` has the saved values.
    """
    with transaction.atomic():
        publication = lock_publication(issue.publication)
        refuse_if(_why_not_work(publication, role))
        found = require_draft(issue)
        draft = _read(found, did)
        before, stored = _values(found), take_snapshot(found)
        suggested = suggest(draft.issue, draft.printed)
        printed = [item.article_id for item in draft.printed]
        yield draft
        draft.settle()
        for field, text in suggest(draft.issue, draft.printed).items():
            if draft.suggests and getattr(draft.issue, field) == suggested[field]:
                setattr(draft.issue, field, text)
        draft.issue.save()
        if record_version(draft.issue, draft.did, stored):
            changes = changes_between(before, _values(draft.issue))
            record("edit", draft.did, issue=draft.issue, thing=f"issue {draft.issue.pk}", changes=changes)
        same_articles = printed == [item.article_id for item in draft.printed]
        if not (same_articles and current_approval(draft.issue) and _only_pins_changed(draft.issue, stored)):
            require_agreement(draft.issue)
            reopen_issue(draft.issue, draft.did)
    issue.refresh_from_db()


def require_draft(issue: Issue) -> Issue:
    """Return the issue as it is now. Raises Refused unless it can still be changed."""
    found = Issue.objects.select_related("publication").filter(pk=issue.pk).first()
    if found is None:
        raise NotFound(f"{issue_label_at_start(issue)} no longer exists.")
    refuse_if(why_not_change(found, "changed"))
    return found


def why_not_edit(issue: Issue) -> str:
    """Return why the current actor may not change the content of an issue, or an empty string if they may."""
    return _why_not_work(issue.publication, Role.EDITOR) or why_not_change(issue, "changed")


def why_not_write(issue: Issue) -> str:
    """Return why the current actor may not change the texts of an issue, or an empty string if they may."""
    return _why_not_work(issue.publication, Role.AUTHOR) or why_not_change(issue, "changed")


def _why_not_work(publication: Publication, role: Role) -> str:
    return why_not_work_on(publication, WRITING if role is Role.AUTHOR else CHANGING, role=role)


def _only_pins_changed(issue: Issue, before: Snapshot) -> bool:
    changed = changed_keys(flat_values(before), flat_values(take_snapshot(issue)))
    return all(key.endswith(" pinned") for key in changed)


def _values(issue: Issue) -> dict[str, Any]:
    """Return the values of an issue that an editor can change, by name: its fields, its order and its items."""
    values = values_of(issue, ("subject", "preheader", "opening", "selection", "audience"))
    items = sorted(issue.items.all(), key=print_position)
    values["order"] = [item.article_id for item in items if not item.dropped]
    for item in items:
        fields = values_of(item, ITEM_FIELDS)
        values |= {f"article {item.article_id} {name}": value for name, value in fields.items() if value}
    for block in issue.blocks.select_related("block"):
        fields = values_of(block, BLOCK_FIELDS)
        values |= {f"block {block} {name}": value for name, value in fields.items() if value}
    return values


def _read(issue: Issue, did: str) -> OpenDraft:
    items = sorted(issue.items.select_related("article"), key=print_position)
    printed = [item for item in items if is_printed(item)]
    left_out = [item for item in items if not is_printed(item)]
    return OpenDraft(issue, printed, left_out, running_order(printed, blocks_of(issue)), did)


def named(item: Item) -> str:
    """Return the name of an item for a sentence: its headline in this issue, between quotation marks."""
    return f"“{folded(item.headline)[:LONGEST_NAME] or title_of(item.article)}”"


def title_of(article: Article) -> str:
    """Return the title of an article for a sentence."""
    return folded(article.title)[:LONGEST_NAME]


def _why_left_out(item: Item, issue: str) -> str:
    name = named(item)
    if item.article.withdrawn_at:
        return f"{name} is left out of {issue} because its source withdrew it."
    if item.article.excluded:
        return f"{name} is left out of {issue} because it is excluded from the newsletter."
    return f"{name} was removed from {issue}. Put the article back first."

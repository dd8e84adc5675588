"""The changes that an editor can make to the articles of a draft. An error changes nothing.

An issue that was sent or cancelled is refused. Articles are named by their number in the database. Raises NotFound,
Invalid and Refused.
"""

from django.core.exceptions import ValidationError

from newsletter.accounts.actor import Role
from newsletter.articles.find_articles import find_article
from newsletter.articles.html_and_text.first_sentences import whole_sentences
from newsletter.errors import Invalid, Refused
from newsletter.issues.candidate_articles import items_used_by
from newsletter.issues.compose import new_item
from newsletter.issues.exclude_articles import EXCLUDED, exclude_article, include_article
from newsletter.issues.issue_labels import issue_label, issue_label_at_start
from newsletter.issues.locked_draft import OpenDraft, named, open_draft, title_of
from newsletter.issues.models import Issue, Item
from newsletter.issues.selection_rule import MAX_ITEMS
from newsletter.issues.validation_messages import require_length, written_sentence

LONGEST_BLURB = 5_000


class AlreadyInIssue(Refused):
    """The issue has the article already."""


class AlreadyUsed(Refused):
    """Another issue has the article; it can be used again on purpose."""


def pin(issue: Issue, article: int) -> None:
    """Keep an article in the issue when the issue is composed again."""
    with open_draft(issue) as draft:
        item = draft.printed_item(article)
        item.pinned = True
        draft.did = f"Pinned {named(item)}."


def unpin(issue: Issue, article: int) -> None:
    """Let newer articles replace this one when the issue is composed again."""
    with open_draft(issue) as draft:
        item = draft.item(article)
        item.pinned = False
        draft.did = f"Unpinned {named(item)}."


def drop(issue: Issue, article: int) -> None:
    """Remove an article from this issue, also when it is composed again. Later issues can use the article."""
    with open_draft(issue) as draft:
        item = draft.item(article)
        _drop(draft, item)
        draft.did = f"Removed {named(item)} from the issue."


def restore_dropped(issue: Issue, article: int, *, again: bool = False) -> None:
    """Put a removed article back. Refused if another issue has the article, unless `again` is true."""
    with open_draft(issue) as draft:
        item = draft.item(article)
        _restore_dropped(draft, item, again=again)
        draft.did = f"Put {named(item)} back into the issue."


def exclude_and_drop(issue: Issue, article: int) -> None:
    """Exclude an article from the newsletter, and remove it from this issue."""
    with open_draft(issue) as draft:
        item = draft.item(article)
        exclude_article(article)
        _drop(draft, item)
        draft.did = f"{EXCLUDED} {named(item)} from the newsletter."


def include_and_restore(issue: Issue, article: int) -> None:
    """Include an article in the newsletter again, and put it back into this issue."""
    with open_draft(issue) as draft:
        item = draft.item(article)
        include_article(article)
        item.article.excluded = False
        _restore_dropped(draft, item, again=False)
        draft.did = f"Included {named(item)} again."


def add(issue: Issue, article: int, *, again: bool = False) -> None:
    """Add an article to the issue, last in its section. Refused if another issue has it, unless `again` is true."""
    with open_draft(issue) as draft:
        found = find_article(article)
        draft.did = f"Added “{title_of(found)}”."
        if any(item.article_id == article for item in draft.printed):
            raise AlreadyInIssue(f"“{title_of(found)}” is already in {issue_label(issue)}.")
        present = next((item for item in draft.left_out if item.article_id == article), None)
        if present is not None:
            _restore_dropped(draft, present, again=again)
            return
        if len(draft.printed) >= MAX_ITEMS:
            raise Refused(
                f"{issue_label_at_start(issue)} has {MAX_ITEMS} articles, which is the maximum for one email."
            )
        item = new_item(draft.issue, found)
        _require_printable(draft.issue, item, again=again)
        item.save()
        draft.printed.append(item)


def make_lead(issue: Issue, article: int) -> None:
    """Put an article first and pin it there. The previous lead returns to its section."""
    with open_draft(issue) as draft:
        item = draft.printed_item(article)
        lead(draft, item)
        draft.did = f"Made {named(item)} the lead article."


def move(issue: Issue, article: int, *, to: int) -> None:
    """Move an article to a position, counted from 1 as shown in the email. Position 1 makes it the lead.

    An article that is moved between articles of another section joins that section.
    """
    with open_draft(issue) as draft:
        item = draft.printed_item(article)
        place(draft, item, to)
        draft.did = f"Moved {named(item)} to position {to}."


def move_to_section(issue: Issue, article: int, title: str) -> None:
    """Move an article to the end of a section, which may exist in this issue only. The lead stays the lead."""
    with open_draft(issue) as draft:
        item = draft.printed_item(article)
        known = {section.casefold(): section for section in _sections(draft)}
        item.section = known.get(title.strip().casefold(), title.strip())
        check_item(item)
        draft.printed.remove(item)
        draft.printed.append(item)
        draft.did = (
            f"Moved {named(item)} to the section “{item.section}”."
            if item.section
            else f"Moved {named(item)} out of its section."
        )


def set_headline(issue: Issue, article: int, text: str) -> None:
    """Set an article's headline for this issue only. An empty text restores the article's own."""
    with open_draft(issue, role=Role.AUTHOR) as draft:
        item = draft.item(article)
        draft.did = f"Changed the headline for {named(item)}."
        item.headline = "" if text.strip() == item.article.title.strip() else text.strip()
        check_item(item)
        item.save(update_fields=["headline"])


def set_blurb(issue: Issue, article: int, text: str) -> None:
    """Set the text under an article's headline for this issue only. An empty text restores the article's own."""
    with open_draft(issue, role=Role.AUTHOR) as draft:
        item = draft.item(article)
        text = text.replace("\r\n", "\n").strip()
        item.blurb = "" if text == whole_sentences(item.article.standfirst) else text
        require_length("text", item.blurb, LONGEST_BLURB)
        check_item(item)
        item.save(update_fields=["blurb"])
        draft.did = f"Changed the text for {named(item)}."


def _drop(draft: OpenDraft, item: Item) -> None:
    item.dropped, item.pinned = True, False
    if item in draft.printed:
        draft.printed.remove(item)
        draft.left_out.append(item)


def _restore_dropped(draft: OpenDraft, item: Item, *, again: bool) -> None:
    if item in draft.printed:
        raise Refused(f"{named(item)} is already in {issue_label(draft.issue)}.")
    _require_printable(draft.issue, item, again=again)
    item.dropped = False
    draft.left_out.remove(item)
    draft.printed.append(item)


def _require_printable(issue: Issue, item: Item, *, again: bool) -> None:
    article = item.article
    if article.withdrawn_at:
        raise Refused(f"{named(item)} was withdrawn by its source, so it cannot be used.")
    if article.excluded:
        raise Refused(
            f"{named(item)} is excluded from the newsletter. Before you can use it in this issue, allow the "
            "article in issues again."
        )
    others = items_used_by(issue.publication, besides=issue).filter(article=article).select_related("issue")
    other = None if again else others.first()
    if other is not None:
        raise AlreadyUsed(
            f"{named(item)} is already in issue {other.issue.number}. To use it in this issue "
            "too, confirm that you want the article in both issues."
        )


def lead(draft: OpenDraft, item: Item) -> None:
    """Put an item of an open draft first and pin it there."""
    for each in draft.printed:
        each.lead = each is item
    item.pinned = True
    draft.printed.remove(item)
    draft.printed.insert(0, item)


def place(draft: OpenDraft, item: Item, to: int) -> None:
    """Put an item of an open draft at a position, counted from 1. Raises Invalid if there is no such position."""
    if not 1 <= to <= len(draft.printed):
        raise Invalid(
            f"Choose a position in {issue_label(draft.issue)} from 1 to {len(draft.printed)}, not {to}."
        )
    if to == 1:
        lead(draft, item)
        return
    draft.printed.remove(item)
    draft.printed.insert(to - 1, item)
    for each in draft.printed:
        each.lead = each is draft.printed[0]
    _join_neighbours(draft.printed, to - 1)


def _join_neighbours(items: list[Item], index: int) -> None:
    around = [items[index + 1]] if index + 1 < len(items) else []
    around += [items[index - 1]] if index > 1 else []
    if around and items[index].section not in {other.section for other in around}:
        items[index].section = around[0].section


def _sections(draft: OpenDraft) -> list[str]:
    configured = [str(section["title"]) for section in draft.issue.publication.sections]
    return configured + [item.section for item in draft.printed]


def check_item(item: Item) -> None:
    """Check what an editor wrote for an item. Raises Invalid with the field."""
    try:
        item.clean_fields(exclude=["issue", "article", "picture"])
    except ValidationError as error:
        raise Invalid(written_sentence(error)) from error

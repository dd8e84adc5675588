"""The texts of an issue that a page saves one by one while somebody types: of the email, and of its articles.

A field has a name, such as `opening` or `article-5-headline`, which pages and the browser use.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from newsletter.errors import NotFound
from newsletter.issues import edit_issue_articles, edit_issue_texts
from newsletter.issues.default_subject import headline, suggest
from newsletter.issues.issue_snapshot import item_key
from newsletter.issues.item_order import items_to_print
from newsletter.issues.item_pictures import alt_shown, set_picture_alt
from newsletter.issues.models import Issue, Item
from subscribers.phrases import shortened

_OF_ARTICLE = re.compile(r"article-(\d{1,18})-(headline|blurb|section|alt)\Z")
_NOT_STORED = dict.fromkeys([0, 0x202D, 0x202E])
_LONGEST_TITLE = 60


@dataclass(frozen=True, slots=True)
class TextField:
    """One text of an issue. `label` names it in a sentence, and `key` in a snapshot (issue_snapshot.py).

    `write` checks and saves a text, and `text` is what is stored now. `is_written` is false if nobody wrote the text:
    it was suggested.
    """

    name: str
    label: str
    key: str
    text: str
    write: Callable[[str], None]
    is_written: bool = True


_OF_EMAIL: Mapping[str, tuple[str, Callable[[Issue, str], None]]] = {
    "subject": ("the subject", edit_issue_texts.set_subject),
    "preheader": ("the preheader", edit_issue_texts.set_preheader),
    "opening": ("the introduction", edit_issue_texts.set_opening),
}
_OF_ITEM: Mapping[str, tuple[str, str, Callable[[Issue, int, str], None]]] = {
    "headline": ("headline", "the headline for", edit_issue_articles.set_headline),
    "blurb": ("blurb", "the text for", edit_issue_articles.set_blurb),
    "section": ("section", "the section for", edit_issue_articles.move_to_section),
    "alt": ("picture_alt", "the picture description for", set_picture_alt),
}


def text_field(issue: Issue, name: str) -> TextField:
    """Return a field with its present text. Raises NotFound if the issue has no such field, or no such article."""
    if name in _OF_EMAIL:
        label, write = _OF_EMAIL[name]
        text = str(getattr(issue, name))
        return TextField(
            name, label, name, text, lambda new: write(issue, new), _is_written(issue, name, text)
        )
    if found := _OF_ARTICLE.match(name):
        return _field_of_item(issue, name, int(found[1]), found[2])
    raise NotFound(
        "The software has been updated since you opened this page. Copy your text, then reload the page."
    )


def text_version(text: str) -> str:
    """Return a short digest of a text, by which two versions of it are told apart."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def clean_typed(text: str) -> str:
    """Return a text as it is stored.

    Browsers send line breaks as two characters. Blank ends are dropped, and the two characters that turn round the
    direction of all that follows them, as they are from feeds.
    """
    return text.replace("\r\n", "\n").translate(_NOT_STORED).strip()


def _field_of_item(issue: Issue, name: str, article: int, part: str) -> TextField:
    item = Item.objects.select_related("article", "picture").filter(issue=issue, article=article).first()
    if item is None:
        raise NotFound("The article that this text belongs to is no longer in the issue.")
    column, label, write = _OF_ITEM[part]
    title = shortened(headline(item), _LONGEST_TITLE)
    return TextField(
        name,
        f"{label} “{title}”",
        item_key(article, column),
        clean_typed(alt_shown(item)) if part == "alt" else str(getattr(item, column)),
        lambda new: write(issue, article, new),
    )


def _is_written(issue: Issue, name: str, text: str) -> bool:
    if name == "opening":
        return True  # nobody suggests one, so an empty introduction was emptied
    return bool(text) and suggest(issue, items_to_print(issue))[name] != text

"""Change articles for all issues: their headline, standfirst and picture, and whether the newsletter may have them.

A change counts as work on the open issues that have the article. An issue that is approved keeps what was approved.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from newsletter.accounts import audit_log
from newsletter.accounts.actor import ANY, Role, require_role
from newsletter.articles.article_keys import key_of
from newsletter.articles.article_terms import TERMS, terms_of, terms_seen
from newsletter.articles.change_article import NAMES, TEXTS, change_picture, change_texts, restore_fields
from newsletter.articles.find_articles import find_article
from newsletter.articles.models import Article, WrittenArticle
from newsletter.articles.pictures.models import OriginalPicture
from newsletter.articles.write_article_in_desk import WrittenText, change_written, text_version
from newsletter.errors import Invalid, NewsletterError, Refused
from newsletter.issues.edit_issue_articles import add, drop
from newsletter.issues.exclude_articles import exclude_article, include_article, open_issues_with
from newsletter.issues.four_eyes import require_editor
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Issue
from subscribers.database import locked

CHANGING = "Changing an article"
MAX_SELECTED = 200
RECORDED = (*TEXTS, "picture")


def texts_version(article: Article) -> str:
    """Return a digest of what an editor can change of an article, which tells one version from another."""
    return key_of(*(getattr(article, name) for name in TEXTS), article.picture_id)


def text_seen(article: Article, name: str) -> str:
    """Return a digest of one of the TEXTS of an article, or with `picture` of its picture and how it is described."""
    names = ("picture_id", "image_alt") if name == "picture" else (name,)
    return key_of(*(getattr(article, each) for each in names))


def _require_as_seen(article: Article, name: str, seen: str | None) -> None:
    if seen is None or seen == text_seen(article, name):
        return
    what = "picture or its description" if name == "picture" else NAMES[name]
    now = "" if name == "picture" else f": “{getattr(article, name)}”"
    raise Refused(
        f"Somebody else has changed the {what} of this article since you opened it. The page now shows the "
        f"new version{now}. To replace it with yours, make the change again."
    )


def change_article(number: int, texts: Mapping[str, str], *, seen: str) -> list[str]:
    """Change texts of an article for good, by the names in TEXTS, and return the fields that changed.

    An empty headline or standfirst puts that of the site back. `seen` is the `texts_version` that the editor started
    from. Raises Invalid with a sentence, and Refused if somebody else has changed the article since then, or if it was
    written here, where its own text can be edited.
    """

    def change(article: Article) -> list[str]:
        if seen != texts_version(article):
            raise Refused(
                "Somebody else has changed this article since you opened it. Compare the two texts before you save."
            )
        return change_texts(article, **texts)

    return _change(number, change)


def set_article_picture(
    number: int, picture: OriginalPicture, alt: str, *, seen: str | None = None
) -> list[str]:
    """Show an uploaded picture with an article in all issues from now on.

    `seen` is the `text_seen` of “picture” that a form started from; without it, nothing is compared. Raises Invalid
    without a description, and Refused if somebody else has changed the picture or its description since then.
    """

    def change(article: Article) -> list[str]:
        _require_as_seen(article, "picture", seen)
        return change_picture(article, picture, alt)

    return _change(number, change)


def put_back_article(number: int, names: Iterable[str], *, seen: str | None = None) -> list[str]:
    """Put texts, or the picture, of an article back to how its site has them; return the fields that changed.

    `seen` is the `text_seen` of the name that a form started from, if there is only one name; without it, nothing is
    compared. Raises Refused if somebody else has changed it since then.
    """
    wanted = tuple(names)

    def change(article: Article) -> list[str]:
        for name in wanted:
            _require_as_seen(article, name, seen)
        changed = restore_fields(article, tuple(name for name in wanted if name in TEXTS))
        if "picture" in wanted and article.picture_id:
            changed += change_picture(article, None)
        return changed

    return _change(number, change)


def edit_written(
    number: int, text: WrittenText, *, seen: str, wrong: Mapping[str, str] | None = None
) -> Article:
    """Change an article that was written here. `seen` is the `text_version` that the editor started from.

    `wrong` says what the caller has found wrong with fields of the text. Raises InvalidFields, and Refused if somebody
    else has changed the article since then.
    """
    with transaction.atomic():
        issues = open_issues_to_change(number)
        article = locked(Article.objects.all(), number)
        if seen != text_version(article):
            raise Refused(
                "Somebody else has changed this article since you opened it. Compare the two texts before you save."
            )
        record_article_change(article, issues, change_written(article, text, wrong=wrong))
    return article


def change_terms(number: int, values: Mapping[str, str], *, seen: str | None = None) -> bool:
    """Set the terms of an article, by the names in TERMS; return whether any of them changed.

    `seen` is the `terms_seen` that a form started from; without it, nothing is compared. Raises Invalid for a value
    that a field cannot have, and Refused if somebody else has changed the terms since then.
    """
    with transaction.atomic():
        issues = open_issues_to_change(number)
        article = locked(Article.objects.all(), number)
        terms = terms_of(article)
        if seen is not None and seen != terms_seen(terms):
            raise Refused(
                "Somebody else has changed the terms of this article since you opened it. The page now shows the saved "
                "terms. To replace them with yours, make the change again."
            )
        before = audit_log.values_of(terms, TERMS)
        for name, value in values.items():
            setattr(terms, name, value.strip())
        try:
            terms.clean_fields()
        except ValidationError as error:
            raise Invalid(" ".join(error.messages)) from error
        changes = audit_log.changes_between(before, audit_log.values_of(terms, TERMS))
        if changes:
            terms.save()
            record_article_change(article, issues, changes)
    return bool(changes)


def exclude_articles(numbers: Iterable[int]) -> list[int]:
    """Exclude articles from the newsletter, all or none; return the numbers of those that were not excluded before."""
    return _set_excluded(numbers, exclude_article, was=False)


def include_articles(numbers: Iterable[int]) -> list[int]:
    """Include excluded articles again, all or none; return the numbers of those that were excluded."""
    return _set_excluded(numbers, include_article, was=True)


@dataclass(frozen=True, slots=True)
class Added:
    """The numbers of the articles that an issue has got, and a sentence about each of the others."""

    numbers: list[int]
    refused: list[str]


def add_to_issue(issue: Issue, numbers: Iterable[int]) -> Added:
    """Add articles to a draft, last in their sections. Those that cannot be added are named with the reason."""
    added = Added([], [])
    for number in _selected(numbers):
        try:
            add(issue, number)
        except NewsletterError as error:
            added.refused.append(str(error))
        else:
            added.numbers.append(number)
    return added


def take_from_issue(issue: Issue, numbers: Iterable[int]) -> None:
    """Remove articles from a draft, as the opposite of `add_to_issue`."""
    with transaction.atomic():
        for number in _selected(numbers):
            drop(issue, number)


def _set_excluded(numbers: Iterable[int], act: Callable[[int], Article], *, was: bool) -> list[int]:
    with transaction.atomic():
        chosen = _selected(numbers)
        differing = Article.objects.filter(pk__in=chosen, excluded=was).values_list("pk", flat=True)
        changed = sorted(differing)
        for number in changed:
            act(number)
    return changed


def _selected(numbers: Iterable[int]) -> list[int]:
    chosen = list(dict.fromkeys(numbers))
    if not chosen:
        raise Refused("Choose at least one article.")
    if len(chosen) > MAX_SELECTED:
        raise Refused(f"Choose up to {MAX_SELECTED} articles at a time.")
    return chosen


def _change(number: int, change: Callable[[Article], list[str]]) -> list[str]:
    with transaction.atomic():
        issues = open_issues_to_change(number)
        article = locked(Article.objects.all(), number)
        if WrittenArticle.objects.filter(article=article).exists():
            raise Refused("This article was written in the desk. Change it on its own page, under “Edit”.")
        before = audit_log.values_of(article, RECORDED)
        changed = change(article)
        if changed:
            article.save(update_fields=[*RECORDED, "as_on_site"])
            changes = audit_log.changes_between(before, audit_log.values_of(article, RECORDED))
            record_article_change(article, issues, changes)
    return changed


def open_issues_to_change(number: int) -> list[Issue]:
    """Return the open issues that have an article. Raises NotFound, and Refused unless the actor may change them."""
    require_role(Role.AUTHOR, CHANGING, publication=ANY)
    find_article(number)
    issues = open_issues_with(number)
    for issue in issues:
        require_editor(issue.publication, CHANGING, role=Role.AUTHOR)
    return issues


def record_article_change(
    article: Article, issues: list[Issue], changes: audit_log.Changes, *, sentence: str = ""
) -> None:
    """Record a change to an article for each of these issues, or once if there is none."""
    sentence, thing = sentence or f"Changed “{article.title[:200]}” for all issues.", f"article {article.pk}"
    for issue in issues:
        record("article", sentence, issue=issue, thing=thing, changes=changes)
    if not issues:
        record("article", sentence, thing=thing, changes=changes)

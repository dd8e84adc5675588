"""Excludes an article from the e-news, and includes it again: both are work on the open issues that have it."""

from django.db import transaction

from newsletter.accounts import audit_log
from newsletter.accounts.actor import Role, require
from newsletter.articles.exclude import find_article, mark
from newsletter.articles.models import Article
from newsletter.issues.audit import record
from newsletter.issues.changeable import CHANGEABLE
from newsletter.issues.four_eyes import require_editor
from newsletter.issues.models import Issue


def hold(number: int) -> Article:
    """Mark an article "not for the e-news": composing leaves it out, whatever later readings bring."""
    return _mark(number, held_back=True)


def release(number: int) -> Article:
    """Let an article that was held back into the e-news again."""
    return _mark(number, held_back=False)


def _mark(number: int, *, held_back: bool) -> Article:
    require(Role.EDITOR, "Holding articles back")
    find_article(number)
    with transaction.atomic():
        issues = _open_issues_with(number)
        for issue in issues:
            require_editor(issue.publication, "Holding articles back")
        article, differs = mark(number, held_back=held_back)
        if differs:
            _record(article, issues)
    return article


def _open_issues_with(number: int) -> list[Issue]:
    found = Issue.objects.filter(items__article=number, state__in=CHANGEABLE, mailings=None)
    return list(found.select_related("publication").order_by("pk"))


def _record(article: Article, issues: list[Issue]) -> None:
    did = "Excluded" if article.held_back else "Included again"
    sentence = f"{did} article {article.pk}, “{article.title[:200]}”."
    changes = audit_log.changed({"held_back": not article.held_back}, {"held_back": article.held_back})
    thing = f"article {article.pk}"
    for issue in issues:
        record("article", sentence, issue=issue, thing=thing, changes=changes)
    if not issues:
        record("article", sentence, thing=thing, changes=changes)

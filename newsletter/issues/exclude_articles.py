"""Excludes an article from the newsletter, and includes it again. Both are work on the open issues that have it."""

from django.db import transaction

from newsletter.accounts import audit_log
from newsletter.accounts.actor import ANY, Role, require_role
from newsletter.articles.find_articles import find_article
from newsletter.articles.models import Article
from newsletter.issues.change_locks import CHANGEABLE
from newsletter.issues.four_eyes import require_editor
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Issue

EXCLUDED = "Excluded"
"""First word of the sentence about a change to an issue that also excluded an article."""


def exclude_article(number: int) -> Article:
    """Exclude an article from the newsletter: composing leaves it out, even if its source delivers it again."""
    return _set_excluded(number, excluded=True)


def include_article(number: int) -> Article:
    """Include an article that was excluded from the newsletter."""
    return _set_excluded(number, excluded=False)


def _set_excluded(number: int, *, excluded: bool) -> Article:
    require_role(Role.EDITOR, "Excluding or including an article", publication=ANY)
    find_article(number)
    with transaction.atomic():
        issues = open_issues_with(number)
        for issue in issues:
            require_editor(issue.publication, "Excluding or including an article")
        article = find_article(number)
        if article.excluded is not excluded:
            article.excluded = excluded
            article.save(update_fields=["excluded"])
            _record(article, issues)
    return article


def open_issues_with(number: int) -> list[Issue]:
    """Return the issues with an article that can still be changed."""
    found = Issue.objects.filter(items__article=number, state__in=CHANGEABLE, mailings=None)
    return list(found.select_related("publication").order_by("pk"))


def _record(article: Article, issues: list[Issue]) -> None:
    name = f"article {article.pk}, “{article.title[:200]}”"
    sentence = f"Excluded {name}." if article.excluded else f"Included {name}."
    changes = audit_log.changes_between({"excluded": not article.excluded}, {"excluded": article.excluded})
    thing = f"article {article.pk}"
    for issue in issues:
        record("article", sentence, issue=issue, thing=thing, changes=changes)
    if not issues:
        record("article", sentence, thing=thing, changes=changes)

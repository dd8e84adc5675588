"""Check that the issue has no article whose own terms forbid emailing it."""

from collections.abc import Iterator

from newsletter.articles.article_terms import ArticleTerms
from newsletter.articles.reuse_terms import forbids_mailing
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule, Thing

CHECK = "reuse terms"
FORBIDDEN = Rule(
    "reuse.forbidden",
    "The terms of an article forbid emailing it",
    Level.ERROR,
    "The site says that others must not distribute the article, or an editor has decided that it must not be emailed.",
    "Remove the article. If you have permission, say so under “Terms” on the article’s page.",
    Basis("The terms that the article’s own site states"),
)
RULES = (FORBIDDEN,)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Look at the terms of each article in the issue."""
    urls = {item.article_id: item.article.url for item in checked.items}
    publication = checked.publication
    forbidden = {
        row.article_id: row.site_rights
        for row in ArticleTerms.objects.filter(article__in=urls)
        if forbids_mailing(row, publication.organisation, publication.website, urls[row.article_id])
    }
    things = [
        Thing(str(item), Place("contents", article=item.article_id), forbidden[item.article_id])
        for item in checked.items
        if item.article_id in forbidden
    ]
    yield from FORBIDDEN.found_in_each(
        things,
        one="The terms of “{title}” forbid emailing it.",
        several="The terms of {count} articles forbid emailing them.",
    )

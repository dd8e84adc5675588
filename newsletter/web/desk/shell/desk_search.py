"""What the search of the desk finds: pages and acts, issues, and articles."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from newsletter.accounts.actor import Role, current_actor
from newsletter.articles.search_articles import ArticleSearch, search_articles
from newsletter.issues.page_urls import issue_path
from newsletter.issues.search_issues import search_issues
from newsletter.issues.visible_to_actor import visible_publications
from newsletter.sending.status_sentences import issue_status
from newsletter.web.desk.navigation import Navigation

MOST_OF_A_KIND = 6
LONGEST_TEXT = 100


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was found: its label, what else is said about it, and the path of its page."""

    label: str
    path: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one kind."""

    title: str
    found: list[Found]
    # Where all of them are, if there are more than these.
    more: str = ""


# Acts that have a page of their own: the name of the URL, and what a person wants to do.
ACTS = (
    ("new-issue", "Start a new issue"),
    ("sources", "Add a source"),
    ("articles", "Add an article"),
    ("import", "Import people"),
    ("export-people", "Export people"),
    ("shortcuts", "See the keyboard shortcuts"),
    ("components", "View the desk’s components"),
)
OF_ADMINISTRATORS = frozenset({"import", "export-people"})


def find(text: str, navigation: Navigation, *, debug: bool = False) -> list[Group]:
    """Return what fits a text, in groups that are not empty. Without a text, these are the pages and acts."""
    text = " ".join(text.split())[:LONGEST_TEXT]
    words = text.casefold().split()
    groups = [
        Group("Pages", [each for each in _pages(navigation) if _fits(each, words)]),
        Group("Actions", [each for each in _acts(debug=debug) if _fits(each, words)]),
        _group("Issues", _issues(text), "issues", text),
        _group("Articles", _articles(text), "articles", text),
    ]
    return [group for group in groups if group.found]


def _group(title: str, found: list[Found], page: str, text: str) -> Group:
    more = f"{reverse(f'desk:{page}')}?{urlencode({'q': text})}" if len(found) > MOST_OF_A_KIND else ""
    return Group(title, found[:MOST_OF_A_KIND], more)


def _fits(found: Found, words: list[str]) -> bool:
    label = f"{found.label} {found.detail}".casefold()
    return all(word in label for word in words)


def _pages(navigation: Navigation) -> Iterator[Found]:
    for place in navigation.places:
        yield Found(place.label, place.path)
        yield from (Found(each.label, each.path) for each in place.below if each.path)
    for slug, name in navigation.publications:
        yield Found("Recurring issues", reverse("desk:series", args=[slug]), name)


def _acts(*, debug: bool) -> Iterator[Found]:
    for name, label in ACTS:
        if name == "components" and not debug:
            continue
        if name in OF_ADMINISTRATORS and not current_actor().may(Role.ADMINISTRATOR):
            continue
        try:
            yield Found(label, reverse(f"desk:{name}"))
        except NoReverseMatch:
            continue


def _issues(text: str) -> list[Found]:
    several = visible_publications().count() > 1 if text else False
    return [
        Found(
            f"No. {issue.number}: {issue.subject or '(no subject)'}",
            issue_path(issue),
            f"{issue.publication.name} · {issue_status(issue).label}"
            if several
            else issue_status(issue).label,
        )
        for issue in search_issues(text, at_most=MOST_OF_A_KIND + 1)
    ]


def _articles(text: str) -> list[Found]:
    if not text:
        return []
    found = search_articles(ArticleSearch(text=text), at_most=MOST_OF_A_KIND + 1).articles
    return [
        Found(article.title, path, article.source.title or article.source.name)
        for article in found
        if (path := _article_path(article.pk))
    ]


def _article_path(number: int) -> str:
    try:
        return reverse("desk:article", args=[number])
    except NoReverseMatch:
        return ""

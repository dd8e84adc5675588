"""Adding an article to an issue: search those that came in, or paste the link of a page."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.articles.add_article_by_link import add_by_link
from newsletter.articles.models import Article
from newsletter.articles.search_articles import ArticleSearch, State, search_articles, topics_in_use
from newsletter.articles.sources import active_sources
from newsletter.articles.write_article_in_desk import WrittenText, write_article
from newsletter.errors import Invalid, NewsletterError, refuse_if
from newsletter.issues import edit_issue_articles
from newsletter.issues.candidate_articles import items_used_by
from newsletter.issues.confirm_changes_that_end_approval import require_agreement
from newsletter.issues.edit_issue_articles import AlreadyInIssue, AlreadyUsed
from newsletter.issues.issue_pictures import fetch_issue_pictures
from newsletter.issues.locked_draft import why_not_edit
from newsletter.issues.models import Issue
from newsletter.web.desk.creation_form_keys import form_key
from newsletter.web.desk.desk_page import desk, is_htmx
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import FormError, errors_by_field
from newsletter.web.desk.issue.contents_page import say_done
from newsletter.web.desk.issue.contents_view import anchor_of
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, show_fragment, show_part
from newsletter.web.desk.issue.undo_and_restore_acts import undo_of
from subscribers.whole_numbers import whole_number

AT_MOST = 20
WRITTEN = ("title", "markdown", "standfirst", "author", "topics", "url")
TOPICS_SUGGESTED = 5


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """An article that was found, and the numbers of the other issues that have it."""

    article: Article
    used_in: list[int]


@desk("GET", "HEAD", "POST")
def add_article(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the articles that can be added, by search, and add one of them."""
    issue = issue_at(slug, number)
    if request.method == "POST":
        try:
            return _added(request, issue, _number(request), again="again" in request.POST)
        except NewsletterError as error:
            return _show(request, issue, FormError.of(error, "add", request.POST.dict()))
    return _show(request, issue)


@desk("POST", page="add-to-issue")
def add_link(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Fetch the page at an address, and add its article to the issue."""
    issue = issue_at(slug, number)
    try:
        require_agreement(issue)
        found = add_by_link(request.POST.get("address", ""))
        return _added(request, issue, found.article.pk, again="again" in request.POST)
    except AlreadyUsed as error:
        return _show(request, issue, FormError.of(error, "used", request.POST.dict()))
    except NewsletterError as error:
        return _show(request, issue, FormError.of(error, "link", request.POST.dict()))


@desk("GET", "HEAD", "POST")
def write_here(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Write an article here, and add it to the issue."""
    issue = issue_at(slug, number)
    typed = {name: request.POST.get(name, "") for name in WRITTEN}
    form_error, wrong = None, dict[str, str]()
    if request.method == "POST":
        try:
            refuse_if(why_not_edit(issue))
            # Before the article exists: the same form is sent again after the question.
            require_agreement(issue)
            return _write_and_add(request, issue, _text(typed))
        except NewsletterError as error:
            form_error, wrong = FormError.of(error, "write", typed), errors_by_field(error)
    return show_part(
        request,
        issue_header(fresh_issue(issue)),
        "issue",
        template="contents_write",
        forms=frozenset({"write"}),
        form_error=form_error,
        wrong=wrong,
        typed=typed,
        topics=topics_in_use(at_most=TOPICS_SUGGESTED),
    )


def _text(typed: Mapping[str, str]) -> WrittenText:
    return WrittenText(
        title=typed["title"],
        markdown=typed["markdown"],
        standfirst=typed["standfirst"],
        author=typed["author"],
        topics=typed["topics"],
        url=typed["url"],
    )


def _write_and_add(request: HttpRequest, issue: Issue, text: WrittenText) -> HttpResponse:
    try:
        article = write_article(text, form_key=form_key(request)).pk
    except AlreadyMadeError as earlier:
        article = int(earlier.made)
        with suppress(AlreadyInIssue):
            return _added(request, issue, article, again=False)
        title = issue.items.select_related("article").get(article=article)
        return say_done(request, issue, f"article:{article}", f"“{title}” was added to this issue.")
    return _added(request, issue, article, again=False)


def _added(request: HttpRequest, issue: Issue, article: int, *, again: bool) -> HttpResponse:
    edit_issue_articles.add(issue, article, again=again)
    fetch_issue_pictures(issue)
    title = issue.items.select_related("article").get(article=article)
    key = f"article:{article}"
    undo = undo_of(issue, "issue", anchor=anchor_of(key))
    return say_done(request, issue, key, f"“{title}” was added to this issue.", undo=undo)


def _number(request: HttpRequest) -> int:
    number = whole_number(request.POST.get("article", ""))
    if number is None:
        raise Invalid("Choose one of the articles.")
    return number


def _show(request: HttpRequest, issue: Issue, form_error: FormError | None = None) -> HttpResponse:
    header = issue_header(fresh_issue(issue))
    search = ArticleSearch(
        text=request.GET.get("q", "")[:200],
        source=request.GET.get("source", ""),
        topic=request.GET.get("topic", ""),
        state=State.USABLE,
    )
    hidden = Q(pk__in=issue.items.filter(dropped=False).values("article"))
    is_unused = bool(request.GET.get("unused"))
    if is_unused:
        hidden |= Q(pk__in=items_used_by(issue.publication, besides=issue).values("article"))
    page = search_articles(
        search, besides=Article.objects.filter(hidden), after=request.GET.get("after", ""), at_most=AT_MOST
    )
    used: dict[int, list[int]] = {}
    others = items_used_by(issue.publication, besides=issue).filter(article__in=page.articles)
    for article, other in others.values_list("article", "issue__number"):
        used.setdefault(article, []).append(other)
    context: dict[str, Any] = {
        "search": search,
        "is_unused": is_unused,
        "found": [FoundArticle(article, sorted(used.get(article.pk, []))) for article in page.articles],
        "next_cursor": page.next_cursor,
    }
    if is_htmx(request) and form_error is None:
        return show_fragment(request, header, "issue", "issue/contents_found", **context)
    return show_part(
        request,
        header,
        "issue",
        template="contents_add",
        forms=frozenset({"add", "link", "used"}),
        form_error=form_error,
        sources_to_choose=[(source.name, str(source)) for source in active_sources()],
        topics_to_choose=[(topic, topic) for topic in topics_in_use(at_most=40)],
        **context,
    )

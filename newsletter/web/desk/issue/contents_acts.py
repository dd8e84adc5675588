"""What can be done with the rows of the contents: move, lead, pin, leave out, put back, exclude, choose again."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from django.http import HttpRequest, HttpResponse

from newsletter.articles.pictures.models import OriginalPicture
from newsletter.errors import Invalid, NewsletterError, NotFound
from newsletter.issues import edit_issue_articles, edit_issue_blocks
from newsletter.issues.issue_pictures import (
    fetch_issue_pictures,
    fetch_missing_pictures,
    pictures_of_articles,
)
from newsletter.issues.issue_versions import state_seen
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Issue
from newsletter.issues.move_in_order import move_before
from newsletter.issues.page_urls import issue_path
from newsletter.issues.recompose import recompose_issue, what_recomposing_changes
from newsletter.web.desk.desk_page import desk, done
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.issue.contents_page import act_on_row, show_contents
from newsletter.web.desk.issue.contents_view import ContentsView, Row, contents_view
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import act_on_issue, fresh_issue, show_part
from subscribers.phrases import counted
from subscribers.whole_numbers import whole_number

Act = TypeVar("Act")


def _restore(issue: Issue, article: int) -> None:
    edit_issue_articles.restore_dropped(issue, article)
    fetch_issue_pictures(issue)


def _include(issue: Issue, article: int) -> None:
    edit_issue_articles.include_and_restore(issue, article)
    fetch_issue_pictures(issue)


ACTS: Mapping[str, tuple[Callable[[Issue, int], None], str]] = {
    "lead": (
        edit_issue_articles.make_lead,
        "{title} is now the lead article, and will stay if the articles are chosen again.",
    ),
    "pin": (edit_issue_articles.pin, "{title} is pinned, so it will stay if the articles are chosen again."),
    "unpin": (
        edit_issue_articles.unpin,
        "{title} is unpinned, so it can be replaced if the articles are chosen again.",
    ),
    "drop": (edit_issue_articles.drop, "{title} was left out of this issue. Later issues can use it."),
    "restore": (_restore, "{title} was put back into this issue."),
    "exclude": (edit_issue_articles.exclude_and_drop, "{title} was excluded from all issues."),
    "include": (_include, "{title} can be used again, and was put back into this issue."),
}
BLOCK_ACTS: Mapping[str, tuple[Callable[[Issue, str, str | None], None], str]] = {
    "hide": (
        lambda issue, key, _seen: edit_issue_blocks.hide_block(issue, key),
        "{title} was left out of this issue. Other issues still include it.",
    ),
    "show": (
        lambda issue, key, _seen: edit_issue_blocks.show_block(issue, key),
        "{title} was put back into this issue.",
    ),
    "restore": (
        lambda issue, key, seen: edit_issue_blocks.restore_block(issue, key, seen=seen),
        "The standard text of {title} was restored.",
    ),
    "remove": (
        lambda issue, key, seen: edit_issue_blocks.remove_own_block(issue, key, seen=seen),
        "{title} was removed.",
    ),
}


@desk("POST", page="issue")
def arrange(request: HttpRequest, slug: str, number: int, article: int) -> HttpResponse:
    """Do one of these acts to one article."""
    issue = issue_at(slug, number)

    def act() -> str:
        do, sentence = _known(ACTS, request)
        title = _title(issue, f"article:{article}")
        do(issue, article)
        return sentence.format(title=title)

    return act_on_row(request, issue, f"article:{article}", act)


@desk("POST", page="issue")
def arrange_block(request: HttpRequest, slug: str, number: int, key: str) -> HttpResponse:
    """Do one of these acts to one block."""
    issue = issue_at(slug, number)

    def act() -> str:
        do, sentence = _known(BLOCK_ACTS, request)
        title = _title(issue, f"block:{key}")
        do(issue, key, request.POST.get("seen"))
        return sentence.format(title=title)

    return act_on_row(request, issue, f"block:{key}", act)


@desk("POST", page="issue")
def move(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Move an article or a block: before another one, to a place, to another section, or one place up or down."""
    issue = issue_at(slug, number)
    key = request.POST.get("key", "")

    def act() -> str:
        row = _view(issue).row(key)
        if row is None:
            raise NotFound("This article or block is no longer in the issue. Reload the page.")
        if row.item is not None and "to_section" in request.POST:
            edit_issue_articles.move_to_section(issue, row.item.article_id, request.POST["to_section"])
        else:
            before = _before(_view(issue), row, request.POST)
            move_before(issue, key, before, section=request.POST.get("section"))
        return _moved(issue, key)

    return act_on_row(request, issue, key, act, panel=request.POST.get("panel", ""))


@desk("GET", "HEAD", "POST")
def choose_again(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Say what choosing the articles again would change, and do it."""
    issue = issue_at(slug, number)
    problem = None
    if request.method == "POST":
        try:
            recompose_issue(issue, seen=request.POST.get("seen"))
            fetch_issue_pictures(issue)
            return done(request, "The articles were chosen again.", issue_path(issue))
        except NewsletterError as error:
            problem = FormError.of(error, "again", {})
    header = issue_header(fresh_issue(issue))
    changes = None
    try:
        changes = what_recomposing_changes(header.issue)
    except NewsletterError as error:
        problem = problem or FormError.of(error, "again", {})
    return show_part(
        request,
        header,
        "issue",
        template="contents_again",
        forms=frozenset({"again"}),
        form_error=problem,
        changes=changes,
        seen=state_seen(header.issue),
    )


@desk("POST", page="issue")
def fetch_pictures(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Fetch the pictures of the issue that are missing."""

    def act(issue: Issue) -> str:
        fetch_missing_pictures(issue)
        missing = sum(each.state == OriginalPicture.State.FAILED for each in pictures_of_articles(issue))
        if not missing:
            return "There are no more pictures to fetch: the issue has every picture we can show."
        return (
            f"{counted(missing, 'picture has', 'pictures have')} still not arrived. You can try again later."
        )

    return act_on_issue(request, issue_at(slug, number), "articles", act, show_contents, then="#contents")


def _known(acts: Mapping[str, Act], request: HttpRequest) -> Act:
    found = acts.get(request.POST.get("act", ""))
    if found is None:
        raise Invalid("This action does not exist. Reload the page.")
    return found


def _view(issue: Issue) -> ContentsView:
    return contents_view(issue_header(fresh_issue(issue)))


def _title(issue: Issue, key: str) -> str:
    row = _view(issue).row(key)
    return f"“{row.title}”" if row else "This"


def _before(view: ContentsView, row: Row, form: Mapping[str, str]) -> str:
    """Return the key of the row before which to put a row; empty to put it last."""
    if "before" in form:
        return form["before"]
    others = [each for each in view.rows if each.key != row.key]
    if "by" in form:
        here = view.rows.index(row)
        to = here + (1 if form["by"] == "down" else -1)
    else:
        others = [each for each in others if each.item is not None]
        place = whole_number(form.get("place", "").strip()) or 0
        if not 1 <= place <= view.articles:
            raise Invalid(f"Choose a position from 1 to {view.articles}.")
        to = place - 1
    return others[to].key if 0 <= to < len(others) else ("" if to > 0 else others[0].key)


def _moved(issue: Issue, key: str) -> str:
    view = _view(issue)
    row = view.row(key)
    if row is None:
        return "The order was changed."
    if row.item is None:
        rows = view.rows
        following = next((each for each in rows[rows.index(row) + 1 :] if each.item is not None), None)
        return f"“{row.title}” is now {'before “' + following.title + '”' if following else 'after the articles'}."
    if row.place == 1:
        return f"“{row.title}” is now the lead article, in position 1."
    titles = {item.article_id: item.section for item in items_to_print(issue)}
    section = titles.get(row.item.article_id, "")
    return f"“{row.title}” is now in position {row.place}{', in ' + section if section else ''}."

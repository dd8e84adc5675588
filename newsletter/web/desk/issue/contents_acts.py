"""The buttons that move, pin, remove and put back the articles of an issue, and fetch missing pictures again."""

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse

from newsletter.articles.pictures.models import OriginalPicture
from newsletter.errors import Invalid
from newsletter.issues import edit_issue
from newsletter.issues.issue_pictures import (
    fetch_issue_pictures,
    fetch_missing_pictures,
    pictures_of_articles,
)
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Issue
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.desk_urls import issue_at
from newsletter.web.desk.issue.contents_page import show_contents
from newsletter.web.desk.issue.issue_page import act_on_issue
from subscribers.phrases import counted


def _position_of(issue: Issue, article: int) -> int:
    positions = {item.article_id: position for position, item in enumerate(items_to_print(issue), start=1)}
    return positions.get(article, 1)


def _up(issue: Issue, article: int) -> None:
    edit_issue.move(issue, article, to=_position_of(issue, article) - 1)


def _down(issue: Issue, article: int) -> None:
    edit_issue.move(issue, article, to=_position_of(issue, article) + 1)


def _restore(issue: Issue, article: int) -> None:
    edit_issue.restore_dropped(issue, article)
    fetch_issue_pictures(issue)


ACTS: Mapping[str, tuple[Callable[[Issue, int], None], str]] = {
    "up": (_up, "The article was moved up."),
    "down": (_down, "The article was moved down."),
    "lead": (edit_issue.make_lead, "The article is now the lead article of this issue."),
    "pin": (edit_issue.pin, "The article was pinned, so it will stay if the articles are chosen again."),
    "unpin": (
        edit_issue.unpin,
        "The article was unpinned, so it may be replaced if the articles are chosen again.",
    ),
    "drop": (edit_issue.drop, "The article was removed from this issue. It can be used in later issues."),
    "restore": (_restore, "The article was put back into this issue."),
}


@desk("POST", page="issue")
def arrange(request: HttpRequest, slug: str, number: int, article: int) -> HttpResponse:
    """Do one of these actions to one article."""

    def act(issue: Issue) -> str:
        do, sentence = ACTS.get(request.POST.get("act", ""), (None, ""))
        if do is None:
            raise Invalid(
                f"We do not know what to do with the article. Choose one of these: {', '.join(ACTS)}."
            )
        do(issue, article)
        return sentence

    return act_on_issue(request, issue_at(slug, number), "articles", act, show_contents, then="#articles")


@desk("POST", page="issue")
def fetch_pictures(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Fetch the pictures of the issue that are missing."""

    def act(issue: Issue) -> str:
        fetch_missing_pictures(issue)
        missing = sum(each.state == OriginalPicture.State.FAILED for each in pictures_of_articles(issue))
        if not missing:
            return "There is nothing left to fetch: the issue has all the pictures that we can show."
        return f"{counted(missing, 'picture has', 'pictures have')} still not come. You can try again later."

    return act_on_issue(request, issue_at(slug, number), "articles", act, show_contents, then="#articles")

"""The articles of an issue: moved, pinned, dropped and taken back by buttons."""

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse

from newsletter.errors import Invalid
from newsletter.issues import edit_issue
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Issue
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.desk_urls import issue_at
from newsletter.web.desk.issue_actions import act_on_issue


def _place_of(issue: Issue, article: int) -> int:
    places = {item.article_id: place for place, item in enumerate(items_to_print(issue), start=1)}
    return places.get(article, 1)


def _up(issue: Issue, article: int) -> None:
    edit_issue.move(issue, article, to=_place_of(issue, article) - 1)


def _down(issue: Issue, article: int) -> None:
    edit_issue.move(issue, article, to=_place_of(issue, article) + 1)


ACTS: Mapping[str, tuple[Callable[[Issue, int], None], str]] = {
    "up": (_up, "Moved up."),
    "down": (_down, "Moved down."),
    "lead": (edit_issue.make_lead, "It leads now."),
    "pin": (edit_issue.pin, "Pinned: it stays when the issue is composed again."),
    "unpin": (edit_issue.unpin, "Unpinned."),
    "drop": (edit_issue.drop, "Left out of this issue. Later issues may take it."),
    "restore": (edit_issue.restore_dropped, "Printed after all."),
}


@desk("POST")
def arrange(request: HttpRequest, slug: str, number: int, article: int) -> HttpResponse:
    """Do one of these to one article."""

    def act(issue: Issue) -> str:
        do, sentence = ACTS.get(request.POST.get("act", ""), (None, ""))
        if do is None:
            raise Invalid(f"Say what to do with the article: {', '.join(ACTS)}.")
        do(issue, article)
        return sentence

    return act_on_issue(request, issue_at(slug, number), "articles", act, then="#articles")

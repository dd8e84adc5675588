"""The acts on one article or a selection: exclude, include again, put into a draft, take out again."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from newsletter.errors import Invalid, NewsletterError, Refused
from newsletter.issues.change_articles_for_all_issues import (
    add_to_issue,
    exclude_articles,
    include_articles,
    take_from_issue,
)
from newsletter.issues.issue_labels import issue_label
from newsletter.issues.models import Issue
from newsletter.web.desk.articles.article_list import show_articles
from newsletter.web.desk.desk_page import Undo, desk, done
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import FormError
from subscribers.phrases import counted
from subscribers.whole_numbers import whole_number

EXCLUDE, INCLUDE, ADD, TAKE = "exclude", "include", "add", "take"


@desk("POST", page="articles")
def act_on_articles(request: HttpRequest) -> HttpResponse:
    """Do what the pressed button says to the chosen articles, and lead back to where it was pressed."""
    act, numbers = _wanted(request)
    try:
        sentence, undo = _do(request, act, numbers)
    except NewsletterError as error:
        return show_articles(request, FormError.of(error, "selection", request.POST.dict()))
    return done(request, sentence, _back(request, numbers), undo=undo)


def _wanted(request: HttpRequest) -> tuple[str, list[int]]:
    """Return the act and the articles: those that are ticked, or the one whose own button was pressed."""
    posted = request.POST
    one = posted.get("one", "")
    if one:
        act, _colon, number = one.partition(":")
        return act, _numbers([number])
    return posted.get("act", ""), _numbers(
        [*posted.getlist("article"), *posted.get("articles", "").split(",")]
    )


def _numbers(texts: Sequence[str]) -> list[int]:
    return [number for text in texts if (number := whole_number(text)) is not None]


def _do(request: HttpRequest, act: str, numbers: list[int]) -> tuple[str, Undo | None]:
    if act == EXCLUDE:
        changed = exclude_articles(numbers)
        return _result(changed, "was excluded", "were excluded", _undo(request, INCLUDE, changed))
    if act == INCLUDE:
        changed = include_articles(numbers)
        return _result(changed, "can be used again", "can be used again", _undo(request, EXCLUDE, changed))
    if act in {ADD, TAKE}:
        issue = _issue(request)
        if act == TAKE:
            take_from_issue(issue, numbers)
            return _result(numbers, "was removed from the issue", "were removed from the issue", None)
        return _add(request, issue, numbers)
    raise Invalid("Choose what to do with the articles.")


def _add(request: HttpRequest, issue: Issue, numbers: list[int]) -> tuple[str, Undo | None]:
    added = add_to_issue(issue, numbers)
    if not added.numbers:
        raise Refused(" ".join(added.refused))
    sentence = f"{counted(len(added.numbers), 'article was', 'articles were')} added to {issue_label(issue)}."
    undo = _undo(request, TAKE, added.numbers, issue=request.POST.get("issue", ""))
    return " ".join((sentence, *added.refused)), undo


def _issue(request: HttpRequest) -> Issue:
    slug, _slash, text = request.POST.get("issue", "").rpartition("/")
    number = whole_number(text)
    if number is None:
        raise Invalid("Choose an issue for these articles.")
    return issue_at(slug, number)


def _result(numbers: list[int], one: str, several: str, undo: Undo | None) -> tuple[str, Undo | None]:
    if not numbers:
        return "No changes were needed.", None
    return f"{counted(len(numbers), 'article', 'articles')} {one if len(numbers) == 1 else several}.", undo


def _undo(request: HttpRequest, act: str, numbers: list[int], **more: str) -> Undo:
    fields = {
        "act": act,
        "articles": ",".join(map(str, numbers)),
        "next": request.POST.get("next", ""),
        **more,
    }
    return Undo(reverse("desk:act-on-articles"), fields)


def _back(request: HttpRequest, numbers: list[int]) -> str:
    """Return the address of the page where the button was pressed, in a list at the first of the articles."""
    address = request.POST.get("next", "")
    here = reverse("desk:articles")
    is_ours = address.startswith(here) and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    address = address if is_ours else here
    is_list = address.partition("?")[0] == here
    return f"{address}#article-{numbers[0]}" if is_list and numbers else address

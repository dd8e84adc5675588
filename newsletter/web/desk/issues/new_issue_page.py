"""A new issue: from the latest articles, like an earlier one, or empty. Its articles are shown first."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse

from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.articles.sources import active_sources
from newsletter.errors import Invalid, NewsletterError
from newsletter.issues.archived_publications import open_publications
from newsletter.issues.compose import compose
from newsletter.issues.draft_new_issue import (
    articles_at_most,
    articles_to_come,
    compose_like,
    draft_empty,
    known_topics,
)
from newsletter.issues.four_eyes import why_not_work_on
from newsletter.issues.models import Issue, Publication
from newsletter.issues.page_urls import issue_path
from newsletter.issues.selection_rule import Selection, overridden, selection_from_json
from newsletter.web.desk.creation_form_keys import form_key
from newsletter.web.desk.desk_page import Undo, desk, desk_fragment, done, is_htmx, show
from newsletter.web.desk.find_by_url import drafted_issue, issue_at, publication_at
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.publication_choice import chosen_publication
from subscribers.whole_numbers import whole_number

EARLIER = 20
MAX_SOURCES = 200
SENTENCES: Mapping[str, str] = {
    "latest": "We drafted the issue from the latest articles.",
    "like": "We drafted the issue in the same way as the earlier one, but with new articles.",
    "empty": "We drafted an empty issue. Add articles or write an introduction.",
}


@desk("GET", "HEAD", "POST")
def new_issue(request: HttpRequest) -> HttpResponse:
    """Show the three ways to begin an issue, or begin one."""
    publication = _publication(request)
    if publication is None:
        return HttpResponseRedirect(reverse("desk:start"), status=303)
    if request.method == "POST":
        return _begin(request, publication)
    return _page(request, publication, request.GET)


@desk("GET", "HEAD", page="new-issue")
def to_come(request: HttpRequest) -> HttpResponse:
    """Show what would come in; htmx asks for this part alone."""
    publication = _publication(request)
    if publication is None or not is_htmx(request):
        return HttpResponseRedirect(f"{reverse('desk:new-issue')}?{request.GET.urlencode()}", status=303)
    return desk_fragment(request, "issues/to_come", **_to_come(publication, request.GET))


def _begin(request: HttpRequest, publication: Publication) -> HttpResponse:
    how, key = request.POST.get("how", ""), form_key(request)
    ways: Mapping[str, Callable[[], Issue]] = {
        "latest": lambda: compose(publication, selection=_selection(publication, request.POST), form_key=key),
        "like": lambda: compose_like(
            issue_at(publication.slug, _number(request.POST.get("like", ""))), form_key=key
        ),
        "empty": lambda: draft_empty(publication, form_key=key),
    }
    try:
        if how not in ways:
            raise Invalid("Choose how to start the issue.")
        issue = ways[how]()
    except AlreadyMadeError as earlier:
        issue = drafted_issue(earlier.made)
    except NewsletterError as error:
        return _page(request, publication, request.POST, FormError.of(error, how, {}))
    undo = Undo(issue_path(issue, "cancel"))
    return done(request, SENTENCES[how], issue_path(issue), undo=undo)


def _page(
    request: HttpRequest, publication: Publication, asked: QueryDict, form_error: FormError | None = None
) -> HttpResponse:
    base = selection_from_json(publication.selection)
    earlier = publication.issues.exclude(state=Issue.State.CANCELLED).order_by("-number")
    wants_list = "at_most" in asked
    return show(
        request,
        "issues/new_issue",
        status=form_error.status if form_error else 200,
        publication=publication,
        publications=[(each.slug, each.name) for each in open_publications().order_by("name")],
        why_not=why_not_work_on(publication, "Composing an issue"),
        at_most=asked.get("at_most", str(base.at_most)),
        topics=known_topics(),
        sources=[(each.name, each.title or each.name) for each in active_sources()[:MAX_SOURCES]],
        chosen_topics=asked.getlist("topic") or list(base.topics),
        chosen_sources=asked.getlist("source") or list(base.sources),
        earlier=[
            (number, f"No. {number}: {subject or '(no subject)'}")
            for number, subject in earlier.values_list("number", "subject")[:EARLIER]
        ],
        query=asked.urlencode() if wants_list else f"publication={publication.slug}",
        form_error=form_error,
        **(_to_come(publication, asked) if wants_list else {"articles": None, "problem": ""}),
    )


def _to_come(publication: Publication, asked: QueryDict) -> dict[str, Any]:
    try:
        articles = articles_to_come(publication, _selection(publication, asked))
    except NewsletterError as error:
        return {"articles": [], "problem": str(error)}
    return {"articles": articles, "problem": "", "zone": publication.tzinfo}


def _selection(publication: Publication, asked: QueryDict) -> Selection:
    """Return the publication's selection with what the form asks for; at least one article, whatever the usual rule."""
    base = selection_from_json(publication.selection)
    return overridden(
        base,
        sources=asked.getlist("source"),
        topics=asked.getlist("topic"),
        at_most=articles_at_most(asked.get("at_most", "")),
        at_least=1,
    )


def _publication(request: HttpRequest) -> Publication | None:
    """Return the publication that the form or address names, or the chosen one, or the first one."""
    asked = request.POST if request.method == "POST" else request.GET
    if slug := asked.get("publication", ""):
        return publication_at(slug)
    return chosen_publication(request) or open_publications().order_by("name").first()


def _number(text: str) -> int:
    number = whole_number(text, digits=9)  # the width of the column
    if number is None:
        raise Invalid("Choose the issue to start from.")
    return number

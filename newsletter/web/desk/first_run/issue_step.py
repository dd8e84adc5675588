"""The last step of the first run: fetch the articles, one source at a time, and compose the first issue."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from newsletter.accounts.actor import Role, require_role
from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.articles.fetch_sources import fetch_sources
from newsletter.articles.models import Article, Source
from newsletter.errors import NewsletterError
from newsletter.first_run.first_steps import own_publication, own_sources
from newsletter.issues.compose import compose
from newsletter.issues.page_urls import issue_path
from newsletter.web.desk.creation_form_keys import form_key
from newsletter.web.desk.desk_page import desk, desk_fragment, done, is_htmx, show
from newsletter.web.desk.find_by_url import drafted_issue
from newsletter.web.desk.first_run.start_page import SETTING_UP
from newsletter.web.desk.form_error import FormError

NEWEST = 8
SHOWN = 20


@desk("GET", "HEAD")
def articles(request: HttpRequest) -> HttpResponse:
    """Show what was fetched of each source. With scripts, fetching goes on by itself."""
    require_role(Role.EDITOR, SETTING_UP)
    return _page(request)


@desk("POST", page="start-articles")
def fetch(request: HttpRequest) -> HttpResponse:
    """Fetch the next source that was not fetched yet and show the progress; without scripts, fetch all of them."""
    require_role(Role.EDITOR, SETTING_UP)
    waiting = list(_not_fetched())
    fetch_sources(waiting[:1] if is_htmx(request) else waiting)
    if is_htmx(request):
        return desk_fragment(request, "first_run/fetching", **_progress())
    return HttpResponseRedirect(reverse("desk:start-articles"), status=303)


@desk("POST", page="start-articles")
def fetch_again(_request: HttpRequest) -> HttpResponse:
    """Try the sources again that could not be read."""
    require_role(Role.EDITOR, SETTING_UP)
    fetch_sources(list(own_sources().exclude(error="")[:SHOWN]), force=True)
    return HttpResponseRedirect(reverse("desk:start-articles"), status=303)


@desk("POST", page="start-articles")
def compose_first(request: HttpRequest) -> HttpResponse:
    """Compose the first issue, and lead to it."""
    require_role(Role.EDITOR, SETTING_UP)
    publication = own_publication()
    if publication is None:
        return HttpResponseRedirect(reverse("desk:start-publication"), status=303)
    try:
        issue = compose(publication, form_key=form_key(request))
    except AlreadyMadeError as earlier:
        issue = drafted_issue(earlier.made)
    except NewsletterError as error:
        return _page(request, FormError.of(error, "issue", {}))
    return done(request, "Your issue is ready. Nothing is sent until you approve it.", issue_path(issue))


def _page(request: HttpRequest, form_error: FormError | None = None) -> HttpResponse:
    return show(
        request,
        "first_run/articles",
        status=form_error.status if form_error else 200,
        form_error=form_error,
        **_progress(),
    )


def _progress() -> dict[str, Any]:
    sources = list(own_sources()[:SHOWN])
    waiting = [source for source in sources if _is_waiting(source)]
    keys = [source.pk for source in sources]
    counts = dict(
        Article.objects.filter(source__in=keys).order_by().values_list("source").annotate(Count("pk"))
    )
    newest = Article.objects.filter(withdrawn_at=None).order_by("-published_at").only("title")[:NEWEST]
    return {
        "publication": own_publication(),
        "sources": [(source, counts.get(source.pk, 0)) for source in sources],
        "current": waiting[0] if waiting else None,
        "waiting": len(waiting),
        "total": len(sources),
        "newest": [] if waiting else list(newest),
        "count": sum(counts.values()),
    }


def _not_fetched() -> list[Source]:
    return [source for source in own_sources()[:SHOWN] if _is_waiting(source)]


def _is_waiting(source: Source) -> bool:
    return source.fetched_at is None and not source.error

"""The sources: a list with what their last fetches did, adding one by the address of a site, and one source."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Case, Q, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from newsletter.accounts.actor import Role, why_not_role
from newsletter.articles.add_source import why_not_add_sources
from newsletter.articles.discover_sources import SourcePreview, add_chosen, preview_sources
from newsletter.articles.fetch_now_pause_resume import (
    ask_to_fetch,
    pause_source,
    resume_source,
    source_to_act_on,
)
from newsletter.articles.import_and_export_opml import exported_feeds
from newsletter.articles.models import Source
from newsletter.articles.pause_articles_of_redesigned_sources import accept_change, waiting_articles
from newsletter.articles.preview_fetch import ArticlesToCome, articles_to_come
from newsletter.articles.source_failures import failures_of
from newsletter.articles.sources import (
    active_sources,
    describe_source,
    remove_source,
    source_version,
)
from newsletter.errors import Invalid, NewsletterError, refuse_if
from newsletter.http.web_addresses import without_credentials
from newsletter.issues.publications_using_source import users_of_source
from newsletter.web.desk.articles.short_dates import Dates, ShownDate
from newsletter.web.desk.desk_page import Undo, desk, desk_fragment, done, show
from newsletter.web.desk.form_error import STATUS, FormError
from newsletter.web.desk.formatting import without_commands
from subscribers.phrases import counted

MAX_ADDRESSES = 20
SOURCES_PER_PAGE = 100
# The scheduler looks every 20 seconds for what is due.
SLOW_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source with what a list says about it. `is_slow` means that nobody has begun with a fetch for two minutes."""

    source: Source
    address: str
    fetched: ShownDate | None
    failing_since: ShownDate | None
    next_attempt: ShownDate | None
    changed_since: ShownDate | None
    is_fetching: bool
    is_slow: bool


@desk("GET", "HEAD")
def sources(request: HttpRequest) -> HttpResponse:
    """Show all sources, those that need attention first."""
    return show_sources(request, address=request.GET.get("address", ""))


@desk("POST", page="sources")
def find(request: HttpRequest) -> HttpResponse:
    """Show what can be read at an address, with the newest titles. Nothing is added yet."""
    address = request.POST.get("address", "").strip()
    try:
        found = preview_sources(address)
    except NewsletterError as error:
        return show_sources(
            request, address=address, form_error=FormError.of(error, "find", {"address": address})
        )
    return show_sources(request, address=address, found=found)


@desk("POST", page="sources")
def add(request: HttpRequest) -> HttpResponse:
    """Add the chosen feeds, and ask for their first fetch."""
    refuse_if(why_not_add_sources())
    address = request.POST.get("address", "").strip()
    chosen = request.POST.getlist("source")[:MAX_ADDRESSES]
    if not chosen:
        nothing = FormError("add", "Choose at least one feed.", 422, {"address": address})
        return show_sources(request, address=address, form_error=nothing)
    result = add_chosen(chosen)
    for each in result.added:
        ask_to_fetch(each)
    if result.refused:
        sentence = without_commands(" ".join(each.error for each in result.refused))
        return show_sources(
            request, address=address, form_error=FormError("add", sentence, 422, {"address": address})
        )
    added = result.added
    names = ", ".join(f"“{source}”" for source in added)
    said = (
        f"{names} {'was' if len(added) == 1 else 'were'} added. We are fetching the articles."
        if added
        else "You already have this source."
    )
    return done(request, said, reverse("desk:sources") + (f"#source-{added[0].pk}" if added else ""))


@desk("GET", "HEAD", page="sources")
def source(request: HttpRequest, source: int) -> HttpResponse:
    """Show one source, and the forms that change it."""
    return _one(request, source_to_act_on(source))


@desk("GET", "HEAD", page="sources")
def source_state(request: HttpRequest, source: int) -> HttpResponse:
    """Show only the state of a source, for a page that waits for the end of a fetch."""
    row = _row(source_to_act_on(source), Dates(request))
    return desk_fragment(request, "articles/source_state", row=row)


@desk("POST", page="source")
def fetch(request: HttpRequest, source: int) -> HttpResponse:
    """Ask for a fetch now. The scheduler does it, so that the page does not wait."""
    found = source_to_act_on(source)

    def act() -> tuple[str, Undo | None]:
        ask_to_fetch(found)
        return f"“{found}” will be fetched in a moment.", None

    return _act(request, found, act)


@desk("POST", page="source")
def try_source(request: HttpRequest, source: int) -> HttpResponse:
    """Read a source now, and show what a fetch would bring. Nothing is stored."""
    found = source_to_act_on(source)
    try:
        to_come = articles_to_come(found)
    except NewsletterError as error:
        return _one(request, found, FormError.of(error, "try", {}))
    return _one(request, found, to_come=to_come)


@desk("GET", "HEAD")
def export(_request: HttpRequest) -> HttpResponse:
    """Return the sources as an OPML file, which other feed readers can read."""
    response = HttpResponse(exported_feeds(), content_type="text/x-opml; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="sources.opml"'
    return response


@desk("POST", page="source")
def pause(request: HttpRequest, source: int) -> HttpResponse:
    """Pause a source."""
    found = source_to_act_on(source)

    def act() -> tuple[str, Undo | None]:
        pause_source(found)
        undo = Undo(
            reverse("desk:resume-source", args=[found.pk]),
            {name: request.POST.get(name, "") for name in ("next", "page")},
        )
        users = str(users_of_source(found))
        touched = f" No new ones come in for {users}." if users else ""
        return f"“{found}” is paused. We keep its articles.{touched}", undo

    return _act(request, found, act)


@desk("POST", page="source")
def resume(request: HttpRequest, source: int) -> HttpResponse:
    """Resume a source."""
    found = source_to_act_on(source)

    def act() -> tuple[str, Undo | None]:
        resume_source(found)
        undo = Undo(
            reverse("desk:pause-source", args=[found.pk]),
            {name: request.POST.get(name, "") for name in ("next", "page")},
        )
        return f"“{found}” is fetched again.", undo

    return _act(request, found, act)


@desk("POST", page="source")
def describe(request: HttpRequest, source: int) -> HttpResponse:
    """Give a source another name and language."""
    found = source_to_act_on(source)
    before = {"title": found.title, "language": found.language}

    def act() -> tuple[str, Undo | None]:
        title, language = request.POST.get("title", ""), request.POST.get("language", "")
        describe_source(found, title=title, language=language, seen=request.POST.get("seen"))
        undo = before | {"seen": source_version(found)}
        return "Your changes were saved.", Undo(reverse("desk:describe-source", args=[found.pk]), undo)

    return _act(request, found, act, form="describe")


@desk("POST", page="source")
def accept(request: HttpRequest, source: int) -> HttpResponse:
    """Accept how a source is now."""
    found = source_to_act_on(source)

    def act() -> tuple[str, Undo | None]:
        released = accept_change(found)
        return (
            f"The change was accepted. {counted(released, 'article', 'articles')} can be used in issues now.",
            None,
        )

    return _act(request, found, act)


@desk("GET", "HEAD", "POST", page="source")
def remove(request: HttpRequest, source: int) -> HttpResponse:
    """Ask whether to remove a source, and remove it."""
    found = source_to_act_on(source)
    if request.method != "POST":
        return show(
            request,
            "articles/remove_source",
            source=found,
            why_not=_why_not_remove(),
            seen=source_version(found),
            articles=_articles_of(found),
            users=users_of_source(found),
        )
    kept = remove_source(found.name, seen=request.POST.get("seen"))
    stay = (
        f" {counted(kept, 'article was kept', 'articles were kept')}, because issues have used them."
        if kept
        else ""
    )
    return done(request, f"“{found}” was removed.{stay}", reverse("desk:sources"))


def _why_not_remove() -> str:
    return why_not_role(Role.ADMINISTRATOR, "Removing a source")


def _articles_of(source: Source) -> str:
    return counted(source.articles.count(), "article", "articles")


def show_sources(
    request: HttpRequest,
    *,
    address: str = "",
    found: Sequence[SourcePreview] | None = None,
    form_error: FormError | None = None,
) -> HttpResponse:
    """Show the list of sources, with any error beside the form it belongs to."""
    dates = Dates(request)
    page = _page_number(request.GET.get("page", ""))
    needs_attention = Q(failing_since__isnull=False) | Q(changed_since__isnull=False)
    ordered = active_sources().order_by(Case(When(needs_attention, then=0), default=1), "title", "name")
    start = (page - 1) * SOURCES_PER_PAGE
    listed = list(ordered[start : start + SOURCES_PER_PAGE + 1])
    return show(
        request,
        "articles/sources",
        status=form_error.status if form_error else 200,
        rows=[_row(each, dates) for each in listed[:SOURCES_PER_PAGE]],
        page=page,
        has_more=len(listed) > SOURCES_PER_PAGE,
        address=address,
        found=found,
        form_error=form_error,
    )


def _page_number(text: str) -> int:
    """Return the number of a page of the list, which has a few thousand sources at the most."""
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 5 else 1  # noqa: PLR2004


def _one(
    request: HttpRequest,
    source: Source,
    form_error: FormError | None = None,
    *,
    to_come: ArticlesToCome | None = None,
) -> HttpResponse:
    dates = Dates(request)
    typed = form_error.typed if form_error and form_error.form == "describe" else {}
    wrong = form_error is not None and form_error.status == STATUS[Invalid]
    return show(
        request,
        "articles/source",
        status=form_error.status if form_error else 200,
        row=_row(source, dates),
        users=users_of_source(source),
        to_come=to_come,
        come_at=[dates.of(each.published_at) if each.published_at else None for each in to_come.newest]
        if to_come
        else [],
        failures=[(each, dates.of(each.first_at), dates.of(each.last_at)) for each in failures_of(source)],
        # Of a change by somebody else, the sentence tells. Other errors keep the version that the form started from.
        seen=typed["seen"] if wrong and "seen" in typed else source_version(source),
        typed={"title": source.title, "language": source.language} | dict(typed),
        waiting=waiting_articles(source).count() if source.changed_since else 0,
        why_not_describe=why_not_role(Role.ADMINISTRATOR, "Changing or removing a source"),
        why_not_remove=_why_not_remove(),
        form_error=form_error,
    )


def _row(source: Source, dates: Dates) -> SourceRow:
    now = timezone.now()
    asked = source.fetch_asked_at
    begun = source.next_attempt_at is not None and asked is not None
    return SourceRow(
        source=source,
        address=without_credentials(source.location),
        fetched=dates.of(source.fetched_at) if source.fetched_at else None,
        failing_since=dates.of(source.failing_since) if source.failing_since else None,
        next_attempt=dates.of(source.next_attempt_at) if source.next_attempt_at and source.error else None,
        changed_since=dates.of(source.changed_since) if source.changed_since else None,
        is_fetching=asked is not None,
        is_slow=asked is not None and not begun and now - asked > SLOW_AFTER,
    )


def _act(
    request: HttpRequest, source: Source, act: Callable[[], tuple[str, Undo | None]], *, form: str = ""
) -> HttpResponse:
    try:
        sentence, undo = act()
    except NewsletterError as error:
        source.refresh_from_db()
        return _one(request, source, FormError.of(error, form, request.POST.dict()))
    in_list = request.POST.get("next") == "sources"
    page = _page_number(request.POST.get("page", ""))
    address = (
        f"{reverse('desk:sources')}{f'?page={page}' if page > 1 else ''}#source-{source.pk}"
        if in_list
        else reverse("desk:source", args=[source.pk])
    )
    return done(request, sentence, address, undo=undo)

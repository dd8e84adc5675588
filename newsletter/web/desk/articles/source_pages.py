"""One source: its page, and the acts on it: fetch, try, pause, resume, describe, accept a change, remove."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.actor import Role, why_not_role
from newsletter.articles.fetch_now_pause_resume import (
    ask_to_fetch,
    pause_source,
    resume_source,
    source_to_act_on,
)
from newsletter.articles.models import Source
from newsletter.articles.pause_articles_of_redesigned_sources import accept_change, waiting_articles
from newsletter.articles.preview_fetch import ArticlesToCome, articles_to_come
from newsletter.articles.source_failures import failures_of
from newsletter.articles.sources import (
    describe_source,
    remove_source,
    source_version,
)
from newsletter.errors import Invalid, NewsletterError
from newsletter.issues.publications_using_source import users_of_source
from newsletter.web.desk.articles.short_dates import Dates
from newsletter.web.desk.articles.source_row import row_of
from newsletter.web.desk.desk_page import Undo, desk, desk_fragment, done, show
from newsletter.web.desk.form_error import STATUS, FormError
from newsletter.web.desk.languages_and_zones import every_language
from newsletter.web.desk.numbered_page import page_number
from subscribers.phrases import counted


@desk("GET", "HEAD", page="sources")
def source(request: HttpRequest, source: int) -> HttpResponse:
    """Show one source, and the forms that change it."""
    return _one(request, source_to_act_on(source))


@desk("GET", "HEAD", page="sources")
def source_state(request: HttpRequest, source: int) -> HttpResponse:
    """Show only the state of a source, for a page that waits for the end of a fetch."""
    row = row_of(source_to_act_on(source), Dates(request))
    return desk_fragment(request, "articles/source_state", row=row)


@desk("POST", page="source")
def fetch(request: HttpRequest, source: int) -> HttpResponse:
    """Ask for a fetch now. The scheduler does it, so that the page does not wait."""
    found = source_to_act_on(source)

    def act() -> tuple[str, Undo | None]:
        ask_to_fetch(found)
        return f"We will fetch “{found}” shortly.", None

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
        touched = f" We will not fetch any new articles for {users}." if users else ""
        return f"“{found}” was paused. Its articles were kept.{touched}", undo

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
        return f"“{found}” was resumed. We will now fetch it regularly again.", undo

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
            f"The change was accepted. {counted(released, 'article', 'articles')} can now be used in issues.",
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
        f" {counted(kept, 'article was kept', 'articles were kept')} because issues use them." if kept else ""
    )
    return done(request, f"“{found}” was removed.{stay}", reverse("desk:sources"))


def _why_not_remove() -> str:
    return why_not_role(Role.ADMINISTRATOR, "Removing a source")


def _articles_of(source: Source) -> str:
    return counted(source.articles.count(), "article", "articles")


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
        row=row_of(source, dates),
        users=users_of_source(source),
        to_come=to_come,
        come_at=[dates.of(each.published_at) if each.published_at else None for each in to_come.newest]
        if to_come
        else [],
        failures=[(each, dates.of(each.first_at), dates.of(each.last_at)) for each in failures_of(source)],
        # Of a change by somebody else, the sentence tells. Other errors keep the version that the form started from.
        seen=typed["seen"] if wrong and "seen" in typed else source_version(source),
        typed={"title": source.title, "language": source.language} | dict(typed),
        languages=every_language(typed.get("language", source.language)),
        waiting=waiting_articles(source).count() if source.changed_since else 0,
        why_not_describe=why_not_role(Role.ADMINISTRATOR, "Changing or removing a source"),
        why_not_remove=_why_not_remove(),
        form_error=form_error,
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
    page = page_number(request.POST.get("page", ""))
    address = (
        f"{reverse('desk:sources')}{f'?page={page}' if page > 1 else ''}#source-{source.pk}"
        if in_list
        else reverse("desk:source", args=[source.pk])
    )
    return done(request, sentence, address, undo=undo)

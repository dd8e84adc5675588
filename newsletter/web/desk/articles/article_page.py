"""One article with everything that hangs on it, and the forms that change it for all issues."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.actor import ANY, Role, current_actor, require_role
from newsletter.articles.article_terms import TERMS, Promotes, terms_of, terms_seen, values_of_terms
from newsletter.articles.article_terms import Mailing as MailingTerms
from newsletter.articles.find_articles import find_article
from newsletter.articles.html_and_text.html_to_text import plain
from newsletter.articles.models import Article, Source
from newsletter.articles.pictures.fetch_pictures import NeededPicture, fetch_pictures
from newsletter.articles.pictures.models import OriginalPicture
from newsletter.articles.pictures.picture_candidates import candidates
from newsletter.articles.pictures.picture_versions import ARTICLE
from newsletter.articles.pictures.store_pictures import originals_at, with_versions
from newsletter.articles.reuse_terms import licence_name
from newsletter.errors import Invalid, NewsletterError, NotFound
from newsletter.issues.article_corrections import publications_that_carried
from newsletter.issues.article_reviews import review_of, review_version
from newsletter.issues.article_uses import issues_with
from newsletter.issues.change_articles_for_all_issues import (
    change_article,
    change_terms,
    put_back_article,
    set_article_picture,
    text_seen,
    texts_version,
)
from newsletter.issues.change_references import removed_references, shown_references
from newsletter.issues.correct_article import why_not_change_correction, why_not_correct
from newsletter.issues.issue_audit import entries_about
from newsletter.issues.item_pictures import uploaded_picture
from newsletter.issues.models import Issue
from newsletter.rendering.choose_pictures import url_of
from newsletter.sending.models import Mailing
from newsletter.tracking.clean_clicked_urls import plain_link
from newsletter.tracking.stored_figures import report_of
from newsletter.web.desk.articles.article_badges import article_row
from newsletter.web.desk.articles.article_list import open_drafts
from newsletter.web.desk.articles.article_text_as_safe_html import readable_text
from newsletter.web.desk.articles.short_dates import Dates
from newsletter.web.desk.desk_page import Undo, desk, desk_fragment, done, is_htmx, show
from newsletter.web.desk.form_error import FormError
from subscribers.clean_text import folded

MAX_ENTRIES = 20
MAX_ISSUES_COUNTED = 5
LONGEST_BEGINNING = 20_000
NO_PICTURE = "The article on its site has no picture. You can upload one here."
FIELDS = {"title": "headline", "standfirst": "standfirst", "image_alt": "picture description"}


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """The picture of an article: the address of our copy if there is one, its description, and why there is none."""

    url: str
    alt: str
    why_not: str = ""


@desk("GET", "HEAD", page="articles")
def article(request: HttpRequest, article: int) -> HttpResponse:
    """Show an article."""
    return show_article(request, article_at(article))


@desk("POST", page="article")
def change(request: HttpRequest, article: int) -> HttpResponse:
    """Change the headline, the standfirst and the description of the picture for all issues."""
    found = article_at(article)
    before = {name: getattr(found, name) for name in FIELDS}

    def act() -> tuple[str, Undo | None]:
        texts = {name: request.POST[name] for name in FIELDS if name in request.POST}
        changed = change_article(article, texts, seen=request.POST.get("seen", ""))
        if not changed:
            return "Nothing was changed.", None
        found.refresh_from_db()
        fields = {name: before[name] for name in changed} | {"seen": texts_version(found)}
        names = " and the ".join(FIELDS[name] for name in changed)
        were = "was" if len(changed) == 1 else "were"
        sentence = f"The {names} of this article {were} changed in all issues that have not been approved."
        return sentence, Undo(_path("change-article", article), fields)

    return _act(request, found, "texts", act)


@desk("POST", page="article")
def put_back(request: HttpRequest, article: int) -> HttpResponse:
    """Put one text, or the picture, back to how the site has it."""
    found, name = article_at(article), request.POST.get("field", "")
    before = getattr(found, name) if name in FIELDS else ""

    def act() -> tuple[str, Undo | None]:
        if name not in {*FIELDS, "picture"}:
            raise Invalid("Choose what to restore.")
        if not put_back_article(article, [name], seen=request.POST.get("seen")):
            return f"The {FIELDS.get(name, name)} already matches the site.", None
        found.refresh_from_db()
        undo = Undo(_path("change-article", article), {name: before, "seen": texts_version(found)})
        return (
            f"The {FIELDS.get(name, name)} now matches the site again.",
            undo if name in FIELDS else None,
        )

    return _act(request, found, "picture" if name == "picture" else "texts", act)


@desk("POST", page="article")
def picture(request: HttpRequest, article: int) -> HttpResponse:
    """Give the article an uploaded picture."""
    found = article_at(article)

    def act() -> tuple[str, Undo | None]:
        file = request.FILES.get("picture")
        if file is None:
            raise Invalid("Choose a picture from your computer.")
        alt = request.POST.get("picture_alt", "")
        if not alt.strip():
            raise Invalid(
                "Describe the picture in a few words, for readers who cannot see it. Then choose the picture again."
            )
        new = uploaded_picture(file.read(), name=file.name or "")
        set_article_picture(article, new, alt, seen=request.POST.get("seen"))
        found.refresh_from_db()
        fields = {"field": "picture", "seen": text_seen(found, "picture")}
        sentence = "The picture was changed in all issues that have not been approved."
        return sentence, Undo(_path("put-back-article", article), fields)

    return _act(request, found, "picture", act)


@desk("POST", page="article")
def terms(request: HttpRequest, article: int) -> HttpResponse:
    """Set what the article promotes and on which terms it may be reused, for all issues."""
    found = article_at(article)

    def act() -> tuple[str, Undo | None]:
        values = {name: request.POST.get(name, "") for name in TERMS}
        changed = change_terms(article, values, seen=request.POST.get("seen", ""))
        return "The terms of this article were saved." if changed else "Nothing was changed.", None

    return _act(request, found, "terms", act)


@desk("POST", page="article")
def fetch_picture(request: HttpRequest, article: int) -> HttpResponse:
    """Fetch a copy of the site's picture, to see it here."""
    found = article_at(article)

    def act() -> tuple[str, Undo | None]:
        require_role(Role.AUTHOR, "Fetching a picture", publication=ANY)
        urls = tuple(each.url for each in candidates(found))
        if not urls:
            raise Invalid(NO_PICTURE)
        fetch_pictures([NeededPicture(urls, ARTICLE)])
        shown = _picture(found)
        if shown is None or not shown.url:
            raise Invalid(shown.why_not if shown else NO_PICTURE)
        return "The picture was fetched.", None

    return _act(request, found, "picture", act)


@desk("GET", "HEAD", page="article")
def clicks(request: HttpRequest, article: int) -> HttpResponse:
    """Show how many people followed the link to the article, in each issue that was sent with it."""
    found = article_at(article)
    items = [item for item in issues_with([found]).get(found.pk, []) if item.issue.state == Issue.State.SENT]
    counted = [(item.issue, _clicks(item.issue, found.url)) for item in items[:MAX_ISSUES_COUNTED]]
    template = "articles/clicks" if is_htmx(request) else "articles/clicks_page"
    render = desk_fragment if is_htmx(request) else show
    return render(request, template, article=found, counted=counted)


def article_at(number: int) -> Article:
    """Return the article with this number. Raises NotFound with a sentence for the desk."""
    try:
        return find_article(number)
    except NotFound as error:
        raise NotFound("We could not find this article. It may have been removed with its source.") from error


def show_article(request: HttpRequest, article: Article, form_error: FormError | None = None) -> HttpResponse:
    """Show an article, with any error beside the form that it belongs to, and what was typed there."""
    article = Article.objects.select_related("source", "picture").get(pk=article.pk)
    dates = Dates(request)
    items = issues_with([article]).get(article.pk, [])
    on_site, terms = article.as_on_site or {}, terms_of(article)
    return show(
        request,
        "articles/article",
        status=form_error.status if form_error else 200,
        row=article_row(article, items, dates),
        article=article,
        dates=dates,
        text=readable_text(article),
        standfirst="" if _text_begins_with_standfirst(article) else article.standfirst,
        picture=_picture(article),
        corrections=[(each, why_not_change_correction(each)) for each in article.corrections.all()],
        publications=[
            each for each in publications_that_carried(article) if current_actor().may_see(each.pk)
        ],
        may_correct=not why_not_correct(article),
        references=shown_references(article),
        removed_references=removed_references(article),
        review=review_of(article),
        review_seen=review_version(article),
        is_written=article.source.kind == Source.Kind.WRITTEN,
        on_site=on_site,
        typed=_typed(article, form_error),
        terms=terms,
        site_licence=licence_name(terms.site_licence),
        terms_seen=terms_seen(terms),
        mailing=[("", "Use the article’s own terms"), *MailingTerms.choices],
        promotes=[("", "Nothing: it only gives information"), *Promotes.choices],
        seen=texts_version(article),
        seen_of=text_seen,
        drafts=open_drafts(),
        is_sent=any(item.issue.state == Issue.State.SENT for item in items),
        entries=[
            (entry, dates.of(entry.at)) for entry in entries_about(f"article {article.pk}")[:MAX_ENTRIES]
        ],
        form_error=form_error,
    )


def _text_begins_with_standfirst(article: Article) -> bool:
    """Return whether the text says first what the standfirst says, so that the page would show it twice."""
    standfirst = folded(article.standfirst).rstrip("…")
    return folded(plain(article.body_html[:LONGEST_BEGINNING])).startswith(standfirst)


def _typed(article: Article, form_error: FormError | None) -> Mapping[str, str]:
    now = {name: getattr(article, name) for name in FIELDS} | values_of_terms(terms_of(article))
    return now | {"picture_alt": ""} | (dict(form_error.typed) if form_error else {})


def _picture(article: Article) -> ShownPicture | None:
    """Return the picture that an email would show, or None if there is none."""
    if article.picture_id:
        original = with_versions().get(pk=article.picture_id)
        return ShownPicture(_url_in(original), article.image_alt)
    known = originals_at(each.url for each in candidates(article))
    found = [known.get(each.url) for each in candidates(article)]
    if not found:
        return None
    ready = next((each for each in found if each and each.state == OriginalPicture.State.READY), None)
    if ready:
        return ShownPicture(_url_in(ready), article.image_alt)
    reasons: Sequence[str] = [each.reason for each in found if each and each.reason]
    return ShownPicture(
        "", article.image_alt, reasons[0] if reasons else "We have not fetched this picture yet."
    )


def _url_in(original: OriginalPicture) -> str:
    files = {version.place: version.file.name for version in original.versions.all()}
    name = files.get("lead") or next(iter(files.values()), "")
    return url_of(name) if name else ""


def _clicks(issue: Issue, url: str) -> int | None:
    """Return how many people clicked the link of an article in an issue; None if that is not counted yet."""
    mailing = Mailing.objects.filter(issue=issue, purpose=Mailing.Purpose.ISSUE).first()
    report = report_of(mailing) if mailing else None
    if report is None or not url:
        return None
    found = report.links.get(plain_link(url))
    return found.clicked if found else 0


def _path(name: str, number: int) -> str:
    return reverse(f"desk:{name}", args=[number])


def _act(
    request: HttpRequest,
    article: Article,
    form: str,
    act: Callable[[], tuple[str, Undo | None]],
) -> HttpResponse:
    try:
        sentence, undo = act()
    except NewsletterError as error:
        return show_article(request, article, FormError.of(error, form, request.POST.dict()))
    anchor = {"picture": "#picture", "terms": "#terms"}.get(form, "#change")
    return done(request, sentence, _path("article", article.pk) + anchor, undo=undo)

"""Add an article: by the link of its page, or by writing it here. What was written can be edited."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.articles.add_article_by_link import add_by_link
from newsletter.articles.models import Article
from newsletter.articles.pictures.models import OriginalPicture
from newsletter.articles.search_articles import topics_in_use
from newsletter.articles.write_article_in_desk import (
    WrittenText,
    text_version,
    write_article,
    written_text,
)
from newsletter.errors import Invalid, NewsletterError
from newsletter.issues.change_articles_for_all_issues import edit_written
from newsletter.issues.item_pictures import uploaded_picture
from newsletter.web.desk.articles.article_page import article_at
from newsletter.web.desk.creation_form_keys import form_key
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.form_error import FormError, errors_by_field, status_of

TEXTS = ("title", "standfirst", "markdown", "author", "topics", "url", "picture_alt")
TOPICS_SUGGESTED = 5


@desk("GET", "HEAD", "POST")
def add_article(request: HttpRequest) -> HttpResponse:
    """Ask for a link, and add the article of its page."""
    if request.method != "POST":
        return show(request, "articles/add", address=request.GET.get("link", ""))
    address = request.POST.get("address", "")
    try:
        added = add_by_link(address)
    except NewsletterError as error:
        form_error = FormError.of(error, "address", {"address": address})
        return show(request, "articles/add", status=form_error.status, address=address, form_error=form_error)
    said = "was added" if added.is_new else "had already been added"
    return done(request, f"“{added.article.title[:200]}” {said}.", _path(added.article))


@desk("GET", "HEAD", "POST")
def write(request: HttpRequest) -> HttpResponse:
    """Write an article here."""
    if request.method != "POST":
        return _page(request, dict.fromkeys(TEXTS, ""))
    try:
        text, wrong = _given(request)
        article = write_article(text, form_key=form_key(request), wrong=wrong)
    except AlreadyMadeError as earlier:
        article = article_at(int(earlier.made))
    except NewsletterError as error:
        return _page(request, request.POST.dict(), error)
    return done(
        request, f"“{article.title[:200]}” was added. You can use it in your next issue.", _path(article)
    )


@desk("GET", "HEAD", "POST", page="article")
def edit(request: HttpRequest, article: int) -> HttpResponse:
    """Edit an article that was written here."""
    found = article_at(article)
    text = written_text(found)
    if request.method != "POST":
        typed = {name: str(getattr(text, name)) for name in TEXTS} | {"seen": text_version(found)}
        return _page(request, typed, article=found)
    try:
        given, wrong = _given(request, text.picture)
        edit_written(article, given, seen=request.POST.get("seen", ""), wrong=wrong)
    except NewsletterError as error:
        theirs = text if text_version(found) != request.POST.get("seen", "") else None
        return _page(request, request.POST.dict(), error, article=found, theirs=theirs)
    return done(request, "Your changes were saved.", _path(found))


def _given(
    request: HttpRequest, present: OriginalPicture | None = None
) -> tuple[WrittenText, dict[str, str]]:
    """Return what was typed, and what is wrong with a new picture.

    A new picture takes the place of the present one; it is stored only if it is described.
    """
    posted = {name: request.POST.get(name, "") for name in TEXTS}
    file = request.FILES.get("picture")
    picture, wrong = None if "without_picture" in request.POST else present, {}
    if file and not posted["picture_alt"].strip():
        wrong["picture_alt"] = (
            "Describe the picture in a few words, for readers who cannot see it. Then choose the picture again."
        )
    elif file:
        try:
            picture = uploaded_picture(file.read(), name=file.name or "")
        except Invalid as error:
            wrong["picture"] = str(error)
    return WrittenText(picture=picture, **posted), wrong


def _page(
    request: HttpRequest,
    typed: dict[str, str],
    error: NewsletterError | None = None,
    *,
    article: Article | None = None,
    theirs: WrittenText | None = None,
) -> HttpResponse:
    if theirs is not None and article is not None:
        typed = typed | {"seen": text_version(article)}
    wrong = errors_by_field(error)
    return show(
        request,
        "articles/write",
        status=status_of(error) if error else 200,
        typed=dict.fromkeys((*TEXTS, "seen"), "") | typed,
        topics=topics_in_use(at_most=TOPICS_SUGGESTED),
        article=article,
        theirs=theirs,
        has_picture=bool(article and article.picture_id),
        wrong=wrong,
        summary=[("picture-file" if name == "picture" else name, each) for name, each in wrong.items()],
    )


def _path(article: Article) -> str:
    return reverse("desk:article", args=[article.pk])

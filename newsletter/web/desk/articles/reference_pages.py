"""The references of an article: add one, with its details looked up by its DOI if possible, change, remove, restore."""

from collections.abc import Mapping
from dataclasses import asdict, fields

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.actor import ANY, Role, require_role
from newsletter.articles.models import Article, Reference
from newsletter.articles.references.look_up_doi import look_up, why_not_look_up
from newsletter.articles.references.reference_form import (
    ReferenceFields,
    checked_identifier,
    fields_of_csl,
    fields_of_reference,
)
from newsletter.errors import InvalidFields, NewsletterError
from newsletter.issues.change_articles_for_all_issues import CHANGING
from newsletter.issues.change_references import (
    add_reference,
    change_reference,
    find_reference,
    reference_version,
    remove_reference,
    restore_reference,
)
from newsletter.web.desk.articles.article_page import article_at, show_article
from newsletter.web.desk.desk_page import Undo, desk, done, show
from newsletter.web.desk.form_error import FormError, status_of

NAMES = tuple(each.name for each in fields(ReferenceFields))
NOT_LOOKED_UP = "We can only look up DOIs and arXiv numbers. Enter the details of this reference."


@desk("GET", "HEAD", "POST")
def add(request: HttpRequest, article: int) -> HttpResponse:
    """Ask for a reference, with its details filled in if `find` has a DOI, and add it."""
    found = article_at(article)
    if request.method != "POST":
        return _with_details(request, found, request.GET.get("find", "").strip())
    typed = _typed(request)
    try:
        reference = add_reference(article, typed)
    except NewsletterError as error:
        return _page(request, found, asdict(typed), error=error)
    return _done(
        request, found, "The reference was added to all issues that have not been approved.", reference
    )


@desk("GET", "HEAD", "POST")
def change(request: HttpRequest, article: int, reference: int) -> HttpResponse:
    """Show a reference, or change it."""
    found, row = article_at(article), find_reference(article, reference)
    if request.method != "POST":
        return _page(request, found, asdict(fields_of_reference(row)), reference=row)
    typed = _typed(request)
    try:
        change_reference(article, reference, typed, seen=request.POST.get("seen"))
    except NewsletterError as error:
        stored = find_reference(article, reference)
        return _page(request, found, asdict(typed), reference=stored, error=error)
    return _done(request, found, "The reference was changed in all issues that have not been approved.")


@desk("POST", page="article")
def remove(request: HttpRequest, article: int, reference: int) -> HttpResponse:
    """Remove a reference."""
    found = article_at(article)
    try:
        remove_reference(article, reference)
    except NewsletterError as error:
        return show_article(request, found, FormError.of(error, "references", {}))
    undo = Undo(reverse("desk:restore-reference", args=[article, reference]))
    return done(
        request,
        "The reference was removed from all issues that have not been approved.",
        _path(found),
        undo=undo,
    )


@desk("POST", page="article")
def restore(request: HttpRequest, article: int, reference: int) -> HttpResponse:
    """Put back a reference that was removed."""
    found = article_at(article)
    try:
        restore_reference(article, reference)
    except NewsletterError as error:
        return show_article(request, found, FormError.of(error, "references", {}))
    return _done(request, found, "The reference was restored.")


def _with_details(request: HttpRequest, article: Article, wanted: str) -> HttpResponse:
    empty = asdict(ReferenceFields())
    if not wanted:
        return _page(request, article, empty)
    try:
        require_role(Role.AUTHOR, CHANGING, publication=ANY)
        identifier = checked_identifier(wanted)
    except InvalidFields as error:
        return _page(request, article, empty, find=wanted, find_error=str(error), status=status_of(error))
    if not identifier.doi:
        named = {"url" if identifier.url == identifier.value else "identifier": wanted}
        return _page(request, article, empty | named, find=wanted, said=NOT_LOOKED_UP)
    try:
        details = fields_of_csl(Reference.Kind.STUDY, look_up(identifier.doi), identifier=wanted)
    except NewsletterError as error:
        # The person cannot help it if the server does not reach the web, and can type the details.
        return _page(request, article, empty | {"identifier": wanted}, find=wanted, said=str(error))
    said = "We filled in the details. Check them, choose the kind of reference, and save."
    return _page(request, article, asdict(details) | {"url": ""}, find=wanted, said=said)


def _typed(request: HttpRequest) -> ReferenceFields:
    return ReferenceFields(**{name: request.POST.get(name, "") for name in NAMES})


def _page(
    request: HttpRequest,
    article: Article,
    typed: Mapping[str, str],
    *,
    reference: Reference | None = None,
    error: NewsletterError | None = None,
    find: str = "",
    find_error: str = "",
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    errors = error.fields if isinstance(error, InvalidFields) else {}
    return show(
        request,
        "articles/reference",
        status=status_of(error) if error else status,
        article=article,
        typed=typed,
        reference=reference,
        seen=reference_version(reference) if reference else "",
        kinds=Reference.Kind.choices,
        errors=errors,
        problem="" if error is None or errors else str(error),
        is_changed=bool(reference and error and not errors),
        can_look_up=not why_not_look_up(),
        find=find,
        find_error=find_error,
        said=said,
    )


def _done(
    request: HttpRequest, article: Article, sentence: str, reference: Reference | None = None
) -> HttpResponse:
    undo = None
    if reference is not None:
        undo = Undo(reverse("desk:remove-reference", args=[article.pk, reference.pk]))
    return done(request, sentence, _path(article), undo=undo)


def _path(article: Article) -> str:
    return f"{reverse('desk:article', args=[article.pk])}#references"

"""The blocks that appear in every issue of a publication: their order, and a form for each kind."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.errors import NewsletterError, NotFound
from newsletter.issues.block_data import KINDS
from newsletter.issues.blocks_shown_in_email import shown_on
from newsletter.issues.change_standing_blocks import (
    BlockTexts,
    StandingBlockChangedError,
    add_standing_block,
    change_standing_block,
    move_standing_block,
    remove_standing_block,
    standing_block_version,
    texts_of,
)
from newsletter.issues.find_publication_or_issue import find_block
from newsletter.issues.models import Publication, StandingBlock
from newsletter.issues.publication_settings import approved_issues
from newsletter.web.desk.creation_form_keys import form_key
from newsletter.web.desk.desk_page import Undo, desk, done, show
from newsletter.web.desk.form_error import FormError, errors_by_field
from newsletter.web.desk.issue.block_form_fields import (
    FIELDS,
    ROWS,
    data_of_form,
    filled_fields,
    filled_rows,
    kinds,
    named_by_form,
)
from newsletter.web.desk.settings.publication_pages import administered_publication
from subscribers.phrases import written_day
from subscribers.typed_days import typed_day


@desk("GET", "HEAD")
def standing_blocks(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the blocks of every issue in their order."""
    publication = administered_publication(slug)
    today = timezone.localdate(timezone=publication.tzinfo)
    return show(
        request,
        "settings/blocks",
        publication=publication,
        written_day=written_day,
        rows=[(block, _when(block, today)) for block in publication.blocks.all()],
    )


@desk("GET", "HEAD", "POST")
def add_block(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a block to every issue: first its kind is chosen, then it is written."""
    publication = administered_publication(slug)
    kind = request.POST.get("kind", "") or request.GET.get("kind", "")
    if request.method != "POST" or kind not in KINDS:
        return _form(request, publication, kind=kind)
    typed = _typed(request)
    try:
        block = add_standing_block(publication, kind, _texts(kind, typed, {}), form_key=form_key(request))
    except AlreadyMadeError as earlier:
        return done(request, "The block was added to every issue.", f"{_list(slug)}#block-{earlier.made}")
    except NewsletterError as error:
        return _form(request, publication, kind=kind, typed=typed, error=error)
    return done(request, f"“{block}” was added to every issue.", f"{_list(slug)}#block-{block.name}")


@desk("GET", "HEAD", "POST", page="standing-blocks")
def change_block(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Show the form of a block, or save it for every issue."""
    publication = administered_publication(slug)
    block = _block(publication, name)
    if request.method != "POST":
        return _form(request, publication, kind=block.kind, block=block)
    typed = _typed(request)
    before = _as_form(texts_of(block), block.kind)
    try:
        texts = _texts(block.kind, typed, block.data)
        changed = change_standing_block(publication, name, texts, seen=request.POST.get("seen"))
    except StandingBlockChangedError as error:
        return _form(request, publication, kind=block.kind, block=error.block, typed=typed, error=error)
    except NewsletterError as error:
        seen = request.POST.get("seen", "")
        return _form(request, publication, kind=block.kind, block=block, typed=typed, error=error, seen=seen)
    anchor = f"{_list(slug)}#block-{name}"
    if not changed:
        return done(request, "Nothing was changed.", anchor)
    now = _block(publication, name)
    undo = Undo(
        reverse("desk:standing-block", args=[slug, name]), {**before, "seen": standing_block_version(now)}
    )
    return done(request, f"“{now}” was saved for every issue.", anchor, undo=undo)


@desk("POST", page="standing-blocks")
def move_block(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Move a block one place up or down."""
    publication = administered_publication(slug)
    block = _block(publication, name)
    down = request.POST.get("to") == "down"
    move_standing_block(publication, name, down=down)
    undo = Undo(reverse("desk:move-standing-block", args=[slug, name]), {"to": "up" if down else "down"})
    return done(request, f"“{block}” was moved.", f"{_list(slug)}#block-{name}", undo=undo)


@desk("GET", "HEAD", "POST", page="standing-blocks")
def remove_block(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Ask whether to remove a block from every issue, and remove it."""
    publication = administered_publication(slug)
    block = _block(publication, name)
    error: NewsletterError | None = None
    if request.method == "POST":
        try:
            remove_standing_block(publication, name, seen=request.POST.get("seen"))
        except StandingBlockChangedError as changed:
            error = changed
        else:
            return done(request, f"“{block}” was removed from every issue.", _list(slug))
    form_error = FormError.of(error, "remove", {}) if error else None
    return show(
        request,
        "settings/block_remove",
        status=form_error.status if form_error else 200,
        publication=publication,
        block=block,
        seen=standing_block_version(block),
        form_error=form_error,
        approved=approved_issues(publication),
    )


def _form(
    request: HttpRequest,
    publication: Publication,
    *,
    kind: str,
    block: StandingBlock | None = None,
    typed: Mapping[str, str] | None = None,
    error: NewsletterError | None = None,
    seen: str = "",
) -> HttpResponse:
    error = named_by_form(kind, typed or {}, error) if error else None
    form_error = FormError.of(error, "block", typed or {}) if error else None
    errors = errors_by_field(error)
    data = block.data if block else {}
    rows = ROWS.get(kind)
    return show(
        request,
        "settings/block",
        status=form_error.status if form_error else 200,
        publication=publication,
        block=block,
        kind=kind if kind in KINDS else "",
        kind_label=StandingBlock.Kind(kind).label if kind in KINDS else "",
        kinds=kinds(),
        typed=typed or {},
        block_title=block.title if block else "",
        block_body=block.body if block else "",
        starts_on=str(block.starts_on or "") if block else "",
        ends_on=str(block.ends_on or "") if block else "",
        data_fields=filled_fields(kind, data),
        data_rows=filled_rows(kind, data),
        rows_label=rows.label if rows else "",
        has_data=kind in FIELDS or rows is not None,
        form_error=form_error,
        errors=errors,
        conflict=isinstance(error, StandingBlockChangedError),
        seen=seen or (standing_block_version(block) if block else ""),
        approved=approved_issues(publication),
    )


def _typed(request: HttpRequest) -> dict[str, str]:
    return {name: str(request.POST.get(name, "")) for name in request.POST if name != "csrfmiddlewaretoken"}


def _texts(kind: str, typed: Mapping[str, str], before: Mapping[str, Any]) -> BlockTexts:
    return BlockTexts(
        title=typed.get("title", ""),
        body=typed.get("body", ""),
        data=data_of_form(kind, typed, before),
        starts_on=typed_day(typed.get("starts_on", ""), "starts_on"),
        ends_on=typed_day(typed.get("ends_on", ""), "ends_on"),
    )


def _as_form(texts: BlockTexts, kind: str) -> dict[str, str]:
    """Return the fields of the form that says this about a block."""
    cells = [
        *filled_fields(kind, texts.data),
        *(cell for row in filled_rows(kind, texts.data) for cell in row),
    ]
    return {
        "title": texts.title,
        "body": texts.body,
        "starts_on": str(texts.starts_on or ""),
        "ends_on": str(texts.ends_on or ""),
        **{cell.name: cell.value for cell in cells},
    }


def _when(block: StandingBlock, today: date) -> str:
    """Return on which days a block is shown, if not always."""
    if block.ends_on and block.ends_on < today:
        return "ended"
    if shown_on(block, today):
        return "until" if block.ends_on else ""
    return "from"


def _block(publication: Publication, name: str) -> StandingBlock:
    try:
        return find_block(publication, name)
    except NotFound as error:
        raise NotFound("This block has been removed. Check the current blocks.") from error


def _list(slug: str) -> str:
    return reverse("desk:standing-blocks", args=[slug])

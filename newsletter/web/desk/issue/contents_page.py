"""The part “Contents”: the articles and blocks of an issue in their order, and those that were left out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse

from newsletter.articles.html_and_text.first_sentences import whole_sentences
from newsletter.errors import NewsletterError
from newsletter.issues.autosaved_texts import clean_typed, text_version
from newsletter.issues.block_data import KINDS
from newsletter.issues.block_edit_conflicts import BlockChangedError, block_version
from newsletter.issues.issue_versions import newest_version
from newsletter.issues.item_pictures import alt_shown, picture_version
from newsletter.issues.models import Issue, IssueBlock
from newsletter.issues.page_urls import issue_path
from newsletter.issues.save_texts_without_overwriting import Conflict, approval_to_end
from newsletter.web.desk.desk_page import Undo, desk, done, is_htmx, partial
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.issue.block_form_fields import FIELDS, ROWS, filled_fields, filled_rows
from newsletter.web.desk.issue.contents_view import (
    ContentsView,
    anchor_of,
    contents_view,
    picture_choice,
    versions_of_candidates,
)
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, part_context, show_part
from newsletter.web.desk.issue.undo_and_restore_acts import undo_of

CHANGED = "issue:changed"
"""The event of htmx after which the email beside the part loads again (email_pane.js)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is shown of one row: the panel that is open (edit or move), and after an act the result beside it.

    `conflicts` has the texts of an article that two people changed. `changed` is a block that somebody else changed.
    """

    key: str = ""
    panel: str = ""
    said: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    conflicts: Mapping[str, Conflict] = field(default_factory=dict)
    changed: IssueBlock | None = None


@desk("GET", "HEAD")
def contents(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the contents of an issue. `?edit=` and `?move=` open the panel of a row."""
    panel = next((name for name in ("edit", "move") if request.GET.get(name)), "")
    shown = (
        Shown(key=request.GET.get(panel, ""), panel=panel) if panel else Shown(key=request.GET.get("at", ""))
    )
    return show_contents(request, issue_at(slug, number), shown=shown)


def show_contents(
    request: HttpRequest, issue: Issue, form_error: FormError | None = None, *, shown: Shown | None = None
) -> HttpResponse:
    """Show the contents of an issue as they are now, with any error beside the row it belongs to."""
    header = issue_header(fresh_issue(issue))
    view = contents_view(header)
    shown = shown or Shown()
    more = {"view": view, "shown": shown, "form_error": form_error, **_panel(header.issue, view, shown)}
    if is_htmx(request):
        status = form_error.status if form_error else 200
        return partial(
            request, "issue/contents_list", status=status, **{**part_context(header, "issue"), **more}
        )
    forms = frozenset({"articles", *(row.key for row in (*view.rows, *view.left_out))})
    del more["form_error"]
    return show_part(request, header, "issue", forms=forms, form_error=form_error, **more)


def act_on_row(
    request: HttpRequest,
    issue: Issue,
    key: str,
    act: Callable[[], str],
    *,
    panel: str = "",
    then: str = "",
) -> HttpResponse:
    """Act on one row, and show the result beside it, with “Undo”. `act` returns the sentence about the result.

    An error is shown beside the row as well, with the panel open again and what was typed. `then` is the row to look at
    afterwards, if it is another one.
    """
    before = newest_version(issue)
    try:
        sentence = act()
    except NewsletterError as error:
        changed = error.block if isinstance(error, BlockChangedError) else None
        shown = Shown(key=key, panel=panel, typed=request.POST.dict(), changed=changed)
        return show_contents(request, issue, FormError.of(error, key or "articles", shown.typed), shown=shown)
    newest = newest_version(issue)
    key = then or key
    undo = undo_of(issue, "issue", anchor=anchor_of(key)) if newest == before + 1 else None
    return say_done(request, issue, key, sentence, undo=undo)


def say_done(
    request: HttpRequest, issue: Issue, key: str, sentence: str, *, undo: Undo | None = None
) -> HttpResponse:
    """Show the contents after an act, looking at one row."""
    if not is_htmx(request):
        return done(request, sentence, f"{issue_path(issue)}#{anchor_of(key)}", undo=undo)
    header = issue_header(fresh_issue(issue))
    view, shown = contents_view(header), Shown(key=key, said=sentence)
    response = partial(
        request,
        "issue/contents_changed",
        sentence=sentence,
        undo=undo,
        **{**part_context(header, "issue"), "view": view, "shown": shown, "form_error": None},
    )
    response["HX-Trigger"] = CHANGED
    return response


def _panel(issue: Issue, view: ContentsView, shown: Shown) -> dict[str, Any]:
    """Return what the open panel shows: the fields of an article or a block."""
    row = view.row(shown.key) if shown.panel == "edit" else None
    if row is None:
        return {}
    if row.block is not None:
        kind = row.block.shown_kind
        rows = ROWS.get(kind)
        return {
            "kind": kind,
            "block_version": block_version(shown.changed or row.block),
            "differences": _differences(kind, shown),
            "data_fields": filled_fields(kind, row.block.data),
            "data_rows": filled_rows(kind, row.block.data),
            "rows_label": rows.label if rows else "",
            "has_data": kind in FIELDS or rows,
            "kinds": KINDS,
        }
    assert row.item is not None
    return {
        "versions": {
            **{name: text_version(getattr(row.item, name)) for name in ("headline", "blurb", "section")},
            "alt": text_version(clean_typed(alt_shown(row.item))),
            "picture": picture_version(row.item),
        },
        "candidates": versions_of_candidates(row.item.article),
        "approval_to_end": approval_to_end(issue),
        "picture_choice": picture_choice,
        "alt_shown": alt_shown,
        "whole_sentences": whole_sentences,
        "saved_while_typing": _saved_while_typing,
    }


def _differences(kind: str, shown: Shown) -> list[tuple[str, str]]:
    """Return what a block that somebody else changed has now, by label, where the editor typed something else."""
    if shown.changed is None:
        return []
    found = [("title", "Title", shown.changed.title), ("body", "Text", shown.changed.body)]
    found += [(each.name, each.field.label, each.value) for each in filled_fields(kind, shown.changed.data)]
    for number, row in enumerate(filled_rows(kind, shown.changed.data), start=1):
        found += [(each.name, f"{each.field.label} in row {number}", each.value) for each in row]
    return [
        (label, value)
        for name, label, value in found
        if clean_typed(value) != clean_typed(shown.typed.get(name, ""))
    ]


def _saved_while_typing(name: str, label: str, version: str) -> dict[str, str]:
    """Return the attributes of a field that autosave.js saves."""
    return {"data-autosave": name, "data-autosave-label": label, "data-version": version, "dir": "auto"}

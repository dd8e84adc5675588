"""Changing a block in one issue, and adding a block that only this issue has."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.errors import Invalid, NewsletterError
from newsletter.issues import edit_issue_blocks
from newsletter.issues.block_data import KINDS
from newsletter.issues.models import Issue, IssueBlock, StandingBlock
from newsletter.issues.page_urls import issue_path
from newsletter.issues.running_order import blocks_of, key_of
from newsletter.web.desk.creation_form_keys import form_key
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.issue.block_form_fields import (
    FIELDS,
    ROWS,
    data_of_form,
    filled_fields,
    filled_rows,
    kinds,
    named_by_form,
)
from newsletter.web.desk.issue.contents_page import act_on_row, say_done
from newsletter.web.desk.issue.contents_view import anchor_of
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, show_part
from newsletter.web.desk.issue.undo_and_restore_acts import undo_of


@desk("GET", "HEAD", "POST")
def edit_block(request: HttpRequest, slug: str, number: int, key: str) -> HttpResponse:
    """Save what an editor changed about a block in this issue. A GET opens the form."""
    issue = issue_at(slug, number)
    row = f"block:{key}"
    if request.method != "POST":
        return HttpResponseRedirect(f"{issue_path(issue)}?edit={row}#{anchor_of(row)}", status=303)

    def act() -> str:
        block = _block(issue, key)
        if "use_other" in request.POST:
            return f"The saved version of “{block}” was kept."
        kind = block.shown_kind if block else ""
        title, body = request.POST.get("title", ""), request.POST.get("body", "")
        try:
            data = data_of_form(kind, request.POST.dict(), block.data if block else {})
            seen = request.POST.get("seen")
            edit_issue_blocks.edit_block(issue, key, title=title, body=body, data=data, seen=seen)
        except Invalid as error:
            raise named_by_form(kind, request.POST.dict(), error) from None
        return f"“{_block(issue, key)}” was saved for this issue."

    return act_on_row(request, issue, row, act, panel="edit")


@desk("GET", "HEAD", "POST")
def add_block(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Add a block that only this issue has: first its kind is chosen, then it is written."""
    issue = issue_at(slug, number)
    kind = request.POST.get("kind", "") or request.GET.get("kind", "")
    form_error = None
    typed = request.POST.dict()
    if request.method == "POST":
        try:
            data = data_of_form(kind, typed, {})
            title, body = typed.get("title", ""), typed.get("body", "")
            key = edit_issue_blocks.add_block(
                issue, kind, title=title, body=body, data=data, form_key=form_key(request)
            )
        except AlreadyMadeError as earlier:
            found = _block(issue, earlier.made)
            sentence = (
                f"“{found}” was added to this issue."
                if found
                else "This block was added and has since been removed."
            )
            return say_done(request, issue, f"block:{earlier.made}", sentence)
        except NewsletterError as error:
            form_error = FormError.of(named_by_form(kind, typed, error), "block", typed)
        else:
            row = f"block:{key}"
            undo = undo_of(issue, "issue", anchor=anchor_of(row))
            return say_done(
                request, issue, row, f"“{_block(issue, key)}” was added to this issue.", undo=undo
            )
    rows = ROWS.get(kind)
    return show_part(
        request,
        issue_header(fresh_issue(issue)),
        "issue",
        template="contents_block",
        forms=frozenset({"block"}),
        form_error=form_error,
        kind=kind if kind in KINDS else "",
        kind_label=StandingBlock.Kind(kind).label if kind in KINDS else "",
        kinds=kinds(),
        data_fields=filled_fields(kind, {}),
        data_rows=filled_rows(kind, {}),
        rows_label=rows.label if rows else "",
        has_data=kind in FIELDS or rows is not None,
    )


def _block(issue: Issue, key: str) -> IssueBlock | None:
    return next((each for each in blocks_of(fresh_issue(issue)) if key_of(each) == key), None)

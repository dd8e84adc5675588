"""Segments of lists: all of them, one with its conditions in a form or in the language of segments, and its people."""

import json
from collections import defaultdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.accounts.role_checked_subscriber_acts import why_not_look
from newsletter.errors import Invalid, InvalidFields, NewsletterError, refuse_if
from newsletter.issues.models import SavedSegment
from newsletter.issues.people_in_segment import segment_people, segment_size, unknown_details
from newsletter.issues.saved_segments import (
    add_segment,
    change_segment,
    find_segment,
    remove_segment,
    segment_version,
    uses_of,
    uses_of_each,
    why_not_change_segments,
    why_not_remove,
)
from newsletter.web.desk.creation_form_keys import form_key
from newsletter.web.desk.desk_page import Undo, desk, done, is_htmx, partial, show
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.numbered_page import numbered_page
from newsletter.web.desk.search_box import search_list
from newsletter.web.desk.subscribers.segment_rows import (
    DATE_VERBS,
    Rows,
    added,
    keyed,
    removed,
    rows_of_form,
    shown_rows,
    subject_choices,
    wrong_fields,
)
from subscribers.lists import find_list
from subscribers.models import List
from subscribers.segments.condition_rows import ConditionRow, rows_of_text, text_of_rows
from subscribers.segments.segment_errors import WrongSegment
from subscribers.segments.select_people import condition
from subscribers.whole_numbers import whole_number

ROWS, TEXT = "rows", "text"
FIRST_NAMES = 5
SEGMENTS_PER_PAGE = 50
LONGEST_NUMBER = 15
NO_RESULT: dict[str, Any] = {"text": "", "count": None, "first": [], "wrong": "", "unknown": []}


@desk("GET", "HEAD")
def segments(request: HttpRequest) -> HttpResponse:
    """Show the segments of every list, and where they are used."""
    refuse_if(why_not_look())
    ordered = SavedSegment.objects.select_related("mailing_list").order_by("mailing_list__name", "name", "pk")
    matching, search = search_list(request, ordered, ("name", "mailing_list__name", "text"))
    found, links = numbered_page(request, matching, per_page=SEGMENTS_PER_PAGE, kept=search.kept)
    uses = uses_of_each(found)
    return show(
        request,
        "subscribers/segments",
        segments=[(each, uses[each.pk]) for each in found],
        links=links,
        search=search,
        has_lists=List.objects.exists(),
        why_not=why_not_change_segments(),
    )


@desk("GET", "HEAD", "POST")
def new_segment(request: HttpRequest) -> HttpResponse:
    """Show the form of a new segment, or add it."""
    refuse_if(why_not_look() or why_not_change_segments())
    lists = list(List.objects.order_by("name"))
    if not lists:
        raise Invalid("You have no lists yet. Your first list is created with your first newsletter.")
    asked = request.POST.get("list") or request.GET.get("list", "")
    mailing_list = find_list(asked) if asked else lists[0]
    form = SegmentForm(request, mailing_list, None)
    if request.method != "POST" or not form.saves:
        return form.answer()
    try:
        text = form.text()
        segment = add_segment(mailing_list, form.name, text, form_key=form_key(request))
    except AlreadyMadeError as made:
        return done(request, "The segment was added.", reverse("desk:segment", args=[made.made]))
    except NewsletterError as error:
        return form.answer(error)
    return done(
        request, f"The segment “{segment.name}” was added.", reverse("desk:segment", args=[segment.pk])
    )


@desk("GET", "HEAD", "POST")
def segment(request: HttpRequest, number: int) -> HttpResponse:
    """Show the form of one segment, or change it."""
    refuse_if(why_not_look())
    found = find_segment(number)
    form = SegmentForm(request, found.mailing_list, found)
    if request.method != "POST" or not form.saves:
        return form.answer()
    page = reverse("desk:segment", args=[found.pk])
    try:
        if not change_segment(found, form.name, form.text(), seen=request.POST.get("seen")):
            return done(request, "Nothing was changed.", page)
    except NewsletterError as error:
        return form.answer(error)
    before = {"name": found.name, "by": TEXT, "text": found.text}
    undo = Undo(page, {**before, "seen": segment_version(find_segment(number))})
    return done(request, "The segment was saved.", page, undo=undo)


@desk("GET", "HEAD")
def people_of_segment(request: HttpRequest, number: int) -> HttpResponse:
    """Show who is in a segment now, page by page, and how many there are as soon as they are counted."""
    refuse_if(why_not_look())
    found = find_segment(number)
    if "count" in request.GET:
        count = segment_size(found.text, found.mailing_list)
        if is_htmx(request):
            return partial(request, "subscribers/segment_count", count=count)
    else:
        count = None
    after = request.GET.get("after", "")
    page = segment_people(found.text, found.mailing_list, after=whole_number(after) or 0)
    return show(
        request, "subscribers/segment_people", segment=found, page=page, count=count, is_first=not after
    )


@desk("GET", "HEAD", "POST")
def remove(request: HttpRequest, number: int) -> HttpResponse:
    """Ask whether to remove a segment, and remove it."""
    refuse_if(why_not_look() or why_not_change_segments())
    found = find_segment(number)
    if request.method != "POST":
        return show(
            request,
            "subscribers/segment_remove",
            segment=found,
            uses=uses_of(found),
            why_not=why_not_remove(found),
        )
    remove_segment(found)
    return done(request, f"The segment “{found.name}” was removed.", reverse("desk:segments"))


class SegmentForm:
    """The form of a segment while somebody fills it in: rows of conditions, or the text in the language of segments."""

    def __init__(self, request: HttpRequest, mailing_list: List, stored: SavedSegment | None) -> None:
        self._request, self._list, self._stored = request, mailing_list, stored
        form, self._is_sent = request.POST, request.method == "POST"
        # htmx sends the button that has the focus, which nobody pressed.
        self._act = "" if is_htmx(request) else form.get("act", "")
        self.name = form.get("name", stored.name if stored else "")
        self._rows: Rows = {}
        self._typed = ""
        if self._is_sent:
            self._by = form.get("by", ROWS)
            self._typed = form.get("text", "")
            self._rows = rows_of_form(form, saves=self.saves)
            self._change_rows()
        else:
            rows = self._rows_of(stored.text) if stored else [ConditionRow()]
            self._by = TEXT if rows is None else ROWS
            self._rows, self._typed = keyed(rows or []), stored.text if stored else ""

    @property
    def saves(self) -> bool:
        """Whether the form is to be saved, not only shown again with one row more or with its people."""
        return self._act in {"", "save"} and not is_htmx(self._request)

    def text(self) -> str:
        """Return the segment that the form describes. Raises Invalid."""
        if self._by == TEXT:
            return self._checked(self._typed)
        if wrong := wrong_fields(self._rows, self._list):
            raise InvalidFields(wrong)
        return text_of_rows(list(self._rows.values()))

    def _checked(self, text: str) -> str:
        """Return a segment in the language of segments. Raises InvalidFields."""
        try:
            condition(text, self._list)
        except WrongSegment as error:
            # Without the line that points at the word, which only stands below it in a terminal.
            raise InvalidFields({"text": error.sentence}) from error
        return text

    def answer(self, error: NewsletterError | None = None) -> HttpResponse:
        """Show the form, with what is wrong or with the people whom it would give."""
        if error is None and self._act == "count":
            error = self._what_is_wrong()
        errors = _errors(error)
        form_error = FormError.of(error, "segment", {}) if error else None
        shown: dict[str, Any] = dict(NO_RESULT)
        if error is None:
            shown = self._result()
        stored = self._stored
        return show(
            self._request,
            "subscribers/segment",
            status=form_error.status if form_error else 200,
            segment=stored,
            mailing_list=self._list,
            lists=[(each.slug, each.name) for each in List.objects.order_by("name")] if not stored else [],
            name=self.name,
            by=self._by,
            counts=self._act == "count",
            rows=shown_rows(self._rows, self._list),
            subjects=subject_choices(),
            date_verbs=json.dumps(DATE_VERBS),
            typed=self._typed,
            seen=self._request.POST.get("seen") or (segment_version(stored) if stored else ""),
            uses=uses_of(stored) if stored else [],
            why_not=why_not_change_segments(),
            errors=defaultdict(str, errors),
            summary=[(self._field_of(name), text) for name, text in errors.items()],
            address=reverse("desk:segment", args=[stored.pk]) if stored else reverse("desk:new-segment"),
            **{f"result_{name}": value for name, value in shown.items()},
        )

    def _field_of(self, error: str) -> str:
        return "conditions" if error == "text" and self._by == ROWS else error

    def _what_is_wrong(self) -> NewsletterError | None:
        try:
            self.text()
        except Invalid as error:
            return error
        return None

    def _change_rows(self) -> None:
        act, _colon, which = self._act.partition(":")
        if act == "add":
            self._rows = added(self._rows, which)
        elif act == "remove" and (number := whole_number(which)) is not None:
            self._rows = removed(self._rows, number)
        elif act == "write":
            self._by = TEXT
            try:
                self._typed = text_of_rows(list(self._rows.values())) or self._typed
            except WrongSegment:
                self._typed = self._typed or (self._stored.text if self._stored else "")
        elif act == "rows":
            rows = self._rows_of(self._typed)
            if rows is not None:
                self._by, self._rows = ROWS, keyed(rows)

    def _rows_of(self, text: str) -> list[ConditionRow] | None:
        try:
            return rows_of_text(text)
        except WrongSegment:
            return None

    def _result(self) -> dict[str, Any]:
        """Return the text of the segment, how many people it gives if that was asked, and the first of them."""
        try:
            text = self.text()
            if not text.strip():
                return dict(NO_RESULT)
            counts = self._act == "count" or is_htmx(self._request)
            count = segment_size(text, self._list) if counts else None
            first = segment_people(text, self._list, at_most=FIRST_NAMES).people if counts else []
            unknown = unknown_details(text, self._list) if counts else []
        except Invalid as error:
            return NO_RESULT | {"wrong": str(error) if self._is_sent else ""}
        return NO_RESULT | {"text": text, "count": count, "first": first, "unknown": unknown}


def _errors(error: NewsletterError | None) -> dict[str, str]:
    if isinstance(error, InvalidFields):
        return dict(error.fields)
    return {"": str(error)} if error else {}

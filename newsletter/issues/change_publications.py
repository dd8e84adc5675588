"""Changes and removes publications and their standing blocks. For publication files see load_publication.py."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from newsletter.accounts.actor import ALL, Role, require_role, why_not_role
from newsletter.accounts.audit_log import changes_between as changed_values
from newsletter.accounts.audit_log import values_of
from newsletter.errors import Invalid, InvalidFields, NotFound, refuse_if
from newsletter.issues.block_data import KINDS, data_keys
from newsletter.issues.change_locks import lock_publication
from newsletter.issues.find_publication_or_issue import find_block
from newsletter.issues.four_eyes import require_editor
from newsletter.issues.issue_audit import record
from newsletter.issues.models import AuditEntry, Publication, StandingBlock
from newsletter.issues.publication_audit import record_block, record_publication
from newsletter.issues.publication_file import PublicationFile
from newsletter.issues.review_board import require_review_board
from newsletter.issues.selection_rule import LAST_ISSUE, PER_GROUP
from newsletter.issues.validation_messages import field_sentence
from subscribers.lists import find_list
from subscribers.typed_days import typed_day
from subscribers.whole_numbers import whole_number

EDITABLE = [key for key in PublicationFile.model_fields if key not in {"sources", "blocks"}]
YES_OR_NO = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
# A list may be another publication's as well, and addresses of pages begin with the slug.
SHARED = frozenset({"slug", "list", "mailing_list"})
BLOCK_FIELDS = ("kind", "title", "body", "starts_on", "ends_on", "position")


def edit_publication(publication: Publication, changes: Mapping[str, str]) -> list[str]:
    """Change fields by the keys of the publication file, and return the names of the fields that changed.

    `selection.KEY` changes one key of the selection. Items of a list are separated by commas. Raises Invalid, and then
    changes nothing.
    """
    _require_administrator(publication, changes)
    with transaction.atomic():
        publication = lock_publication(publication)
        before = {key: getattr(publication, _field(key)) for key in changes}
        stored = values_of(publication)
        for key, value in changes.items():
            _set(publication, key, value)
        if publication.takes_questions and not stored["takes_questions"]:
            require_review_board(publication)
        _clean_and_save(publication)
        record_publication(publication, stored, "Changed")
    return [key for key, value in before.items() if getattr(publication, _field(key)) != value]


def save_publication(
    publication: Publication, changed: Sequence[str], *, did: str = "Changed"
) -> AuditEntry | None:
    """Save a new publication, or the changed fields of an existing one, and return the log entry if anything differs.

    `did` begins the sentence in the log about a change. Raises Invalid, and then saves nothing.
    """
    _require_administrator(publication, changed)
    is_new = publication.pk is None
    if not (changed or is_new):
        return None
    with transaction.atomic():
        stored = values_of(Publication.objects.filter(pk=publication.pk).first())
        if publication.takes_questions and not stored.get("takes_questions"):
            require_review_board(publication)
        _clean_and_save(publication, [] if is_new else changed)
        return record_publication(publication, stored, "" if is_new else did)


def why_not_remove_publication(publication: Publication) -> str:
    """Return why the current actor cannot remove a publication, or an empty string if they can."""
    why_not = why_not_role(Role.ADMINISTRATOR, "Removing a publication")
    if not why_not and publication.issues.exists():
        return f"You cannot remove {publication.name}, because it has issues that must stay on record."
    return why_not


def remove_publication(publication: Publication) -> None:
    """Remove a publication that has no issues, with its standing blocks and series. Raises Refused if it has issues."""
    with transaction.atomic():
        publication = lock_publication(publication)
        refuse_if(why_not_remove_publication(publication))
        record(
            "publication",
            f"Removed the publication {publication.name}.",
            publication=publication,
            thing=f"publication {publication.pk}",
            changes=changed_values(values_of(publication), {}),
        )
        publication.delete()


def save_block(block: StandingBlock, changed: Sequence[str]) -> None:
    """Save a new standing block, or one with changed fields. Raises Invalid, and then saves nothing."""
    require_editor(block.publication, "Changing a standing block")
    is_new: bool = block._state.adding  # noqa: SLF001 - Django documents it
    if not (changed or is_new):
        return
    with transaction.atomic():
        stored = StandingBlock.objects.filter(pk=block.pk).first()
        before = values_of(stored)
        _clean_and_save(block)
        record_block(block, before)


def edit_block(publication: Publication, name: str, changes: Mapping[str, str]) -> StandingBlock:
    """Change a standing block, or create it if `changes` has its `kind`. Raises NotFound or Invalid."""
    require_editor(publication, "Changing a standing block")
    with transaction.atomic():
        block = _block_to_edit(publication, name, changes)
        for key, value in changes.items():
            _set_in_block(block, key, value)
        save_block(block, list(changes))
    return block


def remove_block(publication: Publication, name: str) -> None:
    """Remove a standing block for good. Raises NotFound."""
    require_editor(publication, "Removing a standing block")
    with transaction.atomic():
        block = find_block(publication, name)
        record(
            "block",
            f"Removed the block {name}.",
            publication=publication,
            thing=f"block {block.pk}",
            changes=changed_values(values_of(block), {}),
        )
        block.delete()


def _require_administrator(publication: Publication, changed: Iterable[str]) -> None:
    """Raise Refused unless the actor is the publication's administrator, or that of all for what others share."""
    key: int | None = publication.pk
    where = ALL if key is None or SHARED.intersection(changed) else key
    require_role(Role.ADMINISTRATOR, "Changing a publication", publication=where)


def _set(publication: Publication, key: str, value: str) -> None:
    table, _, inner = key.partition(".")
    if table == "selection" and inner:
        publication.selection = publication.selection | {inner: _selection_value(inner, value)}
    elif key == "list":
        try:
            publication.mailing_list = find_list(value)
        except NotFound as error:
            raise Invalid(f"list: {error}") from error
    elif key in {"selection", "sections"}:
        setattr(publication, key, _json(key, value))
    elif key in {"four_eyes", "hotlink_pictures", "ask_useful", "takes_questions", "show_question_figures"}:
        setattr(publication, key, _yes_or_no(key, value))
    elif key in {"logo_width", "logo_height"}:
        setattr(publication, key, value or None)
    elif key in EDITABLE:
        setattr(publication, key, value)
    else:
        raise Invalid(f"{key} is not a valid key. The keys are {', '.join(EDITABLE)}.")


def _yes_or_no(key: str, value: str) -> bool:
    if value.casefold() not in YES_OR_NO:
        raise Invalid(f"{key} must be yes or no, not “{value}”.")
    return YES_OR_NO[value.casefold()]


def _field(key: str) -> str:
    name = key.partition(".")[0]
    if name not in EDITABLE:
        raise Invalid(f"{key} is not a valid key. The keys are {', '.join(EDITABLE)}.")
    return "mailing_list" if name == "list" else name


def _selection_value(key: str, value: str) -> Any:
    if key in {"sources", "topics"}:
        return [word.strip() for word in value.split(",") if word.strip()]
    if key == "since" and value == LAST_ISSUE:
        return value
    if key in PER_GROUP and not value:
        return None  # no maximum
    number = whole_number(value)
    return value if number is None else number


def _block_to_edit(publication: Publication, name: str, changes: Mapping[str, str]) -> StandingBlock:
    try:
        return find_block(publication, name)
    except NotFound:
        if "kind" not in changes:
            raise
    last = publication.blocks.last()
    return StandingBlock(
        publication=publication, name=name, kind=changes["kind"], position=last.position + 10 if last else 10
    )


def _set_in_block(block: StandingBlock, key: str, value: str) -> None:
    if key in BLOCK_FIELDS:
        setattr(block, key, _DATES[key](key, value) if key in _DATES else value)
        return
    keys = data_keys(block.kind) if block.kind in KINDS else []
    if key not in keys:
        raise Invalid(
            f"{key} is not a valid key for a “{block.kind}” block. "
            f"The keys are {', '.join([*BLOCK_FIELDS, *keys])}."
        )
    rest = {name: each for name, each in block.data.items() if name != key}
    block.data = rest | ({key: _json(key, value) if key in {"amounts", "links"} else value} if value else {})


def _date(key: str, value: str) -> date | None:
    try:
        return typed_day(value, key)
    except InvalidFields as error:
        raise Invalid(f"{key}: {error}") from error


_DATES: Mapping[str, Callable[[str, str], date | None]] = {"starts_on": _date, "ends_on": _date}


def _json(key: str, value: str) -> Any:
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise Invalid(
            f"{key} must be valid JSON. The error is at character {error.pos + 1}: {error.msg.lower()}."
        ) from error


def _clean_and_save(row: Publication | StandingBlock, changed: Sequence[str] = ()) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        raise Invalid(field_sentence(error).removeprefix("data: ")) from error
    row.save(update_fields=changed or None)

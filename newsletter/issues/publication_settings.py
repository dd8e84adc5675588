"""Changes the settings of a publication part by part, as a form shows them, and takes such a change back.

A form starts from a version of its part. If somebody else has changed the same part since, nothing is stored. Every
change is in the audit log with the old values, from which it can be taken back.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from newsletter.accounts.actor import Role, require_role, why_not_role
from newsletter.accounts.audit_log import LONGEST_VALUE, changes_between, values_of
from newsletter.errors import Invalid, InvalidFields, NotFound, Refused
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.change_locks import SETTINGS_CHANGED, lock_publication
from newsletter.issues.change_publications import save_publication
from newsletter.issues.models import AuditEntry, Issue, Publication
from newsletter.issues.selection_rule import selection_from_json
from subscribers.clean_text import printable

PARTS: Mapping[str, tuple[str, ...]] = {
    "identity": ("name", "tagline", "organisation", "website", "language", "zone", "archive"),
    "sender": (
        "sender_name",
        "sender_address",
        "reply_to",
        "sender_name_ascii",
        "postal_address",
        "charity_number",
        "reason",
        "first_name_fallback",
    ),
    "look": (
        "theme",
        "accent_colour",
        "accent_colour_dark",
        "heading_font",
        "body_font",
        "logo_alt",
        "logo_url",
        "logo_width",
        "logo_height",
        "hotlink_pictures",
        "ask_useful",
    ),
    "selection": ("selection", "subject_pattern"),
    "sections": ("sections",),
    "audience": ("audience",),
    "questions": (
        "takes_questions",
        "working_days",
        "acknowledge_days",
        "answer_days",
        "show_question_figures",
    ),
    "approval": ("four_eyes", "undo_minutes"),
}
ACT = "Changing a publication’s settings"


class SettingsChangedError(Refused):
    """Somebody else has changed the part since its form was opened. Nothing was stored. `now` has what is stored."""

    def __init__(self, now: Mapping[str, Any]) -> None:
        self.now = dict(now)
        super().__init__(SETTINGS_CHANGED)


def why_not_change_settings(publication: Publication) -> str:
    """Return why the current actor cannot change the settings of a publication, or an empty string if they can."""
    return why_not_role(Role.ADMINISTRATOR, ACT, publication=publication.pk)


def settings_version(publication: Publication, part: str) -> str:
    """Return a digest of the values of a part, by which two versions of it are told apart."""
    return text_version(json.dumps([getattr(publication, name) for name in PARTS[part]], default=str))


def change_settings(
    publication: Publication, part: str, values: Mapping[str, Any], *, seen: str | None = None
) -> AuditEntry | None:
    """Store values of a part, by the names in PARTS, and return the log entry, or None if nothing differs.

    `seen` is the `settings_version` that a form started from; without it, nothing is compared. Raises InvalidFields
    with a sentence for each wrong field, and SettingsChangedError if the part has another version and other values.
    """
    require_role(Role.ADMINISTRATOR, ACT, publication=publication.pk)
    unknown = values.keys() - set(PARTS[part])
    if unknown:
        raise Invalid(f"{min(unknown)} is not a setting in this section.")
    cleaned = {name: _clean(value) for name, value in values.items()}
    with transaction.atomic():
        publication = lock_publication(publication)
        now = {name: getattr(publication, name) for name in cleaned}
        changed = [name for name in cleaned if _meaning(name, cleaned[name]) != _meaning(name, now[name])]
        if changed and seen is not None and seen != settings_version(publication, part):
            raise SettingsChangedError({name: now[name] for name in changed})
        return _store(publication, {name: cleaned[name] for name in changed})


def undo_settings(publication: Publication, number: int) -> AuditEntry | None:
    """Take the change with this number in the log back. Raises Refused if a setting was changed again since."""
    require_role(Role.ADMINISTRATOR, ACT, publication=publication.pk)
    with transaction.atomic():
        publication = lock_publication(publication)
        entry = AuditEntry.objects.filter(pk=number, publication=publication, act="publication").first()
        if entry is None or not _is_about_settings(entry):
            raise NotFound("We could not find this change. Check the current settings.")
        if not _still_stands(publication, entry):
            raise Refused("Somebody has changed these settings again, so you can no longer undo this change.")
        before = {name: old for name, (old, _) in entry.changes.items()}
        if any(isinstance(old, str) and len(old) > LONGEST_VALUE for old in before.values()):
            raise Refused("The text before this change was too long to store, so we cannot restore it.")
        return _store(publication, before, did="Undid: Changed")


def can_undo_settings(entry: AuditEntry) -> bool:
    """Return whether an entry is a change of settings that stands, and that the current actor can take back."""
    publication = entry.publication
    if publication is None or entry.act != "publication" or not _is_about_settings(entry):
        return False
    return _still_stands(publication, entry) and not why_not_change_settings(publication)


def _is_about_settings(entry: AuditEntry) -> bool:
    known = {name for names in PARTS.values() for name in names}
    return bool(entry.changes) and not entry.changes.keys() - known


def _still_stands(publication: Publication, entry: AuditEntry) -> bool:
    """Return whether the settings still have the values that a change gave them."""
    shown = changes_between({}, values_of(publication, entry.changes))
    return all(shown.get(name, [None, None])[1] == after for name, (_, after) in entry.changes.items())


def part_of(changes: Collection[str]) -> str:
    """Return the name of the part that has all of these settings, or an empty string."""
    return next((part for part, names in PARTS.items() if changes and set(changes) <= set(names)), "")


def approved_issues(publication: Publication) -> list[Issue]:
    """Return the issues that are approved and not sent yet: a change in their emails ends these approvals."""
    waiting = (Issue.State.APPROVED, Issue.State.SCHEDULED)
    return list(publication.issues.filter(state__in=waiting, approvals__withdrawn_at=None).distinct()[:10])


def _store(publication: Publication, values: Mapping[str, Any], did: str = "Changed") -> AuditEntry | None:
    for name, value in values.items():
        setattr(publication, name, value)
    try:
        publication.clean_fields(exclude=["mailing_list"])
    except ValidationError as error:
        raise InvalidFields({name: messages[0] for name, messages in error.message_dict.items()}) from error
    return save_publication(publication, list(values), did=did) if values else None


def _clean(value: Any) -> Any:
    """Return a text without control characters and blank ends, with line breaks of one character."""
    return printable(value.replace("\r\n", "\n")).strip() if isinstance(value, str) else value


def _meaning(name: str, value: Any) -> Any:
    """Return a value as it is compared: a selection or section that leaves a key out means its default.

    Texts from older versions can have line breaks of two characters, which are not a change.
    """
    if isinstance(value, str):
        return _clean(value)
    if name == "selection":
        try:
            return selection_from_json(value)
        except Invalid:
            return value
    if name == "sections" and isinstance(value, list):
        return [(each.get("title"), list(each.get("topics", ()))) for each in value]
    return value

"""Changes the sign-up form of a publication's list: its texts, what it asks, and the consent wording.

A list can belong to several publications, so a change needs the role for all of them. Each consent wording is kept as a
version, and people keep the one they agreed to. A change is in the audit log, from which it can be undone.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from newsletter.accounts.actor import Role, why_not_role
from newsletter.accounts.audit_log import LONGEST_VALUE, changes_between, values_of
from newsletter.errors import Invalid, InvalidFields, NotFound, Refused, refuse_if
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.models import AuditEntry, Publication
from newsletter.issues.publication_settings import SettingsChangedError
from newsletter.issues.visible_to_actor import visible_publications
from subscribers import lists
from subscribers.clean_text import printable
from subscribers.lists import WrongListField
from subscribers.models import List

FIELDS = (
    "sign_up_heading",
    "description",
    "asks_first_name",
    "asks_last_name",
    "asks_topics",
    "consent_wording",
    "privacy_url",
    "sign_up_button",
    "after_sign_up",
    "publisher",
    "language",
    "sender_name",
    "sender_address",
    "double_opt_in",
    "open_to_sign_up",
)
LONG_TEXTS = ("description", "consent_wording", "after_sign_up")
ACT = "Changing the sign-up form"
SHARED = (
    "A newsletter that you do not administer also uses this list. Ask an administrator of all newsletters "
    "to change the sign-up form."
)


def why_not_change_sign_up(publication: Publication) -> str:
    """Return why the current actor cannot change the sign-up form of a publication, or an empty string."""
    if why_not := why_not_role(Role.ADMINISTRATOR, ACT, publication=publication.pk):
        return why_not
    users = Publication.objects.filter(mailing_list=publication.mailing_list_id).values_list("pk", flat=True)
    others = [why_not_role(Role.ADMINISTRATOR, ACT, publication=each) for each in users]
    return SHARED if any(others) else ""


def other_publications(publication: Publication) -> tuple[list[Publication], int]:
    """Return the other publications with the same list: those that the actor may see, and the number of the rest."""
    others = Publication.objects.filter(mailing_list=publication.mailing_list_id).exclude(pk=publication.pk)
    seen = list(visible_publications().filter(pk__in=others).order_by("name"))
    return seen, others.count() - len(seen)


def sign_up_version(mailing_list: List) -> str:
    """Return a digest of the sign-up form, by which two versions of it are told apart."""
    return text_version(json.dumps([getattr(mailing_list, name) for name in FIELDS]))


def change_sign_up(
    publication: Publication, values: Mapping[str, str | bool], *, seen: str | None = None
) -> AuditEntry | None:
    """Store fields of the sign-up form, and return the log entry, or None if nothing differs.

    `seen` is the `sign_up_version` that a form started from. Raises InvalidFields with the wrong field, and
    SettingsChangedError if somebody else has changed the form since.
    """
    refuse_if(why_not_change_sign_up(publication))
    if unknown := values.keys() - set(FIELDS):
        raise Invalid(f"{min(unknown)} is not a field in the sign-up form.")
    cleaned = {name: clean_text(value) if isinstance(value, str) else value for name, value in values.items()}
    for name in LONG_TEXTS:
        if len(str(cleaned.get(name, ""))) > LONGEST_VALUE:
            raise InvalidFields({name: f"This text can have up to {LONGEST_VALUE:,} characters."})
    with transaction.atomic():
        mailing_list = List.objects.select_for_update().get(pk=publication.mailing_list_id)
        changed = {name: value for name, value in cleaned.items() if getattr(mailing_list, name) != value}
        if changed and seen is not None and seen != sign_up_version(mailing_list):
            raise SettingsChangedError({name: getattr(mailing_list, name) for name in changed})
        return _store(mailing_list, changed)


def undo_sign_up(publication: Publication, number: int) -> AuditEntry | None:
    """Take the change with this number in the log back. Raises Refused if a field was changed again since."""
    refuse_if(why_not_change_sign_up(publication))
    with transaction.atomic():
        mailing_list = List.objects.select_for_update().get(pk=publication.mailing_list_id)
        entry = AuditEntry.objects.filter(pk=number, act="list", thing=f"list {mailing_list.pk}").first()
        if entry is None or not entry.changes or entry.changes.keys() - set(FIELDS):
            raise NotFound("We could not find this change. Check the current form.")
        shown = changes_between({}, values_of(mailing_list, entry.changes))
        if any(shown.get(name, [None, None])[1] != after for name, (_, after) in entry.changes.items()):
            raise Refused(
                "Somebody has changed the sign-up form again, so you can no longer undo this change."
            )
        return _store(mailing_list, {name: before for name, (before, _) in entry.changes.items()})


def _store(mailing_list: List, values: Mapping[str, Any]) -> AuditEntry | None:
    """Save the list, which keeps its consent wording as well, and return what the log says about it."""
    try:
        if not lists.edit_list(mailing_list, **values):
            return None
    except WrongListField as error:
        raise InvalidFields(
            {field if field in FIELDS else "": sentence for field, sentence in error.fields.items()}
        ) from error
    return AuditEntry.objects.filter(act="list", thing=f"list {mailing_list.pk}").order_by("pk").last()


def clean_text(text: str) -> str:
    """Return a text without control characters and blank ends, with line breaks of one character."""
    return printable(text.replace("\r\n", "\n")).strip()

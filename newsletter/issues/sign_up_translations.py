"""Changes the texts of a sign-up form in further languages.

Who can change the form itself can change them. Each consent wording is kept as a version in its language. A change is
in the audit log, from which it can be undone (`undo_translation`).
"""

import json
from collections.abc import Mapping

from django.db import transaction

from newsletter.accounts.audit_log import LONGEST_VALUE, changes_between, values_of, write
from newsletter.errors import Invalid, InvalidFields, NotFound, Refused, refuse_if
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.models import AuditEntry, Publication
from newsletter.issues.publication_settings import SettingsChangedError
from newsletter.issues.sign_up_settings import LONG_TEXTS, clean_text, why_not_change_sign_up
from subscribers import sign_up_texts
from subscribers.errors import NotFound as NotOnList
from subscribers.lists import WrongListField
from subscribers.models import List
from subscribers.sign_up_texts import TEXTS
from subscribers.translated_languages import language_name


def stored_texts(mailing_list: List, language: str) -> dict[str, str]:
    """Return the texts in a further language, all empty if the list does not have it."""
    texts = sign_up_texts.find_texts(mailing_list, language)
    return {name: getattr(texts, name) if texts else "" for name in TEXTS}


def translation_version(mailing_list: List, language: str) -> str:
    """Return a digest of the texts in a language, by which two versions of them are told apart."""
    return text_version(json.dumps([*stored_texts(mailing_list, language).values()]))


def change_translation(
    publication: Publication, language: str, values: Mapping[str, str], *, seen: str | None = None
) -> AuditEntry | None:
    """Store texts in a further language, and return the log entry, or None if nothing differs.

    `seen` is the `translation_version` that a form started from. Raises InvalidFields with the wrong field, and
    SettingsChangedError if somebody else has changed these texts since.
    """
    refuse_if(why_not_change_sign_up(publication))
    if unknown := values.keys() - set(TEXTS):
        raise Invalid(f"The sign-up form has no text called {min(unknown)}.")
    cleaned = {name: clean_text(value) for name, value in values.items()}
    for name in LONG_TEXTS:
        if len(cleaned.get(name, "")) > LONGEST_VALUE:
            raise InvalidFields({name: f"This text can have up to {LONGEST_VALUE:,} characters."})
    with transaction.atomic():
        mailing_list = List.objects.select_for_update().get(pk=publication.mailing_list_id)
        stored = stored_texts(mailing_list, language)
        changed = {name: value for name, value in cleaned.items() if stored[name] != value}
        if changed and seen is not None and seen != translation_version(mailing_list, language):
            raise SettingsChangedError({name: stored[name] for name in changed})
        return _set(mailing_list, language, cleaned)


def remove_translation(publication: Publication, language: str) -> AuditEntry:
    """Remove the texts in a further language, and return the log entry, from which they can be put back."""
    refuse_if(why_not_change_sign_up(publication))
    with transaction.atomic():
        mailing_list = List.objects.select_for_update().get(pk=publication.mailing_list_id)
        return _remove(mailing_list, language)


def undo_translation(publication: Publication, language: str, number: int) -> AuditEntry | None:
    """Take the change with this number in the log back. Raises Refused if the texts were changed again since."""
    refuse_if(why_not_change_sign_up(publication))
    with transaction.atomic():
        mailing_list = List.objects.select_for_update().get(pk=publication.mailing_list_id)
        entry = AuditEntry.objects.filter(pk=number, act="list", thing=_thing(mailing_list, language)).first()
        if entry is None:
            raise NotFound("We could not find this change. Check the current form.")
        now = values_of(sign_up_texts.find_texts(mailing_list, language), TEXTS)
        if any(now.get(name) != after for name, (_, after) in entry.changes.items()):
            raise Refused("Somebody has changed these texts again, so you can no longer undo this change.")
        before = {name: value for name, (value, _) in entry.changes.items()}
        if None in before.values():
            return _remove(mailing_list, language)
        return _set(mailing_list, language, before)


def _set(mailing_list: List, language: str, values: Mapping[str, str]) -> AuditEntry | None:
    before = values_of(sign_up_texts.find_texts(mailing_list, language), TEXTS)
    try:
        sign_up_texts.set_texts(mailing_list, language, values)
    except WrongListField as error:
        raise InvalidFields(
            {field if field in TEXTS else "": sentence for field, sentence in error.fields.items()}
        ) from error
    return _record("Changed" if before else "Added", mailing_list, language, before)


def _remove(mailing_list: List, language: str) -> AuditEntry:
    before = values_of(sign_up_texts.find_texts(mailing_list, language), TEXTS)
    try:
        sign_up_texts.remove_texts(mailing_list, language)
    except NotOnList as error:
        raise NotFound(str(error)) from error
    entry = _record("Removed", mailing_list, language, before)
    assert entry is not None  # a row that is gone differs from one that was there
    return entry


def _record(did: str, mailing_list: List, language: str, before: Mapping[str, str]) -> AuditEntry | None:
    after = values_of(sign_up_texts.find_texts(mailing_list, language), TEXTS)
    changes = changes_between(before, after)
    if not changes:
        return None
    entry: AuditEntry = write(
        "list",
        f"{did} the sign-up form for the list {mailing_list} in {language_name(language)}.",
        thing=_thing(mailing_list, language),
        changes=changes,
    )
    return entry


def _thing(mailing_list: List, language: str) -> str:
    return f"list {mailing_list.pk} in {language}"

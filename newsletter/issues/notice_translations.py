"""Stores the notices of a publication in the languages of its readers.

A text counts once somebody has confirmed it. It has the emergency numbers of the notice: a wrong number could cost a
life, and nobody else may be able to read the text.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from newsletter.accounts.actor import Role, require_role
from newsletter.accounts.audit_log import Changes
from newsletter.errors import Invalid, InvalidFields, NotFound, Refused
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.change_locks import lock_publication
from newsletter.issues.issue_audit import record
from newsletter.issues.models import NoticeTranslation, Publication
from newsletter.issues.models.notice_translation import LONGEST_TEXT
from newsletter.issues.notice_languages import is_own
from newsletter.issues.topic_rules import rules_of
from subscribers.clean_text import folded
from subscribers.language_tags import why_not_language_tag
from subscribers.translated_languages import language_name

ACT = "Changing notices"
MOST_LANGUAGES = 12
CHANGED_SINCE = "Somebody else has changed these notices since you opened them, so we did not save yours."
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedText:
    """A notice in another language as somebody typed it. `notice` is its text in the publication's language."""

    notice: str
    text: str = ""
    confirmed: bool = False


def texts_in(publication: Publication, language: str) -> dict[str, NoticeTranslation]:
    """Return what is stored in a language, confirmed or not, by the notice in the publication's language."""
    rows = NoticeTranslation.objects.filter(publication=publication, language=language)
    return {row.notice: row for row in rows}


def languages_of_notices(publication: Publication) -> list[str]:
    """Return the languages in which a publication has texts for notices, confirmed or not."""
    found = NoticeTranslation.objects.filter(publication=publication).order_by("language")
    return list(found.values_list("language", flat=True).distinct())


def languages_for_readers(lists: Collection[int]) -> set[str]:
    """Return the languages in which readers of these lists can get notices: those with a confirmed text."""
    found = NoticeTranslation.objects.filter(
        publication__mailing_list__in=lists, publication__archived_at=None, confirmed=True
    )
    return set(found.values_list("language", flat=True))


def confirmed_texts(publication: Publication) -> Mapping[str, Mapping[str, str]]:
    """Return the confirmed texts by language, and by the notice in the publication's language."""
    found: dict[str, dict[str, str]] = {}
    rows = NoticeTranslation.objects.filter(publication=publication, confirmed=True)
    for language, notice, text in rows.values_list("language", "notice", "text"):
        found.setdefault(language, {})[notice] = text
    return found


def texts_version(publication: Publication, language: str) -> str:
    """Return a digest of the texts in a language, by which two versions are told apart."""
    stored = texts_in(publication, language).values()
    return text_version(json.dumps(sorted([row.notice, row.text, row.confirmed] for row in stored)))


def change_notices_in(
    publication: Publication, language: str, wanted: Sequence[WantedText], *, seen: str | None = None
) -> bool:
    """Store these notices in a language. Other notices keep their texts. Return whether anything changed.

    An empty text removes the translation. `seen` is the `texts_version` that a form started from. Raises InvalidFields
    by the number of the notice, Invalid for a language that notices cannot have, and Refused unless an administrator
    does this, or if somebody else has changed the texts since.
    """
    require_role(Role.ADMINISTRATOR, ACT, publication=publication.pk)
    require_language(publication, language)
    numbers = [rule.emergency_numbers for rule in rules_of(publication) if rule.emergency_numbers]
    cleaned = _cleaned(wanted, numbers)
    with transaction.atomic():
        publication = lock_publication(publication)
        if seen is not None and seen != texts_version(publication, language):
            raise Refused(CHANGED_SINCE)
        known = languages_of_notices(publication)
        if language not in known and any(each.text for each in cleaned) and len(known) >= MOST_LANGUAGES:
            raise Invalid(
                f"You can have notices in up to {MOST_LANGUAGES} other languages. Remove one of them first."
            )
        before = _shown(texts_in(publication, language).values())
        for each in cleaned:
            _store(publication, language, each)
        after = _shown(texts_in(publication, language).values())
        if before == after:
            return False
        _record(
            publication,
            f"Changed the notices in {language_name(language)}.",
            {f"notices in {language}": [before, after]},
        )
    return True


def remove_language(publication: Publication, language: str) -> None:
    """Remove all notices in a language. Raises NotFound if there are none, and Refused unless an administrator does."""
    require_role(Role.ADMINISTRATOR, ACT, publication=publication.pk)
    with transaction.atomic():
        publication = lock_publication(publication)
        stored = texts_in(publication, language)
        if not stored:
            raise NotFound(f"There are no notices in {language_name(language)}.")
        before = _shown(stored.values())
        NoticeTranslation.objects.filter(publication=publication, language=language).delete()
        _record(
            publication,
            f"Removed the notices in {language_name(language)}.",
            {f"notices in {language}": [before, []]},
        )


def require_language(publication: Publication, language: str) -> None:
    """Raise Invalid for a language that notices cannot have, or that is the newsletter's own."""
    if wrong := why_not_language_tag(language):
        raise Invalid(wrong)
    if is_own(language, publication.language):
        raise Invalid(
            f"{language_name(language)} is the newsletter’s own language. Its notices are in the rules for topics."
        )


def missing_numbers(notice: str, text: str, emergency_numbers: Iterable[str]) -> list[str]:
    """Return the emergency numbers of a notice that a text does not have, in whatever digits it is written."""
    needed = (numbers for numbers in emergency_numbers if numbers in notice)
    there = set(numbers_in(text))
    return [each for numbers in needed for each in dict.fromkeys(numbers_in(numbers)) if each not in there]


def numbers_in(text: str) -> list[str]:
    """Return the numbers in a text in Western digits, such as 999 for ٩٩٩."""
    western = "".join(str(unicodedata.decimal(sign, sign)) for sign in text)
    return _NUMBER.findall(western)


def _cleaned(wanted: Sequence[WantedText], emergency_numbers: Sequence[str]) -> list[WantedText]:
    wrong: dict[str, str] = {}
    cleaned = []
    for number, each in enumerate(wanted, start=1):
        text = folded(each.text)
        missing = missing_numbers(each.notice, text, emergency_numbers)
        if len(text) > LONGEST_TEXT:
            wrong[f"text-{number}"] = f"Enter up to {LONGEST_TEXT} characters."
        elif each.confirmed and not text:
            wrong[f"text-{number}"] = "Enter the text that you want to confirm."
        elif each.confirmed and missing:
            wrong[f"text-{number}"] = (
                f"The notice contains the number {missing[0]}, but this text does not. Add it."
            )
        cleaned.append(WantedText(notice=folded(each.notice), text=text, confirmed=each.confirmed))
    if wrong:
        raise InvalidFields(wrong)
    return cleaned


def _store(publication: Publication, language: str, wanted: WantedText) -> None:
    rows = NoticeTranslation.objects.filter(publication=publication, language=language, notice=wanted.notice)
    if not wanted.text:
        rows.delete()
        return
    values = {"text": wanted.text, "confirmed": wanted.confirmed}
    if not rows.update(**values):
        NoticeTranslation.objects.create(
            publication=publication, language=language, notice=wanted.notice, **values
        )


def _shown(rows: Iterable[NoticeTranslation]) -> list[list[str]]:
    return sorted([row.notice, row.text, "confirmed" if row.confirmed else "not confirmed"] for row in rows)


def _record(publication: Publication, sentence: str, changes: Changes) -> None:
    record("topic-rules", sentence, publication=publication, changes=changes)

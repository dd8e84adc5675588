"""Changes how serious a publication takes each rule, and its checklist."""

import json
from collections.abc import Mapping, Sequence

from django.db import transaction

from newsletter.accounts.actor import Role, require_role
from newsletter.errors import InvalidFields
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.change_locks import lock_publication, refuse_changed_settings
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Publication
from newsletter.preflight.all_checks import rules
from newsletter.preflight.finding import Level
from newsletter.preflight.models import PreflightSettings
from newsletter.preflight.read_preflight_settings import settings_of
from subscribers.clean_text import folded

ACT = "Changing the settings for the checks before approval"
LONGEST_SENTENCE = 300
MOST_SENTENCES = 30
LONGEST_TOPIC = 100
OFF = "off"


def preflight_version(publication: Publication) -> str:
    """Return a digest of the settings, by which two versions are told apart."""
    stored = settings_of(publication)
    values = [dict(sorted(stored.levels.items())), stored.checklist, stored.promotion_topics]
    return text_version(json.dumps(values))


def change_preflight(
    publication: Publication,
    levels: Mapping[str, str],
    checklist: Sequence[str],
    topics: Sequence[str] | None = None,
    *,
    seen: str | None = None,
) -> bool:
    """Store the levels that differ from the usual ones, by the rule’s name, the checklist, and the topics on which
    promotions must not speak of a treatment. Without `topics`, these stay.

    Return whether anything changed. `seen` is the `preflight_version` that a form started from. Raises InvalidFields,
    and Refused unless an administrator does this, or if somebody else has changed the settings since.
    """
    require_role(Role.ADMINISTRATOR, ACT, publication=publication.pk)
    new_levels, sentences = _checked_levels(levels), _checked_sentences(checklist)
    with transaction.atomic():
        publication = lock_publication(publication)
        refuse_changed_settings(seen, preflight_version(publication))
        stored = settings_of(publication)
        new = {
            "levels": new_levels,
            "checklist": sentences,
            "promotion_topics": stored.promotion_topics if topics is None else _checked_topics(topics),
        }
        changes = {name: [getattr(stored, name), value] for name, value in new.items()}
        if all(before == after for before, after in changes.values()):
            return False
        PreflightSettings.objects.update_or_create(publication=publication, defaults=new)
        record(
            "checks",
            "Changed the settings for the checks before approval.",
            publication=publication,
            changes=changes,
        )
    return True


def _checked_topics(topics: Sequence[str]) -> list[str]:
    named = list(dict.fromkeys(topic for each in topics if (topic := folded(each))))
    if len(named) > MOST_SENTENCES:
        raise InvalidFields({"topics": f"Enter up to {MOST_SENTENCES} topics."})
    if any(len(topic) > LONGEST_TOPIC for topic in named):
        raise InvalidFields({"topics": f"Each topic can have up to {LONGEST_TOPIC} characters."})
    return named


def _checked_levels(levels: Mapping[str, str]) -> dict[str, str]:
    known = {rule.name: rule for rule in rules()}
    chosen: dict[str, str] = {}
    for name, level in levels.items():
        rule = known.get(name)
        if rule is None or level not in {*Level, OFF} or (rule.never_blocks and level == Level.ERROR):
            raise InvalidFields({name: "Choose one of the levels in the list."})
        if level != rule.level:
            chosen[name] = level
    return chosen


def _checked_sentences(checklist: Sequence[str]) -> list[str]:
    sentences = list(dict.fromkeys(sentence for each in checklist if (sentence := folded(each))))
    if len(sentences) > MOST_SENTENCES:
        raise InvalidFields({"checklist": f"The checklist can have up to {MOST_SENTENCES} sentences."})
    if any(len(sentence) > LONGEST_SENTENCE for sentence in sentences):
        raise InvalidFields({"checklist": f"Each sentence can have up to {LONGEST_SENTENCE} characters."})
    return sentences

"""The form of the rule by which the articles of an issue are chosen."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict

from newsletter.articles.search_words import topic_key
from newsletter.articles.sources import active_sources
from newsletter.errors import InvalidFields
from newsletter.issues.draft_new_issue import known_topics
from newsletter.issues.models import Publication
from newsletter.issues.selection_rule import (
    LAST_ISSUE,
    MAX_ITEMS,
    PER_GROUP,
    Selection,
    selection_from_json,
    selection_to_json,
)
from newsletter.web.desk.set_aside_fields import refuse_set_aside
from subscribers.whole_numbers import whole_number

MAX_SOURCES = 200
ONLY_WHOLE = f"Enter a whole number from 1 to {MAX_ITEMS}."
NUMBERS = ("at_most", "at_least", *PER_GROUP)
SINCE_LAST, IN_LAST_DAYS = "Since the last issue", "In the last few days"
LABELS: Mapping[str, str] = {
    "at_most": "At most",
    "at_least": "At least",
    "since": "The number of days",
    "at_most_per_source": "Maximum from one source",
    "at_most_per_section": "Maximum in one section",
    "at_most_per_topic": "Maximum on one topic",
    "sources": "Sources",
    "topics": "Topics",
    "subject_pattern": "Subject of a new issue",
}


def stored_values(publication: Publication) -> dict[str, Any]:
    """Return what the form shows of a publication's selection."""
    selection = selection_from_json(publication.selection)
    is_days = selection.since != LAST_ISSUE
    return {
        **{name: str(getattr(selection, name) or "") for name in NUMBERS},
        "since": "days" if is_days else "last",
        "days": str(selection.since) if is_days else "7",
        "sources": list(selection.sources),
        "topics": list(selection.topics),
        "subject_pattern": publication.subject_pattern,
    }


def typed_values(form: QueryDict) -> dict[str, Any]:
    """Return what was typed into the form, to show it again."""
    texts = {name: form.get(name, "").strip() for name in (*NUMBERS, "since", "days", "subject_pattern")}
    return {**texts, "sources": form.getlist("sources"), "topics": form.getlist("topics")}


def settings_of_form(form: QueryDict, publication: Publication) -> dict[str, Any]:
    """Return the settings that the form describes. Raises InvalidFields, also for days that would not count."""
    typed = typed_values(form)
    if typed["since"] != "days" and typed["days"] not in {"", stored_values(publication)["days"]}:
        refuse_set_aside(form, "since", selected=SINCE_LAST, needed=IN_LAST_DAYS)
    wrong = {name: ONLY_WHOLE for name in NUMBERS if typed[name] and _number(typed[name]) is None}
    wrong |= {
        name: f"Enter a number from 1 to {MAX_ITEMS}." for name in ("at_most", "at_least") if not typed[name]
    }
    days = _number(typed["days"])
    if typed["since"] == "days" and days is None:
        wrong["days"] = "Enter the number of days, such as 7."
    if wrong:
        raise InvalidFields(wrong)
    numbers: dict[str, Any] = {name: _number(typed[name]) for name in NUMBERS}
    try:
        selection = Selection(
            **numbers,
            since=days if typed["since"] == "days" and days else LAST_ISSUE,
            sources=tuple(typed["sources"]),
            topics=tuple(typed["topics"]),
        )
    except InvalidFields as error:
        raise InvalidFields(_of_form(error.fields)) from error
    return {"selection": selection_to_json(selection), "subject_pattern": typed["subject_pattern"]}


def in_words(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return settings as a page says them: labels and values."""
    words: list[tuple[str, str]] = []
    if "selection" in values:
        selection = selection_from_json(values["selection"])
        words.append(("Articles", f"{selection.at_least} to {selection.at_most} per issue"))
        since = selection.since
        words.append(
            ("Published", "since the last issue" if since == LAST_ISSUE else f"in the last {since} days")
        )
        words += [(LABELS[name], str(most)) for name in PER_GROUP if (most := getattr(selection, name))]
        words.append(("Sources", ", ".join(selection.sources) or "all"))
        words.append(("Topics", ", ".join(selection.topics) or "all"))
    if "subject_pattern" in values:
        words.append(("Subject", values["subject_pattern"] or "the headline of the lead article"))
    return words


def source_choices(chosen: Iterable[str]) -> list[tuple[str, str]]:
    """Return the sources to choose from, and those that are chosen."""
    names = active_sources().exclude(name="").order_by("name").values_list("name", flat=True)[:MAX_SOURCES]
    return [(name, name) for name in dict.fromkeys([*chosen, *names])]


def topic_choices(chosen: Iterable[str]) -> list[tuple[str, str]]:
    """Return the topics to choose from: those that are chosen, and then those of the newest articles."""
    by_key: dict[str, str] = {}
    for topic in (*chosen, *known_topics()):
        by_key.setdefault(topic_key(topic), topic)
    return [(topic, topic) for topic in by_key.values()]


def _number(text: str) -> int | None:
    return whole_number(text, digits=6)  # at most 999,999


def _of_form(fields: Mapping[str, str]) -> dict[str, str]:
    """Return sentences about keys of the selection as sentences about fields of the form."""
    return {"days" if key == "since" else key: _with_labels(sentence) for key, sentence in fields.items()}


def _with_labels(sentence: str) -> str:
    for key, label in LABELS.items():
        sentence = re.sub(rf"selection\.{key}\b", f"“{label}”", sentence)
    sentence = sentence.replace("must be “last issue” or a number of days", "must be")
    return sentence.replace("leave this key out", "leave the field empty")

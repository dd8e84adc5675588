"""The details of a person that have no field of their own, such as “nation”: what they are, and changing them.

Imports bring most of them. A detail that is not a text, such as a number, keeps its kind.
"""

import json
from collections.abc import Mapping

from subscribers import consent_rules as rules
from subscribers.clean_text import composed, without_unseen_ends
from subscribers.consent_log import ConsentSource, record
from subscribers.errors import Invalid, InvalidFields
from subscribers.imports.clean_cells import LONGEST_ATTRIBUTE, MAX_ATTRIBUTES
from subscribers.imports.column_aliases import attribute_name
from subscribers.imports.column_mapping import ATTRIBUTE
from subscribers.imports.typed_cells import typed_attributes_of
from subscribers.models import ConsentEntry, Subscriber
from subscribers.transactions import one_transaction

NUMBERS = (int, float)
LONGEST_NEW_NAME = 60


def details_as_text(subscriber: Subscriber) -> dict[str, str]:
    """Return the details of a person as people read them, by their names in alphabetical order."""
    return {name: _as_text(value) for name, value in sorted(subscriber.attributes.items())}


def name_of_new_detail(typed: str) -> str:
    """Return the name of a detail as an import writes it: “Favourite colour” is favourite_colour.

    Raises InvalidFields.
    """
    name = attribute_name(typed)
    if len(typed.strip()) > LONGEST_NEW_NAME or not ATTRIBUTE.fullmatch(name):
        raise InvalidFields(
            {"new_name": "Enter a name for the detail, such as “country”. Use up to 60 letters and digits."}
        )
    return name


@one_transaction
def change_free_details(
    subscriber: Subscriber,
    source: ConsentSource,
    texts: Mapping[str, str],
    *,
    added: tuple[str, str] = ("", ""),
) -> Subscriber:
    """Change the details with these names, remove those whose text is empty, and add one: its name and its value.

    Names that the person does not have are ignored. The log records which details changed, but not their values.
    Raises Invalid for a value that is too long, and InvalidFields for a new detail without a name or value, or that
    exists.
    """
    subscriber = rules.lock_person(subscriber)
    details = dict(subscriber.attributes)
    for name in details.keys() & texts.keys():
        text = _cleaned(name, texts[name])
        if not text:
            del details[name]
        elif text != _cleaned(name, _as_text(details[name])):
            details[name] = _like(details[name], text)
    if any(part.strip() for part in added):
        name, value = _new_detail(subscriber, *added)
        details[name] = value
    if len(details) > MAX_ATTRIBUTES:
        raise Invalid(f"A person can have at most {MAX_ATTRIBUTES:,} details. Remove one first.")
    changed = {
        name
        for name in details.keys() | subscriber.attributes.keys()
        if name not in details
        or name not in subscriber.attributes
        or details[name] != subscriber.attributes[name]
    }
    if changed:
        subscriber.attributes = details
        subscriber.save(update_fields=("attributes",))
        record(ConsentEntry.Act.CHANGED, subscriber, source, note=f"Changed {_named(changed)}.")
    return subscriber


def _new_detail(subscriber: Subscriber, name: str, value: str) -> tuple[str, str]:
    if not value.strip():
        raise InvalidFields({"new_value": "Enter the value of the new detail."})
    name = name_of_new_detail(name)
    if name in subscriber.attributes:
        raise InvalidFields(
            {"new_name": f"This person already has a detail called “{name}”. Change it instead of adding it."}
        )
    return name, _cleaned(name, value)


def _named(names: set[str]) -> str:
    """The names of details for the log, which outlives the person: a name from a file could be anything."""
    plain = sorted(name for name in names if ATTRIBUTE.fullmatch(name))
    return ", ".join([*plain, *(["other details"] if len(plain) < len(names) else [])])


def _cleaned(name: str, text: str) -> str:
    text = without_unseen_ends(composed(text.replace("\r\n", "\n"), keep="\n")).strip()
    if len(text) > LONGEST_ATTRIBUTE:
        raise Invalid(
            f"The detail {name[:60]} has {len(text):,} characters. Enter at most {LONGEST_ATTRIBUTE:,}."
        )
    return text


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _like(before: object, text: str) -> object:
    """The text as a value of the kind that the detail had, or else as it is."""
    if isinstance(before, str):
        return text
    try:
        value = typed_attributes_of(json.dumps({"value": json.loads(text)}), "The detail")["value"]
    except (Invalid, ValueError, RecursionError):
        return text
    is_number = type(before) in NUMBERS and type(value) in NUMBERS
    return value if is_number or type(value) is type(before) else text

"""Conditions on the fields that everybody has: texts, the address, and when people joined."""

from datetime import datetime

from django.db.models import DateTimeField, F, Func, Q
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from subscribers.email_addresses import folded_local, in_ascii

TEXTS = {
    "address": "subscriber__address_key",
    "first name": "subscriber__first_name",
    "last name": "subscriber__last_name",
    "language": "subscriber__locale",
    "time zone": "subscriber__zone",
}
LOOKUPS = {"is": "iexact", "contains": "icontains", "starts with": "istartswith", "ends with": "iendswith"}


def field_condition(path: str, verb: str, value: str) -> Q:
    """Return the condition on the text in a field, however its letters are written. A missing text is empty."""
    if verb in {"is missing", "is known"}:
        found = Q(**{path: ""})
        return found if verb == "is missing" else ~found
    found = Q(**{f"{path}__{LOOKUPS[verb.removesuffix(' not')]}": value})
    return ~found if verb == "is not" else found


def address_condition(verb: str, value: str) -> Q:
    """An address is kept in lower case with its domain in ASCII, and asked for as people write it."""
    if verb in {"is missing", "is known"}:
        return field_condition(TEXTS["address"], verb, value)
    local, at, domain = value.rpartition("@")
    written = folded_local(value)
    found = Q(field_condition(TEXTS["address"], verb.removesuffix(" not"), written))
    kept = f"{folded_local(local)}{at}{in_ascii(domain)}"
    if kept != written:
        found |= field_condition(TEXTS["address"], verb.removesuffix(" not"), kept)
    return ~found if verb == "is not" else found


def joined_without_index(since: datetime | None, until: datetime | None) -> Q:
    """Return the condition of when people joined, for which SQLite does not use the index of these times.

    If it did, it would read people’s details in that order and not in the order in which they are stored, which takes
    three times as long.
    """
    joined = Func(F("joined_at"), template="+%(expressions)s", output_field=DateTimeField())
    found = Q()
    if since:
        found &= Q(GreaterThanOrEqual(joined, since))
    if until:
        found &= Q(LessThan(joined, until))
    return found

"""The parts of SQL that deciding about people and merging them share: what we know of a person beside what a file says.

`s` is the subscriber and `u` the subscription to the list.
"""

from typing import Final

from subscribers import raw_sql
from subscribers.database import is_postgres
from subscribers.models import Subscriber, Subscription

SUBSCRIBER, SUBSCRIPTION = raw_sql.table(Subscriber), raw_sql.table(Subscription)
TEXTS: Final = ("first_name", "last_name", "locale", "zone")


def subscription_of(person: str) -> str:
    """Return what to join for a person's subscription to the list.

    PostgreSQL takes a list of a table that grows for far smaller than it is, and else looks at all its people for each.
    """
    if not is_postgres():
        return f"{SUBSCRIPTION} u ON u.subscriber_id = {person} AND u.list_id = %(list)s"
    one = f"SELECT u.id, u.state, u.basis FROM {SUBSCRIPTION} u WHERE u.subscriber_id = {person}"
    one += " AND u.list_id = %(list)s LIMIT 1"
    return f"LATERAL ({one}) u ON true"


def not_own(name: str) -> str:
    """Return the condition that the person did not fill in that field themselves."""
    return f"{position()}(s.own_fields, '{name}') = 0"


def merged_attributes(person: str = "p") -> str:
    """Return what was known, with each attribute that the file gives instead of the old one, whole."""
    if is_postgres():
        return f"s.attributes || coalesce({person}.attributes, '{{}}')::jsonb"
    # json_patch is faster, but takes null for "remove", and merges objects (RFC 7396).
    is_patched_otherwise = f"SELECT 1 FROM json_each({person}.attributes) WHERE type IN ('null', 'object')"
    patched = f"json_patch(s.attributes, coalesce({person}.attributes, '{{}}'))"
    replaced = f"{raw_sql.REPLACED}(s.attributes, {person}.attributes)"
    return f"CASE WHEN EXISTS ({is_patched_otherwise}) THEN {replaced} ELSE {patched} END"


def position() -> str:
    """Return the function that finds one text in another."""
    return "strpos" if is_postgres() else "instr"


def in_order() -> str:
    """Return the order that is kind to the indexes."""
    return "ORDER BY p.person"

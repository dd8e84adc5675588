"""Reads who wrote an entry of a feed, and its topics."""

import re
from typing import Any

_NO_TOPIC = frozenset({"uncategorized", "uncategorised"})
_EMAIL = re.compile(r"\S+@\S+")


def authors_of(known: Any) -> tuple[str, ...]:
    """Return the names of the authors, never their mail addresses; RSS writes `address (name)` into one element."""
    people = dict.get(known, "authors") or ()
    names = [str(person.get("name") or "") for person in people]
    written = str(dict.get(known, "author") or "")
    if not any(names) or (len(names) == 1 and "@" in written):
        names = [_EMAIL.sub("", written).strip(" ()<>,")]
    return tuple(name for name in names if name and "@" not in name and not name.endswith("[bot]"))


def podcaster_of(known: dict[str, Any]) -> tuple[str, ...]:
    """Return the author of a podcast, as iTunes reads it."""
    name = str(known.get("itunes_author") or "").strip()
    return (name,) if name and "@" not in name else ()


def topics_of(known: dict[str, Any]) -> tuple[str, ...]:
    """Return the topics of an entry, without the categories that say nothing."""
    names = (str(tag.get("label") or tag.get("term") or "") for tag in known.get("tags") or ())
    return tuple(name for name in names if name and "://" not in name and name.lower() not in _NO_TOPIC)

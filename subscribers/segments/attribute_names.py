"""The names of attributes: how they are compared, and how people usually spell one."""

import re
from collections.abc import Iterable
from random import Random

from subscribers import raw_sql
from subscribers.database import is_postgres
from subscribers.models import Subscriber

# Both databases lower at least ASCII; only ASCII is promised.
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOWER = {ord(sign): sign.lower() for sign in CAPITALS}
FOLDED_KEY_OF_SQLITE = "lower(replace(key, '_', ' '))"
# What JSON writes as it is, and what needs no quoting in a path or a pattern.
_PLAIN = re.compile(r"[a-z0-9 -]+")
# How many people are asked. A spelling that they do not have is so rare that it costs little to find.
ASKED = 1_000


def folded_name(name: str) -> str:
    """Return the name of an attribute as it is compared."""
    return name.replace("_", " ").translate(LOWER)


def is_plain(folded: str) -> bool:
    """Return whether all spellings of a folded name look in JSON as they are."""
    return bool(_PLAIN.fullmatch(folded))


def usual_spellings() -> list[str]:
    """Return how people spell the names of their attributes, by a thousand people of all ages, the most usual first."""
    numbers = Subscriber.objects.values_list("pk", flat=True)
    first, last = numbers.order_by("pk").first(), numbers.order_by("-pk").first()
    if first is None or last is None:
        return []
    step = (last - first) // ASKED + 1
    # Not at regular distances, in which a file that was sorted may have the same spelling every time.
    chance = Random(step)  # noqa: S311 - a sample and not a secret
    asked = raw_sql.array_of_numbers(start + chance.randrange(step) for start in range(first, last + 1, step))
    keys = "jsonb_object_keys(s.attributes) AS key" if is_postgres() else "json_each(s.attributes)"
    found = raw_sql.rows(
        f"SELECT key, count(*) FROM {raw_sql.table(Subscriber)} s, {keys} "  # noqa: S608 - our own names
        f"WHERE {raw_sql.one_of('s.id', 'asked')} GROUP BY key ORDER BY 2 DESC, 1",
        {"asked": asked},
    )
    return [str(key) for key, _count in found]


def spelling_of(folded: str, usual: Iterable[str]) -> str:
    """Return the most usual spelling of a folded name, or the name itself if it is not among the usual ones."""
    return next((key for key in usual if folded_name(key) == folded), folded)


def spellings_of(folded: str, usual: Iterable[str]) -> list[str]:
    """Return all usual spellings of a folded name in the order of their letters, or else the name itself.

    If a document has several of them, the first counts.
    """
    return sorted(key for key in usual if folded_name(key) == folded) or [folded]

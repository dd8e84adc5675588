"""The condition for rows in which words occur, for lists that are short enough to search without an index."""

from collections.abc import Iterable

from django.db.models import Q

LONGEST_SEARCH = 200


def matching_words(words: str, fields: Iterable[str]) -> Q:
    """Return the condition for rows that have each of the words in one of the fields. Without words, all rows match."""
    names, found = list(fields), Q()
    for word in words[:LONGEST_SEARCH].split():
        in_one = Q()
        for name in names:
            in_one |= Q(**{f"{name}__icontains": word})
        found &= in_one
    return found

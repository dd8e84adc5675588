"""Which language tags exist (BCP 47): their language, script, region and variant must all be known to the CLDR.

A tag that only looks like one, such as xx-nonsense, would be stored and then never match a reader, a text or a voice.
"""

import re
from functools import lru_cache

from babel import Locale
from babel.core import get_global

from subscribers.personal_details import LANGUAGE_TAG

LONGEST_TAG = 35
_SCRIPT = re.compile(r"[A-Za-z]{4}")
_REGION = re.compile(r"[A-Za-z]{2}|[0-9]{3}")
# They say that a text has no language, or several, so nobody can read them.
_NOT_READ = frozenset({"und", "mul", "zxx", "mis", "root"})


@lru_cache(1024)
def is_language_tag(tag: str) -> bool:
    """Return whether a tag is well formed and each of its parts exists, in any capitals."""
    if len(tag) > LONGEST_TAG or not LANGUAGE_TAG.fullmatch(tag):
        return False
    language, *others = tag.lower().split("-")
    if language not in _languages():
        return False
    if others and _SCRIPT.fullmatch(others[0]) and others[0].title() in _scripts():
        others.pop(0)
    if others and _REGION.fullmatch(others[0]) and others[0].upper() in _regions():
        others.pop(0)
    return len(set(others)) == len(others) and all(each.upper() in _variants() for each in others)


def why_not_language_tag(tag: str) -> str:
    """Return why a text is not the tag of a language, with examples, or an empty string if it is one."""
    if is_language_tag(tag):
        return ""
    return f"“{tag[:40]}” is not a language tag. Enter a tag such as en-GB, de or cy."


@lru_cache(1)
def _languages() -> frozenset[str]:
    keys = [*get_global("likely_subtags"), *get_global("language_aliases"), *Locale("en").languages]
    return frozenset(str(key).partition("_")[0] for key in keys) - _NOT_READ


@lru_cache(1)
def _scripts() -> frozenset[str]:
    return frozenset(map(str, Locale("en").scripts))


@lru_cache(1)
def _regions() -> frozenset[str]:
    # People write en-UK. The CLDR reads it as en-GB.
    return frozenset(map(str, [*Locale("en").territories, *get_global("territory_aliases")]))


@lru_cache(1)
def _variants() -> frozenset[str]:
    return frozenset(str(each).upper() for each in Locale("en").variants)

"""Acts as verbs: acts have names such as “Approving an issue”, and sentences say who can “approve an issue”."""

import re

_GERUND = re.compile(r"(?P<stem>\w+)ing\b")
# Verbs that end with e, without it, and verbs whose last consonant is doubled.
# fmt: off
_WITH_E = frozenset({
    "activat", "approv", "archiv", "arrang", "chang", "clos", "compos", "creat", "deactivat",
    "decid", "eras", "exchang", "exclud", "includ", "invit", "mak", "manag", "merg", "mov",
    "overrul", "paus", "receiv", "refus", "rehears", "releas", "remov", "replac", "restor",
    "resum", "sav", "schedul", "shar", "unschedul", "us", "writ",
})
# fmt: on
_DOUBLED = frozenset(
    {"begin", "cancel", "forget", "get", "plan", "put", "reset", "run", "set", "skip", "stop", "tag"}
)


def as_verb(act: str) -> str:
    """Return an act as a verb, such as “change or remove a source” for “Changing or removing a source”.

    Return an empty string for an act that does not begin with a gerund.
    """
    first, _space, rest = act.partition(" ")
    if not (verb := _verb(first)):
        return ""
    also = re.match(r"(or|and) (\w+ing)\b", rest)
    if also and (other := _verb(also[2])):
        rest = f"{also[1]} {other}{rest[also.end() :]}"
    return f"{verb} {rest}".strip()


def _verb(word: str) -> str:
    found = _GERUND.fullmatch(word.lower())
    if found is None:
        return ""
    stem = found["stem"]
    if stem in _WITH_E:
        return f"{stem}e"
    return stem[:-1] if stem[:-1] in _DOUBLED and stem[-1] == stem[-2] else stem

"""Fills placeholders in editors' texts, such as `Dear {{ first_name }}`. There are only 4 names: no logic, no calls."""

import re
from collections.abc import Mapping

NAMES = ("first_name", "read_online_url", "preferences_url", "unsubscribe_url")

_BRACES = re.compile(r"\{[{%#]")
_ALLOWED = "Between {{ and }}, you can write " + ", ".join(NAMES[:-1]) + f" or {NAMES[-1]}."


def fill_placeholders(text: str, values: Mapping[str, str], field: str) -> str:
    """Return the text with each `{{ name }}` replaced by its value. `{{ "{{" }}` gives braces.

    Raises Invalid, naming the field (and the line if there are several), for anything that is not a known name.
    """
    if _BRACES.search(text) is None:
        return text
    from newsletter.issues.parse_placeholders import parse_and_fill

    return parse_and_fill(text, values, field, _ALLOWED)


def check_placeholders(text: str, field: str) -> None:
    """Raise Invalid, as `fill_placeholders` does, if the placeholders of a text cannot be filled in."""
    fill_placeholders(text, dict.fromkeys(NAMES, ""), field)

"""Cells that our own export writes and no other service does: attributes with their types, and days."""

import json
import math
from datetime import date

from subscribers.clean_text import composed
from subscribers.csv_safety import unescape_formula
from subscribers.errors import Invalid
from subscribers.imports.clean_cells import LONGEST_NAME, MAX_ATTRIBUTES, free_text, within


def typed_attributes_of(text: str, title: str) -> dict[str, object]:
    """Free attributes from a JSON object, with their types; texts are cleaned wherever they stand. Raises Invalid."""
    if not text.strip():
        return {}
    try:
        document = json.loads(unescape_formula(text), parse_constant=_not_a_number)
        if not isinstance(document, dict):
            raise Invalid(f"{title} is not a JSON object")
        if len(document) > MAX_ATTRIBUTES:
            raise Invalid(f"{title} has {len(document):,} details. We keep at most {MAX_ATTRIBUTES:,}")
        return {
            within(composed(name), LONGEST_NAME, title): _typed(value, title)
            for name, value in document.items()
        }
    except (ValueError, RecursionError):
        raise Invalid(f"{title} is not JSON") from None


def day(text: str, title: str) -> str:
    """A day as 2026-01-31, or nothing. Raises Invalid."""
    text = text.strip()
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Invalid(f"{title} is not a date. Enter a date such as 2026-01-31") from None


def _typed(value: object, title: str) -> object:
    match value:
        case str():
            return free_text(value, title)
        case list():
            return [_typed(each, title) for each in value]
        case dict():
            return {composed(str(name)): _typed(each, title) for name, each in value.items()}
        case float() if not math.isfinite(value):
            raise Invalid(f"{title} has a number that is too large")
    return value


def _not_a_number(name: str) -> object:
    raise ValueError(name)

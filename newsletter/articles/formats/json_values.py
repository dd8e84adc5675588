"""Read values from JSON that may hold anything: each function returns its type, empty if the value has another."""

from collections.abc import Mapping
from typing import Any

import orjson

from newsletter.errors import Invalid

MAX_ENTRIES = 10_000


def parsed_json(text: str) -> Any:
    """Return the value of a JSON text. Raises Invalid if it is cut off, broken or nested too deeply."""
    try:
        return orjson.loads(text.encode("utf-8", "replace"))
    except orjson.JSONDecodeError as error:
        raise Invalid(
            f"The JSON from the site is incomplete or damaged at line {error.lineno}. Try again later."
        ) from error


def at_most(things: list[Any]) -> list[Any]:
    """Return the entries of a document. Raises Invalid if there are more than any feed has."""
    if len(things) > MAX_ENTRIES:
        raise Invalid(
            f"The document from the site has more than {MAX_ENTRIES:,} entries. Ask its publisher for a "
            "shorter document."
        )
    return things


def words(value: Any) -> str:
    """A text or a number as text."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def mapping(value: Any) -> Mapping[str, Any]:
    """Return an object; empty if the value is something else."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """Return an array; empty if the value is something else."""
    return value if isinstance(value, list) else []


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """The objects of an array."""
    return [part for part in sequence(value) if isinstance(part, dict)]

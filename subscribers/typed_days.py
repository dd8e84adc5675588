"""Days that people type into a form or give as an option."""

from datetime import date

from subscribers.errors import InvalidFields

LONGEST_QUOTED = 40


def typed_day(text: str, field: str) -> date | None:
    """Return the day that the text is, such as 2026-03-31, or None if it is blank.

    Raises InvalidFields with a sentence for this field. The same spellings of ISO 8601 count everywhere, and no others,
    because what 03/04/2026 means depends on who typed it.
    """
    text = text.strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        sentence = f"“{text[:LONGEST_QUOTED]}” is not a date. Enter a date such as 2026-03-31."
        raise InvalidFields({field: sentence}) from None

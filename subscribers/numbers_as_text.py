"""Numbers as the exports write them, without an exponent: a function that SQLite gets from us."""

from decimal import Decimal

NUMBER = "subscribers_number"


def number_as_text(value: float) -> str:
    """Return a number without an exponent and without zeros at its end."""
    text = format(Decimal(repr(value)), "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text).removeprefix("-" if value == 0 else "")

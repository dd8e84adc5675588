"""Whole numbers in what a form, an address or a file says, where anything may stand instead of a number."""

KEY_DIGITS = 18
"""A number with as many digits fits a key of the database: 2**63 has 19."""


def whole_number(text: str, *, digits: int = KEY_DIGITS) -> int | None:
    """Return the number that the text is, or None if it is not written with the digits 0 to 9 only.

    A sign, a space, a digit of another script or more than `digits` digits are refused, so no number is too large to
    compute with.
    """
    return int(text) if 0 < len(text) <= digits and text.isascii() and text.isdigit() else None

"""A day that somebody types is read in one way everywhere, or the error says what to do and names the field."""

from datetime import date

import pytest

from subscribers.errors import InvalidFields
from subscribers.typed_days import typed_day


@pytest.mark.parametrize("text", ["2026-03-31", " 2026-03-31\t", "20260331", "2026-W14-2"])
def test_a_day_of_iso_8601_is_read(text):
    assert typed_day(text, "until") == date(2026, 3, 31)


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_blank_text_is_no_day(text):
    assert typed_day(text, "until") is None


@pytest.mark.parametrize("text", ["soon", "31/03/2026", "2026-02-30", "2026-03-31T10:00", "٢٠٢٦-٠٣-٣١", "0"])
def test_another_text_is_refused_with_its_field(text):
    with pytest.raises(InvalidFields) as caught:
        typed_day(f" {text} ", "until")
    assert caught.value.fields == {"until": f"“{text}” is not a date. Enter a date such as 2026-03-31."}


def test_a_very_long_text_is_quoted_in_part():
    with pytest.raises(InvalidFields) as caught:
        typed_day("9" * 5_000, "until")
    assert str(caught.value) == f"“{'9' * 40}” is not a date. Enter a date such as 2026-03-31."

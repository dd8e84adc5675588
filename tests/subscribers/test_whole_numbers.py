import pytest

from subscribers.whole_numbers import whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),  # may not fit a key of the database
        ("9" * 5_000, None),  # Python refuses to compute it
        ("", None),
        ("-1", None),
        ("+1", None),
        (" 1", None),
        ("1_0", None),
        ("1.0", None),
        ("\u0661", None),  # a digit in Arabic
        ("\u00b2", None),  # a digit that is raised, which `int` cannot read
    ],
)
def test_a_text_is_a_number_only_if_it_is_few_digits(text, number):
    assert whole_number(text) == number


def test_fewer_digits_can_be_asked_for():
    assert (whole_number("99", digits=2), whole_number("100", digits=2)) == (99, None)

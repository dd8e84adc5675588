"""Whatever accent a publication chooses, what stands on it and what it writes can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import Invalid
from newsletter.rendering.find_theme import colours_of, find_theme
from newsletter.rendering.readable_colours import (
    LEAST_CONTRAST,
    checked_colour,
    contrast,
    readable_on,
    text_on,
)

COLOURS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


@given(COLOURS)
def test_text_on_any_accent_can_be_read(accent):
    assert contrast(text_on(accent), accent) >= LEAST_CONTRAST


@given(COLOURS, COLOURS)
def test_an_accent_is_made_readable_on_any_ground(accent, ground):
    assert contrast(readable_on(accent, ground), ground) >= LEAST_CONTRAST


@given(COLOURS, st.sampled_from(["classic", "plain"]), st.sampled_from(["light", "dark"]))
def test_every_pair_of_colours_that_a_theme_uses_can_be_read(accent, theme, time):
    colours = colours_of(getattr(find_theme(theme), time), accent)
    for ground in (colours.page, colours.card, colours.tint):
        assert contrast(colours.accent, ground) >= LEAST_CONTRAST
        assert contrast(colours.ink, ground) >= LEAST_CONTRAST
        assert contrast(colours.quiet, ground) >= LEAST_CONTRAST
    assert contrast(colours.on_button, colours.button) >= LEAST_CONTRAST


def test_an_accent_that_can_be_read_is_left_alone():
    assert readable_on("#0b5d7a", "#ffffff") == "#0b5d7a"


def test_contrast_is_what_wcag_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("value", ["red", "#fff", "#12345g", "#123456;", "#123456\n", ""])
def test_anything_but_six_digits_is_no_colour(value):
    with pytest.raises(Invalid, match="accent_colour"):
        checked_colour(value, "accent_colour")

"""Emails in a browser: narrow and wide, light and dark, and as programs show them that drop style elements."""

import re

import pytest

from newsletter.rendering.find_theme import find_theme
from newsletter.rendering.sample_issue import sample_email
from tests.journeys.text_contrast import smallest_contrast

STYLES = re.compile(r"<style.*?</style>", re.DOTALL)
NARROWEST_TEXT = 200
# The widths of everything that holds a line of text of its own.
NARROW = """least => [...document.querySelectorAll("h1, h2, h3, p, li")]
  .filter(e => e.innerText.trim() && e.checkVisibility() && e.getBoundingClientRect().width < least)
  .map(e => `${e.className}: ${Math.round(e.getBoundingClientRect().width)} px`)"""
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"


def samples():
    for theme in ("classic", "plain"):
        for language in ("en", "de", "ar", "ja"):
            marks = () if (theme, language) in {("classic", "en"), ("plain", "ar")} else pytest.mark.full
            yield pytest.param(theme, language, marks=marks, id=f"{theme}-{language}")


@pytest.fixture
def opened(open_page, tmp_path, home):
    def show(theme, language, *, without_styles=False, **how):
        html = sample_email(find_theme(theme), language).html
        path = tmp_path / "email.html"
        path.write_text(STYLES.sub("", html) if without_styles else html, encoding="utf-8")
        return open_page(path.as_uri(), **how)

    return show


@pytest.mark.parametrize(("theme", "language"), list(samples()))
def test_without_style_elements_no_text_is_narrow_on_a_phone(opened, theme, language):
    page = opened(theme, language, without_styles=True, width=360)
    assert page.evaluate(NARROW, NARROWEST_TEXT) == []
    assert page.evaluate(TOO_WIDE) <= 0


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(("theme", "language"), list(samples()))
def test_at_every_width_text_is_readable_and_nothing_is_cut_off(opened, theme, language, dark):
    for width in (320, 390, 640, 1000):
        page = opened(theme, language, width=width, dark=dark)
        assert page.evaluate(TOO_WIDE) <= 0, width
        assert smallest_contrast(page, of_at_least=20) >= 4.5, width


def test_where_there_is_room_the_picture_stands_at_the_end_of_the_line_and_else_above(opened):
    def place(**how):
        return opened("classic", how.pop("language", "en"), **how).evaluate(
            """() => {
              const [picture, text] = [".beside", ".told"].map(e => document.querySelector(e).getBoundingClientRect());
              return [picture.left > text.left ? "right" : "left", picture.bottom <= text.top ? "above" : "beside"];
            }"""
        )

    assert place(width=640) == ["right", "beside"]
    assert place(width=640, language="ar") == ["left", "beside"]
    assert place(width=390)[1] == "above"
    assert place(width=360, without_styles=True)[1] == "above"

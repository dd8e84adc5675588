"""A theme's own colours, and themes that extend others."""

import re

import pytest

from newsletter.errors import Invalid
from newsletter.rendering.find_theme import find_theme, installed_themes
from newsletter.rendering.sample_issue import sample_email
from tests.docs_examples import DOCS

BAND = '[light]\nband = "#0b5d7a"\non_band = "#ffffff"\n[dark]\nband = "#7cc4dd"\non_band = "#000000"\n'
EXTENDS = 'title = "Ours"\nextends = "classic"\n'


@pytest.fixture
def theme(home):
    """Write files into the folder of a theme, and return its folder."""

    def put(name="ours", **files):
        folder = home / "themes" / name
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            (folder / file.replace("_", ".")).write_text(content, encoding="utf-8")
        return folder

    return put


def test_a_theme_that_extends_another_needs_only_what_differs(theme):
    theme(theme_toml=EXTENDS + '[light]\ncard = "#fffdf5"\n')
    html = sample_email(find_theme("ours")).html
    assert "#fffdf5" in html
    assert find_theme("ours").dark == find_theme("classic").dark


def test_a_style_sheet_of_the_theme_takes_the_place_of_that_of_the_theme_it_extends(theme):
    theme(theme_toml=EXTENDS, style_css=".name{color:#123456}")
    html = sample_email(find_theme("ours")).html
    assert "#123456" in html
    assert "max-width:600px" not in re.sub(r"@media.*", "", html)


def test_a_style_sheet_of_a_copied_theme_has_effect(theme):
    source = DOCS.parent / "templates" / "email" / "classic"
    folder = theme()
    for path in source.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    style = (folder / "style.css").read_text(encoding="utf-8")
    (folder / "style.css").write_text(style + "\n.name{color:#654321}\n", encoding="utf-8")
    assert "#654321" in sample_email(find_theme("ours")).html


def test_a_colour_of_ones_own_is_used_by_name_in_light_and_dark(theme):
    theme(
        theme_toml=EXTENDS + BAND,
        style_css=".name{background-color:{{ light.band }};color:{{ light.on_band }}}{# {{ dark.band }} #}",
        narrow_css=".name{background-color:{{ dark.band }}!important}",
    )
    html = sample_email(find_theme("ours")).html
    assert "#0b5d7a" in html
    assert "#7cc4dd!important" in html


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        (BAND.replace("#ffffff", "#0b5d7b"), "light.on_band on light.band has a contrast of 1.0"),
        (BAND.replace("#000000", "#7cc4d0"), "dark.on_band on dark.band has a contrast of 1.0"),
        ('[light]\nband = "#0b5d7a"\n', "[dark] in theme.toml has no band"),
        ('[dark]\nband = "#0b5d7a"\n', "[light] in theme.toml has no band"),
        ('[light]\naccent = "#0b5d7a"\n', "you cannot define a colour called light.accent"),
        ('[light]\nown = "#0b5d7a"\n', "you cannot define a colour called light.own"),
        ('[light]\n"Band 1" = "#0b5d7a"\n', "you cannot define a colour called light.Band 1"),
        ('light = "white"\n', "light in theme.toml must be a table"),
    ],
)
def test_a_mistake_in_own_colours_is_named(theme, toml, sentence):
    theme(theme_toml=EXTENDS + toml)
    with pytest.raises(Invalid) as error:
        find_theme("ours")
    assert sentence in str(error.value)


def test_an_unknown_colour_is_named_with_file_and_line(theme):
    theme(theme_toml=EXTENDS, style_css="\n.name{color:{{ light.bend }}}")
    with pytest.raises(Invalid) as error:
        sample_email(find_theme("ours"))
    assert str(error.value) == (
        "Template ours/style.css, line 2: The theme has no colour called bend. "
        "Add it to [light] and [dark] in theme.toml."
    )


def test_a_theme_cannot_extend_itself_or_one_that_we_cannot_find(theme):
    theme(theme_toml='extends = "ours"\n')
    with pytest.raises(Invalid, match="extends itself, or a chain of more than 4 themes"):
        find_theme("ours")
    theme(theme_toml='extends = "theirs"\n')
    with pytest.raises(Invalid, match="Theme ours extends theirs, which we could not find"):
        find_theme("ours")


def test_a_change_of_the_theme_that_is_extended_counts_at_once(theme):
    theme("first", theme_toml=EXTENDS + '[light]\ncard = "#fffdf5"\n')
    theme("second", theme_toml='extends = "first"\n')
    assert find_theme("second").light.card == "#fffdf5"
    folder = theme("first", theme_toml=EXTENDS + '[light]\ncard = "#fffdf6"\n# changed\n')
    assert folder.is_dir()
    assert find_theme("second").light.card == "#fffdf6"


def test_a_theme_with_a_mistake_is_left_out_of_the_list(theme):
    theme(theme_toml="title =")
    theme("good", theme_toml=EXTENDS)
    assert [each.name for each in installed_themes()] == ["classic", "good", "plain"]

"""Themes are created, checked and previewed without an issue."""

import shutil

import pytest

from newsletter.errors import Invalid, NotFound, Refused
from newsletter.rendering.check_theme import check_theme
from newsletter.rendering.create_theme import new_theme
from newsletter.rendering.find_theme import find_theme
from newsletter.rendering.readable_colours import contrast
from newsletter.rendering.rendered_contrast import hard_to_read
from newsletter.rendering.sample_issue import sample_email, write_sample

NIGHT = "<style>@media (prefers-color-scheme:dark){{\n{}\n}}</style>"


def findings(name="garden"):
    return [(each.place, each.sentence) for each in check_theme(name)]


def change(folder, name, old, new):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def garden(home):
    return new_theme("garden")


@pytest.mark.parametrize("name", ["classic", "plain"])
@pytest.mark.parametrize("extends", [False, True])
def test_a_new_theme_looks_like_the_one_it_is_made_from_and_has_no_mistakes(home, name, extends):
    folder = new_theme("garden", copied_from=name, extends=extends)
    assert folder == home.resolve() / "themes" / "garden"
    assert findings() == []
    assert sample_email(find_theme("garden")).html == sample_email(find_theme(name)).html
    assert len(list(folder.iterdir())) == (1 if extends else len(list(find_theme(name).folders[0].iterdir())))


def test_every_file_of_a_copied_theme_has_effect(garden):
    before = sample_email(find_theme("garden"))
    for path in sorted(garden.iterdir()):
        if path.name == "theme.toml":
            continue
        text = path.read_text(encoding="utf-8")
        addition = "\n.name{color:#123456!important}\n" if path.suffix == ".css" else " Changed."
        end = "{% endblock %}" if path.name == "body.html" else None
        path.write_text(text.replace(end, f"{addition}{end}") if end else text + addition, encoding="utf-8")
        after = sample_email(find_theme("garden"))
        assert (after.html, after.text, after.subject) != (before.html, before.text, before.subject), (
            path.name
        )
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "sentences"),
    [
        ("[words.en]\nunsubscribe = 'Leave us'", []),
        (
            "[words.en]\nunsubscibe = 'Leave us'",
            [
                (
                    "We could not find any standard wording called “unsubscibe”, and no template in the theme uses "
                    "it. "
                    "Did you mean “unsubscribe”?"
                )
            ],
        ),
        (
            "[words.en]\nissue = 'No. {nummer}'",
            [
                "Readers would see {nummer} in “issue”. This text can contain {number}.",
                "“issue” does not contain {number}, but the standard wording does.",
            ],
        ),
        (
            "[words.en]\ngive = 'Give {amount}'",
            ["Readers would see {amount} in “give”. This text cannot contain placeholders."],
        ),
        ("[words.en]\nminutes = '{minutes} minutes'", []),
        (
            "[words.xx-klingon]\ngive = 'Give'",
            ["“xx-klingon” is not a language tag. Enter a tag such as en-GB, de or cy."],
        ),
    ],
)
def test_words_that_no_reader_would_see_as_they_should_are_named(garden, words, sentences):
    with (garden / "theme.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{words}\n")
    language = words[1:].partition("]")[0]
    assert findings() == [(f"garden/theme.toml, [{language}]", each) for each in sentences]


def test_a_word_of_the_themes_own_is_no_mistake_where_a_template_uses_it(garden):
    with (garden / "theme.toml").open("a", encoding="utf-8") as file:
        file.write(
            "\n[words.en]\nwelcome = 'Hello'\n[words.de]\nwelcome = 'Hallo'\n[words.ar]\nwelcome = 'أهلا'\n"
        )
        file.write("[words.ja]\nwelcome = 'ようこそ'\n")
    assert {sentence.partition(",")[0] for _, sentence in findings()} == {
        "We could not find any standard wording called “welcome”"
    }
    change(garden, "body.txt", "{% include", "{{ words.get('welcome', '') }}{% include")
    assert findings() == []


@pytest.mark.parametrize("name", ["", "Garden", "../garden", "a b", ".x", "partials", "x" * 81])
def test_a_name_that_cannot_be_a_folder_is_refused(home, name):
    with pytest.raises(Invalid, match="cannot be the name of a theme"):
        new_theme(name)
    assert not (home / "themes").exists() or not list((home / "themes").iterdir())


@pytest.mark.parametrize("name", ["classic", "garden"])
def test_a_name_that_is_taken_is_refused(garden, name):
    before = (garden / "theme.toml").read_text(encoding="utf-8")
    with pytest.raises(Refused, match="already exists"):
        new_theme(name)
    assert (garden / "theme.toml").read_text(encoding="utf-8") == before


def test_text_that_is_hard_to_read_is_named_with_its_colours(garden):
    change(garden, "style.css", ".tagline{", ".tagline{color:#bbbbbb;")
    change(garden, "body.html", 'class="tagline quiet"', 'class="tagline"')
    [(_, sentence)] = findings()
    assert sentence == (
        "In light mode, the text “News from the coast, every Thursday” (#bbbbbb) on #ffffff has a "
        "contrast of 1.9. The contrast must be at least 4.5."
    )


def test_text_without_a_dark_colour_is_named(garden):
    change(garden, "body.html", 'class="tagline quiet"', 'class="tagline"')
    change(garden, "style.css", ".tagline{", ".tagline{color:#222222;")
    [(_, sentence)] = findings()
    assert sentence.startswith(
        "In dark mode, the text “News from the coast, every Thursday” (#222222) on #16191c"
    )


def test_the_more_specific_dark_rule_wins():
    html = NIGHT.format(
        ".page{background-color:#000000!important}\n.md a{color:#ffffff!important}\n.quiet{color:#111111!important}"
    )
    html += '<body class="page" bgcolor="#ffffff"><p class="md" style="color:#000000"><a class="quiet">x</a></p></body>'
    assert [(each.mode, each.text) for each in hard_to_read(html)] == []
    [found] = hard_to_read(html.replace(".md a", ".md b"))
    assert (found.mode, found.colour, found.background) == ("dark", "#111111", "#000000")
    assert found.ratio == contrast("#111111", "#000000")


@pytest.mark.parametrize(
    ("css", "words"),
    [
        (".x{display:flex}", "does not support flex"),
        (".x{position : absolute}", "do not support position"),
        (".x{background:#fff url(x.png)}", "not show background images"),
        ("@font-face{font-family:x}", "do not load fonts"),
        (".x{color:var(--x)}", "CSS variables"),
        (".x{width:calc(100% - 2px)}", "calculated values"),
        (".x{float:left}", "does not support float"),
        (".x{padding:2rem}", "rem, vw and vh"),
    ],
)
def test_css_that_mail_programs_drop_is_named_with_file_and_line(garden, css, words):
    style = garden / "style.css"
    lines = style.read_text(encoding="utf-8").rstrip().count("\n") + 2
    style.write_text(style.read_text(encoding="utf-8").rstrip() + f"\n{css}\n", encoding="utf-8")
    [(place, sentence)] = findings()
    assert place == f"garden/style.css, line {lines}"
    assert words in sentence


@pytest.mark.parametrize(
    ("css", "words"),
    [
        (".x{color:#111111}}", "closes a brace that was not opened"),
        (".x{color:#111111", "opens a brace that is not"),
    ],
)
def test_a_brace_without_its_other_half_is_named_with_its_line(garden, css, words):
    style = garden / "style.css"
    text = style.read_text(encoding="utf-8").rstrip()
    style.write_text(f"{text}\n{css}\n", encoding="utf-8")
    [(place, sentence), *_] = findings()
    assert place == f"garden/style.css, line {text.count(chr(10)) + 2}"
    assert words in sentence


def test_a_file_that_nothing_includes_is_named_and_notes_are_not(garden):
    (garden / "old.css").write_text(".x{}", encoding="utf-8")
    (garden / "README.md").write_text("Ours", encoding="utf-8")
    assert findings() == [
        ("garden/old.css", "No part of the theme includes this file. Include it, or delete it.")
    ]


def test_small_text_and_images_without_width_are_named(garden):
    change(
        garden,
        "style.css",
        ".tagline{margin:8px 0 0;font:17px/24px",
        ".tagline{margin:8px 0 0;font:11px/24px",
    )
    change(garden, "body.html", "{% if opening %}", '<img class="seal" src="x.png">{% if opening %}')
    sentences = [sentence for _, sentence in findings()]
    assert "Text in “tagline quiet” is smaller than 14 px. Make the text larger." in sentences
    assert "The image “seal” must have the attributes alt and width." in sentences


def test_a_mistake_in_a_template_is_named_with_file_and_line(garden):
    change(garden, "body.html", "{{ publication.name }}", "{{ publication.nam }}")
    [(_, sentence)] = findings()
    assert sentence.startswith("Template garden/body.html, line ")


def test_a_required_part_that_is_left_out_is_named(garden):
    change(garden, "body.html", '{% include "partials/footer.html" %}', "")
    [(_, sentence)] = findings()
    assert "must include the link tags.unsubscribe_url" in sentence


def test_a_theme_that_we_cannot_find_is_named(home):
    shutil.rmtree(home / "themes", ignore_errors=True)
    with pytest.raises(NotFound, match="could not find a theme called meadow"):
        check_theme("meadow")


@pytest.mark.parametrize(
    ("language", "direction"), [("en", "ltr"), ("de-AT", "ltr"), ("ar", "rtl"), ("ja", "ltr")]
)
def test_a_preview_is_written_in_a_language(tmp_path, garden, language, direction):
    paths = write_sample("garden", tmp_path / "out", language=language)
    assert garden.is_dir()
    assert [path.name for path in paths] == [f"garden-{language}.html", f"garden-{language}.txt"]
    html = paths[0].read_text(encoding="utf-8")
    assert f'lang="{language}" dir="{direction}"' in html
    assert "*|" not in html
    assert "https://harbour.example.org/unsubscribe" in paths[1].read_text(encoding="utf-8")


def test_a_preview_names_what_it_cannot_do(tmp_path):
    with pytest.raises(Invalid, match="not a language tag"):
        write_sample("classic", tmp_path, language="klingon!")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(Invalid, match="We could not write to"):
        write_sample("classic", tmp_path / "file")

"""The email as a mail program shows it: exactly what the program does not support is missing, and the text stays."""

from pathlib import Path

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.preflight.checks.clients import LARGE
from newsletter.preflight.client_support import NOT, features
from newsletter.preflight.css_rules import declarations_of, rules_of
from newsletter.preflight.see_in_mail_program import CLIENTS, FORCED_DARK, seen_in
from tests.full import examples

EMAILS = sorted((Path(__file__).parents[1] / "emails").glob("*.html"))
INLINE = '<p style="color:#111;{}">Tides</p>'
SHEET = "<style>p {{color:#111}} {}</style><p>Tides</p>"
# A feature, an email that uses only it beside features that every program has, and what shows that it is there.
USES = {
    "css-display-flex": (INLINE.format("display:flex"), "flex"),
    "css-display-grid": (INLINE.format("display:grid"), "grid"),
    "css-position": (INLINE.format("position:relative"), "relative"),
    "css-border-radius": (INLINE.format("border-radius:4px"), "border-radius"),
    "css-box-shadow": (INLINE.format("box-shadow:none"), "box-shadow"),
    "css-opacity": (INLINE.format("opacity:0.5"), "opacity"),
    "css-object-fit": (INLINE.format("object-fit:cover"), "object-fit"),
    "css-letter-spacing": (INLINE.format("letter-spacing:1px"), "letter-spacing"),
    "css-left-right-top-bottom": (INLINE.format("left:4px"), "left"),
    "css-margin-inline-block": (INLINE.format("margin-inline:4px"), "margin-inline"),
    "css-unit-rem": (INLINE.format("text-indent:2rem"), "2rem"),
    "css-unit-vw": (INLINE.format("text-indent:2vw"), "2vw"),
    "css-unit-calc": (INLINE.format("text-indent:calc(1px + 2px)"), "calc"),
    "css-variables": (INLINE.format("text-indent:var(--x)"), "var("),
    "css-at-font-face": (SHEET.format("@font-face {font-family: x; src: url(y)}"), "font-face"),
    "css-at-media-prefers-color-scheme": (
        SHEET.format("@media (prefers-color-scheme: dark) {p {color: #eee}}"),
        "prefers-color-scheme",
    ),
    "css-pseudo-class-hover": (SHEET.format("p:hover {color: #222}"), ":hover"),
    "css-selector-attribute": (SHEET.format("[title] {color: #222}"), "[title]"),
    "html-bdi": ("<p><bdi>Tides</bdi></p>", "<bdi"),
    "html-video": ("<p>Tides</p><video><p>A film</p></video>", "<video"),
    "html-dir": ('<p dir="auto">Tides</p>', "dir="),
    "image-webp": ('<p>Tides</p><img src="https://example.org/a.webp?w=2" alt="A wave">', "a.webp"),
    "image-svg": ('<p>Tides</p><img src="https://example.org/a.svg" alt="A wave">', "a.svg"),
}
# Without these, other features do not count.
ALSO = {
    "css-at-media-prefers-color-scheme": ("css-at-media", "html-style"),
    "css-at-font-face": ("html-style",),
    "css-pseudo-class-hover": ("html-style",),
    "css-selector-attribute": ("html-style",),
    "css-unit-rem": ("css-text-indent",),
    "css-unit-vw": ("css-text-indent",),
    "css-unit-calc": ("css-text-indent",),
    "css-variables": ("css-text-indent",),
}


@pytest.mark.parametrize("client", CLIENTS)
def test_exactly_what_a_program_does_not_support_is_missing(client):
    wrong = {}
    for name, (html, sign) in USES.items():
        needed = [name, *ALSO.get(name, ())]
        supported = all(features()[each].verdicts[client] != NOT for each in needed)
        seen = seen_in(html, client)
        if (sign in seen.html) != supported or bool(seen.missing) == supported or "Tides" not in seen.html:
            wrong[name] = seen
    assert wrong == {}


def test_each_program_refuses_and_supports_something_of_what_is_tried():
    for client in LARGE:
        verdicts = {features()[name].verdicts[client] == NOT for name in USES}
        assert verdicts == {True, False} or client.startswith("apple-mail"), client


@pytest.mark.parametrize("client", CLIENTS)
def test_the_words_links_and_picture_texts_of_our_emails_stay(client):
    for path in EMAILS:
        before = lxml.html.document_fromstring(path.read_text(encoding="utf-8"))
        after = lxml.html.document_fromstring(seen_in(path.read_text(encoding="utf-8"), client).html)
        for document in (before, after):
            for element in list(document.iter("style", "title")):
                element.drop_tree()
        assert after.text_content().split() == before.text_content().split(), path.name
        for attribute in ("href", "alt"):
            assert after.xpath(f"//body//@{attribute}") == before.xpath(f"//body//@{attribute}")


def test_forced_dark_turns_the_colours_around_and_ignores_the_colours_for_dark_mode():
    html = SHEET.format("@media (prefers-color-scheme: dark) {p {color: #eee}}")
    seen = seen_in(html, "apple-mail/ios", forced_dark=True)
    assert FORCED_DARK in seen.html
    assert "prefers-color-scheme" not in seen.html
    assert FORCED_DARK not in seen_in(html, "apple-mail/ios").html


def test_rules_are_read_with_strings_comments_and_rules_inside():
    css = """@import "a;b.css"; /* } */ p, a > b { color: red; content: "}" }
    @media print { p { color: blue } a {} } .last { color: green"""
    assert [(rule.head, rule.body and rule.body.strip()) for rule in rules_of(css)] == [
        ('@import "a;b.css"', None),
        ("p, a > b", 'color: red; content: "}"'),
        ("@media print", "p { color: blue } a {}"),
        (".last", "color: green"),
    ]
    assert declarations_of('COLOR: red; background: url("a;b") ; --x: ( ; ); broken') == [
        ("color", "red"),
        ("background", 'url("a;b")'),
        ("--x", "( ; )"),
    ]


@settings(max_examples=examples(200), deadline=None)
@given(st.text(alphabet="ap.{}();:'\"@/*\\ \n", max_size=60))
def test_any_sheet_can_be_read(css):
    for rule in rules_of(css):
        str(rule)
        list(rules_of(rule.body or ""))
        declarations_of(rule.body or "")
    seen_in(f"<p style='{css}'>x</p><style>{css}</style>", "outlook/windows")

"""Text in two directions: isolates in plain text, `<bdi>` in HTML, and neither where the order is right without."""

import pytest

from subscribers.bidi import (
    isolate_in_html,
    isolated,
    isolated_english,
    isolated_html,
    isolates_where_needed,
    main_direction,
    strong_directions,
    without_isolates,
)


def test_an_isolated_text_cannot_end_its_isolate_itself():
    assert isolated("a\u2069b\u202ec") == "\u2068abc\u2069"


@pytest.mark.parametrize(
    ("text", "direction", "html"),
    [
        ("1 Example Street", "rtl", "<bdi>1 Example Street</bdi>"),
        ("1 Example Street", "ltr", "1 Example Street"),
        ("רחוב 1", "ltr", "<bdi>רחוב 1</bdi>"),
        (f"By {isolated('Ada')}, {isolated('דנה')}", "ltr", "By Ada, <bdi>דנה</bdi>"),
        (f"מאת {isolated('<b>')}", "rtl", "מאת <bdi>&lt;b&gt;</bdi>"),
        (isolated_english(f"By {isolated('花子')}"), "ltr", '<span lang="en">By 花子</span>'),
        (isolated_english("By"), "rtl", '<bdi lang="en" dir="ltr">By</bdi>'),
    ],
)
def test_html_gets_an_element_where_the_order_would_change(text, direction, html):
    assert isolated_html(text, direction) == html


def test_an_unpaired_isolate_of_somebody_else_makes_no_element():
    assert isolated_html("a\u2068b\u2068c\u2069d", "rtl") == "a\u2068b<bdi>c</bdi>d"


def test_plain_text_keeps_isolates_only_in_lines_with_both_directions():
    lines = [f"מאת {isolated('Ada')}", f"מאת {isolated('דנה')}", isolated("1 Street"), isolated("2026")]
    assert isolates_where_needed("\n".join(lines), "rtl").split("\n") == [
        lines[0],
        "מאת דנה",
        lines[2],
        "2026",
    ]
    assert isolates_where_needed(f"By {isolated('Ada')}", "ltr") == "By Ada"


def test_a_word_is_isolated_in_the_visible_text_alone():
    html = "<html><title>NAME</title><body><!-- NAME --><a title='NAME'>NAME</a></body></html>"
    assert isolate_in_html(html, "NAME") == html.replace(">NAME</a>", "><bdi>NAME</bdi></a>")
    assert isolate_in_html(html, "OTHER") == html


def test_isolates_and_elements_can_be_left_out():
    assert without_isolates(f"a {isolated('b')} <bdi lang='he'>c</bdi>") == "a b c"


def test_the_directions_of_a_text_are_those_of_its_letters():
    assert strong_directions("12 –") == set()
    assert strong_directions("a1") == {"ltr"}
    assert strong_directions("é א") == {"ltr", "rtl"}
    assert main_direction("12 א a") == "rtl"
    assert main_direction("12 a א") == "ltr"
    assert main_direction("12") == ""


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("WHO تحذر من الحر", "rtl"),
        ("Our report is called דוח", "ltr"),
        ("ראו https://example.org/a/very/long/address", "rtl"),
        ("", ""),
    ],
)
def test_the_direction_of_a_text_is_that_of_most_letters_and_not_of_its_first_word(text, direction):
    assert main_direction(text) == direction

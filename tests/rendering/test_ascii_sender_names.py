"""The sender's name for providers that take only ASCII."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.rendering.ascii_sender_names import ascii_name, ascii_name_warning


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Health News", "Health News"),
        ("Łódź Nowości", "Lodz Nowosci"),
        ("Ørsted Nyt", "Orsted Nyt"),
        ("Straße & Söhne", "Strasse & Sohne"),
        ("Café Ærø", "Cafe Aero"),
        ("Đà Nẵng Tin", "Da Nang Tin"),
        ("O’Neil “Weekly” – News", 'O\'Neil "Weekly" - News'),
        ("Новости науки", "Novosti nauki"),
        ("💙 Heart", "Heart"),
        ("One; two, three", "One two three"),
        ("=?utf-8?q?x?=", "= ?utf-8?q?x?="),
        ("💙", ""),
    ],
)
def test_a_name_keeps_its_letters_as_far_as_ascii_has_them(name, shown):
    assert ascii_name(name) == shown


def test_a_chosen_name_takes_the_place_of_the_transliterated_one():
    assert ascii_name("أخبار الصحة", "Health News") == "Health News"
    assert ascii_name_warning("أخبار الصحة", "Health News") == ""


def test_what_readers_will_see_is_said():
    assert ascii_name_warning("Health News") == ""
    assert "Readers will see “Lodz Nowosci”" in ascii_name_warning("Łódź Nowości")
    assert "readers would see only the address" in ascii_name_warning("💙")


@given(st.text(max_size=200))
def test_any_name_becomes_one_line_of_printable_ascii(name):
    shown = ascii_name(name)
    assert shown.isascii()
    assert shown.isprintable()
    assert "=?" not in shown
    assert not set(shown) & set(";,<>")

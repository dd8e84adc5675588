"""A message quotes at most the beginning of a long title."""

from newsletter.web.desk.desk_page import Toast
from newsletter.web.desk.short_quotations import LONGEST, with_short_quotations


def test_a_long_title_in_a_message_is_cut():
    title = "A very long title " * 18
    said = Toast(f"“{title}” was added to this issue, before “Short”.").sentence
    assert said.startswith("“A very long title A very")
    assert said.endswith("…” was added to this issue, before “Short”.")
    assert len(said) < LONGEST + 60


def test_the_rest_of_a_message_stays_as_it_is():
    for sentence in ("", "Saved.", f"“{'a' * LONGEST}” was saved.", "One “quotation mark " + "b" * 200):
        assert with_short_quotations(sentence) == sentence

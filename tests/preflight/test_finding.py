"""Findings about several things."""

from newsletter.preflight.checks.pictures import MISSING
from newsletter.preflight.finding import Place, Thing

TEXTS = {"one": "No picture for “{title}”. {note}", "several": "No pictures for {count} articles."}


def things(*notes):
    return [Thing(f"Article {number}", Place("contents"), note) for number, note in enumerate(notes)]


def test_a_note_that_all_things_share_is_said_once():
    [found] = MISSING.found_in_each(things("No server.", "No server."), **TEXTS)
    assert found.what == "No pictures for 2 articles. No server."
    assert [each.note for each in found.things] == ["", ""]


def test_a_note_that_is_not_a_sentence_stands_beside_its_things():
    [found] = MISSING.found_in_each(things("issue 1", "issue 1"), **TEXTS)
    assert found.what == "No pictures for 2 articles."
    assert [each.note for each in found.things] == ["issue 1", "issue 1"]


def test_notes_that_differ_stand_beside_their_things():
    [found] = MISSING.found_in_each(things("No server.", "Too large."), **TEXTS)
    assert found.what == "No pictures for 2 articles."
    assert [each.note for each in found.things] == ["No server.", "Too large."]

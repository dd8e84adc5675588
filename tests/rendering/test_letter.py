"""A letter is frozen, stored as JSON, and known by its digest."""

from dataclasses import FrozenInstanceError, replace

import orjson
import pytest

from newsletter.errors import Invalid
from newsletter.rendering.letter import Letter


def test_a_stored_letter_comes_back_equal_with_the_same_digest(letter):
    stored = orjson.loads(orjson.dumps(letter.to_dict()))
    assert Letter.from_dict(stored) == letter
    assert Letter.from_dict(stored).digest == letter.digest


def test_the_digest_does_not_depend_on_the_order_of_headers(letter):
    one = replace(letter, headers={"A": "1", "B": "2"})
    other = replace(letter, headers={"B": "2", "A": "1"})
    assert one.digest == other.digest


@pytest.mark.parametrize("field", ["subject", "html", "text", "sender_address", "first_name_fallback"])
def test_any_change_changes_the_digest(letter, field):
    assert replace(letter, **{field: "other"}).digest != letter.digest


def test_a_letter_cannot_be_changed(letter):
    with pytest.raises(FrozenInstanceError):
        letter.subject = "other"


@pytest.mark.parametrize("change", [{"subject": None}, {"headers": []}, {"extra": "x"}])
def test_a_document_that_is_no_letter_is_refused_by_the_name_of_the_field(letter, change):
    with pytest.raises(Invalid, match=next(iter(change))):
        Letter.from_dict(letter.to_dict() | change)


@pytest.mark.parametrize(("size", "is_clipped"), [(99_499, False), (99_500, True)])
def test_an_email_of_about_100_kb_is_clipped_by_gmail(letter, size, is_clipped):
    assert replace(letter, html="é" + "x" * (size - 2)).is_clipped_by_gmail is is_clipped

"""A letter is frozen, stored as JSON, and known by its digest."""

from dataclasses import FrozenInstanceError, replace

import orjson
import pytest

from newsletter.errors import Invalid
from newsletter.rendering.email import Email


def test_a_stored_letter_comes_back_equal_with_the_same_digest(email):
    stored = orjson.loads(orjson.dumps(email.to_dict()))
    assert Email.from_dict(stored) == email
    assert Email.from_dict(stored).digest == email.digest


def test_the_digest_does_not_depend_on_the_order_of_headers(email):
    one = replace(email, headers={"A": "1", "B": "2"})
    other = replace(email, headers={"B": "2", "A": "1"})
    assert one.digest == other.digest


@pytest.mark.parametrize("field", ["subject", "html", "text", "sender_address", "first_name_fallback"])
def test_any_change_changes_the_digest(email, field):
    assert replace(email, **{field: "other"}).digest != email.digest


def test_a_letter_cannot_be_changed(email):
    with pytest.raises(FrozenInstanceError):
        email.subject = "other"


@pytest.mark.parametrize("change", [{"subject": None}, {"headers": []}, {"extra": "x"}])
def test_a_document_that_is_no_letter_is_refused_by_the_name_of_the_field(email, change):
    with pytest.raises(Invalid, match=next(iter(change))):
        Email.from_dict(email.to_dict() | change)

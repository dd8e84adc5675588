"""The details of a person that have no field of their own are changed, added and removed, and the log says which."""

import pytest

from subscribers.consent import ConsentSource
from subscribers.consent_by_editor import add_by_editor
from subscribers.errors import Invalid
from subscribers.free_details import change_free_details, details_as_text
from subscribers.lists import add_list
from subscribers.models import ConsentEntry, SourceKind, Subscriber

pytestmark = pytest.mark.django_db
RUTH = ConsentSource(SourceKind.EDITOR, "ruth")


@pytest.fixture
def ada():
    person = add_by_editor(add_list("news", "News"), "ada@example.org", RUTH, consent="Open day").subscriber
    details = {"nation": "Wales", "rating": 4, "member": True, "odd@name": "x", "tags": ["a", "b"]}
    Subscriber.objects.filter(pk=person.pk).update(attributes=details)
    person.refresh_from_db()
    return person


def notes():
    return [each.note for each in ConsentEntry.objects.filter(act=ConsentEntry.Act.CHANGED).order_by("pk")]


def test_details_are_changed_removed_and_added_and_the_log_names_them_without_values(ada):
    change_free_details(
        ada, RUTH, {"nation": "Scotland", "rating": "", "missing": "x"}, added=("Favourite colour", " green ")
    )
    ada.refresh_from_db()
    kept = {"member": True, "odd@name": "x", "tags": ["a", "b"]}
    assert ada.attributes == {"nation": "Scotland", "favourite_colour": "green", **kept}
    assert notes() == ["Changed favourite_colour, nation, rating."]


def test_a_name_that_a_file_gave_is_not_put_into_the_log(ada):
    change_free_details(ada, RUTH, {"odd@name": "y"})
    assert notes() == ["Changed other details."]


def test_a_detail_keeps_its_kind_and_what_is_saved_unchanged_is_no_change(ada):
    change_free_details(ada, RUTH, details_as_text(ada))
    assert notes() == []
    change_free_details(ada, RUTH, {"rating": "4.5", "member": "false", "tags": '["c"]'})
    ada.refresh_from_db()
    assert (ada.attributes["rating"], ada.attributes["member"], ada.attributes["tags"]) == (4.5, False, ["c"])
    change_free_details(ada, RUTH, {"rating": "1e999", "member": "NaN", "nation": "7"})
    ada.refresh_from_db()
    assert (ada.attributes["rating"], ada.attributes["member"], ada.attributes["nation"]) == (
        "1e999",
        "NaN",
        "7",
    )


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("nation", "Wales", "already has a detail called “nation”"),
        ("Nation", "Wales", "already has a detail called “nation”"),
        ("", "Wales", "Enter a name for the detail"),
        ("?!", "Wales", "Enter a name for the detail"),
        ("x" * 61, "Wales", "Enter a name for the detail"),
        ("town", " ", "Enter the value of the new detail"),
        ("town", "x" * 10_001, "Enter at most 10,000"),
    ],
)
def test_a_new_detail_needs_a_name_of_its_own_and_a_value(ada, name, value, sentence):
    with pytest.raises(Invalid, match=sentence):
        change_free_details(ada, RUTH, {"rating": ""}, added=(name, value))
    ada.refresh_from_db()
    assert ada.attributes["rating"] == 4


def test_what_cannot_be_seen_is_removed_from_a_value(ada):
    change_free_details(ada, RUTH, {"nation": "Wa\x00les\u202e\r\nCymru"})
    ada.refresh_from_db()
    assert "\x00" not in ada.attributes["nation"]
    assert "\r" not in ada.attributes["nation"]

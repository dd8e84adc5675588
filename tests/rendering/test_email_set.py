"""A set of emails: everybody has one and nobody two, and nothing of it can change unnoticed."""

from dataclasses import replace

import pytest

from newsletter.errors import Invalid
from newsletter.rendering.email_set import EmailSet, EmailVariant, digest_of_set, stored_emails
from tests.sending.example_emails import an_email

FOR_EVERYBODY = EmailVariant(email=an_email())
GERMAN = EmailVariant(email=an_email(subject="Gezeiten"), language="de", readers="language is de")


@pytest.mark.parametrize("variants", [(), (GERMAN,), (FOR_EVERYBODY, GERMAN), (FOR_EVERYBODY, FOR_EVERYBODY)])
def test_a_set_that_leaves_somebody_without_an_email_or_gives_two_is_invalid(variants):
    with pytest.raises(Invalid, match="everybody else"):
        EmailSet(variants)


def test_a_set_that_was_stored_is_equal_to_what_it_was():
    emails = EmailSet((replace(GERMAN, topics=("tides", "boats"), edition="north"), FOR_EVERYBODY))
    assert stored_emails(emails.to_list(), emails.digest) == emails


@pytest.mark.parametrize(
    "change",
    [
        {"language": "at"},
        {"edition": "north"},
        {"topics": ("tides",)},
        {"subject": "A"},
        {"readers": "language is at"},
        {"email": an_email(subject="Ebbe")},
    ],
)
def test_whatever_changes_in_a_variant_changes_the_digest_of_the_set(change):
    before, after = EmailSet((GERMAN, FOR_EVERYBODY)), EmailSet((replace(GERMAN, **change), FOR_EVERYBODY))
    assert before.digest != after.digest
    with pytest.raises(Invalid, match="not the one that was approved"):
        stored_emails(after.to_list(), before.digest)


def test_a_reason_that_a_later_version_knows_changes_no_digest_where_it_is_empty():
    assert digest_of_set([{"email": FOR_EVERYBODY.email.to_dict()}]) == EmailSet((FOR_EVERYBODY,)).digest


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ({"language": "de"}, "email"),
        ({"email": [], "language": "de"}, "email"),
        ({"email": FOR_EVERYBODY.email.to_dict(), "colour": "red"}, "colour"),
        ({"email": FOR_EVERYBODY.email.to_dict(), "topics": "tides"}, "topics"),
    ],
)
def test_what_cannot_be_read_is_named(document, named):
    with pytest.raises(Invalid, match=named):
        EmailVariant.from_dict(document)

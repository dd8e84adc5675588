"""What has changed since an approval is said variant by variant, and a change is never passed over in silence."""

from dataclasses import replace

import pytest

from newsletter.rendering.email_set import EmailSet, EmailVariant
from newsletter.scheduling.email_diff import email_differences
from tests.sending.example_emails import an_email

EVERYBODY = EmailVariant(email=an_email())
GERMAN = EmailVariant(email=an_email(subject="Gezeiten"), language="de", readers="language is de")
DUTCH = EmailVariant(email=an_email(subject="Getijden"), language="nl", readers="language is nl")
APPROVED = EmailSet((GERMAN, EVERYBODY))


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ((GERMAN, EVERYBODY), []),
        ((EVERYBODY,), ["The variant for language de was removed."]),
        ((DUTCH, GERMAN, EVERYBODY), ["A variant for language nl was added."]),
        (
            (replace(GERMAN, email=an_email(subject="Ebbe")), EVERYBODY),
            ["In the variant for language de: The subject changed from “Gezeiten” to “Ebbe”."],
        ),
        (
            (GERMAN, replace(EVERYBODY, email=an_email(subject="Ebb"))),
            [f"The subject changed from “{an_email().subject}” to “Ebb”."],
        ),
        (
            (replace(GERMAN, readers="language is at"), EVERYBODY),
            ["Some variants are now sent to different readers."],
        ),
    ],
)
def test_a_change_of_a_variant_is_said(now, said):
    assert email_differences(APPROVED, EmailSet(now)) == said

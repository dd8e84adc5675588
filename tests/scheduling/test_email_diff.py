"""What has changed since an approval is said variant by variant, and a change is never passed over in silence."""

from dataclasses import replace

import pytest

from newsletter.rendering.email_set import EmailSet, EmailVariant
from newsletter.scheduling.email_diff import email_differences
from newsletter.scheduling.text_differences import text_differences
from subscribers.wrap_text import wrap
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


def stories(*texts, question=""):
    """Return a text part with a story below a heading for each text, as the themes write it."""
    lines = [f"Question a fact: {question}{number}/\n" if question else "" for number in range(len(texts))]
    return "\n\n".join(
        f"Story {number}\n-------\n{wrap(text)}\nhttps://example.org/{number}/\n{line}"
        for number, (text, line) in enumerate(zip(texts, lines, strict=True))
    )


TIDES = (
    "Dr. Lee counted three tides in a day at the harbour, which is one more than everybody else had counted "
    "before. She does not know why."
)
SHORT = "A short text about birds."


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            stories(TIDES, SHORT),
            stories(TIDES.replace("three", "four"), SHORT),
            [
                (
                    "In “Story 0”, “three” was changed to “four”: “Dr. Lee counted four tides in a day at the "
                    "harbour, which is one more than everybody else had counted before.”"
                ),
            ],
        ),
        (
            stories(TIDES, SHORT),
            stories(TIDES.replace("does not know", "knows"), SHORT),
            ["In “Story 0”, “does not know” was changed to “knows”: “She knows why.”"],
        ),
        (
            stories(TIDES, SHORT),
            stories(TIDES, f"{SHORT} Gulls are birds."),
            ["Added to “Story 1”: “Gulls are birds.”"],
        ),
        (
            stories(TIDES, f"{SHORT} Gulls are birds."),
            stories(TIDES, SHORT),
            ["Removed from “Story 1”: “Gulls are birds.”"],
        ),
        (
            stories(TIDES, SHORT, SHORT),
            stories(TIDES, SHORT, SHORT, question="https://news.example.org/q/"),
            ["Added in 3 places: “Question a fact: (link)”"],
        ),
        (
            stories(TIDES, SHORT),
            stories(TIDES, SHORT).replace("https://example.org/1/", "https://example.org/elsewhere/"),
            ["In “Story 1”, “https://example.org/1/” was changed to “https://example.org/elsewhere/”"],
        ),
        (
            stories(TIDES, SHORT).replace("Story 1", "Birds"),
            stories(TIDES, SHORT).replace("Story 1", "Gulls"),
            ["“Birds” was changed to “Gulls”"],
        ),
        (
            f"{stories(TIDES)}\n\n{stories(SHORT).replace('Story 0', 'Birds')}",
            f"{stories(SHORT).replace('Story 0', 'Birds')}\n\n{stories(TIDES)}",
            ["Moved: “Birds”"],
        ),
        (
            stories(TIDES),
            stories(TIDES, SHORT),
            ["Added: “Story 1: A short text about birds. https://example.org/1/”"],
        ),
        ("Hello there.", "Hello there!", ["“Hello there.” was changed to “Hello there!”"]),
        # Only the wrapping differs.
        (wrap(TIDES), wrap(TIDES).replace("\n", "\n  "), []),
    ],
)
def test_a_change_of_the_text_names_the_words_and_the_place(before, after, said):
    assert list(text_differences(before, after)) == said


def test_a_long_text_is_cut_between_words_and_never_within_a_link():
    link = f"https://example.org/{'a' * 300}"
    words = " ".join(["word"] * 110)
    (said,) = text_differences("", f"{words} {words}")
    assert said.endswith("word …”")
    assert len(said) < 700
    (said,) = text_differences("", f"{words} and {words[:-20]} {link} more")
    assert "https" not in said or link in said


def test_a_text_of_many_words_is_compared_quickly():
    before = stories(*[f"{number} {TIDES}" for number in range(200)])
    after = stories(*[f"{number} {TIDES}" for number in range(200)], question="https://news.example.org/q/")
    assert list(text_differences(before, after)) == ["Added in 200 places: “Question a fact: (link)”"]

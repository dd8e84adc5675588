"""The differences of an issue's email, in three comparisons, with hostile words shown as words."""

from newsletter.accounts.actor import acting_as
from newsletter.issues.models import Issue
from newsletter.scheduling.approval import approve

HERE = "/desk/issues/harbour-letter/1/"
PAGE = f"{HERE}review/differences/"


def test_the_comparisons_are_reached_from_review(ruth):
    assert f'href="{PAGE}"' in ruth.get(f"{HERE}review/").content.decode()
    assert "Nobody has approved this issue yet." in ruth.get(PAGE).content.decode()
    assert "No other issue has been sent yet." in ruth.get(PAGE, {"with": "last"}).content.decode()
    assert "on their sites when we last" in ruth.get(PAGE, {"with": "site"}).content.decode()
    assert ruth.get(PAGE, {"with": "<b>"}).status_code == 200


def test_a_change_since_the_approval_is_shown_word_by_word(ruth, people):
    with acting_as(people["amir"]):
        approve(Issue.objects.get())
    assert "There are no differences." in ruth.get(PAGE).content.decode()
    Issue.objects.update(subject="<script>alert(1)</script>")
    page = ruth.get(PAGE).content.decode()
    assert "The subject was changed." in page
    assert "<ins>" in page
    assert "<script>alert(1)" not in page


def test_an_email_that_cannot_be_built_is_said_with_its_reason(ruth, people):
    with acting_as(people["amir"]):
        approve(Issue.objects.get())
    Issue.objects.update(opening="{{ nothing }}")
    assert "We could not build the email: Introduction" in ruth.get(PAGE).content.decode()

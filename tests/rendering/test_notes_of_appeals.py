"""What an appeal has to say about itself: in the email, its text and its web page alike."""

import pytest

from newsletter.issues.models import StandingBlock
from newsletter.rendering.render_email import render_email
from tests.rendering import example_issues

SECOND_PURPOSE = "Anything more pays for the text service."
SOURCE = "our annual review"


@pytest.mark.parametrize("theme", ["classic", "plain"])
@pytest.mark.django_db
def test_every_form_of_an_issue_says_who_asks_what_figures_rest_on_and_what_else_is_paid_for(theme):
    publication = example_issues.publish(theme=theme, charity_number="1089464")
    example_issues.add_blocks(publication)
    appeal = StandingBlock.objects.get(publication=publication, kind="appeal")
    appeal.data |= {
        "second_purpose": SECOND_PURPOSE,
        "figures_source": SOURCE,
        "figures_on": "2026-03-31",
        "closes_on": "2036-12-24",
    }
    appeal.save()
    email = render_email(example_issues.edit(publication, [example_issues.write()]))
    for part in (email.html, email.text, email.page):
        said = " ".join(part.split())
        for words in ("1089464", SECOND_PURPOSE, SOURCE, "31 March 2026", "24 December 2036"):
            assert said.count(words) == 1, words

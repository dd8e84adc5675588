"""What tests of rendering ask for: a publication, and an issue as a letter."""

import pytest

from newsletter.rendering.email import Email


@pytest.fixture
def email():
    """A small letter that was not rendered, for what is done to finished letters."""
    return Email(
        subject="Hello *|FIRST_NAME_TEXT|*",
        preheader="For *|FIRST_NAME_TEXT|*",
        html='<p>Hello *|FIRST_NAME|*</p><a href="*|UNSUBSCRIBE_URL|*">Unsubscribe</a>',
        text="Hello *|FIRST_NAME_TEXT|*\n*|UNSUBSCRIBE_URL_TEXT|*\n",
        language="en-GB",
        sender_name="Health News",
        sender_address="news@example.org",
        reply_to="",
        list_id="Health News <monthly.example.org>",
        first_name_fallback="reader",
        headers={"Feedback-ID": "1:news:issue:newsletter"},
    )

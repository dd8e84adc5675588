"""A new notification is one file and its function in DETECTORS, as docs/how-to/add-a-notification.md says."""

import pytest

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.issues.cancel_issue import cancel_issue
from newsletter.notifications import detectors, write_notifications
from tests.docs_examples import example_module

pytestmark = pytest.mark.django_db


@pytest.fixture
def detector(tmp_path, monkeypatch):
    """The example of the page as a module of its own, added to the detectors as the page says."""
    with example_module("add-a-notification.md", detectors, "cancelled_issues", tmp_path) as module:
        monkeypatch.setattr(
            write_notifications, "DETECTORS", (*write_notifications.DETECTORS, module.cancelled)
        )
        yield module


@pytest.mark.usefixtures("people", "detector")
def test_a_notification_added_as_the_page_says_is_mailed_once(clock, issue, write, send, mailoutbox):
    write()
    with acting_as(Actor("omar", frozenset({Role.EDITOR}))):
        cancel_issue(issue)
    [notification] = write()
    assert notification.subject == "Skipped: issue 1 of The Harbour Letter"
    assert notification.text.startswith("omar cancelled this issue.")
    assert write() == []
    send()
    assert {mail.to[0] for mail in mailoutbox} == {"boss@example.org", "omar@example.org", "ruth@example.org"}

"""A new transport is one class and its name in TRANSPORTS, as docs/how-to/add-a-transport.md says."""

import email
from email import policy

import pytest

from newsletter.environment import Environment
from newsletter.sending import transports
from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Recipient
from tests.docs_examples import example_module
from tests.sending.planned_mailing import planned_mailing

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path, monkeypatch, settings):
    """The example of the page as a module of its own, added to the transports as the page says."""
    with example_module("add-a-transport.md", transports, "folder", tmp_path) as module:
        monkeypatch.setitem(transports.TRANSPORTS, "folder", module.FolderTransport)
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"transport": "folder"})
        yield settings.NEWSLETTER.home / "to-collect"


def test_a_transport_added_as_the_page_says_sends_an_issue(issue, join, folder):
    join("ana", "ben", "cem")
    planned_mailing(issue)
    while send_next_batch():
        pass
    messages = [
        email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.iterdir()
    ]
    assert sorted(message["To"].addresses[0].username for message in messages) == ["ana", "ben", "cem"]
    assert all(message["List-Unsubscribe-Post"] for message in messages)
    states = Recipient.objects.filter(issue=issue).values_list("state", flat=True)
    assert set(states) == {Recipient.State.ACCEPTED}


def test_every_transport_can_be_set():
    values = Environment.model_fields["transport"].annotation.__args__
    assert set(values) == set(transports.TRANSPORTS)

"""A new transport is one class and its name in TRANSPORTS, as docs/how-to/add-a-transport.md says."""

import email
from email import policy

import pytest

from newsletter.background_jobs.run_jobs import run_next_job
from newsletter.environment import Environment
from newsletter.preflight.rehearsal.ask_for_rehearsal import JOB, ask_for_rehearsal
from newsletter.preflight.rehearsal.rehearsal_results import latest_rehearsal
from newsletter.preflight.rehearsal.rehearse_emails import rehearse
from newsletter.sending import transports
from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Recipient
from subscribers.models import Subscriber
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


@pytest.mark.usefixtures("folder")
def test_a_transport_added_as_the_page_says_can_be_rehearsed(issue, join):
    join("ana", "ben")
    Subscriber.objects.filter(first_name="Ben").update(address="ben@exa mple.org")
    ask_for_rehearsal(issue)
    assert run_next_job({JOB: rehearse})
    assert latest_rehearsal(issue).rehearsal.built == 1
    assert latest_rehearsal(issue).rehearsal.problems == {"refused": 1}


def test_every_transport_can_be_set():
    values = Environment.model_fields["transport"].annotation.__args__
    assert set(values) == set(transports.TRANSPORTS)

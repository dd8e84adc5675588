"""An import is undone after an issue was sent to its people, or while it is being sent."""

import io

import pytest

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.issues.models import AuditEntry
from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Recipient
from newsletter.sending.recipient_counts import count_recipients
from subscribers import consent
from subscribers.consent_log import ConsentSource
from subscribers.imports.run_import import import_people
from subscribers.imports.undo_import import undo_import
from subscribers.models import ImportRecord, SourceKind, Subscriber, Subscription
from tests.sending.planned_mailing import planned_mailing
from tests.tracking.sendgrid_events import Teller


@pytest.fixture
def record(issue, join, way_out):
    """Ana reads the list already; Ben, Cem and Dora come with a file."""
    join("ana")
    text = "email,first name\n" + "".join(f"{name}@example.org,Given\n" for name in ("ben", "cem", "dora"))
    return bring(issue, text)


def bring(issue, text):
    stream = io.BytesIO(text.encode())
    return import_people(stream, issue.publication.mailing_list, consent="Paper", name="people.csv").record


def states():
    return dict(Subscription.objects.values_list("subscriber__address_key", "state"))


def test_who_was_sent_the_issue_is_unsubscribed_and_keeps_the_history(record, issue):
    mailing = planned_mailing(issue)
    while send_next_batch():
        pass

    outcome = undo_import(record, by="Ed")

    assert outcome.counts == {"unsubscribed": 3}
    assert states() == {
        "ana@example.org": "active",
        **dict.fromkeys(("ben@example.org", "cem@example.org", "dora@example.org"), "unsubscribed"),
    }
    assert Recipient.objects.filter(mailing=mailing, subscriber=None).count() == 0
    assert set(Subscriber.objects.exclude(address_key="ana@example.org").values_list("first_name")) == {("",)}
    # The link in the email they have still works.
    ben = Subscription.objects.get(subscriber__address_key="ben@example.org")
    consent.unsubscribe(ben, ConsentSource(SourceKind.EMAIL_LINK))
    assert bring(issue, "email\nben@example.org\n").counts["added"] == 0


def test_who_clicked_in_an_email_of_the_list_stays(record, issue, fold):
    mailing = planned_mailing(issue)
    while send_next_batch():
        pass
    tell = Teller(mailing, 1_790_000_000)
    fold(tell.click("ben", "a"), tell("cem", "open"))

    assert undo_import(record, by="Ed").counts == {"left_clicked": 1, "unsubscribed": 2}

    assert states()["ben@example.org"] == "active"


def test_an_issue_that_is_being_sent_does_not_reach_who_was_taken_off(record, issue, way_out):
    mailing = planned_mailing(issue)

    undo_import(record, by="Ed")
    while send_next_batch():
        pass

    outcomes = dict(Recipient.objects.values_list("subscriber__address_key", "state"))
    assert outcomes == {
        "ana@example.org": "accepted",
        **dict.fromkeys(("ben@example.org", "cem@example.org", "dora@example.org"), "skipped"),
    }
    assert count_recipients(mailing).add_up


def test_the_audit_log_says_who_undid_which_import(record, db):
    with acting_as(Actor("edda", frozenset(Role))):
        undo_import(ImportRecord.objects.get(), by="edda")
    said = list(AuditEntry.objects.filter(act="undo-import").order_by("pk").values_list("actor", "sentence"))
    assert said == [
        ("edda", f"Started undoing import {record.pk} into the list “Readers”."),
        ("edda", f"Undid import {record.pk} into the list “Readers”. Changes: 3 removed."),
    ]

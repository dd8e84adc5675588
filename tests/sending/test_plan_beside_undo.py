"""A mailing is planned while the import that brought its audience is undone: nobody is lost, nothing is blocked."""

import io
from threading import Thread

import pytest
from django.db import connection

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.issues.models import Issue
from newsletter.scheduling.approval import approve
from newsletter.sending.models import Recipient
from newsletter.sending.send_now import send_now
from subscribers.imports.run_import import import_people
from subscribers.imports.undo_import import undo_import
from tests.sending.conftest import issue, join, publication, way_out  # noqa: F401 - fixtures of that stage

# SQLite has one writer: there two cannot meet.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def test_people_whose_import_is_undone_while_a_mailing_is_planned_are_not_in_it(issue, join, way_out):  # noqa: F811
    join("ana")
    text = "email\nben@example.org\ncem@example.org\n"
    mailing_list = issue.publication.mailing_list
    record = import_people(io.BytesIO(text.encode()), mailing_list, consent="Paper", name="people.csv").record
    undone = []

    def undo():
        try:
            undone.append(undo_import(record, by="Ed").counts)
        finally:
            connection.close()

    def undo_after_recipients(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if "INSERT INTO newsletter_recipient" in sql and not undone:
            # The recipients are written, and the transaction is not committed yet.
            other = Thread(target=undo)
            other.start()
            other.join(60)
        return result

    with acting_as(Actor("edda", frozenset(Role))):
        approve(issue)
        with connection.execute_wrapper(undo_after_recipients):
            send_now(issue, without_undo=True)

    assert undone == [{"removed": 2}]
    assert list(Recipient.objects.values_list("subscriber__address_key", flat=True)) == ["ana@example.org"]
    assert Issue.objects.get().state == Issue.State.SENDING

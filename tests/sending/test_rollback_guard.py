"""A database that is older than what was sent notices it, posts nothing, and is settled: nobody gets it twice."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.utils import timezone

from newsletter.environment import Environment
from newsletter.errors import Refused, Unreachable
from newsletter.instance import guard
from newsletter.instance.models import Instance
from newsletter.issues.models import Issue
from newsletter.notifications.models import Notification, NotificationMail
from newsletter.notifications.notification_queue import QUEUE, without_quarantined
from newsletter.notifications.write_notifications import write_next_notification
from newsletter.sending import adopt_after_rollback, rollback_guard, transports
from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Batch, Mailing, Recipient, Variant
from newsletter.sending.recipient_counts import RecipientCounts, count_recipients
from newsletter.sending.retry_mailing import retry_mailing
from newsletter.sending.send_test_emails import send_test_emails
from newsletter.sending.transports.sendgrid import SendGrid
from tests.fakes.sendgrid import (
    CUT_AFTER_TAKING,
    CUT_WITHOUT_TAKING,
    FakeSendGrid,
    naming,
    naming_nobody,
    status,
)
from tests.sending.planned_mailing import planned_mailing

PEOPLE = 40


@pytest.fixture
def server(monkeypatch, settings):
    with FakeSendGrid() as running:
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"transport": "sendgrid"})
        transport = SendGrid(
            Environment(
                _env_file=None, sendgrid_host=running.url, SENDGRID_API_KEY="SG.k", sendgrid_timeout_seconds=2
            )
        )
        transport.batch_size = 10
        monkeypatch.setitem(transports.TRANSPORTS, "sendgrid", lambda _environment: transport)
        transports._set_up.cache_clear()
        another_process()
        yield running
        another_process()
        transport.close()
        transports._set_up.cache_clear()


@pytest.fixture
def mailing(issue, crowd, server):
    crowd(PEOPLE)
    return planned_mailing(issue)


def another_process():
    """As a process that has just begun: nothing was asked or seen yet."""
    rollback_guard.clear_cached_answers()
    guard.clear_cached_status()


def send_all():
    for _ in range(100):
        if not send_next_batch():
            return
    raise AssertionError("it never ends")


class Snapshot:
    """The ledger as it is now; `put_back()` makes it so again, as a machine's snapshot does."""

    TABLES = (Batch, Recipient, Variant, Mailing)

    def __init__(self):
        self.rows = {model: list(model.objects.values()) for model in self.TABLES}
        self.issues = list(Issue.objects.values())

    def put_back(self):
        Mailing.objects.all().delete()
        for model in (Mailing, Variant, Batch, Recipient):
            model.objects.bulk_create(model(**row) for row in self.rows[model])
        for row in self.issues:
            Issue.objects.filter(pk=row["id"]).update(**row)
        another_process()


def nobody_twice(server, people=PEOPLE):
    accepted = server.accepted()
    return len(accepted) == people and set(accepted.values()) == {1}


@pytest.mark.parametrize("before", range(5))
def test_a_mailing_put_back_to_any_earlier_state_mails_nobody_twice(mailing, server, before):
    for _ in range(before):
        send_next_batch()
    earlier = Snapshot()
    another_process()
    send_all()
    earlier.put_back()
    send_all()
    assert nobody_twice(server)
    if before == 4:
        assert guard.may_send()
        return
    assert not guard.may_send()
    assert "this database was restored to an earlier state" in guard.instance_status().problem
    _row, settled = adopt_after_rollback.adopt_after_rollback()
    assert settled == PEOPLE - 10 * before
    send_all()
    assert nobody_twice(server)
    assert count_recipients(mailing) == RecipientCounts(audience=PEOPLE, accepted=PEOPLE)


def test_who_had_not_got_it_gets_it_after_the_take(mailing, server):
    earlier = Snapshot()
    send_next_batch()
    send_next_batch()
    earlier.put_back()
    send_all()
    assert len(server.accepted()) == 20
    assert adopt_after_rollback.adopt_after_rollback()[1] == 20
    send_all()
    assert nobody_twice(server)


def test_a_database_put_back_to_before_planning_asks_for_the_issue(issue, crowd, server):
    crowd(PEOPLE)
    earlier = Snapshot()
    planned_mailing(issue)
    send_all()
    earlier.put_back()
    issue.refresh_from_db()
    again = planned_mailing(issue)
    send_all()
    assert nobody_twice(server)
    assert adopt_after_rollback.adopt_after_rollback()[1] == PEOPLE
    send_all()
    assert nobody_twice(server)
    assert count_recipients(again) == RecipientCounts(audience=PEOPLE, accepted=PEOPLE)


def test_what_was_accepted_in_a_forgotten_half_of_a_batch_is_noticed(mailing, server):
    send_next_batch()
    earlier = Snapshot()
    server.refuses = lambda document: naming(document, {"reader12@example.org"})
    send_next_batch()
    send_next_batch()
    earlier.put_back()
    send_all()
    assert not guard.may_send()
    assert adopt_after_rollback.adopt_after_rollback()[1] == 9
    send_all()
    assert set(server.accepted().values()) == {1}
    assert count_recipients(mailing) == RecipientCounts(audience=PEOPLE, accepted=PEOPLE - 1, rejected=1)


def one_by_one(bad):
    """A server that names one of the bad ones in a post, as long as there is one."""

    def refuses(document):
        found = [each["to"][0]["email"] for each in document["personalizations"]]
        return naming(document, {next((each for each in found if each in bad), "")})

    return refuses


@pytest.mark.parametrize(
    "before", [1, *(pytest.param(posts, marks=pytest.mark.full) for posts in (0, 2, 3, 4))]
)
@pytest.mark.parametrize(
    "refusing", [one_by_one, lambda bad: partial(naming_nobody, bad=bad)], ids=["named", "unnamed"]
)
def test_what_was_forgotten_while_refusals_were_narrowed_down_is_noticed(
    issue, crowd, server, refusing, before
):
    transports.transport_named("sendgrid").batch_size = 20
    crowd(PEOPLE)
    mailing = planned_mailing(issue)
    bad = {f"reader{number}@example.org" for number in (2, 21, 33)}
    server.refuses = refusing(bad)
    for _ in range(before):
        send_next_batch()
    earlier = Snapshot()
    send_all()
    earlier.put_back()
    send_all()
    assert not guard.may_send()
    adopt_after_rollback.adopt_after_rollback()
    send_all()
    assert nobody_twice(server, PEOPLE - len(bad))
    known = count_recipients(mailing)
    assert known.accepted == PEOPLE - len(bad)
    # Of two or three who are left and refused, more than one in ten is bad: then a person decides.
    assert known.rejected + known.waiting == len(bad)


def test_categories_never_come_again_after_a_take(mailing, server):
    earlier = Snapshot()
    send_next_batch()
    earlier.put_back()
    send_all()
    adopt_after_rollback.adopt_after_rollback()
    server.refuses = lambda document: naming(document, {"reader15@example.org"})
    send_all()
    categories = [request["categories"][-1] for request in server.requests]
    assert len(set(categories)) == len(categories)
    assert set(server.accepted().values()) == {1}


def test_test_emails_are_no_posts_of_the_issue(mailing, issue, server):
    send_test_emails(issue, ["edda@example.org"])
    send_all()
    assert count_recipients(mailing).accepted == PEOPLE


def test_earlier_attempts_and_lost_answers_are_no_future(mailing, server):
    server.faults = iter([status(429), CUT_AFTER_TAKING, CUT_WITHOUT_TAKING, status(503)])
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(20):
            another_process()
            send_next_batch()
            clock.shift(timedelta(minutes=20))
    assert guard.may_send()
    assert set(server.accepted().values()) == {1}


def test_a_retry_is_no_future(mailing, server):
    from newsletter.sending.ledger import set_recipients_state

    send_all()
    some = list(Recipient.objects.values_list("pk", flat=True)[:1])
    server.inbox.clear()
    set_recipients_state(some, of=list(Recipient.State), state=Recipient.State.REJECTED, reason="No.")
    another_process()
    assert retry_mailing(mailing.pk, retried_by="edda") == 1
    send_all()
    assert guard.may_send()
    assert count_recipients(mailing) == RecipientCounts(audience=PEOPLE, accepted=PEOPLE)


def test_it_is_asked_once_a_process_and_mailing(mailing, server):
    send_all()
    asked = [path for _method, path in server.paths if path == "/v3/logs"]
    assert len(asked) == 1


def test_without_an_answer_the_mailing_waits_says_so_and_asks_again(mailing, server):
    server.logs_status = 503
    assert send_next_batch() is None
    mailing.refresh_from_db()
    assert "we could not check whether this database was restored" in mailing.defer_reason
    assert mailing.not_before > timezone.now()
    assert server.accepted() == {}
    server.logs_status = 200
    with time_machine.travel(mailing.not_before + timedelta(seconds=1)):
        send_all()
    assert nobody_twice(server)


@pytest.mark.parametrize("body", [b"", b'{"messages": [', b"[]", b'{"messages": null}', b"\xff"])
def test_an_answer_that_cannot_be_read_is_none(mailing, server, body):
    server.logs_body = body
    assert send_next_batch() is None
    mailing.refresh_from_db()
    assert "we could not check whether this database was restored" in mailing.defer_reason
    assert server.accepted() == {}


@pytest.mark.parametrize("code", [401, 403, 404])
def test_a_key_that_may_not_ask_goes_on_and_says_once_what_is_lost(mailing, server, caplog, code):
    server.logs_status = code
    send_all()
    assert nobody_twice(server)
    assert caplog.text.count("cannot read SendGrid's Email Logs") == 1


def test_another_process_that_posts_meanwhile_is_no_future(mailing, server, monkeypatch):
    """What is asked for is posted between the question and its answer, by a process that has asked before."""
    original = SendGrid.accepted_addresses

    def posting_meanwhile(transport, traces, **options):
        monkeypatch.setattr(SendGrid, "accepted_addresses", lambda *_arguments, **_options: [])
        rollback_guard._asking.release()
        send_next_batch()
        rollback_guard._asking.acquire()
        monkeypatch.setattr(SendGrid, "accepted_addresses", original)
        return original(transport, traces, **options)

    monkeypatch.setattr(SendGrid, "accepted_addresses", posting_meanwhile)
    send_all()
    assert guard.may_send()
    assert nobody_twice(server)


def test_a_take_that_cannot_ask_changes_nothing(mailing, server):
    earlier = Snapshot()
    send_all()
    earlier.put_back()
    send_all()
    server.logs_status = 500
    with pytest.raises(Unreachable):
        adopt_after_rollback.adopt_after_rollback()
    assert not guard.may_send()
    assert count_recipients(mailing).waiting == PEOPLE


def test_of_more_people_than_sendgrid_names_the_mailing_waits_for_a_person(issue, crowd, server, monkeypatch):
    monkeypatch.setattr(adopt_after_rollback, "MAX_ROWS", 15)
    crowd(PEOPLE)
    earlier = Snapshot()
    planned_mailing(issue)
    send_all()
    earlier.put_back()
    issue.refresh_from_db()
    again = planned_mailing(issue)
    send_all()
    adopt_after_rollback.adopt_after_rollback()
    send_all()
    again.refresh_from_db()
    assert again.state == Mailing.State.PAUSED
    assert "there are more" in again.pause_reason
    assert nobody_twice(server)


def test_the_editors_are_told_though_nothing_else_goes(mailing, server, django_user_model):
    ada = django_user_model.objects.create_superuser("ada", email="ada@example.org", password="x" * 20)
    earlier = Snapshot()
    send_all()
    earlier.put_back()
    send_all()
    while write_next_notification():
        pass
    notification = Notification.objects.get(kind=Notification.Kind.QUARANTINED)
    assert "restored to an earlier state" in notification.text
    rows = without_quarantined(NotificationMail.objects.filter(user=ada))
    assert [each.notification for each in QUEUE.due(rows, [])] == [notification]


def test_a_person_who_sends_is_told(mailing, server):
    earlier = Snapshot()
    send_all()
    earlier.put_back()
    send_all()
    with pytest.raises(Refused, match="newsletter instance adopt"):
        guard.require_may_send()
    assert Instance.objects.get().quarantined_at is not None


def test_a_maildir_is_not_asked(issue, join, way_out, caplog):
    join("ana")
    planned_mailing(issue)
    send_all()
    assert len(way_out.posts) == 1
    assert "Email Logs" not in caplog.text

"""What is not known is settled by evidence alone; absence is evidence after a grace by the provider's clock."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from newsletter.issues.models import Issue
from newsletter.notifications.models import Notification
from newsletter.notifications.write_notifications import write_next_notification
from newsletter.sending.batches import send_next_batch
from newsletter.sending.mailing_controls import resume_mailing
from newsletter.sending.models import Batch, Mailing, UntracedPost
from newsletter.sending.outcomes import (
    Accepted,
    EvidenceUnavailable,
    NoTrace,
    NotSent,
    RecipientsOutcome,
    Rejected,
    Unknown,
)
from newsletter.sending.proven_duplicates import count_duplicates, duplicates_of, settle_earlier_post
from newsletter.sending.recipient_counts import RecipientCounts, count_recipients
from newsletter.sending.reconcile_unknown_recipients import reconcile_mailings, settle_batch
from newsletter.sending.recover_abandoned_batches import recover_abandoned_batches
from newsletter.sending_settings.change import choose_sending, undo_sending
from newsletter.sending_settings.models import SendingChoice
from newsletter.tracking.more_reported_than_planned import alarm_of
from tests.sending.scripted_transport import answering, recipients_of

PROVIDERS_NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
GRACE = timedelta(minutes=30)
LEASE = timedelta(seconds=60)
NAMES_OF_THE_FIRST = ["ana@example.org", "ben@example.org", "cem@example.org", "dora@example.org"]


def send_all():
    for _ in range(50):
        if not send_next_batch():
            return
    raise AssertionError("it never ended")


class Books:
    """A provider's books: what they say of each post, and what time it is there."""

    def __init__(self):
        self.now = PROVIDERS_NOON
        self.asked, self.known, self.silent = [], set(), False

    def __call__(self, trace, recipients):
        self.asked.append((trace.batch, trace.attempt))
        if self.silent:
            yield EvidenceUnavailable()
        elif (trace.batch, trace.attempt) in self.known:
            yield RecipientsOutcome(recipients, Accepted("found"))
        else:
            yield NoTrace("no trace", self.now)


@pytest.fixture
def books(way_out):
    way_out.books = Books()
    return way_out.books


@pytest.fixture
def in_doubt(mailing, way_out, books):
    """A mailing of whose first batch the answer was lost."""
    way_out.plan = answering(Unknown("lost"))
    send_next_batch()
    Mailing.objects.update(not_before=None)
    assert count_recipients(mailing).unknown == 4
    return mailing


def test_no_trace_proves_nothing_until_two_looks_are_far_enough_apart(in_doubt, books):
    assert reconcile_mailings() == 0
    books.now += GRACE + LEASE - timedelta(seconds=1)
    assert reconcile_mailings() == 0
    books.now += timedelta(seconds=1)
    assert reconcile_mailings() == 4
    assert count_recipients(in_doubt) == RecipientCounts(audience=10, waiting=10)


@pytest.mark.parametrize(
    "jump", [timedelta(hours=1), timedelta(days=1), timedelta(hours=-1), timedelta(days=-1)]
)
def test_the_clock_on_the_wall_has_no_say_in_it(in_doubt, books, jump):
    reconcile_mailings()
    with time_machine.travel(timezone.now() + jump):
        books.now += GRACE / 2
        assert reconcile_mailings() == 0
        books.now += GRACE
        assert reconcile_mailings() == 4


def test_a_lost_answer_is_no_trouble_any_more_once_evidence_shows_that_the_post_arrived(in_doubt, books):
    assert Mailing.objects.get().failures == 1
    batch = in_doubt.batches.get(state="unknown")
    books.known.add((batch.pk, batch.attempts))
    assert reconcile_mailings() == 4
    assert Mailing.objects.get().failures == 0


def test_without_a_date_two_looks_of_one_process_are_compared(in_doubt, books, steady):
    books.now = None
    assert reconcile_mailings() == 0
    steady.suspend((GRACE + LEASE).total_seconds() - 5)
    assert reconcile_mailings() == 0
    steady.suspend(10)
    assert reconcile_mailings() == 4


def test_absence_proves_nothing_once_another_account_may_be_asked(in_doubt, books):
    choose_sending({"sendgrid_api_key": "SG.first"}, act="Chose.")
    reconcile_mailings()
    choose_sending({"sendgrid_api_key": "SG.second"}, act="Chose.")
    books.now += 2 * GRACE
    assert reconcile_mailings() == 0
    assert count_recipients(in_doubt).unknown == 4
    batch = in_doubt.batches.get(state="unknown")
    books.known.add((batch.pk, batch.attempts))
    assert reconcile_mailings() == 4, "a trace counts, whoever gives it"


def test_a_post_with_the_new_key_is_proven_absent_as_usual(in_doubt, books):
    choose_sending({"sendgrid_api_key": "SG.first"}, act="Chose.")
    undo_sending(choose_sending({"sendgrid_host": "https://api.eu.sendgrid.com"}, act="Chose."))
    assert SendingChoice.objects.get().account_changed_at
    Batch.objects.update(posted_at=timezone.now() + timedelta(minutes=2))
    reconcile_mailings()
    books.now += GRACE + LEASE
    assert reconcile_mailings() == 4


def test_a_first_key_changes_no_account(in_doubt, books):
    choose_sending({"sendgrid_api_key": "SG.first"}, act="Chose.")
    reconcile_mailings()
    books.now += GRACE + LEASE
    assert reconcile_mailings() == 4


def test_the_grace_is_a_setting(in_doubt, books, settings):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
        update={"evidence_grace_seconds": 2.0, "lease_seconds": 3.0}
    )
    reconcile_mailings()
    books.now += timedelta(seconds=5)
    assert reconcile_mailings() == 4


def test_a_look_that_was_not_answered_begins_nothing(in_doubt, books):
    books.silent = True
    reconcile_mailings()
    books.silent = False
    books.now += 2 * GRACE
    assert reconcile_mailings() == 0


def test_every_post_has_a_first_look_of_its_own(in_doubt, books):
    reconcile_mailings()
    books.now += 2 * GRACE
    reconcile_mailings()
    send_next_batch()
    assert (Batch.objects.get(number=1).attempts, count_recipients(in_doubt).unknown) == (2, 4)
    books.now += GRACE / 2
    assert reconcile_mailings() == 0, "the first look at the second post"


def test_a_provider_that_gives_no_answer_is_asked_once_in_a_round(mailing, way_out, books):
    way_out.plan = answering(Unknown("lost"))
    for _ in range(3):
        send_next_batch()
        Mailing.objects.update(not_before=None)
    books.silent = True
    reconcile_mailings()
    assert len(books.asked) == 1


def test_evidence_about_a_post_before_the_latest_says_nothing_about_the_latest(mailing, way_out):
    """The batch is settled and posted again by others while this process waits for the provider's books."""
    way_out.plan = answering(Unknown("lost"))
    send_next_batch()

    def books(trace, recipients):
        Batch.objects.filter(pk=trace.batch).update(attempts=2)
        yield RecipientsOutcome(recipients, NotSent("not there"))

    way_out.books = books
    assert reconcile_mailings() == 0
    assert count_recipients(mailing).unknown == 4


@pytest.fixture
def twice(mailing, way_out):
    """Four people whose first post was given up, and was accepted only after the second had been."""
    with time_machine.travel(timezone.now(), tick=False) as clock:

        def late(post):
            clock.shift(timedelta(hours=1))
            assert recover_abandoned_batches() == 1
            assert reconcile_mailings() == 4, "no trace of them yet, so they wait again"
            way_out.plan = answering(Accepted("second"))
            assert send_next_batch().batch == post.trace.batch
            yield RecipientsOutcome(recipients_of(post), Accepted("first"))

        way_out.plan = late
        send_next_batch()
    return mailing


def test_a_proven_duplicate_is_counted_and_named(twice):
    assert [each.address for each in duplicates_of(twice)] == NAMES_OF_THE_FIRST
    assert count_duplicates(twice) == 4
    assert count_recipients(twice) == RecipientCounts(audience=10, waiting=6, accepted=4)


def test_a_proven_duplicate_pauses_the_mailing_once_and_the_report_says_it(twice):
    twice.refresh_from_db()
    assert twice.state == Mailing.State.PAUSED
    assert "4 people received the email twice" in twice.pause_reason
    assert "4 people received the email twice" in alarm_of(twice)
    resume_mailing(twice.pk, resumed_by="edda")
    send_all()
    twice.refresh_from_db()
    assert twice.state == Mailing.State.SENT


def test_editors_are_told_of_a_proven_duplicate_once(twice):
    for _ in range(10):
        write_next_notification()
    (notification,) = Notification.objects.filter(kind=Notification.Kind.DUPLICATES)
    assert notification.data["twice"] == 4
    assert "4 people received the email twice" in notification.text


def test_the_command_line_names_who_got_it_twice(twice, cli):
    shown = cli("mailings", "show", twice.pk)
    assert all(address in shown.out for address in NAMES_OF_THE_FIRST)
    import json

    data = json.loads(cli("mailings", "show", twice.pk, "--json").out)
    assert data["twice"] == 4
    assert [each["address"] for each in data["got_it_twice"]] == NAMES_OF_THE_FIRST


def test_an_earlier_post_that_is_heard_of_while_the_next_is_posted_is_a_duplicate_too(mailing, way_out):
    way_out.plan = answering(Unknown("lost"))
    send_next_batch()
    Mailing.objects.update(not_before=None)
    reconcile_mailings()

    def heard_of_meanwhile(post):
        with transaction.atomic():
            settle_earlier_post(
                mailing.pk,
                recipients_of(post)[:1],
                batch_id=post.trace.batch,
                attempt=1,
                settled_by="an event",
            )
        assert count_duplicates(mailing) == 0
        yield RecipientsOutcome(recipients_of(post), Accepted("second"))

    way_out.plan = heard_of_meanwhile
    send_next_batch()
    assert [each.address for each in duplicates_of(mailing)] == NAMES_OF_THE_FIRST[:1]


def test_an_earlier_post_that_is_heard_of_in_time_is_no_duplicate(mailing, way_out):
    way_out.plan = answering(Unknown("lost"))
    send_next_batch()
    Mailing.objects.update(not_before=None)
    reconcile_mailings()
    batch = Batch.objects.get(number=1)

    def surely_not_sent(post):
        with transaction.atomic():
            settle_earlier_post(
                mailing.pk, recipients_of(post), batch_id=batch.pk, attempt=1, settled_by="an event"
            )
        yield RecipientsOutcome(recipients_of(post), Rejected("no"))

    way_out.plan = surely_not_sent
    send_next_batch()
    assert count_duplicates(mailing) == 0
    assert count_recipients(mailing) == RecipientCounts(audience=10, waiting=6, accepted=4)


def test_what_left_no_trace_is_looked_for_again_and_a_late_trace_is_a_duplicate(
    in_doubt, way_out, books, steady
):
    reconcile_mailings()
    books.now += 2 * GRACE
    reconcile_mailings()
    way_out.plan = answering(Accepted("second"))
    send_all()
    assert count_duplicates(in_doubt) == 0
    books.known.add((Batch.objects.get(number=1).pk, 1))
    steady.suspend(3_600)
    reconcile_mailings()
    assert [each.address for each in duplicates_of(in_doubt)] == NAMES_OF_THE_FIRST
    assert UntracedPost.objects.get().is_over


def test_an_editors_word_is_looked_after_only_where_a_trace_belongs_to_one_post(in_doubt, way_out, books):
    batch = Batch.objects.get(number=1)
    settle_batch(in_doubt, batch.pk, accepted=False, settled_by="edda")
    assert not UntracedPost.objects.exists(), "the provider was never asked about it"
    send_next_batch()
    Mailing.objects.update(not_before=None)
    reconcile_mailings()
    settle_batch(in_doubt, batch.pk, accepted=False, settled_by="edda")
    assert UntracedPost.objects.get().attempt == 2


def test_the_looking_again_ends_after_a_day(in_doubt, books, steady):
    reconcile_mailings()
    books.now += 2 * GRACE
    reconcile_mailings()
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        steady.suspend(3_600)
        reconcile_mailings()
    assert UntracedPost.objects.get().is_over


def test_an_issue_that_seemed_to_reach_nobody_is_sent_once_that_is_disproven(issue, mailing, way_out):
    way_out.plan = answering(Rejected("no"))
    send_all()
    issue.refresh_from_db()
    assert issue.state == Issue.State.BLOCKED
    batch = Batch.objects.get(number=1)
    with transaction.atomic():
        settle_earlier_post(
            mailing.pk,
            list(batch.recipients.values_list("pk", flat=True)),
            batch_id=batch.pk,
            attempt=1,
            settled_by="an event",
        )
    issue.refresh_from_db()
    assert (issue.state, issue.blocked_reason) == (Issue.State.SENT, "")

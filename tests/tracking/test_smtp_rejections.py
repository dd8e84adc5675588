"""What a mail server says at once, that nobody has an address, has the consequences of a bounce."""

import pytest

from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Mailing, NoSuchMailbox, Recipient
from newsletter.sending.transports.smtp_replies import no_such_mailbox
from newsletter.tracking.models import Event
from newsletter.tracking.smtp_rejections import process_smtp_rejections
from newsletter.tracking.statistics import statistics_of
from subscribers import suppression
from subscribers.models import ConsentEntry, Subscriber, Subscription, Suppression
from tests.fakes.smtp import NONE, Trouble
from tests.sending.planned_mailing import planned_mailing


@pytest.fixture
def sent(smtp_server, issue, join):
    """Send to ana and ben; `sent("550 5.1.1 no")` is what the server says of ben."""

    def send(says):
        join("ana", "ben")
        smtp_server.troubles = iter([NONE, Trouble("rcpt", says)])
        mailing = planned_mailing(issue, planned_by="edda")
        assert send_next_batch()
        return mailing

    return send


def row_of(name):
    return Recipient.objects.get(subscriber__address=f"{name}@example.org")


@pytest.mark.parametrize("says", ["550 5.1.1 no such user", "550 5.1.10 null MX", "550 user unknown"])
def test_a_mailbox_that_the_server_does_not_know_is_suppressed_as_bounced(sent, says):
    mailing = sent(says)
    assert process_smtp_rejections() == 1
    assert suppression.reasons("ben@example.org") == {Suppression.Reason.HARD_BOUNCE}
    assert Subscription.objects.get(subscriber__address="ben@example.org").state == "unsubscribed"
    assert ConsentEntry.objects.get(act=ConsentEntry.Act.SUPPRESSED).source_name == "SMTP server"
    assert row_of("ben").state == Recipient.State.REJECTED
    counts = statistics_of(mailing).counts
    assert (counts.accepted, counts.bounced) == (1, 1)
    assert suppression.reasons("ana@example.org") == set()


@pytest.mark.parametrize(
    "says", ["550 5.2.1 disabled", "550 5.1.0 address rejected", "550 5.7.1 no", "451 4.1.1 later"]
)
def test_a_refusal_that_says_less_suppresses_nobody(sent, says):
    sent(says)
    assert process_smtp_rejections() == 0
    assert not Suppression.objects.exists()


def test_a_refusal_is_folded_once_however_often_it_is_looked_for(sent):
    sent("550 5.1.1 no such user")
    row = NoSuchMailbox.objects.get()
    assert process_smtp_rejections() == 1
    # As after a crash, or in a process that read the row before it was deleted.
    NoSuchMailbox.objects.create(recipient_id=row.recipient_id, code=row.code, said_at=row.said_at)
    process_smtp_rejections()
    assert process_smtp_rejections() == 0
    assert Event.objects.filter(kind=Event.Kind.BOUNCED).count() == 1
    assert Suppression.objects.count() == 1


def test_who_is_erased_before_the_refusal_is_folded_costs_nothing(sent):
    mailing = sent("550 5.1.1 no such user")
    Subscriber.objects.get(address="ben@example.org").delete()
    assert process_smtp_rejections() == 1
    assert statistics_of(mailing).counts.bounced == 1


def test_a_list_of_addresses_that_nobody_has_pauses_the_mailing(smtp_server, issue, crowd):
    crowd(120)
    smtp_server.troubles = iter([NONE, *[Trouble("rcpt", "550 5.1.1 no such user"), NONE, NONE] * 8])
    mailing = planned_mailing(issue, planned_by="edda")
    assert send_next_batch()
    process_smtp_rejections()
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.PAUSED
    assert mailing.pause_reason.startswith("The emails to 8 of 100 recipients bounced permanently")


@pytest.mark.parametrize(
    ("code", "enhanced", "words", "expected"),
    [
        (550, "5.1.1", "", "5.1.1"),
        (550, "5.1.2", "bad host", "5.1.2"),
        (553, "5.1.3", "not an address", "5.1.3"),
        (551, "5.1.6", "moved", "5.1.6"),
        (550, "5.1.10", "null MX", "5.1.10"),
        (550, "5.1.0", "user unknown", ""),
        (550, "5.7.1", "user unknown", ""),
        (550, "", "Unknown user", "550"),
        (550, "", "mailbox unavailable", ""),
        (554, "", "user unknown", ""),
        (450, "", "user unknown", ""),
    ],
)
def test_the_code_decides_and_words_do_only_without_one(code, enhanced, words, expected):
    assert no_such_mailbox(code, enhanced, words) == expected

"""What comes back by mail has the effects that the same event of the webhook has, and only if it was signed here."""

import time
import uuid

import pytest
from django.db import OperationalError
from django.db.models.signals import post_save

from newsletter.sending.build_message import message_id_of
from newsletter.sending.models import Batch, Recipient
from newsletter.sending.personalise_email import unsubscribe_headers
from newsletter.sending.return_path import return_path
from newsletter.tracking.bounces.message_parts import LONGEST, parts_of, whole
from newsletter.tracking.bounces.process_bounce import BounceResult, process_bounce_message
from newsletter.tracking.models import Event
from newsletter.tracking.statistics import statistics_of
from subscribers import signed_links, suppression
from subscribers.models import ConsentEntry, Subscription, Suppression
from tests.tracking.returned_mail import TO, bounce, complaint, free_text, reply

Reason = Suppression.Reason
COUNTED, KNOWN, WITHOUT_EFFECT, LEFT = (
    BounceResult.COUNTED,
    BounceResult.KNOWN,
    BounceResult.WITHOUT_EFFECT,
    BounceResult.LEFT,
)


def reasons(name="ana"):
    return suppression.reasons(f"{name}@example.org")


def kinds():
    return list(Event.objects.order_by("pk").values_list("kind", "detail"))


def test_a_mailbox_that_is_not_there_is_suppressed_as_bounced(sent, path_of, row):
    assert process_bounce_message(bounce(path_of("ana"))) == COUNTED
    assert reasons() == {Reason.HARD_BOUNCE}
    assert Subscription.objects.get(subscriber__address="ana@example.org").state == "unsubscribed"
    assert ConsentEntry.objects.get(act=ConsentEntry.Act.SUPPRESSED).source_name == "Bounce mailbox"
    assert row("ana") == ("accepted", "bounced: 5.1.1")
    assert statistics_of(sent).counts.bounced == 1
    assert statistics_of(sent).classes == {"bounced": {"5.1.1": 1}}
    assert Suppression.objects.count() == 1


def test_a_complaint_suppresses_as_complained(sent, path_of, row):
    assert process_bounce_message(complaint(path_of("ana"))) == COUNTED
    assert reasons() == {Reason.COMPLAINT}
    assert row("ana") == ("accepted", "complained")
    assert statistics_of(sent).counts.complained == 1


def test_who_opts_out_at_their_provider_leaves_the_list(sent, path_of):
    assert process_bounce_message(complaint(path_of("ana"), kind="opt-out")) == COUNTED
    assert Subscription.objects.get(subscriber__address="ana@example.org").state == "unsubscribed"
    assert reasons() == set()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "5.2.2", "diagnostic": "smtp; 552 5.2.2 mailbox full"}, ("blocked", "5.2.2")),
        ({"status": "4.4.7", "diagnostic": ""}, ("blocked", "4.4.7")),
        ({"status": "5.0.0", "diagnostic": "smtp; 550 user unknown"}, ("bounced", "550")),
        (
            {"status": "5.0.0", "diagnostic": "smtp; 550-5.1.1 The account\n does not exist"},
            ("bounced", "5.1.1"),
        ),
        ({"status": "5.1.1", "diagnostic": "smtp; 554 5.7.1 blocked by policy"}, ("blocked", "5.7.1")),
        ({"status": "5.1.1", "diagnostic": "smtp; 450 4.2.2 full"}, ("blocked", "4.2.2")),
        ({"status": "5.1.1", "diagnostic": ""}, ("bounced", "5.1.1")),
        ({"status": "5.1.10", "diagnostic": "smtp;550 5.1.10 RecipientNotFound"}, ("bounced", "5.1.10")),
        ({"status": "5.1.1 (bad destination)", "diagnostic": "X-Notes; no such"}, ("bounced", "5.1.1")),
        ({"status": "nonsense", "diagnostic": ""}, ("blocked", "")),
        ({"action": "delayed", "status": "4.4.1", "diagnostic": ""}, ("deferred", "")),
        (
            {"encoding": "base64", "status_part": "QWN0aW9uOiBmYWlsZWQKU3RhdHVzOiA1LjEuMQo="},
            ("bounced", "5.1.1"),
        ),
        (
            {"status_part": "A: b\n\nAction: failed\nStatus: 5.1.1\n\nAction: failed\nStatus: 5.2.2\n"},
            ("blocked", "5.1.1"),
        ),
        ({"status_part": "A: b\n\nAction: FAILED (really)\nstatus: 5.1.1\n"}, ("bounced", "5.1.1")),
    ],
)
def test_each_report_is_counted_as_what_it_says(path_of, fields, expected):
    assert process_bounce_message(bounce(path_of("ana"), **fields)) == COUNTED
    assert kinds() == [expected]
    assert reasons() == ({Reason.HARD_BOUNCE} if expected[0] == "bounced" else set())


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "delivered", "status": "2.1.5", "diagnostic": ""},
        {"status_part": "A: b\n\nAction: failed\nStatus: 5.1.1\n\nAction: expanded\nStatus: 2.0.0\n"},
    ],
)
def test_a_report_of_success_is_dealt_with_and_changes_nothing(path_of, fields):
    assert process_bounce_message(bounce(path_of("ana"), **fields)) == WITHOUT_EFFECT
    assert kinds() == []


def test_the_same_report_counts_once_however_often_it_comes(path_of):
    message = bounce(path_of("ana"))
    assert [process_bounce_message(message) for _ in range(3)] == [COUNTED, KNOWN, KNOWN]
    # Another server on the way reports the same failure in other words.
    assert process_bounce_message(bounce(path_of("ana").upper(), status="5.1.2", diagnostic="")) == KNOWN
    assert process_bounce_message(bounce(path_of("ana"), action="delayed")) == COUNTED
    assert len(kinds()) == 2


@pytest.mark.parametrize("failure", [KeyboardInterrupt, OperationalError])
def test_a_failure_before_the_commit_counts_nothing_and_the_next_reading_does(path_of, failure):
    def fail(**_signal):
        raise failure

    post_save.connect(fail, sender=Suppression)
    try:
        with pytest.raises(failure):
            process_bounce_message(bounce(path_of("ana")))
    finally:
        post_save.disconnect(fail, sender=Suppression)
    assert (kinds(), reasons()) == ([], set())
    assert process_bounce_message(bounce(path_of("ana"))) == COUNTED


def test_a_bounce_proves_that_an_email_in_doubt_was_taken(sent, path_of, row):
    Recipient.objects.filter(subscriber__address="ana@example.org").update(state=Recipient.State.UNKNOWN)
    Batch.objects.filter(recipients__subscriber__address="ana@example.org").update(state=Batch.State.UNKNOWN)
    process_bounce_message(bounce(path_of("ana"), status="5.2.2", diagnostic=""))
    assert row("ana")[0] == "accepted"


@pytest.mark.parametrize(
    "message",
    [
        reply(),
        reply(subject="Away", headers="Auto-Submitted: auto-replied\n"),
        b"",
        b"\0\0\0",
        b"no header at all",
        reply(headers="Return-Path: <>\n").replace(b"Thank you!", b"I am away. For 550 people I am unknown."),
        b"From: ana@example.org\nContent-Type: text/plain; charset=nonsense\n\n550 5.1.1 User unknown",
        bounce(status_part="Action: dance\n"),
        bounce(status_part="nothing"),
        complaint(kind="auth-failure"),
        complaint(kind="not-spam"),
        bounce().replace(b'boundary="4Xyz', b'boundary="other'),
    ],
)
def test_what_is_not_a_report_is_left(path_of, message):
    assert process_bounce_message(message.replace(TO.encode(), path_of("ana").encode())) == LEFT
    assert kinds() == []


def test_a_forged_report_that_names_a_recipient_does_nothing(sent, path_of):
    number = Recipient.objects.get(subscriber__address="ana@example.org").pk
    token = path_of("ana").partition("+")[2].partition("@")[0]
    forged = [
        bounce(TO, returned=f"Message-ID: {message_id_of(sent.key, number, 'news@harbour.example.org')}"),
        bounce(f"bounces+{token[:-1]}{'a' if token[-1] != 'a' else 'b'}@example.org"),
        bounce(f"bounces+{number}@example.org", returned="To: ana@example.org"),
        complaint(TO, returned="List-Unsubscribe: <https://example.org/one-click/" + "A" * 40 + "/>"),
    ]
    assert [process_bounce_message(each) for each in forged] == [LEFT] * 4
    assert (kinds(), reasons()) == ([], set())


def test_a_report_on_another_installation_or_a_lost_row_has_no_effect(sent, path_of):
    number = Recipient.objects.get(subscriber__address="ana@example.org").pk
    other_mailing = return_path(TO, uuid.uuid4(), number)
    gone, test_email = return_path(TO, sent.key, number + 1_000), return_path(TO, uuid.uuid4(), 0)
    assert [process_bounce_message(bounce(path)) for path in (other_mailing, gone, test_email)] == [
        WITHOUT_EFFECT
    ] * 3
    assert kinds() == []


@pytest.mark.parametrize("where", ["envelope", "Return-Path", "X-Envelope-From"])
def test_the_token_is_found_where_servers_put_it(path_of, where):
    if where == "envelope":
        assert process_bounce_message(bounce(TO), [path_of("ana")]) == COUNTED
    else:
        assert (
            process_bounce_message(bounce(TO, returned=f"{where}: <{path_of('ana')}>\nSubject: Tides"))
            == COUNTED
        )
    assert reasons() == {Reason.HARD_BOUNCE}


def test_a_complaint_without_any_address_is_known_by_the_signed_link(sent, path_of):
    subscription = Subscription.objects.get(subscriber__address="ben@example.org")
    url = signed_links.make_url(signed_links.Purpose.ONE_CLICK, subscription)
    number = Recipient.objects.get(subscriber__address="ben@example.org").pk
    headers = f"List-Unsubscribe: {unsubscribe_headers(url)['List-Unsubscribe']}\n"
    message_id = message_id_of(sent.key, number, "news@harbour.example.org")
    assert process_bounce_message(complaint(TO, returned=f"{headers}Message-ID: {message_id}")) == COUNTED
    assert (reasons("ben"), reasons("ana")) == ({Reason.COMPLAINT}, set())
    # With the Message-ID of somebody else, the link still says who it is.
    cem = Recipient.objects.get(subscriber__address="cem@example.org").pk
    message_id = message_id_of(sent.key, cem, "news@harbour.example.org")
    others = complaint(TO, returned=f"{headers}Message-ID: {message_id}")
    assert [process_bounce_message(others), process_bounce_message(others)] == [COUNTED, KNOWN]
    assert process_bounce_message(complaint(TO, returned=headers)) == COUNTED
    assert reasons("cem") == set()
    assert statistics_of(sent).counts.complained == 1


def test_a_complaint_about_an_email_that_a_restored_database_does_not_know_is_heard(sent, path_of):
    url = signed_links.make_url(
        signed_links.Purpose.ONE_CLICK, Subscription.objects.get(subscriber__address="ana@example.org")
    )
    returned = f"List-Unsubscribe: <{url}>\nMessage-ID: <1@example.org>"
    message = complaint(path_of("ana"), returned=returned)
    Recipient.objects.all().delete()
    assert [process_bounce_message(message), process_bounce_message(message)] == [COUNTED, KNOWN]
    assert reasons() == {Reason.COMPLAINT}


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        ("Remote host said: 550 5.1.1 User unknown", ("bounced", "5.1.1")),
        ("Sorry, no mailbox here by that name. (#5.1.1)", ("bounced", "5.1.1")),
        ("Remote host said: 550 No such user", ("bounced", "550")),
        ("Remote host said: 552 5.2.2 over quota", ("blocked", "5.2.2")),
        ("Remote host said: 554 go away", ("blocked", "554")),
        ("User unknown", ("blocked", "")),
    ],
)
def test_a_bounce_in_free_text_suppresses_only_by_a_code(path_of, says, expected):
    message = free_text(path_of("ana"), says=says)
    assert [process_bounce_message(message), process_bounce_message(message)] == [COUNTED, KNOWN]
    assert kinds() == [expected]
    assert reasons() == ({Reason.HARD_BOUNCE} if expected[0] == "bounced" else set())


def test_a_bounce_in_free_text_is_believed_only_by_the_address_that_it_came_to(sent, path_of):
    ben = Subscription.objects.get(subscriber__address="ben@example.org")
    url = signed_links.make_url(signed_links.Purpose.ONE_CLICK, ben)
    returned = f"Return-Path: <{path_of('ben')}>\nList-Unsubscribe: <{url}>"
    assert process_bounce_message(free_text(TO, returned=returned)) == LEFT
    assert process_bounce_message(free_text(TO), [path_of("ana")]) == COUNTED
    assert (reasons(), reasons("ben")) == ({Reason.HARD_BOUNCE}, set())


def nested(depth):
    head = b"MIME-Version: 1.0\r\n"
    for number in range(depth):
        head += b'Content-Type: multipart/report; boundary="%d"\r\n\r\n--%d\r\n' % (number, number)
    return head


@pytest.mark.parametrize(
    "message",
    [
        nested(20_000),
        b"Content-Type: multipart/report; boundary=a\r\n\r\n" + b"--a\r\n" * 200_000,
        b"Content-Type: multipart/report; boundary=a\r\n\r\n" + b"--a" * 300_000,
        b"Content-Type: multipart/report; boundary=" + b"a" * 900_000,
        b"Content-Type: " + b"; boundary" * 90_000,
        b"Content-Type: multipart/report" + b'; x="' * 200_000,
        b"To: x\r\n" * 140_000,
        b"To: x" + b"\r\n x" * 250_000,
        b"To: " + b"+" + b"a" * 900_000,
        b"To: " + b"+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@" * 20_000 + b"\r\n\r\n",
        b"\0" * 900_000,
        b"\xff\xfe" * 450_000,
        bounce(status_part="Action: failed\n\n" * 60_000),
        bounce(status_part="Diagnostic-Code: smtp; 550 " + "user " * 180_000),
        free_text(says="\t\r\n" * 300_000),
        free_text(says=" " * 900_000),
        b"From: a@yale.edu\n\n" + b"\r\n\n" * 300_000,
        b"Content-Type: multipart/report; boundary=a\n\n--a\nContent-Type: text/plain\n\n"
        + b"\t\n" * 400_000,
        bounce(encoding="base64", status_part="=" * 200_000),
        bounce(encoding="quoted-printable", status_part="=\n" * 100_000),
    ],
)
def test_hostile_messages_cost_little_time(db, message):
    began = time.thread_time()
    assert process_bounce_message(message) == LEFT
    # What grows with the square of its length would take minutes.
    assert time.thread_time() - began < 20


def test_only_the_beginning_of_a_message_is_looked_at(path_of):
    assert process_bounce_message(bounce(path_of("ana")) + b"x" * LONGEST) == COUNTED
    message = whole(bounce(path_of("ben")).replace(b"Hello", b"x" * 2 * LONGEST))
    assert [part.content_type for part in parts_of(message)][-1] == "message/rfc822"

"""One bad address costs one person, whether SendGrid names who it is or not; what is not about people costs nobody."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.conf import settings as django_settings
from django.utils import timezone

from newsletter.environment import Environment
from newsletter.errors import Refused
from newsletter.issues.models import Issue
from newsletter.sending import transports
from newsletter.sending.batches import send_next_batch
from newsletter.sending.engines.local import LocalEngine
from newsletter.sending.mailing_controls import resume_mailing
from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.sending.outcomes import Accepted, NotSent, RecipientsOutcome, RejectedWhole
from newsletter.sending.recipient_counts import RecipientCounts, count_reasons, count_recipients
from newsletter.sending.reconcile_unknown_recipients import reconcile_mailings
from newsletter.sending.recover_abandoned_batches import recover_abandoned_batches
from newsletter.sending.retry_mailing import retry_mailing
from newsletter.sending.transports.sendgrid import SendGrid
from newsletter.sending.transports.sendgrid_refusal import refusal_of, without_addresses
from tests.fakes.sendgrid import FakeSendGrid, naming, naming_nobody, status
from tests.sending.planned_mailing import planned_mailing
from tests.sending.scripted_transport import Crash, recipients_of, take_all

PEOPLE = 3_000
# Threads of a test see each other's rows in PostgreSQL; SQLite's are tried in tests/journeys, on files.
THREADS = 4 if django_settings.DATABASES["default"]["ENGINE"].endswith("postgresql") else 1
PLACES = [
    {0, 1_500, 2_999},
    {0, 1, 2},
    {0, 999, 500},
]


def readers(numbers):
    return {f"reader{number}@example.org" for number in numbers}


@pytest.fixture
def server(monkeypatch, settings):
    """A SendGrid to which everybody who asks for the transport `sendgrid` posts."""
    with FakeSendGrid() as running:
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"transport": "sendgrid"})
        transport = SendGrid(
            Environment(
                _env_file=None,
                sendgrid_host=running.url,
                SENDGRID_API_KEY="SG.k",
                sendgrid_timeout_seconds=30,
            )
        )
        monkeypatch.setitem(transports.TRANSPORTS, "sendgrid", lambda _environment: transport)
        transports._set_up.cache_clear()
        yield running
        transport.close()
        transports._set_up.cache_clear()


@pytest.fixture
def thousands(issue, crowd, server):
    crowd(PEOPLE)
    return planned_mailing(issue)


def send_all():
    for _ in range(200):
        if not send_next_batch():
            return
    raise AssertionError("it never ends")


def once_but(server, bad, people=PEOPLE):
    everybody = Counter(readers(range(people)))
    return server.accepted() == everybody - Counter(bad)


@pytest.mark.parametrize(
    "places", [PLACES[0], *(pytest.param(each, marks=pytest.mark.full) for each in PLACES[1:])]
)
def test_three_bad_addresses_that_are_named_cost_three_people_and_few_posts(thousands, server, places):
    bad = readers(places)
    server.refuses = partial(naming, bad=bad)
    send_all()
    assert count_recipients(thousands) == RecipientCounts(audience=PEOPLE, accepted=PEOPLE - 3, rejected=3)
    assert once_but(server, bad)
    assert len(server.requests) <= 9
    assert count_reasons(thousands) == {
        "rejected": {"SendGrid rejected this recipient (400): Does not contain a valid address.": 3}
    }
    rejected = Recipient.objects.filter(state="rejected")
    assert set(rejected.values_list("subscriber__address", flat=True)) == bad


@pytest.mark.postgresql_full
@pytest.mark.parametrize(
    ("code", "places"),
    [
        pytest.param(400, PLACES[0], marks=pytest.mark.full),
        (413, PLACES[1]),
        pytest.param(400, PLACES[2], marks=pytest.mark.full),
    ],
)
def test_three_bad_addresses_that_nobody_names_cost_three_people(thousands, server, places, code):
    bad = readers(places)
    server.refuses = partial(naming_nobody, bad=bad, code=code)
    send_all()
    assert count_recipients(thousands) == RecipientCounts(audience=PEOPLE, accepted=PEOPLE - 3, rejected=3)
    assert once_but(server, bad)
    assert len(server.requests) <= 66
    assert count_reasons(thousands) == {"rejected": {f"SendGrid rejected the request ({code}): no": 3}}
    categories = [request["categories"][-1] for request in server.requests]
    assert len(set(categories)) == len(categories), "each post can be told by its category"


@pytest.mark.postgresql_full
@pytest.mark.parametrize("people", [*range(2, 10), 100, 2_500])
def test_content_that_is_refused_rejects_nobody_and_pauses(issue, crowd, server, people):
    crowd(people)
    mailing = planned_mailing(issue)
    server.refuses = lambda document: status(400)
    send_all()
    mailing.refresh_from_db()
    assert count_recipients(mailing) == RecipientCounts(audience=people, waiting=people)
    assert mailing.state == Mailing.State.PAUSED
    assert "no single recipient is the cause" in mailing.pause_reason
    assert len(server.requests) <= 8
    server.refuses = lambda document: None
    resume_mailing(mailing.pk, resumed_by="edda")
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=people, accepted=people)
    assert once_but(server, (), people)


@pytest.mark.parametrize(
    "field", ["from.email", "reply_to", "content.0.value", "subject", "template_id", "categories.0"]
)
def test_a_refusal_that_names_what_is_everybodys_pauses_after_one_post(issue, crowd, server, field):
    crowd(20)
    mailing = planned_mailing(issue)
    server.refuses = lambda document: naming(document, readers([0]), field=field)
    send_all()
    mailing.refresh_from_db()
    assert (mailing.state, len(server.requests)) == (Mailing.State.PAUSED, 1)
    assert count_recipients(mailing).waiting == 20


def test_more_than_one_in_ten_named_pauses_and_rejects_nobody(issue, crowd, server):
    crowd(100)
    mailing = planned_mailing(issue)
    server.refuses = partial(naming, bad=readers(range(11)))
    send_all()
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.PAUSED
    assert "11 of 100" in mailing.pause_reason
    assert "@" not in mailing.pause_reason
    assert count_recipients(mailing) == RecipientCounts(audience=100, waiting=100)


def naming_the_first(document):
    """As a server does that reports one of many equal errors: the fault is in what everybody gets."""
    return naming(
        document,
        {document["personalizations"][0]["to"][0]["email"]},
        field="personalizations.{}.substitutions",
    )


@pytest.mark.postgresql_full
@pytest.mark.parametrize("people", [30, 300])
def test_a_refusal_that_names_whoever_comes_first_rejects_nobody(issue, crowd, server, people):
    crowd(people)
    mailing = planned_mailing(issue)
    server.refuses = naming_the_first
    send_all()
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.PAUSED
    assert len(server.requests) <= 8
    assert count_recipients(mailing) == RecipientCounts(audience=people, waiting=people)
    server.refuses = lambda document: None
    resume_mailing(mailing.pk, resumed_by="edda")
    send_all()
    assert once_but(server, (), people)


def test_whoever_comes_first_is_not_at_fault_after_others_were_accepted_either(
    issue, crowd, server, settings
):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"rate_per_second": 100})
    crowd(300)
    mailing = planned_mailing(issue)
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"rate_per_second": 0})
    assert send_next_batch().left == 100
    server.refuses = naming_the_first
    send_all()
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.PAUSED
    assert count_recipients(mailing) == RecipientCounts(audience=300, accepted=100, waiting=200)
    server.refuses = lambda document: None
    resume_mailing(mailing.pk, resumed_by="edda")
    send_all()
    assert once_but(server, (), 300)


def test_six_bad_addresses_that_are_named_one_after_the_other_cost_six_people(issue, crowd, server):
    crowd(300)
    mailing = planned_mailing(issue)
    bad = readers([3, 40, 41, 120, 250, 299])

    def first_of_them(document):
        found = [each["to"][0]["email"] for each in document["personalizations"]]
        return naming(document, {next((each for each in found if each in bad), "")})

    server.refuses = first_of_them
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=300, accepted=294, rejected=6)
    assert once_but(server, bad, 300)


def test_one_in_ten_named_is_still_about_people(issue, crowd, server):
    crowd(100)
    mailing = planned_mailing(issue)
    server.refuses = partial(naming, bad=readers(range(10)))
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=100, accepted=90, rejected=10)


def test_bad_ones_named_one_at_a_time_are_counted_together(issue, crowd, server):
    crowd(100)
    mailing = planned_mailing(issue)
    bad = readers(range(50))
    server.refuses = lambda document: naming(
        document, sorted(bad & {each["to"][0]["email"] for each in document["personalizations"]})[:1]
    )
    send_all()
    mailing.refresh_from_db()
    assert (mailing.state, count_recipients(mailing).waiting) == (Mailing.State.PAUSED, 100)
    assert len(server.requests) == 7


@pytest.mark.parametrize("code", [400, 413])
def test_the_only_one_of_an_audience_is_rejected(issue, crowd, server, code):
    crowd(1)
    mailing = planned_mailing(issue)
    server.refuses = lambda document: status(code)
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=1, rejected=1)
    issue.refresh_from_db()
    assert issue.state == Issue.State.BLOCKED


def test_two_bad_ones_that_go_first_are_told_from_bad_content_by_the_others(mailing, way_out, states):
    """Batches of four; the first share of an audience may well be bad as a whole."""
    bad = set(recipients_by_batch(mailing)[1][:1])
    way_out.plan = lambda post: iter([RecipientsOutcome(recipients_of(post), _refusal(post, bad))])
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=9, rejected=1)


def recipients_by_batch(mailing):
    found = {}
    for number, recipient in Recipient.objects.filter(batch__mailing=mailing).values_list(
        "batch__number", "pk"
    ):
        found.setdefault(number, []).append(recipient)
    return found


def _refusal(post, bad):
    return RejectedWhole("No.") if bad & set(recipients_of(post)) else Accepted()


def test_while_a_refusal_is_narrowed_down_only_the_suspects_go(mailing, way_out):
    ahead = []

    def refuse_the_first(post):
        ahead.append(Batch.objects.get(pk=post.trace.batch).rejected_in)
        yield RecipientsOutcome(recipients_of(post), _refusal(post, bad))

    bad = set(recipients_by_batch(mailing)[1][3:])
    way_out.plan = refuse_the_first
    send_all()
    assert ahead == [None, 1, 1, 1, 1, None, None]
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=9, rejected=1)


@pytest.mark.parametrize("dies_at", range(1, 8))
@pytest.mark.parametrize("was_written", [False, True], ids=["before its outcome", "after its outcome"])
def test_a_process_that_dies_while_narrowing_down_loses_nobody(mailing, way_out, dies_at, was_written):
    bad = set(recipients_by_batch(mailing)[1][:1])

    def dying(post):
        if len(way_out.posts) == dies_at and not was_written:
            raise Crash
        yield RecipientsOutcome(recipients_of(post), _refusal(post, bad))
        if len(way_out.posts) == dies_at:
            raise Crash

    way_out.plan = dying
    with pytest.raises(Crash):
        send_all()
    with time_machine.travel(timezone.now() + timedelta(minutes=40)):
        recover_abandoned_batches()
        reconcile_mailings()
        send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=9, rejected=1)
    assert set(way_out.taken.values()) == {1}


def test_an_answer_that_is_lost_while_narrowing_down_holds_up_nobody_else(mailing, way_out):
    bad = set(recipients_by_batch(mailing)[1][:1])
    seen = []

    def losing_the_second(post):
        seen.append(post)
        if len(seen) == 2:
            return
        yield RecipientsOutcome(recipients_of(post), _refusal(post, bad))

    way_out.plan = losing_the_second
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=8, unknown=2)


def test_retry_never_repeats_what_was_refused_for_a_persons_own_address(mailing, way_out, states):
    ana, ben, *_others = recipients_by_batch(mailing)[1]

    def plan(post):
        there = recipients_of(post)
        if ana in there:
            yield RecipientsOutcome(there, RejectedWhole("No.", {ana: "Not valid."}))
        else:
            yield RecipientsOutcome(
                [each for each in there if each == ben], NotSent("Full.", everybody=False)
            )
            yield RecipientsOutcome([each for each in there if each != ben], Accepted())

    way_out.plan = plan
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(14):
            send_all()
            clock.shift(timedelta(hours=8))
        assert (states()["ana"], states()["ben"]) == ("rejected", "rejected")
        assert retry_mailing(mailing.pk, retried_by="edda") == 1
        way_out.plan = lambda post: iter([RecipientsOutcome(recipients_of(post), Accepted())])
        send_all()
    assert (states()["ana"], states()["ben"]) == ("rejected", "accepted")
    with pytest.raises(Refused, match="1 recipient was rejected because of their own address"):
        retry_mailing(mailing.pk, retried_by="edda")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("bad", [readers([1_500]), None], ids=["one bad address", "the content"])
def test_with_threads_the_figures_hold(issue, crowd, server, bad):
    crowd(PEOPLE)
    mailing = planned_mailing(issue)
    server.refuses = partial(naming_nobody, bad=bad or readers(range(PEOPLE)))
    LocalEngine(mailing.pk, threads=THREADS).run()
    found = count_recipients(mailing)
    if bad:
        assert found == RecipientCounts(audience=PEOPLE, accepted=PEOPLE - 1, rejected=1)
        assert len(server.requests) <= 24
    else:
        assert found == RecipientCounts(audience=PEOPLE, waiting=PEOPLE)
        assert len(server.requests) <= 8


def test_before_anything_was_accepted_one_post_goes_at_a_time(mailing, way_out):
    inner = []

    def post_another_meanwhile(post):
        inner.append(send_next_batch())
        yield RecipientsOutcome(recipients_of(post), Accepted())

    way_out.plan = post_another_meanwhile
    send_next_batch()
    assert inner == [None]
    way_out.plan = take_all
    send_all()
    assert count_recipients(mailing).accepted == 10


@pytest.mark.parametrize(
    "address",
    [
        "ana@example.org", "<ana@example.org>", '"ana maria"@example.org', "ана@пример.рф", "ana＠example.org",
        "ana%40example.org", "ana&#64;example.org", "ana @ example.org", "ana+tag@[192.0.2.1]",
        "mailto:ana@example.org",
        "ana(comment)@example.org", "'ana'@example.org", "ana@xn--e1afmkfd.xn--p1ai", "\"ana\" <ana@example.org>",
    ],
)  # fmt: skip
def test_no_address_stays_in_what_sendgrid_said(address):
    said = without_addresses(f"The address {address} is not valid.")
    assert "@" not in said
    assert "example" not in said
    assert "пример" not in said
    assert said.startswith("The address ")


@pytest.mark.parametrize(
    "field",
    [
        "personalizations.7.to", "personalizations.-1.to", "personalizations.99999999999999999999", "personalizations",
        "personalizations.x", "personalizations.٣", "", "unheard_of", "personalizations[].to",
    ],
)  # fmt: skip
def test_a_field_that_names_nobody_in_the_request_names_nobody(field):
    body = naming({"personalizations": [{"to": [{"email": "a"}]}]}, {"a"}, field=field).body
    assert refusal_of(body, 400, [11, 12]).named == {}


def test_reasons_are_each_persons_own():
    body = (
        b'{"errors":[{"message":"bad b@example.org","field":"personalizations.1.to"},'
        b'{"message":"worse","field":"personalizations.0.substitutions"},{"message":"odd","field":"personalizations.1"}]}'
    )
    assert refusal_of(body, 400, [11, 12]).named == {
        12: "SendGrid rejected this recipient (400): bad (address) odd",
        11: "SendGrid rejected this recipient (400): worse",
    }

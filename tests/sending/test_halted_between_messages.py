"""A mailing that is paused or stopped between two messages of one batch: no further message begins."""

import pytest

from newsletter.instance import guard
from newsletter.sending.batches import send_next_batch
from newsletter.sending.mailing_controls import pause_mailing, resume_mailing, stop_mailing
from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.sending.outcomes import Accepted, RecipientsOutcome
from newsletter.sending.recipient_counts import RecipientCounts, count_recipients
from newsletter.sending.status_sentences import Status, mailing_status
from tests.sending.planned_mailing import planned_mailing
from tests.sending.scripted_transport import recipients_of

PEOPLE = 30


@pytest.fixture
def by_smtp(smtp_server, issue, crowd):
    crowd(PEOPLE)
    return planned_mailing(issue, planned_by="edda")


def after(smtp_server, count, act):
    """Something that every transport asks between two messages, and that acts once the server has taken so many."""
    done = []

    def look():
        if len(smtp_server.messages) >= count and not done:
            done.append(act())
        return False

    return look


def send_all(**asked):
    while send_next_batch(**asked):
        pass


def pause(mailing):
    return lambda: pause_mailing(mailing.pk, "A wrong headline.", paused_by="edda")


def stop(mailing):
    return lambda: stop_mailing(mailing.pk, stopped_by="edda")


@pytest.mark.parametrize("taken", [0, 1, 7, PEOPLE - 1])
def test_a_pause_leaves_the_rest_of_the_batch_waiting_and_a_resumption_sends_it_once(
    smtp_server, by_smtp, taken
):
    send_all(stopping=after(smtp_server, taken, pause(by_smtp)))
    assert len(smtp_server.messages) == taken
    assert count_recipients(by_smtp) == RecipientCounts(
        audience=PEOPLE, accepted=taken, waiting=PEOPLE - taken
    )
    assert not Batch.objects.filter(state=Batch.State.POSTING).exists()
    resume_mailing(by_smtp.pk, resumed_by="edda")
    send_all()
    assert count_recipients(by_smtp) == RecipientCounts(audience=PEOPLE, accepted=PEOPLE)
    assert len(smtp_server.inbox) == PEOPLE
    assert set(smtp_server.inbox.values()) == {1}


def test_a_pause_is_not_a_failure_of_the_server(smtp_server, by_smtp):
    send_all(stopping=after(smtp_server, 3, pause(by_smtp)))
    by_smtp.refresh_from_db()
    assert (by_smtp.state, by_smtp.failures, by_smtp.not_before) == (Mailing.State.PAUSED, 0, None)


@pytest.mark.parametrize("taken", [0, 1, 7, PEOPLE - 1])
def test_a_stop_leaves_out_the_rest_of_the_batch_and_says_how_many(smtp_server, by_smtp, taken):
    said = []
    send_all(stopping=after(smtp_server, taken, lambda: said.append(stop(by_smtp)())))
    assert len(smtp_server.messages) == taken
    assert said == [PEOPLE - taken]
    assert count_recipients(by_smtp) == RecipientCounts(
        audience=PEOPLE, accepted=taken, skipped=PEOPLE - taken
    )
    by_smtp.refresh_from_db()
    assert by_smtp.finished_at is not None
    assert (
        by_smtp.decisions.last().sentence
        == f"Stopped the mailing while {PEOPLE - taken} recipient{'s were' if taken < PEOPLE - 1 else ' was'} waiting "
        "for the email."
    )


def test_the_outbox_stops_too(issue, crowd, home, settings):
    crowd(PEOPLE)
    mailing = planned_mailing(issue, planned_by="edda")
    outbox = settings.NEWSLETTER.home / "outbox" / "new"
    looks = []

    def look():
        looks.append(len(list(outbox.iterdir())))
        if looks[-1] == 4:
            pause(mailing)()
        return False

    send_next_batch(stopping=look)
    assert len(list(outbox.iterdir())) == 4
    assert count_recipients(mailing) == RecipientCounts(audience=PEOPLE, accepted=4, waiting=PEOPLE - 4)
    resume_mailing(mailing.pk, resumed_by="edda")
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=PEOPLE, accepted=PEOPLE)


def test_a_database_that_may_no_longer_send_sends_no_further_message(smtp_server, by_smtp):
    try:
        send_next_batch(stopping=after(smtp_server, 5, guard.require_adoption))
        assert len(smtp_server.messages) == 5
        assert count_recipients(by_smtp) == RecipientCounts(audience=PEOPLE, accepted=5, waiting=PEOPLE - 5)
    finally:
        guard.clear_cached_status()


def test_no_message_begins_once_the_mailing_is_paused(mailing, way_out):
    begun = []

    def paused_before_the_second(post):
        first, second = post.envelopes[:2]
        begun.append(post.begin(first))
        yield RecipientsOutcome([first.recipient], Accepted())
        pause(mailing)()
        begun.append(post.begin(second))
        assert post.lease.stands
        yield RecipientsOutcome([each.recipient for each in post.envelopes[1:]], post.why_not_now(second))

    way_out.one_by_one, way_out.plan = True, paused_before_the_second
    send_next_batch()
    assert begun == [True, False]
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=1, waiting=9)


def test_the_status_says_that_a_message_is_on_its_way(mailing, way_out):
    seen = []

    def see(act, first):
        act(mailing)()
        seen.append(mailing_status(Mailing.objects.get()))
        yield RecipientsOutcome([first], Accepted())
        seen.append(mailing_status(Mailing.objects.get()))

    def in_hand(post):
        assert post.begin(post.envelopes[0])
        yield from see(pause, post.envelopes[0].recipient)
        mailing_again = Mailing.objects.get()
        resume_mailing(mailing_again.pk, resumed_by="edda")
        assert post.begin(post.envelopes[1])
        yield from see(stop, post.envelopes[1].recipient)
        yield RecipientsOutcome(
            [each.recipient for each in post.envelopes[2:]], post.why_not_now(post.envelopes[2])
        )

    way_out.one_by_one, way_out.plan = True, in_hand
    send_next_batch()
    one = "It is too late to stop sending the email to 1 recipient. It will not be sent to anyone"
    assert seen == [
        Status("Pausing", f"A wrong headline. {one} else until you resume the mailing."),
        Status("Paused", "A wrong headline."),
        Status("Stopping", f"{one} else."),
        Status("Stopped", "The email will not be sent to anyone else."),
    ]


def test_a_request_for_several_people_cannot_be_taken_back_and_the_status_says_how_many(mailing, way_out):
    seen = []

    def in_one_request(post):
        seen.append(stop_mailing(mailing.pk, stopped_by="edda"))
        seen.append(mailing_status(Mailing.objects.get()))
        yield RecipientsOutcome(recipients_of(post), Accepted())

    way_out.plan = in_one_request
    send_next_batch()
    sentence = "It is too late to stop sending the email to 4 recipients. It will not be sent to anyone else."
    assert seen == [6, Status("Stopping", sentence)]
    mailing.refresh_from_db()
    assert mailing_status(mailing) == Status("Stopped", "The email will not be sent to anyone else.")
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=4, skipped=6)
    assert Recipient.objects.filter(reason="stopped").count() == 6

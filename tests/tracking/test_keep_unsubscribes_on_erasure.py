"""Who left after which mailing: a figure that stays, whoever is erased, and counts each departure once."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from newsletter.issues.models import Issue, Item
from newsletter.sending.batches import send_next_batch
from newsletter.tracking.statistics import By, breakdown, statistics_of
from subscribers import consent, erasure
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind, Subscriber, Subscription
from tests.sending.planned_mailing import planned_mailing

EMAIL, EDITOR = ConsentSource(SourceKind.EMAIL_LINK), ConsentSource(SourceKind.EDITOR, "edda")


def unsubscribed(mailing):
    return statistics_of(mailing).counts.unsubscribed


def leave(name, source=EMAIL):
    consent.unsubscribe(Subscription.objects.get(subscriber__first_name=name.title()), source)


def erase(name, source=EDITOR):
    erasure.erase(Subscriber.objects.get(first_name=name.title()), source)


@pytest.fixture
def another(issue):
    """Plan one more mailing to the same list."""

    def plan(number=2):
        next_one = Issue.objects.create(
            publication=issue.publication, number=number, subject="Ebb", composed_at=timezone.now()
        )
        Item.objects.create(issue=next_one, article=issue.items.get().article, lead=True)
        return planned_mailing(next_one)

    return plan


def send_all():
    while send_next_batch():
        pass


def test_a_figure_does_not_fall_when_somebody_is_erased(sent):
    leave("ana")
    leave("ben")
    before = statistics_of(sent), breakdown(sent, By.HOUR)
    erase("ana")
    erase("cem")
    assert (statistics_of(sent), breakdown(sent, By.HOUR)) == before
    assert unsubscribed(sent) == 2


def test_who_erases_themselves_by_the_email_counts_as_unsubscribed(sent):
    erase("ana", EMAIL)
    erase("ben", EDITOR)
    assert unsubscribed(sent) == 1


def test_who_left_before_it_went_does_not_count(planned):
    leave("ana")
    send_all()
    assert statistics_of(planned).counts.accepted == 9
    assert unsubscribed(planned) == 0
    erase("ana")
    assert unsubscribed(planned) == 0


def test_a_departure_counts_for_the_email_that_the_person_had_last(sent, another):
    second = another()
    leave("ana")  # before the second went
    send_all()
    leave("ben")
    assert (unsubscribed(sent), unsubscribed(second)) == (1, 1)
    erase("ana")
    erase("ben")
    assert (unsubscribed(sent), unsubscribed(second)) == (1, 1)


def test_of_two_mailings_of_one_moment_only_one_counts(issue, join, way_out, another):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        join("ana", "ben")
        mailings = [planned_mailing(issue), another()]
        send_all()
        clock.shift(timedelta(minutes=1))
        leave("ana")
        leave("ben")
        assert sum(map(unsubscribed, mailings)) == 2
        erase("ana")
        assert sum(map(unsubscribed, mailings)) == 2


def test_a_departure_from_another_list_says_nothing_about_this_one(sent):
    from subscribers.models import List

    other = List.objects.create(slug="other", name="Other")
    ana = Subscriber.objects.get(first_name="Ana")
    consent.unsubscribe(
        Subscription.objects.create(subscriber=ana, list=other, state=Subscription.State.ACTIVE), EMAIL
    )
    assert unsubscribed(sent) == 0
    erase("ana")
    assert unsubscribed(sent) == 0

"""The audience: who of a list an issue would go to, and how many people that is."""

from datetime import UTC, date, datetime

import time_machine

from newsletter.issues.models import Issue
from newsletter.sending.audience import audience_sentence, audience_size, audience_words
from newsletter.sending.models import Recipient
from subscribers.models import List, Subscription
from tests.sending.planned_mailing import planned_mailing

State = Subscription.State


def planned_names(mailing):
    return {each.subscriber.first_name for each in Recipient.objects.filter(batch__mailing=mailing)}


def test_pending_unsubscribed_paused_and_strangers_are_left_out(issue, join, way_out):
    join("ana")
    join("pen", state=State.PENDING)
    join("una", state=State.UNSUBSCRIBED)
    join("pia", paused_until=date(2999, 1, 1))
    (stranger,) = join("stan")
    stranger.list = List.objects.create(slug="others", name="Others")
    stranger.save()
    assert planned_names(planned_mailing(issue)) == {"Ana"}


def test_a_pause_ends_on_its_day_where_the_publication_is_at_home(issue, join, way_out):
    join("ana", paused_until=date(2026, 12, 1))
    issue.publication.zone = "Pacific/Auckland"
    with time_machine.travel(datetime(2026, 11, 30, 10, 59, tzinfo=UTC), tick=False):
        assert audience_size(issue) == 0
    with time_machine.travel(datetime(2026, 11, 30, 11, 0, tzinfo=UTC), tick=False):
        assert audience_size(issue) == 1


def test_the_size_of_the_audience_is_told_with_the_difference_to_last_time(issue, join, way_out):
    join("ana", "ben", "cem")
    assert audience_sentence(issue) == "3 people (this is the first issue)"
    assert audience_words(issue, 0) == "0 people"
    planned_mailing(issue)
    following = Issue.objects.create(
        publication=issue.publication, number=2, subject="Ebb", composed_at=issue.composed_at
    )
    assert audience_sentence(following) == "3 people (the same number as for the last issue)"
    join("dora")
    assert audience_sentence(following) == "4 people (1 more than for the last issue)"

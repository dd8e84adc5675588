"""The people behind the numbers: those shown are those planned, and everybody on the list is in one group."""

from contextlib import suppress
from datetime import date

import pytest
from django.db import transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.issues.models import Issue
from newsletter.sending import audience, audience_by_name
from newsletter.sending.audience import AudienceRule, audience_is_empty, audience_size
from newsletter.sending.audience_by_name import AudienceGroup, group_sizes, people_in
from newsletter.sending.models import Recipient
from subscribers.models import Subscriber, Subscription
from tests.full import examples
from tests.sending.planned_mailing import planned_mailing

State = Subscription.State
PEOPLE = st.lists(
    st.tuples(
        st.sampled_from([State.ACTIVE, State.ACTIVE, State.PENDING, State.UNSUBSCRIBED]),
        st.sampled_from([None, None, date(2026, 1, 1), date(2999, 1, 1)]),
        st.sampled_from(["", "Ben", "Dora"]),
    ),
    min_size=1,
    max_size=9,
)
SEGMENTS = (
    'first name is "Ben"',
    'not first name is "Ben"',
    "joined since 2026-01-01",
    "not joined after 2026-01-01 or country is Wales",
    "country is not Wales",
    "paused until is missing",
    "topic is missing",
)
RULES = st.one_of(
    st.just(("", ())),
    st.sampled_from([(text, ()) for text in SEGMENTS]),
    st.sampled_from([("", (text,)) for text in SEGMENTS]),
    st.tuples(st.sampled_from(SEGMENTS), st.tuples(st.sampled_from(SEGMENTS))),
)


class BackAgain(Exception):  # noqa: N818 - ends a transaction
    """Undoes what one example wrote."""


def everybody(issue, group, at_most):
    """The subscriptions in a group, read page by page."""
    found, after = [], 0
    for _ in range(100):
        page = people_in(issue, group, after=after, at_most=at_most)
        found += page.people
        after = page.after
        if not after:
            return found
    raise AssertionError("The pages have no end.")


@pytest.mark.django_db
@settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(people=PEOPLE, rule=RULES, at_most=st.integers(1, 4))
def test_the_number_shown_and_the_people_shown_are_those_who_are_planned(
    issue, join, way_out, monkeypatch, people, rule, at_most
):
    made = AudienceRule(mailing_list=issue.publication.mailing_list, segment=rule[0], exclusions=rule[1])
    for module in (audience, audience_by_name):
        monkeypatch.setattr(module, "rule_for", lambda _issue: made)
    monkeypatch.setattr("newsletter.sending.plan.rule_for", lambda _issue: made)
    with suppress(BackAgain), transaction.atomic():
        for n, (state, paused, name) in enumerate(people):
            [one] = join(f"reader{n}", state=state, paused_until=paused)
            Subscriber.objects.filter(pk=one.subscriber_id).update(first_name=name)
        shown = [each.subscription for each in everybody(issue, AudienceGroup.RECEIVES, at_most)]
        sizes = {each.group: each.count for each in group_sizes(issue)}
        for group, count in sizes.items():
            assert count == len(everybody(issue, group, at_most))
        assert sum(sizes.values()) == len(people)
        assert audience_size(issue) == sizes[AudienceGroup.RECEIVES] == len(shown)
        assert audience_is_empty(issue) == (not shown)
        if shown:
            mailing = planned_mailing(Issue.objects.get(pk=issue.pk))
            planned = Subscription.objects.filter(
                subscriber__in=Recipient.objects.filter(mailing=mailing).values("subscriber")
            )
            assert mailing.audience == len(shown)
            assert set(planned.values_list("pk", flat=True)) == set(shown)
        raise BackAgain


def test_everybody_who_is_left_out_has_a_reason(issue, join):
    join("ana")
    join("pia", paused_until=date(2999, 1, 1))
    join("pen", state=State.PENDING)
    join("una", state=State.UNSUBSCRIBED, left_at="2026-11-02T10:00Z")
    said = {
        person.name: person.reason
        for size in group_sizes(issue)
        for person in people_in(issue, size.group).people
    }
    assert said == {
        "Ana": "",
        "Pia": "Paused until 1 January 2999",
        "Pen": "Not confirmed yet",
        "Una": "Unsubscribed on 2 November 2026",
    }


def test_a_page_of_people_is_read_by_one_query_however_many_there_are(issue, crowd):
    from django.db import connection

    crowd(5)
    with CaptureQueriesContext(connection) as few:
        people_in(issue, AudienceGroup.RECEIVES)
    issue.publication.mailing_list.subscriptions.all().delete()
    Subscriber.objects.all().delete()
    crowd(120)
    with CaptureQueriesContext(connection) as many:
        page = people_in(issue, AudienceGroup.RECEIVES)
    assert len(page.people) == 50
    assert len(few) == len(many)

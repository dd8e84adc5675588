"""Who gets an issue by lawful basis: those whom a table written by hand allows, with a reason for all others."""

from contextlib import suppress
from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.articles.models import Article
from newsletter.issues.change_articles_for_all_issues import change_terms
from newsletter.issues.lawful_contents import Contents, why_not_covered
from newsletter.issues.look_up_audience import choice_for
from newsletter.issues.models import Issue, IssueBlock, StandingBlock
from newsletter.issues.saved_segments import add_segment
from newsletter.scheduling.add_or_change_series import SeriesChange, add_series
from newsletter.scheduling.approval import approve, valid_approval
from newsletter.sending.audience import (
    audience_day,
    audience_is_empty,
    audience_size,
    rule_for,
    rule_of_choice,
)
from newsletter.sending.audience_by_name import AudienceGroup, group_sizes, people_in
from newsletter.sending.batches import send_next_batch
from newsletter.sending.left_out_by_basis import (
    count_audience,
    sentences_about_bases,
    sentences_about_mailing,
)
from newsletter.sending.models import Batch, Recipient
from newsletter.sending.pending_sends import pending_sends
from newsletter.sending.recheck_recipients import bases_not_covering, candidate_now, reason_to_skip
from newsletter.sending.why_nobody import why_nobody
from subscribers.models import Basis, Subscription
from tests.full import examples
from tests.sending.planned_mailing import planned_mailing

State = Subscription.State
# By basis: which contents it covers. Written from docs/how-to/record-lawful-bases.md, not from the code.
COVERED = {
    "consent": {"news", "appeal", "services", "goods", "campaign", "others"},
    "charitable": {"news", "appeal", "services", "campaign"},
    "customer": {"news", "services", "goods"},
    "business": {"news", "appeal", "services", "goods", "campaign"},
    "membership": {"news"},
}
PAUSED = date(2999, 1, 1)
EACH = 12


class BackAgain(Exception):  # noqa: N818 - ends a transaction
    """Undoes what one example wrote."""


def with_contents(issue, *kinds):
    """Give the issue a part with each of these kinds of contents: goods as a mark on its article, others as blocks."""
    for number, kind in enumerate(kinds):
        if kind == "goods":
            change_terms(Article.objects.get().pk, {"promotes": "goods"})
        elif kind == "appeal":
            StandingBlock.objects.create(
                publication=issue.publication, name=f"block-{number}", kind="appeal", title="Boat fund"
            )
        elif kind != "news":
            data = {"title": f"Part {kind}", "data": {"promotes": kind}}
            IssueBlock.objects.create(issue=issue, kind="promotion", content=data)
    return Issue.objects.get(pk=issue.pk)


def sixty(join):
    """Sixty people: twelve on each basis, of whom three are paused, not confirmed or unsubscribed."""
    people = []
    for basis in COVERED:
        for number in range(EACH):
            state = {0: State.PENDING, 1: State.UNSUBSCRIBED}.get(number, State.ACTIVE)
            people += join(
                f"{basis}{number}", basis=basis, state=state, paused_until=PAUSED if number == 2 else None
            )
    return people


def sum_of(counted):
    """How many people the sentences below a number are about."""
    return sum(int(each.partition(" ")[0]) for each in counted.about_bases)


def shown(issue, group):
    return people_in(issue, group, at_most=100).people


@pytest.mark.parametrize("kind", ["news", "appeal", "services", "goods", "campaign", "others"])
def test_of_sixty_people_exactly_those_whose_basis_covers_the_contents_get_it(issue, join, way_out, kind):
    people = {each.pk: each for each in sixty(join)}
    issue = with_contents(issue, kind)
    expected = {
        pk
        for pk, each in people.items()
        if each.state == State.ACTIVE and each.paused_until is None and kind in COVERED[each.basis]
    }
    left_out = {
        pk for pk, each in people.items() if each.state == State.ACTIVE and kind not in COVERED[each.basis]
    }
    assert {each.subscription for each in shown(issue, AudienceGroup.RECEIVES)} == expected
    by_basis = shown(issue, AudienceGroup.BASIS)
    assert {each.subscription for each in by_basis} == left_out
    for each in by_basis:
        label, _dot, reason = each.reason.partition(". ")
        assert label == Basis(people[each.subscription].basis).label
        assert reason.startswith("This issue has “")
        assert "does not cover" in reason or "only covers" in reason
    sizes = {each.group: each.count for each in group_sizes(issue)}
    assert sum(sizes.values()) == len(people) == 60
    assert sizes[AudienceGroup.RECEIVES] == audience_size(issue) == len(expected)
    assert sizes[AudienceGroup.PENDING] == sizes[AudienceGroup.UNSUBSCRIBED] == len(COVERED)
    mailing = planned_mailing(issue)
    planned = Recipient.objects.filter(mailing=mailing).values_list("subscriber", flat=True)
    assert set(planned) == {people[pk].subscriber_id for pk in expected}
    not_covered = [basis for basis, kinds in COVERED.items() if kind not in kinds]
    assert len(sentences_about_mailing(mailing)) == len(not_covered)
    for sentence in sentences_about_mailing(mailing):
        # The paused would not have got it anyway.
        assert sentence.startswith(f"{EACH - 3} people did not get this issue because of the lawful basis “")


PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(list(COVERED)),
        st.sampled_from([State.ACTIVE, State.ACTIVE, State.ACTIVE, State.PENDING]),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)
KINDS = st.lists(
    st.sampled_from(["news", "appeal", "services", "goods", "campaign", "others"]), max_size=3, unique=True
)


@pytest.mark.django_db
@settings(
    max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(people=PEOPLE, kinds=KINDS)
def test_any_people_and_any_contents_give_the_audience_of_the_table(issue, join, way_out, people, kinds):
    with suppress(BackAgain), transaction.atomic():
        found = {}
        for number, (basis, state, paused) in enumerate(people):
            [one] = join(f"reader{number}", basis=basis, state=state, paused_until=PAUSED if paused else None)
            found[one.pk] = (basis, state, paused, one.subscriber_id)
        issue = with_contents(issue, *kinds)
        expected = {
            pk
            for pk, (basis, state, paused, _subscriber) in found.items()
            if state == State.ACTIVE and not paused and set(kinds) <= COVERED[basis]
        }
        assert {each.subscription for each in shown(issue, AudienceGroup.RECEIVES)} == expected
        sizes = {each.group: each.count for each in group_sizes(issue)}
        assert sum(sizes.values()) == len(people)
        for group, count in sizes.items():
            assert len(shown(issue, group)) == count
        told_nothing = {
            pk for pk, (_, state, paused, _) in found.items() if state == State.ACTIVE and not paused
        }
        others = sum(found[pk][0] != "consent" for pk in told_nothing)
        rule = rule_of_choice(choice_for(issue), issue.publication.mailing_list)
        counted = count_audience(rule, audience_day(issue), issue)
        assert (counted.people, sum_of(counted)) == (len(expected), len(told_nothing - expected))
        counted = count_audience(rule, audience_day(issue))
        assert (counted.people, sum_of(counted)) == (len(told_nothing), others)
        if expected:
            planned = Recipient.objects.filter(mailing=planned_mailing(issue))
            assert {each.subscriber_id for each in planned} == {found[pk][3] for pk in expected}
        raise BackAgain


@pytest.mark.parametrize("basis", list(COVERED))
@pytest.mark.parametrize("kind", list(Contents))
def test_every_pair_of_the_table_has_a_reason_or_is_covered(basis, kind):
    assert (why_not_covered(Basis(basis), kind) == "") == (kind.value in COVERED[basis])


def test_a_late_mark_on_an_article_ends_the_approval_and_changes_the_plan(issue, join, way_out):
    ana, ben = join("ana", "ben")
    Subscription.objects.filter(pk=ben.pk).update(basis=Basis.CHARITABLE)
    approve(issue)
    assert audience_size(issue) == 2
    change_terms(Article.objects.get().pk, {"promotes": "others"})
    with transaction.atomic():
        assert valid_approval(Issue.objects.get(pk=issue.pk)) is None
    [said] = Issue.objects.get(pk=issue.pk).approvals.values_list("withdrawn_reason", flat=True)
    assert said.startswith("Somebody has changed what an article or block in the issue promotes, ")
    mailing = planned_mailing(Issue.objects.get(pk=issue.pk))
    assert [each.subscriber_id for each in Recipient.objects.filter(mailing=mailing)] == [ana.subscriber_id]


def test_a_hidden_block_and_one_of_another_day_leave_nobody_out(issue, join):
    join("ana", basis=Basis.MEMBERSHIP)
    appeal = StandingBlock.objects.create(
        publication=issue.publication, name="appeal", kind="appeal", title="Boat", ends_on=date(2020, 1, 1)
    )
    assert audience_size(Issue.objects.get(pk=issue.pk)) == 1
    StandingBlock.objects.filter(pk=appeal.pk).update(ends_on=None)
    assert audience_size(Issue.objects.get(pk=issue.pk)) == 0
    IssueBlock.objects.create(issue=issue, block=appeal, hidden=True)
    assert audience_size(Issue.objects.get(pk=issue.pk)) == 1


def test_a_list_on_which_everybody_has_consented_costs_one_look(issue, join):
    join("ana", "ben")
    issue = with_contents(issue, "appeal", "others")
    with CaptureQueriesContext(connection) as asked:
        assert audience_size(issue) == 2
    about_basis = [each["sql"] for each in asked if '"basis"' in each["sql"] and "COUNT" not in each["sql"]]
    assert len(about_basis) == 1
    assert sentences_about_bases(issue) == []


def test_an_issue_that_is_not_drafted_yet_counts_everybody(issue, join, publication):
    join("ana", "ben", basis=Basis.CHARITABLE)
    add_series(publication, "every Tuesday at 07:30", SeriesChange(mode="send"), name="weekly")
    assert [each.people for each in pending_sends()] == [2]


NOBODY = {
    "empty": "because the list “Readers” has no active subscribers",
    "segment": "because the segment “Zoes” has no members",
    "basis": "because nobody in its audience has a lawful basis that covers its content",
    "paused": "because everybody on the list “Readers” is left out or paused",
}


@pytest.mark.parametrize("case", list(NOBODY))
def test_why_nobody_would_get_an_issue(issue, join, case):
    if case != "empty":
        join("ana", basis=Basis.MEMBERSHIP, paused_until=PAUSED if case == "paused" else None)
    if case == "segment":
        zoes = add_segment(issue.publication.mailing_list, "Zoes", "first name is Zoe")
        Issue.objects.update(audience={"segment": zoes.pk})
    issue = with_contents(issue, "appeal")
    assert audience_is_empty(issue)
    nobody = why_nobody(rule_for(issue), audience_day(issue))
    assert nobody.why == NOBODY[case]
    assert nobody.is_list_empty == (case == "empty")


@pytest.mark.parametrize("kind", ["news", "appeal", "goods", "others"])
def test_a_basis_that_changes_after_planning_counts_when_the_email_is_posted(issue, join, way_out, kind):
    """Everybody has consented when the mailing is planned, so that planning leaves nobody out."""
    people = join(*COVERED)
    mailing = planned_mailing(with_contents(issue, kind))
    assert mailing.audience == len(COVERED)
    for one in people:
        basis = one.subscriber.address_key.partition("@")[0]
        Subscription.objects.filter(pk=one.pk).update(basis=basis)
    with CaptureQueriesContext(connection) as asked:
        while send_next_batch():
            pass
    about_basis = [each["sql"] for each in asked if "subscription.basis" in each["sql"]]
    assert len(about_basis) == Batch.objects.count()
    found = {
        each.subscriber.address_key.partition("@")[0]: (each.state, each.reason)
        for each in Recipient.objects.select_related("subscriber")
    }
    left_out = ("skipped", "lawful basis does not cover the email")
    assert found == {
        basis: ("accepted", "") if kind in kinds else left_out for basis, kinds in COVERED.items()
    }


def test_a_basis_that_changes_before_a_separate_message_counts(issue, join, way_out):
    [ana] = join("ana")
    planned_mailing(with_contents(issue, "appeal"))
    batch = Batch.objects.get()
    not_covering = bases_not_covering(batch.mailing)
    assert not_covering == {"customer", "membership"}
    for basis, reason in {"consent": "", "membership": "lawful basis does not cover the email"}.items():
        Subscription.objects.filter(pk=ana.pk).update(basis=basis)
        candidate = candidate_now(Recipient.objects.get().pk, batch)
        assert reason_to_skip(candidate, date(2026, 12, 1), not_covering) == reason

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
from newsletter.issues.models import Issue, IssueBlock, StandingBlock
from newsletter.scheduling.approval import approve, valid_approval
from newsletter.sending.audience import audience_size
from newsletter.sending.audience_by_name import AudienceGroup, group_sizes, people_in
from newsletter.sending.left_out_by_basis import sentences_about_bases, sentences_about_mailing
from newsletter.sending.models import Recipient
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
    assert said.startswith("Somebody has changed what a part of the issue promotes, ")
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

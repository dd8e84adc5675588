"""A chosen audience: those whom a plain reading of the choice names are counted, shown and planned, and nobody else."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.errors import Invalid, NotFound, Refused
from newsletter.issues.audience_choice import AudienceChoice, choice_to_json
from newsletter.issues.change_issue_audience import choose_audience
from newsletter.issues.issue_versions import newest_version, state_seen
from newsletter.issues.look_up_audience import choice_for, in_words
from newsletter.issues.models import Issue, PastedAddress, Publication, SavedSegment
from newsletter.issues.pasted_exclusions import read_pasted
from newsletter.issues.restore_version import undo_change
from newsletter.issues.saved_segments import add_segment, change_segment, remove_segment, uses_of
from newsletter.scheduling.approval import approval_now, approve, valid_approval
from newsletter.sending.audience import audience_size
from newsletter.sending.audience_by_name import AudienceGroup, group_sizes, people_in
from newsletter.sending.models import Batch, Mailing, Recipient, Variant
from subscribers.address_changes import ask_to_change_address, confirm_new_address
from subscribers.consent_log import ConsentSource
from subscribers.erasure import erase
from subscribers.models import AddressChange, SourceKind, Subscriber, Subscription
from tests.full import examples
from tests.sending.planned_mailing import planned_mailing

State = Subscription.State
SENT, LOST = Recipient.State.ACCEPTED, Recipient.State.UNKNOWN
NOT_SENT = (Recipient.State.SKIPPED, Recipient.State.REJECTED)


@dataclass(frozen=True)
class Reader:
    """A made-up person: on the list or not yet when addresses were pasted, and what became of their earlier email."""

    state: str
    paused: date | None
    name: str
    outcome: str | None
    pasted: bool
    joined_later: bool


READERS = st.lists(
    st.builds(
        Reader,
        state=st.sampled_from([State.ACTIVE, State.ACTIVE, State.ACTIVE, State.PENDING, State.UNSUBSCRIBED]),
        paused=st.sampled_from([None, None, date(2026, 1, 1), date(2999, 1, 1)]),
        name=st.sampled_from(["Ben", "Dora"]),
        outcome=st.sampled_from([None, SENT, LOST, *NOT_SENT, Recipient.State.WAITING]),
        pasted=st.booleans(),
        joined_later=st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@dataclass(frozen=True)
class Chosen:
    """A made-up choice: the segment of all Bens or everybody, and each kind of exclusion or not."""

    only_bens: bool
    without_doras: bool
    without_earlier: bool
    within_days: int
    without_pasted: bool


CHOICES = st.builds(
    Chosen,
    only_bens=st.booleans(),
    without_doras=st.booleans(),
    without_earlier=st.booleans(),
    within_days=st.sampled_from([0, 3, 30]),
    without_pasted=st.booleans(),
)


class BackAgain(Exception):  # noqa: N818 - ends a transaction
    """Undoes what one example wrote."""


def receives(reader, chosen, *, sent_days_ago, is_stopped):
    """What the words of the choice mean, without any database."""
    waits = reader.outcome == Recipient.State.WAITING and not is_stopped
    was_sent = reader.outcome in {SENT, LOST} or waits
    # Whoever still waits is sent it from now on.
    is_recent = waits or (was_sent and sent_days_ago <= chosen.within_days)
    return (
        reader.state == State.ACTIVE
        and (reader.paused is None or reader.paused < date(2900, 1, 1))
        and not (chosen.only_bens and reader.name != "Ben")
        and not (chosen.without_doras and reader.name == "Dora")
        and not (chosen.without_earlier and was_sent)
        and not (chosen.within_days and is_recent)
        and not (chosen.without_pasted and reader.pasted)
    )


def earlier_mailing(issue, *, days_ago, state=Mailing.State.SENT):
    """An issue before this one, with what became of each person's email."""
    at = timezone.now() - timedelta(days=days_ago)
    earlier = Issue.objects.create(publication=issue.publication, number=41, composed_at=at, sent_at=at)
    mailing = Mailing.objects.create(
        issue=earlier,
        mailing_list=issue.publication.mailing_list,
        state=state,
        transport="maildir",
        digest="0" * 64,
        planned_at=at,
    )
    variant = Variant.objects.create(mailing=mailing, number=1, email={}, digest="0" * 64)
    Batch.objects.create(mailing=mailing, variant=variant, number=1)
    Batch.objects.create(mailing=mailing, variant=variant, number=2, posted_at=at, state=Batch.State.ANSWERED)
    return earlier


def shown_people(issue, group=AudienceGroup.RECEIVES):
    return {each.subscription for each in people_in(issue, group, at_most=100).people}


@pytest.mark.django_db
@settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(readers=READERS, chosen=CHOICES, days_ago=st.sampled_from([1, 10, 60]), is_stopped=st.booleans())
def test_the_people_counted_shown_and_planned_are_those_whom_the_choice_names(
    issue, join, way_out, readers, chosen, days_ago, is_stopped
):
    mailing_list = issue.publication.mailing_list
    with suppress(BackAgain), transaction.atomic():
        bens = add_segment(mailing_list, "Bens", 'first name is "Ben"')
        doras = add_segment(mailing_list, "Doras", 'first name is "Dora"')
        later = {n for n, each in enumerate(readers) if each.joined_later}
        subscriptions = {n: _join(join, n, each) for n, each in enumerate(readers) if n not in later}
        pasted = read_pasted(
            "".join(f"Reader{n}@EXAMPLE.org;\n" for n, each in enumerate(readers) if each.pasted)
        )
        state = Mailing.State.STOPPED if is_stopped else Mailing.State.SENDING
        earlier = earlier_mailing(issue, days_ago=days_ago, state=state)
        choice = AudienceChoice(
            segment=bens.pk if chosen.only_bens else None,
            without_segments=(doras.pk,) if chosen.without_doras else (),
            without_issues=(earlier.pk,) if chosen.without_earlier else (),
            without_days=chosen.within_days,
        )
        choose_audience(issue, choice, pasted=pasted if chosen.without_pasted else None)
        # Some of those whose addresses were pasted join only now.
        subscriptions |= {n: _join(join, n, readers[n]) for n in later}
        _send_earlier(earlier, {subscriptions[n].subscriber: each.outcome for n, each in enumerate(readers)})
        expected = {
            subscriptions[n].pk
            for n, each in enumerate(readers)
            if receives(each, chosen, sent_days_ago=days_ago, is_stopped=is_stopped)
        }
        assert shown_people(issue) == expected
        sizes = {each.group: each.count for each in group_sizes(issue)}
        assert audience_size(issue) == sizes[AudienceGroup.RECEIVES] == len(expected)
        assert sum(sizes.values()) == len(readers)
        for group, count in sizes.items():
            assert len(shown_people(issue, group)) == count
        if expected:
            mailing = planned_mailing(Issue.objects.get(pk=issue.pk))
            rows = Recipient.objects.filter(mailing=mailing)
            planned = Subscription.objects.filter(subscriber__in=rows.values("subscriber"))
            assert mailing.audience == len(expected)
            assert set(planned.values_list("pk", flat=True)) == expected
        raise BackAgain


def _join(join, n, reader):
    [one] = join(f"reader{n}", state=reader.state, paused_until=reader.paused)
    Subscriber.objects.filter(pk=one.subscriber_id).update(first_name=reader.name)
    return one


def _send_earlier(earlier, outcomes):
    mailing = Mailing.objects.get(issue=earlier)
    waiting, posted = mailing.batches.order_by("number")
    for subscriber, outcome in outcomes.items():
        if outcome is not None:
            batch = waiting if outcome == Recipient.State.WAITING else posted
            Recipient.objects.create(
                mailing=mailing, issue=earlier, batch=batch, subscriber=subscriber, state=outcome
            )


def test_an_issue_without_a_choice_follows_its_publication(issue, join):
    ana, _ben = join("ana", "ben")
    segment = add_segment(issue.publication.mailing_list, "Ana", "first name is Ana")
    Publication.objects.update(audience=choice_to_json(AudienceChoice(segment=segment.pk)))
    issue = Issue.objects.get(pk=issue.pk)
    assert shown_people(issue) == {ana.pk}
    choose_audience(issue, AudienceChoice())
    assert audience_size(Issue.objects.get(pk=issue.pk)) == 2
    choose_audience(issue, None)
    assert shown_people(Issue.objects.get(pk=issue.pk)) == {ana.pk}


def test_a_change_of_audience_after_approval_asks_for_approval_again(issue, join):
    join("ana")
    approve(issue)
    choose_audience(issue, AudienceChoice(without_days=3))
    issue.refresh_from_db()
    assert issue.state == Issue.State.DRAFT
    assert approval_now(issue).ended.withdrawn_reason == (
        "Chose the audience: everybody on the list “Readers”, without people who were sent an email in the last 3 days."
    )


@pytest.mark.parametrize("by", ["segment", "publication"])
def test_an_approval_ends_when_the_audience_changes_behind_the_issue(issue, join, by):
    join("ana")
    segment = add_segment(issue.publication.mailing_list, "Ana", "first name is Ana")
    choose_audience(issue, AudienceChoice(segment=segment.pk) if by == "segment" else None)
    approve(issue)
    if by == "segment":
        change_segment(segment, "Ana", "first name is Ben")
    else:
        Publication.objects.update(audience=choice_to_json(AudienceChoice(without_days=2)))
    with transaction.atomic():
        assert valid_approval(Issue.objects.get(pk=issue.pk)) is None
    [said] = Issue.objects.get(pk=issue.pk).approvals.values_list("withdrawn_reason", flat=True)
    assert said.startswith("Somebody has changed the audience. The issue would now be sent to ")


def test_a_new_name_of_a_segment_leaves_the_approval(issue, join):
    join("ana")
    segment = add_segment(issue.publication.mailing_list, "Ana", "first name is Ana")
    choose_audience(issue, AudienceChoice(segment=segment.pk))
    approve(issue)
    change_segment(segment, "All Anas", "first name is Ana")
    with transaction.atomic():
        assert valid_approval(Issue.objects.get(pk=issue.pk)) is not None


def test_a_chosen_audience_can_be_undone(issue, join):
    ana, ben = join("ana", "ben")
    choose_audience(issue, AudienceChoice(), pasted=read_pasted("ana@example.org"))
    assert shown_people(issue) == {ben.pk}
    undo_change(issue, newest_version(issue))
    assert shown_people(Issue.objects.get(pk=issue.pk)) == {ana.pk, ben.pk}


def test_a_pasted_address_that_somebody_had_before_leaves_this_person_out(issue, join):
    ana, ben = join("ana", "ben")
    source = ConsentSource(SourceKind.EMAIL_LINK)
    ask_to_change_address(ana.subscriber, "new@example.org", source)
    confirm_new_address(AddressChange.objects.get(), source)

    choose_audience(
        issue, AudienceChoice(), pasted=read_pasted("ana@example.org, new@example.org, cem@example.org")
    )

    assert shown_people(issue) == {ben.pk}
    kept = PastedAddress.objects.values_list("subscriber", "address_key")
    assert set(kept) == {(ana.subscriber_id, ""), (None, "cem@example.org")}


def test_an_audience_is_not_chosen_past_a_colleague(issue, join):
    join("ana")
    choose_audience(issue, AudienceChoice(without_days=2))
    seen = state_seen(issue)
    choose_audience(issue, AudienceChoice(without_days=3))
    with pytest.raises(Refused, match="has changed this issue since"):
        choose_audience(issue, AudienceChoice(), seen=seen)
    assert choice_for(Issue.objects.get(pk=issue.pk)).without_days == 3


def test_an_audience_cannot_leave_out_the_readers_of_the_issue_itself(issue):
    with pytest.raises(Invalid, match="leave out the recipients of this issue"):
        choose_audience(issue, AudienceChoice(without_issues=(issue.pk,)))


def test_a_segment_of_another_list_and_a_removed_one_are_refused(issue):
    other = type(issue.publication.mailing_list).objects.create(slug="others", name="Others")
    segment = add_segment(other, "Others", "joined in last 3 days")
    with pytest.raises(Invalid, match="belongs to a different list"):
        choose_audience(issue, AudienceChoice(segment=segment.pk))
    remove_segment(segment)
    with pytest.raises(NotFound, match=r"could not find the segment \d+\. Somebody may have removed it"):
        choose_audience(issue, AudienceChoice(segment=segment.pk))


def test_an_issue_whose_segment_is_gone_is_not_sent_to_everybody(issue, join):
    join("ana")
    segment = add_segment(issue.publication.mailing_list, "Ana", "first name is Ana")
    choose_audience(issue, AudienceChoice(segment=segment.pk))
    SavedSegment.objects.all().delete()
    with pytest.raises(Invalid, match="no longer exists"):
        audience_size(Issue.objects.get(pk=issue.pk))


def test_a_segment_is_not_removed_while_an_audience_uses_it(issue, join):
    mailing_list = issue.publication.mailing_list
    segment = add_segment(mailing_list, "Ana", "first name is Ana")
    choose_audience(issue, AudienceChoice(without_segments=(segment.pk,)))
    Publication.objects.update(audience=choice_to_json(AudienceChoice(segment=segment.pk)))
    issue.publication.series.create(
        name="weekly",
        rrule="FREQ=WEEKLY",
        zone="Europe/London",
        time="07:30",
        starts_on="2026-01-01",
        counts_from=timezone.now(),
        audience=choice_to_json(AudienceChoice(segment=segment.pk)),
    )
    assert [each.name for each in uses_of(segment)] == [
        "all issues of The Harbour Letter",
        "issue 1 of The Harbour Letter",
        "the recurring issue weekly of The Harbour Letter",
    ]
    with pytest.raises(Refused, match="is used for all issues of The Harbour Letter, issue 1"):
        remove_segment(segment)


def test_erasing_people_reaches_pasted_addresses_and_segments(issue, join):
    [ana] = join("ana")
    choose_audience(issue, AudienceChoice(), pasted=read_pasted("ana@example.org, ben@example.org"))
    add_segment(issue.publication.mailing_list, "One", "address is ben@example.org or first name is Cem")
    [ben] = join("ben")
    assert PastedAddress.objects.filter(address_key="ben@example.org").exists()
    for one in (ana, ben):
        erase(one.subscriber, ConsentSource(SourceKind.EDITOR))
    assert not PastedAddress.objects.exists()
    assert SavedSegment.objects.get().text == "address is erased or first name is Cem"


def test_pasted_addresses_are_read_from_names_and_separators_and_an_unreadable_one_is_said():
    text = 'Ana Bell <Ana@Example.org>; ben@example.org,"cem" cem@example.org\nben@example.org'
    assert read_pasted(text).keys == ("ana@example.org", "ben@example.org", "cem@example.org")
    with pytest.raises(Invalid, match="could not read these addresses: “dora@”"):
        read_pasted("ana@example.org dora@")
    with pytest.raises(Invalid, match="“Hugo”"):
        read_pasted("ana@example.org\n\nHugo\nBen <ben@example.org>\n,\n")
    with pytest.raises(Invalid, match="could not find any email addresses"):
        read_pasted("nobody here")


def test_an_audience_is_said_in_words(issue, join):
    earlier = earlier_mailing(issue, days_ago=5)
    segment = add_segment(issue.publication.mailing_list, "Researchers", "first name is Ana")
    choice = AudienceChoice(segment=segment.pk, without_issues=(earlier.pk,), without_days=1)
    assert in_words(choice, issue.publication) == (
        "the segment “Researchers” of the list “Readers”, without people who received issue 41 and people who "
        "were sent an email in the last day"
    )

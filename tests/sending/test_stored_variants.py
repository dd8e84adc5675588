"""A mailing with several variants, or for another purpose: everybody gets the email that is theirs, once."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from newsletter.issues.models import Issue
from newsletter.rendering.email_set import EmailSet, EmailVariant
from newsletter.rendering.render_email import render_email
from newsletter.scheduling.schedule import schedule_at
from newsletter.sending.audience import AudienceRule
from newsletter.sending.batches import send_next_batch
from newsletter.sending.mailing_controls import stop_mailing
from newsletter.sending.models import Batch, Mailing, Recipient, Variant
from newsletter.sending.outcomes import Accepted, NotSent, RecipientsOutcome, RejectedWhole
from newsletter.sending.plan import write_mailing
from newsletter.sending.recipient_counts import RecipientCounts, count_recipients
from newsletter.sending.retry_mailing import retry_mailing
from subscribers.models import Subscriber
from tests.sending.planned_mailing import planned_mailing
from tests.sending.scripted_transport import answering, recipients_of, take_all

State = Recipient.State
GERMANS = ("anna", "bert", "clara", "dieter", "emil", "frieda")
OTHERS = ("ana", "ben", "cem", "dora", "eve", "finn", "gwen")


@pytest.fixture
def rule(publication):
    return AudienceRule(mailing_list=publication.mailing_list)


@pytest.fixture
def emails(issue):
    english = render_email(issue)
    german = replace(english, subject="Gezeiten", language="de")
    return EmailSet(
        (
            EmailVariant(email=german, language="de", readers="language is de"),
            EmailVariant(email=english),
        )
    )


@pytest.fixture
def readers(join):
    join(*GERMANS, *OTHERS)
    Subscriber.objects.filter(first_name__in=[name.title() for name in GERMANS]).update(locale="de")


@pytest.fixture
def plan(issue, emails, rule, way_out):
    def write(**options):
        with transaction.atomic():
            return write_mailing(issue, emails, rule, digest=emails.digest, **options)

    return write


def who_got(way_out):
    """How often each person was taken, by the language of the email; no post has anybody for whom it is not."""
    got = Counter()
    for post in way_out.posts:
        for envelope in post.envelopes:
            got[post.email.language, envelope.person.first_name.lower()] += 1
    return got


def everybody_in_their_language():
    return Counter([*(("de", name) for name in GERMANS), *(("en-GB", name) for name in OTHERS)])


def send_all():
    for _ in range(100):
        if not send_next_batch():
            return
    raise AssertionError("it never ends")


@pytest.mark.usefixtures("readers")
class TestLanguages:
    def test_everybody_gets_the_variant_of_their_language_once(self, plan, way_out):
        mailing = plan()
        send_all()
        assert who_got(way_out) == everybody_in_their_language()
        assert count_recipients(mailing) == RecipientCounts(audience=13, accepted=13)
        mailing.refresh_from_db()
        assert mailing.state == Mailing.State.SENT

    def test_each_variant_is_kept_once_and_each_batch_belongs_to_one(self, plan):
        mailing = plan()
        assert [each.language for each in mailing.variants.all()] == ["de", ""]
        assert [batch.variant.number for batch in mailing.batches.all()] == [1, 1, 2, 2]
        assert [batch.recipients.count() for batch in mailing.batches.all()] == [4, 2, 4, 3]

    def test_a_first_share_and_a_retry_keep_the_variants_apart(self, plan, way_out, settings):
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
            update={"canary_percent": 50.0, "canary_minutes": 0.0}
        )
        mailing = plan()
        assert send_next_batch()
        stop_mailing(mailing.pk, stopped_by="edda")
        retry_mailing(mailing.pk, retried_by="edda")
        send_all()
        assert who_got(way_out) == everybody_in_their_language()

    def test_a_bad_address_is_found_among_the_people_of_its_variant(self, plan, way_out):
        mailing = plan()

        def refuse_dieter(post):
            if any(each.person.first_name == "Dieter" for each in post.envelopes):
                yield RecipientsOutcome(recipients_of(post), RejectedWhole("Bad request."))
            else:
                yield RecipientsOutcome(recipients_of(post), Accepted())

        way_out.plan = refuse_dieter
        send_all()
        assert count_recipients(mailing) == RecipientCounts(audience=13, accepted=12, rejected=1)
        assert set(way_out.taken.values()) == {1}
        for language, name in who_got(way_out):
            assert (language == "de") == (name in GERMANS)

    def test_a_variant_that_is_refused_as_such_costs_nobody_though_another_was_accepted(self, plan, way_out):
        mailing = plan()
        # The Germans come first: their email meets the provider after the other one was accepted.
        Batch.objects.filter(variant__language="de").update(not_before="2999-01-01T00:00Z")
        assert send_next_batch()
        Batch.objects.update(not_before=None)

        def refuse_german(post):
            refused = RejectedWhole("The content is not allowed.")
            yield RecipientsOutcome(
                recipients_of(post), refused if post.email.language == "de" else Accepted()
            )

        way_out.plan = refuse_german
        send_all()
        mailing.refresh_from_db()
        assert mailing.state == Mailing.State.PAUSED
        assert "content is not allowed" in mailing.pause_reason
        assert not Recipient.objects.filter(state=State.REJECTED).exists()

    def test_one_post_goes_at_a_time_until_each_variant_was_accepted(self, plan, way_out):
        plan()
        way_out.plan = answering(NotSent("Not now.", retry_after=0))
        send_next_batch()
        assert not Variant.objects.filter(content_accepted=True).exists()
        way_out.plan = take_all
        Mailing.objects.update(not_before=None)
        send_next_batch()
        assert list(Variant.objects.values_list("language", "content_accepted")) == [
            ("de", True),
            ("", False),
        ]

    def test_who_changes_language_while_it_is_planned_is_in_it_once(self, plan, monkeypatch):
        real = Batch.objects.bulk_create

        def somebody_moves(batches, **options):
            Subscriber.objects.filter(first_name="Anna").update(locale="en")
            Subscriber.objects.filter(first_name="Ben").update(locale="de")
            return real(batches, **options)

        monkeypatch.setattr(Batch.objects, "bulk_create", somebody_moves)
        mailing = plan()
        assert count_recipients(mailing) == RecipientCounts(audience=13, waiting=13)


class TestAudienceRules:
    @pytest.mark.usefixtures("readers")
    def test_a_segment_and_exclusions_choose_who_gets_it(self, issue, emails, rule, way_out):
        chosen = replace(rule, segment="language is de", exclusions=("first name is Emil",))
        with transaction.atomic():
            mailing = write_mailing(issue, emails, chosen, digest=emails.digest)
        send_all()
        assert who_got(way_out) == Counter(("de", name) for name in GERMANS if name != "emil")
        assert (mailing.segment, mailing.exclusions) == ("language is de", ["first name is Emil"])


class TestPurposes:
    @pytest.mark.usefixtures("readers")
    def test_a_correction_reaches_those_who_have_the_issue_and_leaves_its_state(
        self, issue, plan, rule, way_out
    ):
        planned_mailing(issue)
        send_all()
        mailing = plan(purpose=Mailing.Purpose.CORRECTION)
        send_all()
        assert count_recipients(mailing) == RecipientCounts(audience=13, accepted=13)
        issue.refresh_from_db()
        assert issue.state == Issue.State.SENT

    def test_a_correction_that_reaches_nobody_leaves_the_state_of_its_issue(self, issue, join, plan, way_out):
        join("ana")
        planned_mailing(issue)
        send_all()
        mailing = plan(purpose=Mailing.Purpose.CORRECTION)
        stop_mailing(mailing.pk, stopped_by="edda")
        issue.refresh_from_db()
        assert issue.state == Issue.State.SENT

    def test_a_correction_goes_at_once_though_its_issue_had_its_time_in_each_zone(self, issue, join, plan):
        join("ana")
        when = timezone.now() + timedelta(days=2)
        schedule_at(issue, when, readers_time=True)
        mailing = plan(purpose=Mailing.Purpose.CORRECTION)
        assert list(mailing.batches.values_list("not_before", "send_window")) == [(None, "")]

    def test_an_issue_has_one_mailing_that_sends_it(self, join, plan):
        join("ana")
        plan()
        with pytest.raises(IntegrityError):
            plan()

    def test_the_database_refuses_a_person_twice_in_a_mailing_of_any_purpose(self, join, plan):
        join("ana")
        plan(purpose=Mailing.Purpose.CORRECTION)
        row = Recipient.objects.get()
        assert row.issue is None
        with pytest.raises(IntegrityError), transaction.atomic():
            Recipient.objects.create(mailing=row.mailing, batch=row.batch, subscriber=row.subscriber)

    def test_the_database_refuses_a_person_twice_in_an_issue_by_whichever_mailing(self, issue, join, plan):
        join("ana")
        plan()
        correction = plan(purpose=Mailing.Purpose.CORRECTION)
        row = Recipient.objects.get(issue=issue)
        with pytest.raises(IntegrityError), transaction.atomic():
            Recipient.objects.create(
                mailing=correction, issue=issue, batch=correction.batches.get(), subscriber=row.subscriber
            )

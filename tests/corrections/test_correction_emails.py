"""The email about a correction goes to exactly those who received the article, once each."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.accounts.users import actor_of, add_user
from newsletter.articles.models import Correction
from newsletter.corrections import readers as readers_module
from newsletter.corrections.approve_notice import (
    approve_notice,
    found_notice,
    render_notice,
    why_not_approve_notice,
    withdraw_notice,
)
from newsletter.corrections.models import CorrectionNotice, NoticeMailing
from newsletter.corrections.readers import Absence, CorrectionReaders
from newsletter.corrections.send_notice import (
    mailings_of,
    plan_next_notice,
    plan_notice,
    send_notice,
    undo_send,
    why_not_send_notice,
)
from newsletter.errors import NotFound, Refused
from newsletter.issues.change_publications import edit_publication
from newsletter.issues.correct_article import make_correction, remove_correction
from newsletter.issues.draft_new_issue import draft_empty
from newsletter.issues.models import AuditEntry, Issue, Publication
from newsletter.notifications.detectors.blocked_corrections import blocked_corrections
from newsletter.rendering.render_email import render_email
from newsletter.scheduling.archive_publication import archive_publication
from newsletter.sending.mailing_controls import pause_mailing
from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.sending.recipient_counts import count_recipients
from newsletter.sending.stored_variants import emails_of
from subscribers.models import List, Subscriber, Subscription
from tests.corrections.conftest import TEXT, address, deliver, set_state

GOT_IT = {"ana", "ben", "cem", "dora"}
State = CorrectionNotice.State


def approved(correction, publication):
    seen = render_notice(correction, publication).digest
    return approve_notice(correction.pk, publication, seen=seen)


def sent_now(correction, publication):
    notice = send_notice(approved(correction, publication), without_undo=True)
    deliver()
    return notice


def reached(way_out):
    """How many emails each person got, by first name."""
    names = dict(Recipient.objects.filter(issue=None).values_list("pk", "subscriber__first_name"))
    return Counter(names[recipient].lower() for recipient in way_out.taken.elements())


def test_exactly_those_who_received_the_article_get_it_once_each(correction, publication, way_out):
    assert CorrectionReaders(correction, publication).count() == len(GOT_IT)
    notice = sent_now(correction, publication)
    assert reached(way_out) == dict.fromkeys(GOT_IT, 1)
    (mailing,) = mailings_of(notice)
    mailing.refresh_from_db()
    assert (mailing.purpose, mailing.state, mailing.audience) == ("correction", "sent", 4)
    figures = count_recipients(mailing)
    assert (figures.accepted, figures.add_up) == (4, True)
    assert mailing.digest == notice.digest == emails_of(mailing).digest
    assert "Planned to send an email about a correction to 4 recipients." in mailing.decisions.get().sentence
    assert set(Issue.objects.values_list("state", flat=True)) == {Issue.State.SENT}


def test_those_who_get_nothing_are_counted_and_named_with_the_reason(correction, publication, way_out):
    left_out = {
        Absence.SUPPRESSED: 1,
        Absence.UNSUBSCRIBED: 1,
        Absence.PAUSED: 1,
        Absence.ERASED: 1,
    }
    readers = CorrectionReaders(correction, publication)
    assert readers.left_out() == left_out
    notice = sent_now(correction, publication)
    assert notice.left_out == {str(reason): count for reason, count in left_out.items()}
    readers = CorrectionReaders(correction, publication)
    assert readers.left_out() == left_out
    assert (readers.count(), readers.count_through_others()) == (0, 4)
    named = {reason: readers.people_left_out(reason).people for reason in Absence}
    assert {reason: [each.address for each in people] for reason, people in named.items()} == {
        Absence.SUPPRESSED: [address("finn")],
        Absence.UNSUBSCRIBED: [address("eve")],
        Absence.PAUSED: [address("gwen")],
        Absence.PENDING: [],
        Absence.NOT_ON_LIST: [],
        Absence.ERASED: [],
    }
    with (
        acting_as(Actor("Aut", frozenset({Role.AUTHOR}))),
        pytest.raises(Refused, match="can see who receives"),
    ):
        readers.people_left_out(Absence.PAUSED)


@pytest.mark.parametrize("people_at_once", [1, 2, 1_000])
def test_people_left_out_come_page_by_page(correction, publication, monkeypatch, people_at_once):
    monkeypatch.setattr(readers_module, "_FIRST_PIECES", (people_at_once,))
    monkeypatch.setattr(readers_module, "_PIECE", people_at_once)
    Subscription.objects.filter(subscriber__address__in=map(address, GOT_IT)).update(state="unsubscribed")
    readers = CorrectionReaders(correction, publication)
    first = readers.people_left_out(Absence.UNSUBSCRIBED, at_most=3)
    second = readers.people_left_out(Absence.UNSUBSCRIBED, after=first.after, at_most=3)
    assert (len(first.people), len(second.people), second.after) == (3, 2, 0)


def test_people_who_leave_after_planning_get_nothing(correction, publication, way_out):
    notice = send_notice(approved(correction, publication), without_undo=True)
    set_state("ben", Subscription.State.UNSUBSCRIBED)
    deliver()
    assert reached(way_out) == dict.fromkeys(GOT_IT - {"ben"}, 1)
    (mailing,) = mailings_of(notice)
    assert count_recipients(mailing).skipped == 1


def test_people_whose_outcome_was_unknown_are_corrected_too(correction, publication, way_out):
    (row,) = Recipient.objects.filter(issue__number=1, subscriber__address=address("ben"))
    Recipient.objects.filter(pk=row.pk).update(state=Recipient.State.UNKNOWN)
    Recipient.objects.filter(issue__number=3, subscriber__address=address("cem")).update(
        state=Recipient.State.REJECTED
    )
    sent_now(correction, publication)
    assert reached(way_out) == dict.fromkeys(GOT_IT - {"cem"}, 1)


def test_the_email_says_what_was_wrong_with_the_links_of_each_reader(correction, publication):
    email = render_notice(correction, publication).main
    assert email.subject == "Correction: Tides explained"
    for text in (TEXT.said, TEXT.right, TEXT.why, "We sent you an article that contained a mistake."):
        assert text in email.html
        assert text in " ".join(email.text.split())
    for tag in ("*|UNSUBSCRIBE_URL|*", "*|PREFERENCES_URL|*"):
        assert tag in email.html
    assert email.headers["Feedback-ID"] == "5:harbour:correction:newsletter"
    assert publication.postal_address.partition(",")[0] in email.text


def test_hostile_titles_are_words(correction, publication, article):
    article.title = "{{ first_name }} *|UNSUBSCRIBE_URL|* <b>\n{% for x in y %}"
    article.save()
    correction.refresh_from_db()
    correction.text = "[a](https://evil.example/) *|FIRST_NAME|* {{ 1 }}"
    correction.save()
    email = render_notice(Correction.objects.get(pk=correction.pk), publication).main
    assert "&lt;b&gt;" in email.html
    assert "{{ 1 }}" in email.html
    assert email.html.count("*|FIRST_NAME") == 0
    assert 'href="https://evil.example/"' not in email.html


def test_send_can_be_undone_until_the_window_is_over(correction, publication, way_out):
    begin = datetime(2026, 12, 1, 9, tzinfo=UTC)
    Publication.objects.update(undo_minutes=5)
    publication.refresh_from_db()
    with time_machine.travel(begin, tick=False) as clock:
        notice = send_notice(approved(correction, publication))
        assert (notice.state, notice.due_at) == (State.SCHEDULED, begin + timedelta(minutes=5))
        assert plan_next_notice() is None
        undo_send(notice)
        clock.shift(timedelta(minutes=6))
        assert plan_next_notice() is None
        notice = send_notice(found_notice(correction, publication))
        clock.shift(timedelta(minutes=5))
        assert plan_next_notice() == notice
        assert plan_next_notice() is None
        with pytest.raises(Refused, match="already being sent"):
            undo_send(notice)
        deliver()
    assert reached(way_out) == dict.fromkeys(GOT_IT, 1)
    acts = AuditEntry.objects.filter(act="correction-email").values_list("sentence", flat=True)
    assert [each.partition(": ")[2] for each in acts] == [
        "Approved the email “Correction: Tides explained”.",
        "Selected “Send”. The email will be sent in 5 minutes.",
        "Undid “Send”.",
        "Selected “Send”. The email will be sent in 5 minutes.",
    ]


def test_sending_twice_sends_once(correction, publication, way_out):
    notice = approved(correction, publication)
    with pytest.raises(Refused, match="already been approved"):
        approved(correction, publication)
    send_notice(notice, without_undo=True)
    with pytest.raises(Refused, match="is being sent"):
        send_notice(found_notice(correction, publication), without_undo=True)
    plan_notice(notice)
    deliver()
    assert NoticeMailing.objects.count() == 1
    assert reached(way_out) == dict.fromkeys(GOT_IT, 1)


def test_an_issue_that_is_still_being_sent_comes_first(correction, publication, send_issue, way_out):
    mailing = Mailing.objects.get(issue__number=5)
    batch = mailing.batches.first()
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.WAITING)
    Mailing.objects.filter(pk=mailing.pk).update(state=Mailing.State.PAUSED)
    notice = approved(correction, publication)
    with pytest.raises(Refused, match="still being sent"):
        send_notice(notice)
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.ANSWERED)
    send_notice(notice)


def test_a_correction_with_nobody_left_is_refused(correction, publication):
    notice = approved(correction, publication)
    Subscription.objects.update(state=Subscription.State.UNSUBSCRIBED)
    with pytest.raises(Refused, match="everybody who received the article has left"):
        send_notice(notice)


def test_when_the_last_reader_leaves_in_the_undo_window_it_is_blocked(correction, publication):
    notice = send_notice(approved(correction, publication))
    Subscription.objects.update(state=Subscription.State.UNSUBSCRIBED)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert plan_next_notice() is None
    notice.refresh_from_db()
    assert notice.state == State.BLOCKED
    assert "has left" in notice.blocked_reason
    assert not NoticeMailing.objects.exists()
    (event,) = blocked_corrections(timezone.now() - timedelta(days=1))
    assert event.reason == notice.blocked_reason
    assert event.link == f"/desk/corrections/{correction.pk}/readers/harbour/"


def test_readers_of_a_list_that_the_newsletter_used_before_are_reached_once(correction, publication, way_out):
    """Ana is on both lists, ben only on the new one, cem and dora only on the old one."""
    new = List.objects.create(slug="new", name="New")
    Publication.objects.update(mailing_list=new)
    publication.refresh_from_db()
    for name in ("ana", "ben"):
        Subscription.objects.create(
            subscriber=Subscriber.objects.get(address=address(name)), list=new, state="active"
        )
    set_state("eve", Subscription.State.UNSUBSCRIBED)
    Subscription.objects.filter(subscriber__address=address("ben"), list__slug="readers").delete()
    notice = sent_now(correction, publication)
    assert [(each.mailing_list.slug, each.audience) for each in mailings_of(notice)] == [
        ("new", 2),
        ("readers", 2),
    ]
    assert reached(way_out) == dict.fromkeys(GOT_IT, 1)
    for mailing in mailings_of(notice):
        email, name = emails_of(mailing).main, mailing.mailing_list.name
        other = {"New": "Readers", "Readers": "New"}[name]
        assert f"<{mailing.mailing_list.slug}.harbour.example.org>" in email.list_id
        assert name in email.list_id
        for part in (email.html, email.text):
            words = " ".join(re.sub("<[^>]*>|[\u2066-\u2069]", "", part).split())
            assert f"on the mailing list {name}." in words
            assert f"mailing list {other}." not in words


def test_an_archived_newsletter_sends_nothing_and_what_is_about_to_be_sent_keeps_it_from_being_archived(
    correction, publication
):
    Issue.objects.update(state=Issue.State.SENT)
    Publication.objects.update(undo_minutes=5)
    notice = send_notice(approved(correction, publication))
    with pytest.raises(
        Refused, match=r"correction to “Tides explained” is about to be sent\. Undo “Send” first\."
    ):
        archive_publication(publication)
    Publication.objects.update(archived_at=timezone.now())
    CorrectionNotice.objects.update(due_at=timezone.now())
    assert plan_next_notice() is None
    notice.refresh_from_db()
    assert notice.state == State.BLOCKED
    assert "is archived" in notice.blocked_reason
    Publication.objects.update(archived_at=None)
    send_notice(notice, without_undo=True)
    with pytest.raises(Refused, match=r"correction to “Tides explained” is being sent\."):
        archive_publication(publication)
    deliver()
    archive_publication(publication)


def test_a_list_that_was_changed_after_the_approval_is_sent_nothing_that_names_another(
    correction, publication, way_out
):
    notice = send_notice(approved(correction, publication))
    new = List.objects.create(slug="new", name="New")
    Publication.objects.update(mailing_list=new)
    Subscription.objects.create(
        subscriber=Subscriber.objects.get(address=address("ana")), list=new, state="active"
    )
    CorrectionNotice.objects.update(due_at=timezone.now())
    assert plan_next_notice() is None
    notice.refresh_from_db()
    assert notice.state == State.BLOCKED
    assert "newsletter’s list has changed" in notice.blocked_reason
    assert not NoticeMailing.objects.exists()


def test_two_newsletters_that_sent_the_article_send_one_email_to_each_person(
    correction, publication, article, way_out
):
    daily = Publication.objects.get(pk=publication.pk)
    daily.pk, daily.slug, daily.name = None, "daily", "Daily"
    daily.save()
    issue = Issue.objects.create(
        publication=daily, number=1, state=Issue.State.SENT, composed_at=timezone.now()
    )
    issue.items.create(article=article, position=1)
    mailing = Mailing.objects.create(
        issue=issue, mailing_list=daily.mailing_list, planned_at=timezone.now(), audience=2
    )
    variant = mailing.variants.create(number=1, email={}, digest="")
    batch = Batch.objects.create(mailing=mailing, variant=variant, number=1, state=Batch.State.ANSWERED)
    for name in ("ana", "jo"):
        person = Subscriber.objects.get(address=address(name))
        Recipient.objects.create(
            mailing=mailing, issue=issue, batch=batch, subscriber=person, state=Recipient.State.ACCEPTED
        )
    sent_now(correction, publication)
    readers = CorrectionReaders(correction, daily)
    assert (readers.count(), readers.count_through_others()) == (1, 1)
    sent_now(correction, daily)
    assert reached(way_out) == dict.fromkeys(GOT_IT | {"jo"}, 1)


@pytest.mark.parametrize(
    ("severity", "why"), [("minor", "only email readers about serious"), ("", "from the article’s source")]
)
def test_only_serious_corrections_made_here_are_emailed(five, publication, article, severity, why):
    if severity:
        made = make_correction(article.pk, TEXT.__class__(right="x", severity=severity))
    else:
        made = Correction.objects.create(article=article, corrected_on=timezone.localdate(), text="x")
    assert why in why_not_approve_notice(made, publication)
    with pytest.raises(Refused, match=why):
        approve_notice(made.pk, publication, seen="")


def test_the_email_of_an_archived_newsletter_is_not_approved(correction, publication):
    seen = render_notice(correction, publication).digest
    publication.archived_at = timezone.now()
    publication.save()
    with pytest.raises(Refused, match="is archived"):
        approve_notice(correction.pk, publication, seen=seen)
    publication.archived_at = None
    publication.save()
    assert approve_notice(correction.pk, publication, seen=seen)


def test_what_is_approved_is_what_was_seen(correction, publication, article):
    seen = render_notice(correction, publication).digest
    article.title = "Another title"
    article.save()
    with pytest.raises(Refused, match="was changed after you opened it"):
        approve_notice(correction.pk, publication, seen=seen)


def test_an_approved_email_is_not_sent_after_it_would_differ(correction, publication, article):
    notice = approved(correction, publication)
    article.title = "Another title"
    article.save()
    with pytest.raises(Refused, match="have changed since this email was approved"):
        send_notice(notice)


def test_roles_and_separation_of_duties(correction, publication, article):
    of_sender = Actor("Sam", frozenset({Role.SENDER}))
    of_approver = Actor("Ann", frozenset({Role.APPROVER}))
    with acting_as(of_sender):
        assert "Only an approver" in why_not_approve_notice(correction, publication)
    with acting_as(of_approver):
        notice = approved(correction, publication)
        assert "Only a sender" in why_not_send_notice(notice)
        withdraw_notice(notice)
    with pytest.raises(NotFound, match="has not been approved"):
        found_notice(correction, publication)
    Publication.objects.update(four_eyes=True)
    publication.refresh_from_db()
    for name in ("ada", "bo"):
        add_user(name, password="ebb and flow", roles=[Role.APPROVER])
    ada, bo = (actor_of(get_user_model().objects.get(username=name)) for name in ("ada", "bo"))
    with acting_as(ada):
        made = make_correction(article.pk, TEXT)
        assert "ada corrected this article" in why_not_approve_notice(made, publication)
    with acting_as(bo):
        assert why_not_approve_notice(made, publication) == ""
    assert "so we need to know who you are" in why_not_approve_notice(made, publication)
    with acting_as(Actor("eve", frozenset({Role.ADMINISTRATOR}))):
        edit_publication(publication, {"four_eyes": "no"})
    publication.refresh_from_db()
    assert not publication.four_eyes
    unknown = why_not_approve_notice(made, publication)
    assert (
        "a second person to approve each email about a correction, so we need to know who you are" in unknown
    )
    assert (
        "This rule has since been turned off, but it still applies to corrections that were made" in unknown
    )
    with acting_as(ada):
        assert "ada corrected this article" in why_not_approve_notice(made, publication)
        later = make_correction(article.pk, TEXT)
    with time_machine.travel(timezone.now() + timedelta(hours=1)), acting_as(ada):
        assert why_not_approve_notice(make_correction(article.pk, TEXT), publication) == ""
    with acting_as(bo):
        assert why_not_approve_notice(later, publication) == ""


def test_a_correction_whose_email_is_approved_cannot_be_removed(correction, publication):
    notice = approved(correction, publication)
    with pytest.raises(Refused, match="email about this correction has been approved"):
        remove_correction(correction.pk)
    withdraw_notice(notice)
    remove_correction(correction.pk)
    assert not Correction.objects.exists()


def test_a_paused_mailing_waits_and_the_issue_is_untouched(correction, publication, way_out):
    notice = send_notice(approved(correction, publication), without_undo=True)
    (mailing,) = mailings_of(notice)
    pause_mailing(mailing.pk, "Wait.")
    deliver()
    assert not way_out.taken
    assert Mailing.objects.get(issue__number=5, purpose="issue").state == Mailing.State.SENT


def test_the_next_issue_carries_it_as_well(correction, publication, other_article):
    issue = draft_empty(publication)
    email = render_email(issue)
    for text in (TEXT.said, TEXT.right, TEXT.why):
        assert text in email.html
        assert text in email.page

"""The review board acknowledges and decides, its readers are told at each step, and nobody else sees or does it."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.accounts.users import actor_of
from newsletter.articles.incoming_article import Amendment
from newsletter.articles.write_corrections import rewrite_corrections
from newsletter.errors import InvalidFields, NotFound, Refused
from newsletter.feedback import board_acts
from newsletter.feedback.board_sentences import lost_correction
from newsletter.feedback.case_figures import CaseFigures, case_figures
from newsletter.feedback.case_mails import queue_case_mail
from newsletter.feedback.find_cases import cases, corrections_for, find_case
from newsletter.feedback.models import CaseMail, ReaderCase
from newsletter.issues.correct_article import CorrectionText, make_correction, remove_correction
from newsletter.issues.issue_audit import entries_about
from newsletter.issues.models import Publication
from tests.feedback.reader_forms import link_in, send_mails

pytestmark = pytest.mark.django_db
State = ReaderCase.State
ACTS = (
    board_acts.acknowledge,
    lambda number: board_acts.decide(number, "answered", "It was 40."),
    board_acts.mark_as_junk,
    board_acts.restore,
    board_acts.erase_case,
)

CORRECTED = {"corrected_on": "2026-11-28", "text": "It was 40 per cent."}


@pytest.fixture
def by_board(board):
    """Do something as Beth, who is on the board: `by_board(acknowledge, case.pk)`."""

    def act(work, *arguments, **named):
        with acting_as(actor_of(board)):
            return work(*arguments, **named)

    return act


@pytest.fixture
def correction(article):
    """A correction of the article."""
    return article.corrections.create(**CORRECTED)


def subjects(mailoutbox):
    return [mail.subject.partition(":")[0] for mail in mailoutbox]


def test_a_reader_who_confirmed_is_told_at_each_step_once(asks, confirms, by_board, mailoutbox):
    case = asks("dora@example.org")
    confirms(case)
    by_board(board_acts.acknowledge, case.pk)
    send_mails()
    by_board(board_acts.decide, case.pk, "answered", "It was 40.\n\nWe checked <the study>.")
    send_mails()
    send_mails()
    assert subjects(mailoutbox) == [
        "Please confirm your question",
        "We have received your question",
        "We are looking into your question",
        "Our answer to your question",
    ]
    last = mailoutbox[-1]
    assert last.to == ["dora@example.org"]
    assert "It was 40.\n\nWe checked <the study>." in last.body
    assert "We checked &lt;the study&gt;." in last.alternatives[0][0]
    page = Client().get(link_in(last)).content.decode()
    assert "We checked &lt;the study&gt;." in page
    assert CaseMail.objects.exclude(state=CaseMail.State.DONE).count() == 0


def test_a_reader_who_confirms_late_is_told_what_was_decided_meanwhile(asks, confirms, by_board, mailoutbox):
    case = asks("dora@example.org")
    by_board(board_acts.decide, case.pk, "declined", "This is a matter of opinion.")
    send_mails()
    assert subjects(mailoutbox) == ["Please confirm your question"]
    confirms(case)
    assert subjects(mailoutbox)[1:] == ["What we decided about your question"]
    assert "This is a matter of opinion." in mailoutbox[-1].body


def test_the_outcome_of_a_complaint_names_the_regulator(complains, confirms, by_board, mailoutbox):
    case = complains()
    confirms(case)
    by_board(board_acts.decide, case.pk, "corrected", "We removed your old address.")
    send_mails()
    assert mailoutbox[-1].subject.startswith("The outcome of your complaint")
    assert "https://ico.org.uk/make-a-complaint/" in mailoutbox[-1].body
    assert "https://ico.org.uk/make-a-complaint/" in mailoutbox[-1].alternatives[0][0]


def test_corrected_needs_a_correction_of_the_same_article(asks, by_board, article, correction):
    case = asks()
    for number in (None, 999999999):
        with pytest.raises(InvalidFields, match="Choose the correction") as error:
            by_board(board_acts.decide, case.pk, "corrected", "Thank you.", correction=number)
        assert set(error.value.fields) == {"correction"}
    by_board(board_acts.decide, case.pk, "corrected", "Thank you.", correction=correction.pk)
    case.refresh_from_db()
    assert (case.state, case.correction, case.acknowledged_at) == (
        State.CORRECTED,
        correction,
        case.closed_at,
    )


@pytest.mark.parametrize(
    ("outcome", "text", "field"),
    [
        ("", "Yes.", "outcome"),
        ("received", "Yes.", "outcome"),
        ("answered", " \n", "text"),
        ("answered", "a" * 4001, "text"),
    ],
)
def test_a_decision_needs_an_outcome_and_a_text(asks, by_board, outcome, text, field):
    case = asks()
    with pytest.raises(InvalidFields) as error:
        by_board(board_acts.decide, case.pk, outcome, text)
    assert field in error.value.fields
    case.refresh_from_db()
    assert case.state == State.RECEIVED


def test_the_second_of_two_members_is_refused(asks, by_board):
    case = asks()
    by_board(board_acts.decide, case.pk, "answered", "It was 40.")
    for act in (board_acts.acknowledge, board_acts.mark_as_junk, ACTS[1]):
        with pytest.raises(Refused, match="Somebody has already answered this"):
            by_board(act, case.pk)
    case.refresh_from_db()
    assert case.answer == "It was 40."


def test_junk_is_told_to_nobody_and_can_be_put_back(asks, confirms, by_board, mailoutbox):
    case = asks("dora@example.org")
    path = confirms(case)
    told = len(mailoutbox)
    by_board(board_acts.acknowledge, case.pk)
    by_board(board_acts.mark_as_junk, case.pk)
    assert "We have received your question" in Client().get(path).content.decode()
    assert case_figures(case.publication).questions == 0
    by_board(board_acts.restore, case.pk)
    case.refresh_from_db()
    assert (case.state, case.closed_at) == (State.ACKNOWLEDGED, None)
    send_mails()
    assert len(mailoutbox) == told + 1


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", [Role.AUTHOR, Role.EDITOR, Role.APPROVER, Role.SENDER])
def test_other_roles_neither_see_nor_decide(asks, act, role):
    case = asks()
    with acting_as(Actor("otto", frozenset({role}))):
        for work in (act, find_case):
            with pytest.raises(Refused, match="Only a board member can"):
                work(case.pk)
        with pytest.raises(Refused, match="Only a board member can"):
            list(cases(ReaderCase.OPEN))


@pytest.mark.parametrize("act", ACTS)
def test_the_board_of_another_newsletter_does_not_find_it(asks, act):
    case = asks()
    other = Publication.objects.get()
    other.pk, other.slug = None, "tides"
    other.save()
    with acting_as(Actor("otto", publication_roles=frozenset({(other.pk, Role.BOARD)}))):
        assert list(cases(ReaderCase.OPEN)) == []
        for number in (case.pk, 999999999):
            with pytest.raises(NotFound, match="We could not find this question"):
                act(number)


def test_every_act_is_in_the_audit_log_without_what_was_typed(asks, by_board, confirms):
    case = asks("dora@example.org", "It was 40 per cent.")
    by_board(board_acts.acknowledge, case.pk)
    by_board(board_acts.mark_as_junk, case.pk)
    by_board(board_acts.restore, case.pk)
    by_board(board_acts.decide, case.pk, "answered", "We checked it, Dora.")
    confirms(case)
    by_board(board_acts.erase_case, case.pk)
    entries = list(entries_about(f"case {case.pk}"))
    assert [entry.act for entry in entries] == ["question"] * 5
    assert {entry.actor for entry in entries} == {"beth"}
    assert entries[1].changes == {"state": ["acknowledged", "answered"]}
    logged = str([(entry.sentence, entry.changes) for entry in entries])
    assert not any(each in logged for each in ("dora", "Dora", "40 per cent", "checked"))


def test_what_is_due_first_is_first(asks, complains, by_board):
    later, first = asks(text="Later"), asks(text="First")
    ReaderCase.objects.filter(pk=later.pk).update(acknowledge_by="2027-01-05")
    ReaderCase.objects.filter(pk=first.pk).update(acknowledge_by="2027-01-04")
    complaint = complains()
    ReaderCase.objects.filter(pk=complaint.pk).update(
        state=State.ACKNOWLEDGED, acknowledge_by="2026-01-01", answer_by="2027-01-06"
    )
    found = by_board(lambda: list(cases(ReaderCase.OPEN)))
    assert [case.pk for case in found] == [first.pk, later.pk, complaint.pk]


def test_the_figures_count_questions_and_corrections_of_a_year_without_junk_and_complaints(
    asks, complains, article
):
    """Two are corrected after 1 and 9 working days, three are closed after 3, and one is open, one junk and one old."""
    monday = timezone.now().replace(year=2027, month=6, day=7, hour=12)
    publication = Publication.objects.get()
    days = [
        ("corrected", 1),
        ("corrected", 9),
        ("answered", 3),
        ("answered", 3),
        ("declined", 3),
        ("received", None),
    ]
    with time_machine.travel(monday, tick=False):
        made = [asks(text=str(number), network=f"192.0.2.{number}") for number in range(len(days) + 2)]
        complains(network="192.0.2.99")
    ReaderCase.objects.filter(pk=made[-1].pk).update(received_at=monday - timedelta(days=400))
    ReaderCase.objects.filter(pk=made[-2].pk).update(state=State.JUNK, closed_at=monday)
    for case, (state, working_days) in zip(made, days, strict=False):
        weekends = 2 * ((working_days or 0) // 5)
        closed = monday + timedelta(days=working_days + weekends) if working_days else None
        answered_by = article.corrections.create(**CORRECTED) if state == "corrected" else None
        ReaderCase.objects.filter(pk=case.pk).update(state=state, closed_at=closed, correction=answered_by)
    with time_machine.travel(monday + timedelta(days=30), tick=False):
        assert case_figures(publication) == CaseFigures(questions=6, corrections=2, median_days=3)
        assert "6 questions" not in Client().get("/harbour/").content.decode()
        publication.show_question_figures = True
        publication.save()
        page = Client().get("/harbour/").content.decode()
    assert "6 questions · 2 corrections · median time to an answer: 3 working days" in page
    assert 'href="/ask/harbour/data-protection/"' in page


def test_an_email_to_an_address_that_nobody_confirmed_is_left_out_when_it_would_be_sent(asks, mailoutbox):
    case = asks("dora@example.org")
    queue_case_mail(case, State.ANSWERED)
    send_mails()
    assert subjects(mailoutbox) == ["Please confirm your question"]
    assert CaseMail.objects.get(step=State.ANSWERED).state == CaseMail.State.LEFT_OUT


def test_a_correction_that_answers_several_questions_is_counted_once_and_cannot_be_removed(
    asks, by_board, article
):
    made = make_correction(article.pk, CorrectionText(right="It was 40 per cent."))
    for number in range(3):
        case = asks(text=f"Question {number}")
        by_board(board_acts.decide, case.pk, "corrected", "Thank you.", correction=made.pk)
    with pytest.raises(Refused, match="answered a question from a reader with this correction"):
        remove_correction(made.pk)
    assert case_figures(case.publication) == CaseFigures(questions=3, corrections=1, median_days=1)


def test_a_correction_of_a_later_day_cannot_be_chosen_or_counted_before_readers_see_it(
    asks, by_board, article, publication
):
    tomorrow = timezone.localdate(timezone=publication.tzinfo) + timedelta(days=1)
    later = article.corrections.create(corrected_on=tomorrow, text="It was 40.")
    case = asks()
    assert not corrections_for(case).exists()
    with pytest.raises(InvalidFields, match="Choose the correction"):
        by_board(board_acts.decide, case.pk, "corrected", "Thank you.", correction=later.pk)
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        assert list(corrections_for(case)) == [later]
        by_board(board_acts.decide, case.pk, "corrected", "Thank you.", correction=later.pk)
        assert case_figures(publication).corrections == 1
    assert case_figures(publication).corrections == 0


def test_a_correction_that_the_source_moves_into_the_future_is_said_to_be_hidden(
    asks, by_board, board, correction
):
    case = asks()
    by_board(board_acts.decide, case.pk, "corrected", "Thank you.", correction=correction.pk)
    assert by_board(lambda: lost_correction(find_case(case.pk))) == ""
    day = timezone.localdate(timezone=case.publication.tzinfo) + timedelta(days=5)
    type(correction).objects.filter(pk=correction.pk).update(corrected_on=day)
    said = by_board(lambda: lost_correction(find_case(case.pk)))
    assert f"Readers cannot see the correction before {day.day} {day:%B %Y}." in said
    assert case_figures(case.publication).corrections == 0
    desk = Client()
    desk.force_login(board)
    assert "Correction hidden" in desk.get("/desk/questions/?show=closed").content.decode()
    with time_machine.travel(timezone.now() + timedelta(days=6), tick=False):
        assert by_board(lambda: lost_correction(find_case(case.pk))) == ""


def test_a_correction_that_the_source_took_back_is_not_counted(asks, by_board, board, correction):
    case = asks()
    by_board(board_acts.decide, case.pk, "corrected", "Thank you.", correction=correction.pk)
    assert case_figures(case.publication).corrections == 1
    correction.refresh_from_db()
    rewrite_corrections(correction.article, [], timezone.now())
    assert case_figures(case.publication).corrections == 0
    assert by_board(lambda: lost_correction(find_case(case.pk)))
    desk = Client()
    desk.force_login(board)
    assert "Correction removed" in desk.get("/desk/questions/?show=closed").content.decode()
    page = desk.get(f"/desk/questions/{case.pk}/").content.decode()
    assert "has removed or replaced the correction" in page
    assert "Correction: <span" not in page
    again = Amendment(corrected_on=correction.corrected_on, text=correction.text)
    rewrite_corrections(correction.article, [again], timezone.now())
    assert case_figures(case.publication).corrections == 1
    assert by_board(lambda: lost_correction(find_case(case.pk))) == ""
    correction.delete()
    assert case_figures(case.publication).corrections == 0
    assert by_board(lambda: lost_correction(find_case(case.pk)))

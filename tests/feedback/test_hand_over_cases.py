"""The board hands a question over to an approver, who answers it. Nobody else sees it, and only the board erases it."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.utils import timezone

from newsletter.accounts.actor import Role, acting_as
from newsletter.accounts.administer_accounts import activate, change_roles, deactivate
from newsletter.accounts.change_users import remove_roles
from newsletter.accounts.users import actor_of, add_user
from newsletter.errors import Invalid, NotFound, Refused
from newsletter.feedback import board_acts
from newsletter.feedback.find_cases import cases, find_case
from newsletter.feedback.hand_over_cases import hand_over, people_to_hand_over_to
from newsletter.feedback.models import ReaderCase
from newsletter.issues.issue_audit import entries_about
from newsletter.issues.models import Publication
from newsletter.notifications.models import Notification
from newsletter.notifications.write_notifications import write_next_notification
from tests.feedback.reader_forms import send_mails

pytestmark = pytest.mark.django_db
PASSWORD = "a long password for all of them"
State = ReaderCase.State


@pytest.fixture
def others(questioned, board):
    """April, who approves, Abel, who approves for another newsletter, and Eve, who is an editor."""
    here = questioned.publication
    other = Publication.objects.create(slug="other", name="The Other", mailing_list=here.mailing_list)
    roles = {"april": (here, Role.APPROVER), "abel": (other, Role.APPROVER), "eve": (here, Role.EDITOR)}
    return {
        name: add_user(
            name,
            password=PASSWORD,
            address=f"{name}@example.org",
            roles=[],
            publication_roles=[(publication.pk, role)],
        )
        for name, (publication, role) in roles.items()
    }


def as_user(user, work, *arguments, **named):
    with acting_as(actor_of(user)):
        found = work(*arguments, **named)
        return list(found) if work is cases else found


def notifications():
    for _ in range(50):
        if not write_next_notification():
            return list(Notification.objects.order_by("pk"))
    raise AssertionError("There was always another notification.")


def test_an_approver_answers_what_the_board_handed_over_and_sees_nothing_else(
    asks, confirms, board, others, mailoutbox
):
    mine, other = asks("dora@example.org"), asks("fay@example.org")
    confirms(mine)
    april = others["april"]
    with pytest.raises(Refused):
        as_user(april, find_case, mine.pk)
    assert {each.username for each in as_user(board, people_to_hand_over_to, mine)} >= {"eve", "april"}
    as_user(board, hand_over, mine.pk, "april")
    assert as_user(april, cases, ReaderCase.OPEN) == [mine]
    for hidden in (other.pk, 999999999):
        with pytest.raises(NotFound):
            as_user(april, find_case, hidden)
    for act in (board_acts.mark_as_junk, board_acts.erase_case):
        with pytest.raises(Refused):
            as_user(april, act, mine.pk)
    with pytest.raises(Refused):
        as_user(april, hand_over, mine.pk, "eve")
    for name in ("abel", "eve"):
        with pytest.raises(Refused):
            as_user(others[name], find_case, mine.pk)
    as_user(april, board_acts.acknowledge, mine.pk)
    as_user(april, board_acts.decide, mine.pk, "answered", "It was 40.")
    send_mails()
    assert "It was 40." in mailoutbox[-1].body
    assert as_user(april, find_case, mine.pk).state == State.ANSWERED
    with pytest.raises(Refused):
        as_user(april, board_acts.erase_case, mine.pk)
    entries = list(entries_about(f"case {mine.pk}"))
    assert [entry.actor for entry in entries] == ["april", "april", "beth"]
    assert entries[-1].sentence == f"Handed over question {mine.pk} from a reader to april."


def test_the_board_takes_a_case_back_and_hands_it_to_somebody_else(asks, board, others):
    case = asks()
    as_user(board, hand_over, case.pk, "april")
    assert as_user(board, find_case, case.pk) == case
    as_user(board, hand_over, case.pk, "eve")
    with pytest.raises(Refused):
        as_user(others["april"], find_case, case.pk)
    assert as_user(others["eve"], find_case, case.pk)
    as_user(board, hand_over, case.pk, "")
    with pytest.raises(Refused):
        as_user(others["eve"], find_case, case.pk)
    for nobody in ("abel", "beth", "mallory", "a" * 400):
        with pytest.raises(Invalid, match="You cannot hand this over"):
            as_user(board, hand_over, case.pk, nobody)
    as_user(board, board_acts.decide, case.pk, "answered", "Yes.")
    with pytest.raises(Refused, match="already answered"):
        as_user(board, hand_over, case.pk, "eve")


def test_somebody_who_has_lost_their_role_or_account_has_no_case_any_more(asks, board, others):
    case = asks()
    as_user(board, hand_over, case.pk, "april")
    others["april"].role_grants.all().delete()
    april = type(others["april"]).objects.get(pk=others["april"].pk)
    with pytest.raises(Refused):
        as_user(april, find_case, case.pk)
    april.delete()
    assert as_user(board, find_case, case.pk).assigned_to is None


@pytest.mark.parametrize(
    "lose",
    [
        lambda user, other: change_roles(user.username, [], [(other.pk, Role.APPROVER)]),
        lambda user, other: deactivate(user.username),
        lambda user, other: remove_roles(user),
    ],
    ids=["another newsletter", "deactivated", "no roles"],
)
def test_a_case_goes_back_to_the_board_when_somebody_loses_their_access_and_stays_there(
    asks, board, others, lose
):
    case, closed = asks(), asks("fay@example.org")
    as_user(board, hand_over, case.pk, "april")
    as_user(board, hand_over, closed.pk, "april")
    as_user(others["april"], board_acts.decide, closed.pk, "answered", "Yes.")
    here, other = case.publication, Publication.objects.get(slug="other")
    with transaction.atomic():
        lose(others["april"], other)
    assert as_user(board, find_case, case.pk).assigned_to is None
    latest = entries_about(f"case {case.pk}").first()
    assert latest.sentence == (
        f"Took back question {case.pk} from a reader, because april can no longer answer it."
    )
    activate("april")
    change_roles("april", [], [(here.pk, Role.APPROVER)])
    for each in (case, closed):
        with pytest.raises(Refused):
            as_user(get_user_model().objects.get(username="april"), find_case, each.pk)


def test_who_only_gets_another_role_keeps_their_case(asks, board, others):
    case = asks()
    as_user(board, hand_over, case.pk, "april")
    change_roles("april", [], [(case.publication_id, Role.EDITOR)])
    assert as_user(get_user_model().objects.get(username="april"), find_case, case.pk) == case
    change_roles("april", [Role.AUTHOR], [])
    assert as_user(get_user_model().objects.get(username="april"), find_case, case.pk) == case


def test_a_hand_over_that_started_from_another_holder_is_refused(asks, board, others):
    case = asks()
    desk = Client()
    desk.force_login(board)
    page = f"/desk/questions/{case.pk}/"
    assert 'name="holder" value=""' in desk.get(page).content.decode()
    form = {"to": "april", "holder": ""}
    assert desk.post(f"{page}hand-over/", form).status_code == 303
    again = desk.post(f"{page}hand-over/", {"to": "eve", "holder": ""})
    assert again.status_code == 409
    assert "Somebody else has handed this over to april" in again.content.decode()
    assert as_user(board, find_case, case.pk).assigned_to == others["april"]
    assert 'name="holder" value="april"' in desk.get(page).content.decode()
    as_user(board, hand_over, case.pk, "", seen="april")
    with pytest.raises(Refused, match="has taken this back"):
        as_user(board, hand_over, case.pk, "eve", seen="april")


def test_only_the_person_is_emailed_once_and_the_board_still_of_new_questions(asks, board, others):
    notifications()
    case = asks()
    as_user(board, hand_over, case.pk, "april")
    [told] = notifications()
    assert told.link == f"/desk/questions/{case.pk}/"
    assert list(told.mails.values_list("user__username", flat=True)) == ["april"]
    assert notifications() == [told]
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        later = notifications()[1:]
    assert [set(each.mails.values_list("user__username", flat=True)) for each in later] == [{"beth"}]


def test_a_question_is_handed_over_by_command(cli, asks, others):
    number = str(asks().pk)
    out = cli("questions", "hand-over", number, "--to", "april")
    assert out.code == 0, out.err
    assert "You handed this over to april." in out.out
    assert ReaderCase.objects.get().assigned_to == others["april"]
    assert "Nobody else has this question" in cli("questions", "hand-over", number).out
    assert cli("questions", "hand-over", number, "--to", "abel").code == 2

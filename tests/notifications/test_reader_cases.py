"""The review board is notified of what readers send: not of each, and of deadlines once each working day."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from newsletter.accounts.actor import Role
from newsletter.accounts.users import add_user
from newsletter.feedback.models import ReaderCase
from newsletter.notifications.models import Notification, NotificationMail
from newsletter.notifications.write_notifications import write_next_notification
from tests.sending.conftest import publication  # noqa: F401 - a fixture of a stage before

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 12, 21, 9, tzinfo=UTC)
Kind = Notification.Kind


@pytest.fixture
def board(publication):  # noqa: F811
    """Beth and Bo, who are on the board, and Ruth, who is an editor."""
    for name, role in (("beth", Role.BOARD), ("bo", Role.BOARD), ("ruth", Role.EDITOR)):
        add_user(name, password="a long password", address=f"{name}@example.org", roles=[role])
    return publication


@pytest.fixture
def receives(board):
    """Some readers send something at a time: `receives(MONDAY, 3)`."""

    def receive(at, count=1, **fields):
        defaults = {"kind": "question", "acknowledge_by": date(2027, 6, 1), "answer_by": date(2027, 6, 1)}
        ReaderCase.objects.bulk_create(
            ReaderCase(publication=board, text="It was 40.", received_at=at, **{**defaults, **fields})
            for _ in range(count)
        )

    return receive


def notify_at(moment):
    """Write every notification at a time, and return those that are new."""
    before = set(Notification.objects.values_list("pk", flat=True))
    with time_machine.travel(moment, tick=False):
        for _ in range(50):
            if not write_next_notification():
                return list(Notification.objects.exclude(pk__in=before).order_by("pk"))
    raise AssertionError("There was always another notification.")


def test_new_questions_are_one_notification_for_the_board_alone(receives):
    notify_at(MONDAY)
    receives(MONDAY, 3)
    receives(MONDAY, 1, kind="complaint")
    assert notify_at(MONDAY + timedelta(minutes=5)) == []
    [told] = notify_at(MONDAY + timedelta(minutes=11))
    assert told.kind == Kind.QUESTIONS
    assert told.text == "Readers sent 3 new questions about facts and 1 new complaint about data protection."
    assert told.link == "/desk/questions/"
    assert set(told.mails.values_list("user__username", flat=True)) == {"beth", "bo"}
    assert notify_at(MONDAY + timedelta(hours=9)) == []


def test_ten_thousand_questions_in_a_minute_are_not_ten_thousand_emails(receives):
    """They come from many networks, for a day: ten thousand in each hour."""
    notify_at(MONDAY)
    for hour in range(24):
        at = MONDAY + timedelta(hours=hour)
        receives(at, 10_000 if hour == 0 else 50)
        notify_at(at + timedelta(minutes=11))
    mails = NotificationMail.objects.filter(notification__kind=Kind.QUESTIONS)
    assert mails.filter(user__username="beth").count() == 6
    counted = Notification.objects.filter(kind=Kind.QUESTIONS).values_list("data__questions", flat=True)
    assert sum(counted) == 10_000 + 20 * 50
    assert ReaderCase.objects.count() == 10_000 + 23 * 50


def test_deadlines_are_notified_on_working_days_before_they_pass_and_after(receives):
    """Christmas Day 2026 is a Friday, and Monday stands in for Boxing Day."""
    notify_at(MONDAY)
    receives(MONDAY, 1, state="acknowledged", answer_by=date(2026, 12, 29))
    for day in (21, 22, 23):
        assert notify_at(datetime(2026, 12, day, 9, tzinfo=UTC)) == []
    [told] = notify_at(datetime(2026, 12, 24, 9, tzinfo=UTC))
    assert told.kind == Kind.QUESTIONS_DUE
    assert told.text.startswith(
        "The review board must acknowledge or answer 1 question or complaint by the next"
    )
    for day in (24, 25, 26, 27, 28):
        assert notify_at(datetime(2026, 12, day, 15, tzinfo=UTC)) == []
    assert [each.data["late"] for each in notify_at(datetime(2026, 12, 29, 9, tzinfo=UTC))] == [0]
    [late] = notify_at(datetime(2026, 12, 30, 9, tzinfo=UTC))
    assert late.text.endswith("1 deadline has passed.")


def test_the_board_of_an_archived_newsletter_is_notified_all_the_same(receives, board):
    notify_at(MONDAY)
    board.archived_at = MONDAY
    board.save()
    receives(MONDAY, 1, kind="complaint")
    assert [told.kind for told in notify_at(MONDAY + timedelta(minutes=11))] == [Kind.QUESTIONS]


def test_what_is_decided_is_not_notified(receives):
    notify_at(MONDAY)
    receives(MONDAY, 2, state="junk", acknowledge_by=date(2026, 12, 21))
    receives(MONDAY, 2, state="answered", answer_by=date(2026, 12, 21), closed_at=timezone.now())
    assert notify_at(MONDAY + timedelta(minutes=11)) == []

"""Comments by proof link, refusals of approval and requests for approval are told once, to those whom they concern."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.accounts.users import actor_of
from newsletter.issues.edit_issue_texts import set_opening, set_subject
from newsletter.notifications.models import Notification
from newsletter.proof.comments import WrittenComment, comment, comment_by_link
from newsletter.proof.proof_links import make_proof_link
from newsletter.scheduling.approval import approve
from newsletter.scheduling.refuse_approval import ask_for_approval, refuse_approval

pytestmark = pytest.mark.django_db
OMAR = Actor("omar", frozenset({Role.APPROVER}))


@pytest.fixture
def says(issue):
    link = make_proof_link(issue, "Dr Okafor").link
    return lambda text: comment_by_link(
        link.token, WrittenComment(text=text, part="email"), network="192.0.2.7"
    )


def user(name):
    return actor_of(get_user_model().objects.get(username=name))


def names(notification):
    return sorted(mail.user.username for mail in notification.mails.select_related("user"))


def test_comments_soon_after_each_other_are_one_notification(clock, issue, says, write):
    says("One")
    clock.shift(timedelta(minutes=9))
    says("Two")
    assert write() == []
    clock.shift(timedelta(minutes=1))
    [notification] = write()
    assert (notification.kind, notification.data["comments"]) == ("issue.commented", 2)
    assert "2 new comments" in notification.text
    assert write() == []
    says("Three")
    clock.shift(timedelta(minutes=10))
    [notification] = write()
    assert "1 new comment " in notification.text


def test_comments_at_the_desk_are_not_told(clock, issue, write):
    comment(issue, WrittenComment(text="Mine", part="email"))
    clock.shift(timedelta(hours=1))
    assert write() == []


def test_no_comment_and_no_name_is_in_a_notification(clock, says, write):
    says("A secret about Max")
    clock.shift(timedelta(minutes=10))
    [notification] = write()
    assert "Okafor" not in f"{notification.text}{notification.data}"
    assert "secret" not in f"{notification.text}{notification.data}"


def test_a_refusal_goes_to_those_who_worked_on_the_issue(issue, people, person, write):
    author = person("rosa", Role.AUTHOR)
    with acting_as(Actor("rosa", frozenset({Role.AUTHOR}), author.pk)):
        set_subject(issue, "Ebb")
    with acting_as(OMAR):
        refuse_approval(issue, "The date is wrong.")
    [notification] = write()
    assert notification.kind == "issue.refused"
    assert notification.text.endswith("The date is wrong.")
    assert names(notification) == ["rosa"]


def test_a_refusal_of_what_nobody_worked_on_goes_to_everybody_with_a_role(issue, people, write):
    with acting_as(OMAR):
        refuse_approval(issue, "The date is wrong.")
    [notification] = write()
    assert names(notification) == ["boss", "omar", "ruth"]


def test_a_request_for_approval_is_told_and_a_refusal_that_it_closed_is_not(issue, write):
    refuse_approval(issue, "The date is wrong.")
    ask_for_approval(issue)
    [notification] = write()
    assert notification.kind == "issue.waiting"
    assert "has asked for this issue to be approved" in notification.text
    assert notification.subject.startswith("Approval requested: issue ")
    assert notification.link.endswith("/review/")
    assert write() == []


def test_a_request_that_was_refused_meanwhile_is_not_told(issue, write):
    ask_for_approval(issue)
    refuse_approval(issue, "Not yet.")
    assert [each.kind for each in write()] == ["issue.refused"]
    assert Notification.objects.count() == 1


def test_nobody_is_told_what_they_did_themselves(issue, people, write):
    with acting_as(user("ruth")):
        ask_for_approval(issue)
    [notification] = write()
    assert "ruth" not in names(notification)
    assert "omar" in names(notification)
    with acting_as(user("boss")):
        approve(issue)
        set_opening(issue, "Dear reader")
    [notification] = write()
    assert "The approval ended when the introduction was changed." in notification.text
    assert "boss" not in names(notification)
    assert "ruth" in names(notification)

"""Reviewers and people of the desk comment on parts and sentences, reply, and the desk resolves."""

from datetime import timedelta

import pytest

from newsletter.accounts.actor import Actor, Role
from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.errors import InvalidFields, NotFound, Refused
from newsletter.issues.edit_issue_articles import drop, set_blurb
from newsletter.issues.models import AuditEntry
from newsletter.proof import reviewer_limits
from newsletter.proof.comments import (
    LONGEST_COMMENT,
    WrittenComment,
    comment,
    comment_by_link,
    comments_on,
    open_comments,
    resolve,
)
from newsletter.proof.models import ProofComment
from newsletter.proof.parts_now import parts_now
from newsletter.proof.proof_view import proof_view
from newsletter.proof.reviewer_limits import TooOftenError
from newsletter.proof.sentences import sentences_of
from tests.proof.conftest import NETWORK

pytestmark = pytest.mark.django_db


@pytest.fixture
def says(share):
    """Dr Okafor comments: `says("Good", "email")`."""
    link = share()

    def write(text, part="email", *, network=NETWORK, form_key=None, **about):
        written = WrittenComment(text=text, part=part, **about)
        return comment_by_link(link.token, written, network=network, form_key=form_key)

    return write


def first_sentence(issue, part):
    return sentences_of(
        next(each.text for each in parts_now(issue).part(part).texts if each.field == "blurb")
    )[0]


def test_a_comment_is_about_the_whole_an_article_a_block_or_a_sentence(issue, articles, says):
    article = f"article-{articles[1]}"
    sentence = first_sentence(issue, article)
    says("Well done")
    says("Too long", article)
    says("Is this true?", article, field="blurb", quote=sentence)
    says("Ask for less", "block-appeal")
    found = comments_on(issue)
    assert [each.part for each in found] == ["email", article, article, "block-appeal"]
    assert found[2].quote == sentence
    assert {each.author_name for each in found} == {"Dr Okafor"}
    by_part = {each.part.name: len(each.comments) for each in proof_view(issue).parts}
    assert (by_part["email"], by_part[article], by_part["block-appeal"]) == (1, 2, 1)


def test_the_desk_replies_and_resolves(issue, says, share, ruth, by):
    first = says("Is this true?")
    by(ruth, comment, issue, WrittenComment(text="It is.", reply_to=first.pk))
    comment_by_link(share("Max").token, WrittenComment(text="I agree.", reply_to=first.pk), network=NETWORK)
    (found,) = comments_on(issue)
    assert [(each.author_name, each.text) for each in found.replies.all()] == [
        ("ruth", "It is."),
        ("Max", "I agree."),
    ]
    assert open_comments(issue).count() == 1
    by(ruth, resolve, issue, first.pk)
    assert not open_comments(issue).exists()
    by(ruth, resolve, issue, first.pk, is_resolved=False)
    assert open_comments(issue).count() == 1
    assert [entry.act for entry in AuditEntry.objects.exclude(act="proof-link")] == ["comment"] * 5


def test_a_reply_to_a_reply_or_to_another_issue_is_refused(issue, says, ruth, by):
    reply = by(ruth, comment, issue, WrittenComment(text="Why?", reply_to=says("No.").pk))
    for number in (reply.pk, 999999999):
        with pytest.raises(NotFound):
            says("And?", reply_to=number)


def test_a_sentence_that_has_changed_is_not_commented_on(issue, articles, says):
    article = f"article-{articles[0]}"
    sentence = first_sentence(issue, article)
    set_blurb(issue, articles[0], "Something else altogether.")
    with pytest.raises(Refused, match="has changed"):
        says("Is this true?", article, field="blurb", quote=sentence)
    assert not ProofComment.objects.exists()


def test_a_part_that_has_gone_is_not_commented_on_and_its_comments_stay(issue, articles, says):
    article = f"article-{articles[1]}"
    says("Too long", article)
    drop(issue, articles[1])
    with pytest.raises(Refused, match="no longer in the email"):
        says("Again", article)
    assert [each.text for each in proof_view(issue).comments_on_others] == ["Too long"]


@pytest.mark.parametrize("text", ["", "  \n ", "\0\u202e"])
def test_a_comment_says_something(says, text):
    with pytest.raises(InvalidFields) as error:
        says(text)
    assert list(error.value.fields) == ["text"]


def test_a_long_comment_is_refused_and_says_how_long_it_is(says):
    with pytest.raises(InvalidFields, match="2,001 characters"):
        says("x" * (LONGEST_COMMENT + 1))


def test_what_would_turn_round_the_direction_of_text_is_not_stored(says):
    assert says("a\u202eb\0c").text == "abc"


def test_the_same_form_twice_makes_one_comment(says):
    says("Once", form_key="k" * 32)
    with pytest.raises(AlreadyMadeError):
        says("Once", form_key="k" * 32)
    assert ProofComment.objects.count() == 1


def test_a_flood_through_one_link_is_stopped_for_an_hour(says, clock):
    for _ in range(reviewer_limits.ACTS_OF_LINK):
        says("More")
    with pytest.raises(TooOftenError, match="This link"):
        says("One too many")
    assert ProofComment.objects.count() == reviewer_limits.ACTS_OF_LINK
    clock.shift(timedelta(hours=1))
    says("Later")


def test_a_flood_from_one_network_through_many_links_is_stopped(share, monkeypatch):
    monkeypatch.setattr(reviewer_limits, "ACTS_OF_NETWORK", 3)
    for number in range(3):
        written = WrittenComment(text="More", part="email")
        comment_by_link(share().token, written, network=f"2001:db8:7::{number}")
    with pytest.raises(TooOftenError, match="your network"):
        comment_by_link(share().token, WrittenComment(text="More", part="email"), network="2001:db8:7:5::9")
    comment_by_link(share().token, WrittenComment(text="Elsewhere", part="email"), network="198.51.100.1")


def test_a_link_has_room_for_so_many_comments(says, monkeypatch):
    monkeypatch.setattr(reviewer_limits, "COMMENTS_OF_LINK", 2)
    says("One")
    says("Two")
    with pytest.raises(TooOftenError, match="maximum"):
        says("Three")


def test_an_issue_has_room_for_so_many_comments(says, monkeypatch):
    monkeypatch.setattr(reviewer_limits, "COMMENTS_ON_ISSUE", 1)
    says("One")
    with pytest.raises(TooOftenError, match="maximum"):
        says("Two")


def test_a_sent_issue_is_not_commented_on(issue, says):
    issue.state = issue.State.SENT
    issue.save()
    with pytest.raises(Refused, match="sent"):
        says("Too late")


def test_somebody_without_a_role_comments_nothing(issue, says, by):
    number = says("Hello").pk
    stranger = Actor("sam", frozenset(), 9)
    for act in (
        lambda: comment(issue, WrittenComment(text="Mine", part="email")),
        lambda: resolve(issue, number),
    ):
        with pytest.raises(
            Refused, match="Only an author, an approver, a sender or a board member can comment"
        ):
            by(stranger, act)


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.APPROVER, Role.SENDER])
def test_any_role_comments_at_the_desk(issue, by, role):
    somebody = Actor("sam", frozenset({role}), 9)
    assert by(somebody, comment, issue, WrittenComment(text="Mine", part="email")).author_name == "sam"

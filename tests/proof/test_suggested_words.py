"""An editor uses suggested words with one click, through the functions by which the same texts are edited."""

import pytest

from newsletter.accounts.actor import Actor, Role
from newsletter.errors import NotFound, Refused
from newsletter.issues.approvals import current_approval
from newsletter.issues.autosaved_texts import text_field, text_version
from newsletter.issues.confirm_changes_that_end_approval import (
    WouldEndApprovalError,
    asking_before_approvals_end,
)
from newsletter.issues.edit_issue_articles import drop, set_blurb, set_headline
from newsletter.issues.edit_issue_blocks import edit_block
from newsletter.issues.edit_issue_texts import set_opening, set_subject
from newsletter.issues.issue_versions import versions_of
from newsletter.issues.models import StandingBlock
from newsletter.issues.running_order import blocks_of, key_of
from newsletter.issues.save_texts_without_overwriting import Conflict, TypedText, save_text
from newsletter.proof.comments import WrittenComment, comment_by_link
from newsletter.proof.parts_now import parts_now
from newsletter.proof.sentences import sentences_of
from newsletter.proof.suggested_words import use_suggested_words, why_not_apply
from newsletter.rendering.text_as_read import read_text
from newsletter.scheduling.approval import approve
from tests.proof.conftest import NETWORK

pytestmark = pytest.mark.django_db


@pytest.fixture
def suggests(issue, share):
    """Dr Okafor suggests other words for the first sentence of a text: `suggests("opening", "opening", "New.")`."""
    link = share()

    def write(part, field, words, *, number=0):
        texts = {each.field: each.text for each in parts_now(issue).part(part).texts}
        quote = sentences_of(texts[field], field)[number]
        written = WrittenComment(text="", part=part, field=field, quote=quote, suggestion=words)
        return comment_by_link(link.token, written, network=NETWORK)

    return write


def text_of(issue, part, field):
    issue.refresh_from_db()
    return next(each.text for each in parts_now(issue).part(part).texts if each.field == field)


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ("first-lines", "subject"),
        ("first-lines", "preheader"),
        ("opening", "opening"),
        ("article", "headline"),
        ("article", "blurb"),
        ("block-appeal", "title"),
        ("block-appeal", "body"),
    ],
)
def test_every_text_of_the_email_takes_suggested_words(issue, articles, suggests, ruth, by, part, field):
    part = f"article-{articles[1]}" if part == "article" else part
    before = text_of(issue, part, field)
    row = suggests(part, field, "These words are better.")
    by(ruth, use_suggested_words, issue, row.pk)
    before = read_text(field, before).words
    now = read_text(field, text_of(issue, part, field)).words
    assert now == before.replace(row.quote, "These words are better.")
    row.refresh_from_db()
    assert row.taken_at
    assert row.resolved_by == "ruth"
    assert versions_of(issue)[0].actor == "ruth"


def test_the_standing_block_of_other_issues_stays(issue, suggests, ruth, by):
    by(ruth, use_suggested_words, issue, suggests("block-appeal", "body", "Please give.").pk)
    assert "Please give." not in StandingBlock.objects.get(name="appeal").body
    block = next(each for each in blocks_of(issue) if key_of(each) == "appeal")
    assert block.data["target"] == "40000"


def test_leaving_a_sentence_out_can_be_suggested(issue, articles, suggests, ruth, by):
    part = f"article-{articles[0]}"
    row = suggests(part, "blurb", "", number=1)
    by(ruth, use_suggested_words, issue, row.pk)
    assert row.quote not in text_of(issue, part, "blurb")
    assert "  " not in text_of(issue, part, "blurb")


def test_words_for_a_sentence_that_changed_are_not_used(issue, articles, suggests, ruth, by):
    part = f"article-{articles[0]}"
    row = suggests(part, "blurb", "Better.")
    by(ruth, set_blurb, issue, articles[0], "Not " + row.quote)
    assert "has changed" in why_not_apply(row, parts_now(issue))
    with pytest.raises(Refused, match="has changed"):
        by(ruth, use_suggested_words, issue, row.pk)
    assert text_of(issue, part, "blurb") == "Not " + row.quote
    row.refresh_from_db()
    assert row.taken_at is None
    assert row.resolved_at is None


def test_words_fit_although_another_sentence_changed(issue, suggests, ruth, by):
    by(ruth, set_opening, issue, "One sentence. Another one.")
    row = suggests("opening", "opening", "The first.")
    by(ruth, set_opening, issue, "One sentence. Quite another one.")
    assert why_not_apply(row, parts_now(issue)) == ""
    by(ruth, use_suggested_words, issue, row.pk)
    assert text_of(issue, "opening", "opening") == "The first. Quite another one."


def test_words_for_a_block_that_changed_are_not_used(issue, suggests, ruth, by):
    row = suggests("block-appeal", "title", "Better")
    by(ruth, edit_block, issue, "appeal", title="Changed", body="Text.", data={})
    with pytest.raises(Refused, match="has changed"):
        by(ruth, use_suggested_words, issue, row.pk)


def test_words_for_an_article_that_was_removed_are_not_used(issue, articles, suggests, ruth, by):
    row = suggests(f"article-{articles[1]}", "headline", "Better")
    by(ruth, drop, issue, articles[1])
    with pytest.raises(NotFound, match="no longer in the email"):
        by(ruth, use_suggested_words, issue, row.pk)


def test_the_second_click_finds_the_words_used(issue, suggests, ruth, by):
    row = suggests("opening", "opening", "Dear reader.")
    by(ruth, use_suggested_words, issue, row.pk)
    with pytest.raises(Refused, match="already been used"):
        by(ruth, use_suggested_words, issue, row.pk)


def test_somebody_typing_in_the_same_field_sees_both_texts(issue, articles, suggests, ruth, ann, by):
    name = f"article-{articles[0]}-headline"
    by(ann, set_headline, issue, articles[0], "A headline")
    row = suggests(f"article-{articles[0]}", "headline", "A better headline")
    started_from = text_version(text_field(issue, name).text)
    by(ruth, use_suggested_words, issue, row.pk)
    typed = TypedText(field=name, text="My headline", started_from=started_from)
    outcome = by(ann, save_text, issue, typed)
    assert isinstance(outcome, Conflict)
    assert outcome.theirs == "A better headline"
    assert outcome.changed_by == "ruth"


def test_the_person_is_asked_before_an_approval_ends(issue, suggests, ann, by):
    row = suggests("first-lines", "subject", "Better")
    by(ann, approve, issue)
    with pytest.raises(WouldEndApprovalError) as question, asking_before_approvals_end():
        by(ann, use_suggested_words, issue, row.pk)
    assert current_approval(issue)
    row.refresh_from_db()
    assert row.taken_at is None
    with asking_before_approvals_end([question.value.approval]):
        by(ann, use_suggested_words, issue, row.pk)
    assert not current_approval(issue)


@pytest.mark.parametrize("role", [Role.APPROVER, Role.SENDER, None])
def test_only_who_can_write_uses_words(issue, suggests, by, role):
    row = suggests("first-lines", "subject", "Better")
    with pytest.raises(Refused, match="Only an author"):
        by(Actor("sam", frozenset({role} if role else ()), 9), use_suggested_words, issue, row.pk)


def test_words_that_an_editor_could_not_type_are_refused(issue, suggests, ruth, by):
    row = suggests("first-lines", "subject", "x" * 400)
    with pytest.raises(Exception, match="300"):
        by(ruth, use_suggested_words, issue, row.pk)
    assert text_of(issue, "first-lines", "subject") == "Sleep: what the studies say"


def test_line_breaks_in_words_for_one_line_become_spaces(issue, suggests, ruth, by):
    row = suggests("first-lines", "subject", "Sleep\nwell")
    by(ruth, use_suggested_words, issue, row.pk)
    assert text_of(issue, "first-lines", "subject") == "Sleep well"


def test_a_comment_without_other_words_has_none_to_use(issue, suggests, ruth, by, share):
    quote = "Sleep: what the studies say"
    written = WrittenComment(text="Hm", part="first-lines", field="subject", quote=quote, suggestion=quote)
    row = comment_by_link(share().token, written, network=NETWORK)
    assert row.suggestion is None
    with pytest.raises(Refused, match="not suggest different wording"):
        by(ruth, use_suggested_words, issue, row.pk)
    by(ruth, set_subject, issue, "Changed")

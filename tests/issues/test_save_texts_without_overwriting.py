"""Texts that two people type at once: nothing is overwritten unseen, and nobody quarrels with themselves."""

import pytest
from django.utils import timezone

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.articles.models import Article
from newsletter.errors import Invalid, NotFound, Refused
from newsletter.issues import edit_issue_articles, edit_issue_texts
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.compose import compose
from newsletter.issues.models import Approval, Issue, Item
from newsletter.issues.save_texts_without_overwriting import (
    Conflict,
    EndsApproval,
    Saved,
    TypedText,
    approval_to_end,
    save_text,
    save_texts,
)

RUTH = Actor("ruth", frozenset({Role.EDITOR}), 1)
AMIR = Actor("amir", frozenset({Role.EDITOR, Role.APPROVER, Role.SENDER}), 2)
EMPTY = text_version("")


@pytest.fixture
def issue(weekly, write, noon):
    for hours, title in enumerate("ABCD", start=1):
        write(title, hours=hours)
    return compose(weekly, now=noon)


@pytest.fixture
def approved(issue):
    """The issue, approved by Amir."""
    Approval.objects.create(
        issue=issue, emails=[], digest="", day="2026-11-10", approved_by="amir", approved_at=timezone.now()
    )
    Issue.objects.filter(pk=issue.pk).update(state=Issue.State.SCHEDULED)
    return issue


def now(issue):
    return Issue.objects.get(pk=issue.pk)


def typed(field, text, started_from=EMPTY, sent=()):
    return TypedText(field=field, text=text, started_from=started_from, sent=sent)


def test_a_text_is_saved_and_its_version_goes_on_to_the_next_save(issue):
    first = save_text(issue, typed("opening", "Dear"))
    assert isinstance(first, Saved)
    second = save_text(issue, typed("opening", "Dear reader", first.version))
    assert isinstance(second, Saved)
    assert now(issue).opening == "Dear reader"


def test_a_text_that_a_colleague_changed_is_a_conflict_with_both_texts(issue):
    with acting_as(AMIR):
        edit_issue_texts.set_opening(issue, "Amir’s introduction")
    found = save_text(issue, typed("opening", "Ruth’s introduction"))
    assert isinstance(found, Conflict)
    assert (found.typed, found.theirs) == ("Ruth’s introduction", "Amir’s introduction")
    assert found.changed_by == "amir"
    assert found.sentence.startswith("amir has changed the introduction since you opened it.")
    assert now(issue).opening == "Amir’s introduction"


def test_different_texts_of_two_people_are_both_saved(issue):
    subject = text_version(issue.subject)
    with acting_as(AMIR):
        edit_issue_texts.set_opening(issue, "Amir’s introduction")
    outcomes = save_texts(issue, [typed("subject", "Ruth’s subject", subject), typed("opening", "", EMPTY)])
    assert [type(each) for each in outcomes] == [Saved]
    assert (now(issue).subject, now(issue).opening) == ("Ruth’s subject", "Amir’s introduction")


def test_of_a_form_with_a_conflict_the_other_texts_are_saved(issue):
    subject = text_version(issue.subject)
    edit_issue_texts.set_opening(issue, "Amir’s introduction")
    saved, conflict = save_texts(
        issue, [typed("subject", "Ruth’s subject", subject), typed("opening", "Ruth’s introduction")]
    )
    assert (type(saved), type(conflict)) == (Saved, Conflict)
    assert (now(issue).subject, now(issue).opening) == ("Ruth’s subject", "Amir’s introduction")


def test_a_save_whose_answer_was_lost_raises_no_conflict_with_oneself(issue):
    save_text(issue, typed("opening", "Dear"))
    again = save_text(issue, typed("opening", "Dear reader", sent=["Dear"]))
    assert isinstance(again, Saved)
    assert now(issue).opening == "Dear reader"


def test_the_same_save_twice_is_saved_once(issue):
    save_text(issue, typed("opening", "Dear"))
    again = save_text(issue, typed("opening", "Dear"))
    assert isinstance(again, Saved)
    assert not again.changed
    assert issue.versions.count() == 2


def test_line_breaks_and_blank_ends_are_no_change(issue):
    edit_issue_texts.set_opening(issue, "Dear reader,\n\nhello.")
    version = text_version(now(issue).opening)
    assert save_texts(issue, [typed("opening", "Dear reader,\r\n\r\nhello. \r\n", version)]) == []


def test_a_suggested_text_that_changed_by_itself_is_no_conflict(issue):
    version = text_version(issue.subject)
    edit_issue_articles.make_lead(issue, Article.objects.get(title="C").pk)
    found = save_text(issue, typed("subject", "Ruth’s subject", version))
    assert isinstance(found, Saved)


def test_an_introduction_that_a_colleague_emptied_is_not_overwritten_unseen(issue):
    edit_issue_texts.set_opening(issue, "Dear reader")
    edit_issue_texts.set_opening(issue, "")
    found = save_text(issue, typed("opening", "Dear reader, hello", text_version("Dear reader")))
    assert isinstance(found, Conflict)
    assert now(issue).opening == ""


def test_a_subject_that_a_colleague_put_back_to_the_suggestion_is_not_overwritten_unseen(issue):
    edit_issue_texts.set_subject(issue, "By hand")
    edit_issue_texts.set_subject(issue, "")
    found = save_text(issue, typed("subject", "By hand, longer", text_version("By hand")))
    assert isinstance(found, Conflict)
    assert now(issue).subject == "A"


def test_an_emptied_subject_is_suggested_again(issue):
    edit_issue_texts.set_subject(issue, "By hand")
    found = save_text(issue, typed("subject", "", text_version("By hand")))
    assert isinstance(found, Saved)
    assert found.text == now(issue).subject == "A"


def test_a_text_of_an_article_is_saved_and_can_be_a_conflict(issue):
    article = Article.objects.get(title="B").pk
    name = f"article-{article}-headline"
    assert isinstance(save_text(issue, typed(name, "A better B")), Saved)
    assert Item.objects.get(issue=issue, article=article).headline == "A better B"
    found = save_text(issue, typed(name, "The best B"))
    assert isinstance(found, Conflict)
    assert found.label == "the headline for “A better B”"


def test_an_approval_ends_only_if_the_editor_agreed(approved):
    found = save_text(approved, typed("opening", "Dear"))
    assert isinstance(found, EndsApproval)
    assert "amir has approved this issue." in found.sentence
    assert "only send the issue at its scheduled time" in found.sentence
    assert now(approved).opening == ""
    assert now(approved).state == Issue.State.SCHEDULED
    assert isinstance(save_text(approved, typed("opening", "Dear"), agreed=found.approval), Saved)
    assert (now(approved).opening, now(approved).state) == ("Dear", Issue.State.DRAFT)


def test_agreeing_to_end_one_approval_does_not_end_a_later_one(approved):
    agreed = approval_to_end(approved)
    Approval.objects.update(withdrawn_at=timezone.now())
    Approval.objects.create(
        issue=approved, emails=[], digest="", day="2026-11-10", approved_by="ada", approved_at=timezone.now()
    )
    found = save_text(approved, typed("opening", "Dear"), agreed=agreed)
    assert isinstance(found, EndsApproval)
    assert found.approved_by == "ada"


def test_an_issue_that_was_sent_refuses_the_text_and_says_why(issue):
    Issue.objects.filter(pk=issue.pk).update(state=Issue.State.SENT)
    with pytest.raises(Refused, match="has been sent"):
        save_text(issue, typed("opening", "Dear"))


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("subject", "x" * 4_999, "The subject can have at most 300 characters. This text has 4,999."),
        ("preheader", "x" * 301, "The preheader can have at most 300 characters. This text has 301."),
        (
            "opening",
            "x" * 50_001,
            "The introduction can have at most 50,000 characters. This text has 50,001.",
        ),
        ("opening", "Dear {{first_name", "Introduction: the braces are incomplete"),
        ("subject", "{{ nickname }}", "Subject: we could not find a placeholder called nickname."),
        ("preheader", "{% if %}", "Preheader: the braces are incomplete"),
    ],
)
def test_a_text_that_is_too_long_or_has_bad_braces_is_refused_in_plain_words(issue, field, text, sentence):
    version = text_version(getattr(issue, field))
    with pytest.raises(Invalid) as error:
        save_text(issue, typed(field, text, version))
    assert str(error.value).startswith(sentence)


def test_a_headline_that_is_too_long_says_how_long(issue):
    with pytest.raises(Invalid, match=r"The headline can have at most 500 characters\. This text has 501\."):
        edit_issue_articles.set_headline(issue, Article.objects.get(title="B").pk, "x" * 501)


@pytest.mark.parametrize("name", ["state", "article-x-headline", "article-5-section", ""])
def test_only_texts_can_be_saved(issue, name):
    with pytest.raises(NotFound):
        save_text(issue, typed(name, "Dear"))


def test_a_text_of_an_article_that_left_the_issue_is_refused(issue, write):
    with pytest.raises(NotFound, match="no longer in the issue"):
        save_text(issue, typed(f"article-{write('New').pk}-headline", "Dear"))


def test_a_conflict_with_another_window_of_the_same_person_says_so(issue):
    with acting_as(RUTH):
        edit_issue_texts.set_opening(issue, "Written on the phone")
        found = save_text(issue, typed("opening", "Written at the desk"))
    assert isinstance(found, Conflict)
    assert found.sentence.startswith("You have changed the introduction in another window or browser.")

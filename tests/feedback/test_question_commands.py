"""`newsletter questions …`: the board answers from the command line, as in the desk."""

import json

import pytest

from newsletter.accounts.actor import Role
from newsletter.accounts.users import add_user
from newsletter.feedback.models import ReaderCase
from newsletter.issues.issue_audit import entries_about

pytestmark = pytest.mark.django_db
State = ReaderCase.State


def said(result):
    assert result.code == 0, result.err
    return " ".join(result.out.split())


def document(result):
    return json.loads(said(result))


def state(case):
    case.refresh_from_db()
    return case.state


def test_a_question_from_the_list_to_the_answer(cli, asks, confirms):
    case = asks("dora@example.org", "It was 40 per cent.")
    number = str(case.pk)
    [listed] = document(cli("questions", "list", "--json"))
    assert (listed["id"], listed["kind"], listed["text"]) == (case.pk, "question", "It was 40 per cent.")
    assert f"Acknowledge by {case.acknowledge_by.day}" in said(cli("questions", "list"))
    assert "dora@example.org (not confirmed)" in said(cli("questions", "show", number))
    confirms(case)
    assert said(cli("questions", "acknowledge", number)) == "You acknowledged this. We will email the reader."
    answer = ("questions", "answer", number, "--text", "The study says 12.")
    assert said(cli(*answer)) == "Your decision was saved. We will email the reader."
    assert document(cli("questions", "list", "--json")) == []
    [closed] = document(cli("questions", "list", "--show", "closed", "--json"))
    assert (closed["state"], closed["answer"]) == ("answered", "The study says 12.")
    again = cli(*answer)
    assert (again.code, again.err) == (
        1,
        "newsletter: Somebody has already answered this. Check what they did.\n",
    )


def test_a_correction_of_the_article_closes_a_question(cli, asks, article):
    case = asks("dora@example.org")
    number = str(case.pk)
    correct = ("questions", "correct", number, "--text", "Thank you.")
    refused = cli(*correct)
    assert (refused.code, "Choose the correction." in refused.err) == (2, True)
    made = document(cli("corrections", "make", str(article.pk), "--right", "It was 12.", "--json"))[
        "correction"
    ]
    shown = document(cli("questions", "show", number, "--json"))
    assert [each["id"] for each in shown["corrections"]] == [made]
    assert f"correction {made}" in said(cli("questions", "show", number))
    assert document(cli(*correct, "--correction", str(made), "--json"))["correction"] == made
    assert state(case) == State.CORRECTED


def test_a_complaint_is_upheld_without_a_correction_or_declined(cli, complains):
    first, second = complains(), complains("ada@example.org", "You wrote to me.")
    assert "Complaint about data protection" in said(cli("questions", "list"))
    said(cli("questions", "correct", str(first.pk), "--text", "We removed it."))
    said(cli("questions", "decline", str(second.pk), "--text", "We wrote to nobody."))
    assert (state(first), state(second)) == (State.CORRECTED, State.DECLINED)


def test_junk_is_put_back_and_a_closed_case_erased(cli, asks):
    case = asks(text="Buy my tides.")
    number = str(case.pk)
    assert said(cli("questions", "junk", number)) == "Marked as junk."
    assert len(document(cli("questions", "list", "--show", "junk", "--json"))) == 1
    assert said(cli("questions", "put-back", number)) == "Put back into the list."
    open_one = cli("questions", "erase", number, "--yes")
    assert (open_one.code, "Save your decision first." in open_one.err) == (1, True)
    said(cli("questions", "decline", number, "--text", "This is an advertisement."))
    assert document(cli("questions", "erase", number, "--yes", "--json"))["text"] == ""
    assert "erased" in said(cli("questions", "show", number))


def test_only_the_board_answers_and_is_named_in_the_log(cli, asks, board, monkeypatch):
    add_user("ruth", password="a long password for ruth", address="ruth@example.org", roles=[Role.EDITOR])
    number = str(asks().pk)
    monkeypatch.setenv("NEWSLETTER_PASSWORD", "a long password for ruth")
    for words in (("list",), ("show", number), ("acknowledge", number), ("junk", number)):
        refused = cli("--as", "ruth", "questions", *words)
        assert (refused.code, "Only a board member can" in refused.err) == (1, True)
    monkeypatch.setenv("NEWSLETTER_PASSWORD", "a long password for beth")
    said(cli("--as", "beth", "questions", "acknowledge", number))
    assert entries_about(f"case {number}").get().actor == "beth"
    assert cli("--as", "beth", "questions", "show", "999999999").code == 1

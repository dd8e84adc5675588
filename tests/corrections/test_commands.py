"""`newsletter corrections …`."""

import json

import pytest

from newsletter.articles.models import Correction
from newsletter.issues.models import Publication
from tests.corrections.conftest import address


def said(result):
    assert result.code == 0, result.err
    return " ".join(result.out.split())


@pytest.fixture
def made(cli, five, article):
    words = ("--right", "It was the moon.", "--said", "It was the wind.", "--since", "2026-11-01")
    answer = said(cli("corrections", "make", str(article.pk), *words, "--severity", "serious"))
    made = Correction.objects.get()
    assert f"`newsletter corrections approve {made.pk}`" in answer
    return str(made.pk)


def test_from_the_mistake_to_the_last_reader(cli, made):
    (listed,) = json.loads(said(cli("corrections", "list", "--json")))
    assert (listed["text"], listed["wrong_since"], listed["severity"]) == (
        "It was the moon.",
        "2026-11-01",
        "serious",
    )
    readers = json.loads(said(cli("corrections", "readers", made, "--json")))
    assert readers == {
        "receive": 4,
        "received": 0,
        "left_out": {"suppressed": 1, "unsubscribed": 1, "paused": 1, "erased": 1},
    }
    (eve,) = json.loads(said(cli("corrections", "readers", made, "--left-out", "unsubscribed", "--json")))
    assert eve["address"] == address("eve")
    assert "will get the email" in said(cli("corrections", "readers", made))
    refused = cli("corrections", "send", made)
    assert (refused.code, "Approve it first" in refused.err) == (1, True)
    assert "Only this version" in said(cli("corrections", "approve", made))
    sent = json.loads(said(cli("corrections", "send", made, "--without-undo", "--json")))
    assert sent["state"] == "planned"
    (mailing,) = sent["mailings"]
    assert (mailing["purpose"], mailing["accepted"]) == ("correction", 4)
    assert "Correction to The Harbour Letter 5 sent" in said(cli("corrections", "send", made))
    assert json.loads(said(cli("corrections", "readers", made, "--json")))["received"] == 4


def test_undo_withdraw_and_remove(cli, made):
    Publication.objects.update(undo_minutes=5)
    said(cli("corrections", "approve", made))
    assert f"`newsletter corrections undo {made}`" in said(cli("corrections", "send", made))
    assert cli("corrections", "withdraw-approval", made).code == 1
    said(cli("corrections", "undo", made))
    said(cli("corrections", "withdraw-approval", made))
    said(cli("corrections", "remove", made))
    assert "There are no corrections." in said(cli("corrections", "list"))


def test_an_error_that_the_checks_find_needs_a_reason(cli, five, article):
    link = cli("corrections", "make", str(article.pk), "--right", "See http://intranet/x.")
    assert (link.code, "private network" in link.err) == (2, True)
    words = ("--right", "It was [insert figure].", "--severity", "serious", "--json")
    number = str(json.loads(said(cli("corrections", "make", str(article.pk), *words)))["correction"])
    refused = cli("corrections", "approve", number)
    assert (refused.code, "“[insert figure]”" in refused.err) == (2, True)
    assert "Only this version" in said(
        cli("corrections", "approve", number, "--reason", "It is a quotation.")
    )


def test_a_wrong_reason_names_the_right_ones(cli, made):
    answer = cli("corrections", "readers", made, "--left-out", "bored")
    assert answer.code == 2
    assert "suppressed, unsubscribed, paused, pending, not-on-list, erased" in answer.err

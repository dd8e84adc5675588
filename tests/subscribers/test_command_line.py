import json

import pytest

from subscribers import suppression


@pytest.fixture
def lists(cli):
    assert cli("lists", "add", "news", "--name", "The News", "--topic", "research=Research").code == 0
    return cli


def add(cli, address, *options):
    return cli("subscribers", "add", address, "--list", "news", "--consent", "Open day, 3 May", *options)


def test_a_persons_whole_history_is_shown(lists):
    assert add(lists, "Ada@example.org", "--first-name", "Ada", "--by", "Edith").code == 0
    lists("subscribers", "suppress", "ada@example.org", "--why", "asked by letter", "--by", "Edith")
    lists("subscribers", "unsuppress", "ada@example.org", "--why", "rang us", "--by", "Edith")
    shown = lists("subscribers", "show", " ADA@EXAMPLE.ORG ").out
    for expected in (
        "Ada@example.org",
        "added",
        "editor Edith",
        "“Open day, 3 May” (version 2)",
        "asked by letter",
        "rang us",
    ):
        assert expected in shown
    document = json.loads(lists("subscribers", "show", "ada@example.org", "--json").out)
    assert [entry["act"] for entry in document["consent"]] == ["added", "suppressed", "lifted"]


def test_lists_are_made_listed_and_shown_with_figures(lists):
    add(lists, "ada@example.org", "--topic", "research")
    assert json.loads(lists("lists", "list", "--json").out)[0]["active"] == 1
    shown = lists("lists", "show", "news")
    assert "research (Research)" in shown.out
    rows = json.loads(lists("subscribers", "list", "--list", "news", "--state", "active", "--json").out)
    assert [row["address"] for row in rows] == ["ada@example.org"]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("lists", "add", "news", "--name", "Again"), 2, "slug"),
        (("lists", "add", "no spaces", "--name", "X"), 2, "slug"),
        (("lists", "add", "x", "--name", "X", "--language", "klingon?"), 2, "language"),
        (("lists", "show", "nothing"), 1, "Your lists are: news"),
        (("subscribers", "show", "nobody@example.org"), 1, "We could not find anyone with this address"),
        (("subscribers", "show", "nobody"), 2, "not an email address"),
        (("subscribers", "add", "a@example.org", "--list", "news"), 2, "consent"),
        (("subscribers", "add", "a@example.org", "--list", "news", "--consent", " "), 2, "consent"),
        (
            ("subscribers", "add", "a@example.org", "--list", "x", "--consent", "y"),
            1,
            "list 'x' does not exist",
        ),
        (("subscribers", "add", "a@", "--list", "news", "--consent", "y"), 2, "not an email address"),
        (("subscribers", "unsuppress", "a@example.org", "--why", "y"), 1, "nothing to remove"),
        (("subscribers", "edit", "bob@example.org", "--zone", "Mars/Base"), 2, "not a time zone"),
        (("subscribers", "edit", "bob@example.org", "--zone", "../etc/passwd"), 2, "not a time zone"),
        (("subscribers", "edit", "bob@example.org", "--locale", "?"), 2, "not a language"),
        (("subscribers", "list", "--state", "happy"), 2, "pending, active, unsubscribed"),
    ],
)
def test_what_can_not_be_done_is_one_sentence(lists, arguments, code, sentence):
    add(lists, "bob@example.org")
    result = lists(*arguments)
    assert result.code == code
    assert sentence in result.err
    assert "Traceback" not in result.err


def test_somebody_is_edited_and_forgotten(lists):
    add(lists, "ada@example.org")
    edited = lists("subscribers", "edit", "ada@example.org", "--last-name", "Byron", "--json")
    assert json.loads(edited.out)["last_name"] == "Byron"
    assert lists("subscribers", "erase", "ada@example.org", "--yes").code == 0
    shown = lists("subscribers", "show", "ada@example.org")
    assert (shown.code, "The address is suppressed: erased" in shown.err) == (1, True)
    assert suppression.reasons("ada@example.org") == {"erased"}
    refused = add(lists, "ada@example.org")
    assert refused.code == 1
    assert "suppressed (erased)" in refused.err


def test_an_empty_press_says_so_in_words(cli):
    assert "no lists yet" in cli("lists", "list").out
    assert "We did not find anyone" in cli("subscribers", "list").out

"""Notices in other languages on the command line and in the publication file."""

import json

import pytest

from newsletter.errors import Invalid
from newsletter.issues.load_publication import load_publication_file
from newsletter.issues.models import NoticeTranslation
from newsletter.issues.notice_translations import confirmed_texts
from newsletter.issues.topic_rules import WantedRule, change_topic_rules

CALL, POLISH = "In an emergency, call 999.", "W nagłym wypadku zadzwoń pod 999."
FILE = f"""
slug = "weekly"
[[topics]]
topic = "Cancer"
emergency_numbers = "999"
[[notices]]
language = "pl"
notice = "{CALL}"
text = "{POLISH}"
[[notices]]
language = "cy"
notice = "{CALL}"
text = "Ffoniwch 999."
confirmed = false
"""


@pytest.fixture
def with_notice(weekly):
    change_topic_rules(weekly, [WantedRule(topic="Cancer", emergency_numbers="999")])
    return weekly


def listed(cli, *options):
    return [
        (each["language"], each["text"], each["state"])
        for each in json.loads(cli("publications", "notices", "weekly", *options, "--json").out)
    ]


def test_a_notice_is_written_listed_and_removed(cli, with_notice):
    assert listed(cli) == [("en-GB", CALL, "own")]
    assert listed(cli, "--language", "pl")[1:] == [
        ("pl", "W nagłym wypadku zadzwoń pod numer 999.", "suggested")
    ]
    write = ("publications", "translate-notice", "weekly", "pl", "1")
    assert cli(*write, POLISH).out.strip() == "The notice was saved."
    assert confirmed_texts(with_notice) == {"pl": {CALL: POLISH}}
    assert "Nothing was changed." in cli(*write, POLISH).out
    assert cli(*write, POLISH, "--draft").code == 0
    assert listed(cli)[1:] == [("pl", POLISH, "not confirmed")]
    assert POLISH in cli("publications", "notices", "weekly").out
    assert json.loads(cli(*write, "--remove", "--json").out)["changed"] is True
    assert not NoticeTranslation.objects.exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("pl", "1", "Zadzwoń pod 998."), 2, "contains the number 999"),
        (("pl", "2", POLISH), 1, "has no notice 2"),
        (("en", "1", POLISH), 2, "own language"),
        (("pl", "1"), 2, "Give either the text"),
        (("pl", "1", POLISH, "--remove"), 2, "Give either the text"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(cli, with_notice, words, code, said):
    answer = cli("publications", "translate-notice", "weekly", *words)
    assert answer.code == code
    assert said in answer.err
    assert not NoticeTranslation.objects.exists()


def test_the_file_of_a_publication_has_notices_in_other_languages(cli, weekly, tmp_path):
    path = tmp_path / "weekly.toml"
    path.write_text(FILE, encoding="utf-8")
    assert load_publication_file(path).changes == ("topics", "notices in pl", "notices in cy")
    assert load_publication_file(path).changes == ()
    assert confirmed_texts(weekly) == {"pl": {CALL: POLISH}}
    assert "Warning" not in cli("publications", "load", str(path)).out
    path.write_text(FILE.replace('emergency_numbers = "999"', 'emergency_numbers = "112"'), encoding="utf-8")
    said = cli("publications", "load", str(path)).out
    assert f"Warning: no rule for a topic contains the notice “{CALL}”" in said


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (('999."\n[[notices]]', '998."\n[[notices]]'), "notices in pl: The notice contains the number 999"),
        (('language = "pl"', 'language = "en"'), "notices: .* own language"),
        (('language = "pl"', 'tag = "pl"'), "notices.language .* is missing"),
    ],
)
def test_a_wrong_notice_in_the_file_is_named_and_nothing_is_written(weekly, tmp_path, wrong, said):
    path = tmp_path / "weekly.toml"
    path.write_text(FILE.replace(*wrong), encoding="utf-8")
    with pytest.raises(Invalid, match=said):
        load_publication_file(path)
    assert not NoticeTranslation.objects.exists()

"""Segments and the audience of an issue on the command line."""

import json

import pytest

from newsletter.issues.models import Issue, SavedSegment
from tests.sending.conftest import issue, join, publication  # noqa: F401 - fixtures of that stage


@pytest.fixture
def people(join):  # noqa: F811
    return join("ana", "ben", "cem")


def as_json(result):
    assert result.code == 0, result.err
    return json.loads(result.out)


def made(cli, name="Bens", conditions="address contains ben"):
    return as_json(cli("segments", "add", name, conditions, "--list", "readers", "--json"))["number"]


def test_a_segment_is_made_shown_counted_changed_and_removed(cli, people):
    number = str(made(cli))
    [listed] = as_json(cli("segments", "list", "--list", "readers", "--json"))
    assert listed == {
        "number": int(number),
        "list": "readers",
        "name": "Bens",
        "conditions": "address contains ben",
    }
    assert as_json(cli("segments", "count", number, "--json")) == {"segment": int(number), "people": 1}
    assert cli("segments", "count", number).out.strip() == "1 person"
    assert (
        "“Others” was changed"
        in cli(
            "segments", "change", number, "--name", "Others", "--conditions", "not (address contains ben)"
        ).out
    )
    shown = as_json(cli("segments", "show", number, "--json"))
    assert (shown["name"], shown["people"], shown["used_for"]) == ("Others", 2, [])
    assert "was not changed" in cli("segments", "change", number, "--name", "Others").out
    assert "Removed the segment “Others”" in cli("segments", "remove", number).out
    assert not SavedSegment.objects.exists()
    assert cli("segments", "show", number).code == 1


def test_wrong_conditions_are_refused_with_a_sentence(cli, people):
    refused = cli("segments", "add", "Bens", "adress contains ben", "--list", "readers")
    assert refused.code == 2
    assert "adress" in refused.err


def test_the_audience_of_an_issue_is_chosen_counted_and_given_back(cli, people, issue, tmp_path):  # noqa: F811
    number = str(made(cli))
    everybody = as_json(cli("issues", "audience", "1", "--json"))
    assert (everybody["people"], everybody["own"]) == (3, False)
    assert "it would go to 1 person" in cli("issues", "audience", "1", "--segment", number).out
    assert "is used for" in cli("segments", "remove", number).err
    file = tmp_path / "not these.txt"
    file.write_text("ana@example.org\n")
    chosen = cli("issues", "audience", "1", "--without-segment", number, "--without-file", file, "--json")
    assert as_json(chosen)["people"] == 1
    assert Issue.objects.get().audience["without_segments"] == [int(number)]
    assert as_json(cli("issues", "audience", "1", "--segment", "0", "--json"))["people"] == 3
    assert Issue.objects.get().audience == {}
    assert cli("issues", "audience", "1", "--as-every-issue", "--segment", number).code == 2
    assert as_json(cli("issues", "audience", "1", "--as-every-issue", "--json"))["own"] is False
    assert Issue.objects.get().audience is None

"""Importing, exporting, counting and growth on the command line."""

import csv
import io
import json
import sys
from types import SimpleNamespace

import pytest

from subscribers.models import List, Subscriber
from tests.subscribers.imports.test_hostile_workbooks import HEADING, far_cell, with_rows

CONSENT = ("--list", "news", "--consent", "Sign-up sheet, 3 May")


@pytest.fixture
def news(db):
    return List.objects.create(slug="news", name="News")


@pytest.fixture
def people(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("E-Mail;Vorname;Ort\nada@example.org;Ada;Köln\nbroken;Bob;\n", encoding="windows-1252")
    return file


def test_a_dry_run_shows_the_columns_and_what_would_happen(cli, news, people):
    shown = cli("subscribers", "import", people, *CONSENT, "--dry-run")

    assert shown.code == 0, shown
    for words in ("windows-1252", "semicolon", "in German", "attribute ort", "Köln", "nothing was changed"):
        assert words in shown.out
    assert not Subscriber.objects.exists()


def test_a_dry_run_that_must_ask_first_asks_first_and_fails_as_the_import_does(cli, news, tmp_path):
    file, refused = tmp_path / "people.csv", tmp_path / "refused.csv"
    file.write_text("email,Standing\nada@example.org,ok\nbroken,ok\nben@example.org,lapsed\n")

    shown = cli("subscribers", "import", file, *CONSENT, "--dry-run", "--refused", refused)
    document = cli("subscribers", "import", file, *CONSENT, "--dry-run", "--json")
    done = cli("subscribers", "import", file, *CONSENT)

    assert shown.code == document.code == done.code == 1
    assert shown.out.startswith("“Standing” may mean that we must not email some people")
    assert "nothing was changed" in shown.out
    assert "attribute standing" in shown.out
    assert not [word for word in ("added", "refused", "rows in total") if word in shown.out]
    assert not refused.exists()
    said = json.loads(document.out)
    assert (said["added"], said["refused"], said["rows"], said["first_refused"]) == (None, None, None, [])
    assert [question["column"] for question in said["questions"]] == ["Standing"]


def test_a_workbook_with_content_far_away_is_refused_with_a_sentence(cli, news, tmp_path):
    file = tmp_path / "people.xlsx"
    file.write_bytes(with_rows(HEADING + far_cell("XFD1048576")))

    refused = cli("subscribers", "import", file, *CONSENT, "--dry-run")

    assert refused.code == 2
    assert "content as far away as XFD1048576" in " ".join(refused.err.split())


def test_an_import_writes_what_it_left_out_and_counts_as_json(cli, news, people, tmp_path):
    refused = tmp_path / "refused.csv"

    done = cli("subscribers", "import", people, *CONSENT, "--refused", refused, "--json")

    document = json.loads(done.out)
    assert (document["added"], document["refused"], document["encoding"]) == (1, 1, "windows-1252")
    assert [row["E-Mail"] for row in csv.DictReader(io.StringIO(refused.read_text(encoding="utf-8")))] == [
        "broken"
    ]
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_standard_input_is_read(cli, news, monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"ada@example.org\n")))

    assert cli("subscribers", "import", "-", *CONSENT).code == 0

    assert Subscriber.objects.get().address == "ada@example.org"


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("nothing.csv", *CONSENT), 1, "The file nothing.csv does not exist."),
        (("{people}", "--list", "nwes", "--consent", "x"), 1, "The list 'nwes' does not exist"),
        (
            ("{people}", "--list", "news", "--consent", " "),
            2,
            "Enter where these people’s consent comes from",
        ),
        (("{people}", *CONSENT, "--map", "Vorname=nickname"), 2, "“nickname” is not a field"),
        (("{people}", *CONSENT, "--encoding", "klingon"), 2, "“klingon” is not a text encoding"),
        (("{people}", *CONSENT, "--delimiter", "ab"), 2, "“ab” cannot be used as a delimiter"),
        (("{people}", *CONSENT, "--refused", "/nowhere/x.csv"), 2, "could not write /nowhere/x.csv"),
        (("{people}", *CONSENT, "--refused", "{folder}"), 2, "is a folder."),
        (
            ("{people}", *CONSENT, "--refused", "{people}"),
            2,
            "would overwrite the file that you are importing",
        ),
    ],
)
def test_what_cannot_be_imported_is_said_in_a_sentence(cli, news, people, arguments, code, sentence):
    given = (argument.format(people=people, folder=people.parent) for argument in arguments)

    done = cli("subscribers", "import", *given)

    assert done.code == code, done
    assert sentence in done.err
    assert not Subscriber.objects.exists()


def test_people_are_counted_shown_and_exported_by_segment(cli, news, people, tmp_path):
    cli("subscribers", "import", people, *CONSENT)
    out = tmp_path / "out.csv"

    counted = json.loads(cli("subscribers", "count", "--segment", "ort is Köln", "--json").out)
    assert (counted["count"], counted["sample"], counted["understood"]) == (
        1,
        ["ada@example.org"],
        "ort is Köln",
    )
    assert cli("subscribers", "export", "--list", "news", "--segment", "ort is Bonn", "--out", out).code == 0
    assert len(out.read_text().splitlines()) == 1
    assert "ada@example.org" in cli("subscribers", "export", "--list", "news").out
    wrong = cli("subscribers", "count", "--segment", "joind in last 3 days")
    assert wrong.code == 2
    assert "Did you mean “joined”?" in wrong.err
    assert "\n  ^^^^^" in wrong.err


def test_what_imports_changed_about_a_person_is_shown_in_words(cli, news, tmp_path):
    file = tmp_path / "people.csv"
    for cells in ("Ada,London", "Eda,Paris"):
        file.write_text(f"email,first name,city\nada@example.org,{cells}\n")
        cli("subscribers", "import", file, *CONSENT)

    shown = cli("subscribers", "show", "ada@example.org").out

    assert "people.csv: first_name: Ada → Eda; city: London → Paris" in shown
    assert "city: Paris" in shown
    assert "{" not in shown


def test_growth_is_printed_by_month(cli, news, people):
    assert "Nobody subscribed or unsubscribed" in cli("lists", "growth", "news").out
    cli("subscribers", "import", people, *CONSENT)

    assert "+1" in cli("lists", "growth", "news", "--sources").out
    row = json.loads(cli("lists", "growth", "news", "--json").out)[0]
    assert (row["source"], row["joined"], row["left"], row["net"]) == ("import", 1, 0, 1)
    assert "is not a date" in cli("lists", "growth", "news", "--since", "yesterday").err

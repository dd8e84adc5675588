"""`mailings statistics` for people, spreadsheets and programs."""

import csv
import io
import json

import pytest

from newsletter.tracking.models import RawWebhookPost


@pytest.fixture
def reported(sent, tell, fold):
    tell.start = 1_790_000_000 // 3600 * 3600
    fold([tell(name, kind) for name in ("ana", "ben") for kind in ("processed", "delivered")])
    fold(
        tell("ana", "open"), tell("ben", "open", sg_machine_open=True), tell("cem", "bounce", status="5.1.1")
    )
    fold(tell.click("ana", "a", after=300), tell("ana", "click", url="=HYPERLINK(1)", after=900))
    return sent


def test_a_person_reads_figures_with_their_shares(cli, reported):
    lines = [" ".join(line.split()) for line in cli("mailings", "statistics", reported.pk).out.splitlines()]
    assert {"accepted 10", "opened 1 50.0%", "opened by machine only 1 50.0%"} <= set(lines)
    assert "bounced 1 50.0% 5.1.1: 1" in lines


def test_a_program_reads_json(cli, reported):
    found = json.loads(cli("mailings", "statistics", reported.pk, "--json").out)
    assert (found["accepted"], found["delivered"], found["opened_by_machine_only"]) == (10, 2, 1)
    assert found["classes"] == {"bounced": {"5.1.1": 1}}
    hours = json.loads(cli("mailings", "statistics", reported.pk, "--by", "hour", "--json").out)
    assert [(each["hour"], each["delivered"]) for each in hours] == [("2026-09-21T15:00+01:00", 2)]


def test_a_spreadsheet_reads_csv_and_computes_nothing(cli, reported):
    text = cli("mailings", "statistics", reported.pk, "--by", "link", "--csv").out
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["link"]: row["clicked"] for row in rows} == {
        "https://harbour.example.org/a": "1",
        "'=HYPERLINK(1)": "1",
    }
    total = cli("mailings", "statistics", reported.pk, "--csv").out.splitlines()
    assert total[0].startswith("mailing,accepted,delivered,")
    assert total[1].startswith(f"{reported.pk},10,2,")


def test_domains_are_a_table(cli, reported):
    assert "example.org" in cli("mailings", "statistics", reported.pk, "--by", "domain").out


def test_it_says_when_nothing_came_back_and_when_posts_wait(cli, sent):
    assert "We have no reports" in cli("mailings", "statistics", sent.pk, "--by", "link").out
    RawWebhookPost.objects.create(body=b"[]")
    assert "1 report from SendGrid has not been processed yet." in cli("mailings", "statistics", sent.pk).out


def test_an_alarm_is_shown(cli, planned, tell, fold):
    fold({**tell("ana", "processed"), "press_recipient": "999999"})
    assert "not recipients of this mailing" in " ".join(cli("mailings", "statistics", planned.pk).out.split())


def test_csv_and_json_are_a_choice(cli, sent):
    answer = cli("mailings", "statistics", sent.pk, "--csv", "--json")
    assert (answer.code, "Use either" in answer.err) == (2, True)


def test_a_mailing_that_is_not_there_is_a_sentence(cli, db):
    answer = cli("mailings", "statistics", 99)
    assert answer.code == 1
    assert "Mailing 99 does not exist" in answer.err

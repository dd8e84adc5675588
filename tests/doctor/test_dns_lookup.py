"""`newsletter doctor` asks the DNS about all names at the same time, within a bound, and says once if it is silent."""

import pytest

from newsletter.doctor import dns_lookup
from newsletter.doctor.dns_lookup import Records
from newsletter.doctor.doctor_finding import Level
from newsletter.errors import Unreachable

pytestmark = pytest.mark.postgresql_full

OF_DOMAINS = ("SPF", "DKIM", "DMARC")


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(dns_lookup, "LONGEST_SECONDS", 0.2)
    monkeypatch.setattr(dns_lookup, "SECONDS_IN_ALL", 0.5)


def test_a_dns_that_does_not_answer_is_one_warning_and_no_verdict(well, names, says, cli, short):
    names.silent = True
    [(level, text)] = says("DNS")
    assert level is Level.WARNING
    assert text.startswith(
        "We could not check SPF, DKIM and DMARC for harbour.example.org, because no DNS server responded."
    )
    assert "NEWSLETTER_DNS_SERVER" in text
    assert [line for check in OF_DOMAINS for line in says(check)] == []
    out = cli("doctor").out
    assert out.count("no DNS server responded") == 1
    assert "There is 1 warning." in out


def test_a_dns_that_answers_is_not_spoken_of(well, says):
    assert says("DNS") == []


def test_a_name_whose_server_fails_is_a_warning_and_the_other_names_are_judged(well, names, says):
    names.failing.add("_dmarc.harbour.example.org")
    assert [level for level, _text in says("DMARC")] == [Level.WARNING]
    assert [level for check in ("SPF", "DKIM") for level, _text in says(check)] == [Level.OK, Level.OK]


def test_all_names_are_asked_at_the_same_time(names):
    asked = [f"n{number}.example.org" for number in range(8)]
    names.records = {name: [f"text of {name}"] for name in asked}
    names.answers_from = len(asked)
    found = Records(names.address)
    assert found.why_silent(asked) == ""
    assert [found.texts(name) for name in asked] == [[f"text of {name}"] for name in asked]


def test_the_time_for_all_questions_together_is_bounded(names, short):
    names.silent = True
    asked = [f"n{number}.example.org" for number in range(400)]
    assert "could not look up" in Records(names.address).why_silent(asked)
    assert len({name for name, _kind in names.questions}) < 200


def test_after_that_time_no_question_is_asked(names, short, monkeypatch):
    names.records = {"example.org": ["known"], "example.net": ["not asked"]}
    found = Records(names.address)
    assert found.texts("example.org") == ["known"]
    monkeypatch.setattr(found, "_until", 0.0001)
    assert found.texts("EXAMPLE.org.") == ["known"]
    with pytest.raises(Unreachable):
        found.texts("example.net")
    assert {name for name, _kind in names.questions} == {"example.org"}


def test_each_question_is_asked_once_in_a_run(well, names, says):
    says("SPF")
    assert names.questions
    assert len(names.questions) == len(set(names.questions))


@pytest.mark.parametrize("name", ["a..example.org", f"{'a' * 64}.example.org", f"{'a.' * 130}org"])
def test_a_name_that_the_dns_cannot_have_has_no_records(names, name):
    assert Records(names.address).texts(name) == []


@pytest.mark.parametrize(
    "text", ["v=DMARC1; p=none\x1b]0;title\x07\x9b2J", f"v=DMARC1; p=none; x={'y' * 30_000}"]
)
def test_a_hostile_record_neither_rewrites_the_terminal_nor_fills_it(well, names, says, text):
    names.records["_dmarc.harbour.example.org"] = [text]
    lines = [line for check in OF_DOMAINS for _level, line in says(check)]
    assert any("harbour.example.org" in line for line in lines)
    assert not any(char < " " or "\x7f" <= char <= "\x9f" for line in lines for char in line)
    assert max(map(len, lines)) < 2_100

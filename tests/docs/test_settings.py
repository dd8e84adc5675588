"""Every setting is documented as the code has it, and a wrong value is a sentence."""

import os
import sys
from pathlib import Path

import pytest

from newsletter.environment import Environment, read_environment, variable_of
from newsletter.errors import Invalid
from tests import forked

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"


@pytest.mark.parametrize("field", Environment.model_fields)
def test_a_setting_is_documented_with_the_words_of_the_code(field):
    row = f"| `{variable_of(field)}` |"
    line = next((text for text in REFERENCE.read_text(encoding="utf-8").splitlines() if row in text), "")
    assert Environment.model_fields[field].description in line


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NEWSLETTER_TRANSPORT", "pigeon"),
        ("NEWSLETTER_BASE_URL", "not a url"),
        ("NEWSLETTER_FETCH_TIMEOUT_SECONDS", "-1"),
        ("NEWSLETTER_LOG_LEVEL", "loud"),
        ("DATABASE_URL", "mysql://user@host/name"),
        ("DATABASE_URL", "nonsense"),
    ],
)
def test_a_wrong_value_names_its_variable(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(Invalid, match=variable):
        read_environment()


def test_hosts_are_split_at_commas(monkeypatch):
    monkeypatch.setenv("NEWSLETTER_FETCH_ALLOW_HOSTS", "intranet.example, CMS.example ,")
    assert read_environment().fetch_allow_hosts == ("intranet.example", "cms.example")


def test_an_env_file_that_is_no_text_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(".env").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Invalid, match=r"\.env"):
        read_environment()


@pytest.mark.parametrize("name", ["a#b", "a?b", "100%25", "spaß & mehr"])
def test_the_database_lies_in_the_home_whatever_its_name(tmp_path, name):
    home = tmp_path / name
    code = "import newsletter.settings as made; print(made.DATABASES['default']['NAME'])"
    answer = forked.run(
        [sys.executable, "-c", code],
        env=os.environ | {"NEWSLETTER_HOME": str(home), "DATABASE_URL": "", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert answer.stdout.strip() == str(home.resolve() / "newsletter.sqlite3")

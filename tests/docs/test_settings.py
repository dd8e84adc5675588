"""Every setting is documented as the code has it, and a wrong value is a sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from newsletter.environment import Environment, read_environment, secret_key_of, variable_of
from newsletter.errors import Invalid

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
        ("NEWSLETTER_FETCH_SECONDS", "-1"),
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


def test_the_first_start_makes_a_key_and_the_second_keeps_it(tmp_path):
    environment = Environment(home=tmp_path / "home", _env_file=None)
    first = secret_key_of(environment)
    assert len(first) > 40
    assert secret_key_of(environment) == first
    assert (tmp_path / "home" / "secret-key").stat().st_mode & 0o077 == 0


def test_a_given_key_is_used_and_none_is_written(tmp_path):
    environment = Environment(home=tmp_path / "home", secret_key="given", _env_file=None)
    assert secret_key_of(environment) == "given"
    assert not (tmp_path / "home").exists()


def test_an_env_file_that_is_no_text_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(".env").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Invalid, match=r"\.env"):
        read_environment()


def test_a_home_that_cannot_be_a_folder_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Invalid, match="NEWSLETTER_HOME"):
        secret_key_of(Environment(home=tmp_path / "file" / "home", _env_file=None))


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff"])
def test_a_key_file_without_a_key_is_a_sentence(tmp_path, content):
    (tmp_path / "secret-key").write_bytes(content)
    with pytest.raises(Invalid, match="secret-key"):
        secret_key_of(Environment(home=tmp_path, _env_file=None))


@pytest.mark.parametrize("name", ["a#b", "a?b", "100%25", "spaß & mehr"])
def test_the_database_lies_in_the_home_whatever_its_name(tmp_path, name):
    home = tmp_path / name
    code = "import newsletter.settings as made; print(made.DATABASES['default']['NAME'])"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"NEWSLETTER_HOME": str(home), "DATABASE_URL": "", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert answer.stdout.strip() == str(home.resolve() / "newsletter.sqlite3")

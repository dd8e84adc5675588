"""Every setting is documented as the code has it, and a wrong value is a sentence."""

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

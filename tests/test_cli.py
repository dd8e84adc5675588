import os
import subprocess
import sys

from tests.made_tables import make_home


def test_an_unknown_command_is_wrong_use(cli):
    result = cli("bogus")
    assert result.code == 2
    assert "bogus" in result.err


def test_init_can_be_repeated(cli, home):
    assert cli("init").code == 0
    again = cli("init", "--json")
    assert again.code == 0
    assert str(home) in again.out


def _as_typed(home, *arguments, **variables):
    return subprocess.run(
        [sys.executable, "-c", "from newsletter.cli import main; main()", *arguments],
        env=os.environ | {"NEWSLETTER_HOME": str(home), "DATABASE_URL": ""} | variables,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )


def test_before_init_a_command_says_what_to_run(tmp_path):
    answer = _as_typed(tmp_path, "articles", "list")
    assert answer.returncode == 1
    assert "newsletter init" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_a_file_that_is_no_database_is_a_sentence(tmp_path):
    (tmp_path / "newsletter.sqlite3").write_bytes(bytes(20_000))
    answer = _as_typed(tmp_path, "init")
    assert answer.returncode == 1
    assert "NEWSLETTER_HOME" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_a_home_that_is_a_file_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    answer = _as_typed(tmp_path / "file", "init")
    assert answer.returncode == 2
    assert "NEWSLETTER_HOME" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_a_locale_without_our_letters_stops_no_command(tmp_path):
    make_home(tmp_path)
    answer = _as_typed(tmp_path, "init", "--publication", "Bücher.toml", PYTHONIOENCODING="ascii")
    assert answer.returncode == 1
    assert "We could not find the file Bücher.toml" in answer.stderr

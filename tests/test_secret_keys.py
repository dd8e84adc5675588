"""The key file: made once, replaced in one step, never a line lost."""

import signal
import subprocess
import sys
import time

import pytest

from newsletter.environment import Environment
from newsletter.errors import Invalid, Refused
from newsletter.secret_keys import keep_keys, rotate_key, secret_keys_of, secrets_of
from tests import forked

GIVEN = "given in the environment, and long enough"
ROTATE = """
import sys
from pathlib import Path
from newsletter.environment import Environment
from newsletter.secret_keys import rotate_key
environment = Environment(home=Path(sys.argv[1]), _env_file=None)
print("ready", flush=True)
for _ in range(int(sys.argv[2])):
    rotate_key(environment)
"""


@pytest.fixture
def environment(tmp_path):
    return Environment(home=tmp_path / "home", _env_file=None)


def lines_of(environment):
    return (environment.home / "secret-key").read_text().splitlines()


def rotating(environment, times):
    command = [sys.executable, "-c", ROTATE, str(environment.home), str(times)]
    process = forked.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def test_the_first_start_makes_a_key_and_the_second_keeps_it(environment):
    [first] = secret_keys_of(environment)
    assert len(first) > 40
    assert secret_keys_of(environment) == [first]
    assert (environment.home / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in environment.home.iterdir()] == ["secret-key"]


def test_a_given_key_signs_and_none_is_written(tmp_path):
    environment = Environment(home=tmp_path / "home", secret_key=GIVEN, _env_file=None)
    assert secret_keys_of(environment) == [GIVEN]
    assert not (tmp_path / "home").exists()


def test_fallbacks_are_split_at_commas_and_kept_out_of_logs(tmp_path, monkeypatch):
    monkeypatch.setenv("NEWSLETTER_SECRET_KEY", GIVEN)
    monkeypatch.setenv("NEWSLETTER_SECRET_KEY_FALLBACKS", "an old one, an older one ,")
    environment = Environment(home=tmp_path, _env_file=None)
    assert secret_keys_of(environment) == [GIVEN, "an old one", "an older one"]
    assert {GIVEN, "an old one", "an older one"} <= set(secrets_of(environment))
    assert "an old one" not in repr(environment)


def test_the_key_of_the_file_is_a_fallback_once_the_environment_gives_another(environment):
    [first] = secret_keys_of(environment)
    given = environment.model_copy(update={"secret_key": Environment(secret_key=GIVEN).secret_key})
    assert secret_keys_of(given) == [GIVEN, first]


def test_a_new_key_signs_and_the_old_ones_stay(environment):
    [first] = secret_keys_of(environment)
    assert rotate_key(environment) == 1
    second, *older = secret_keys_of(environment)
    assert older == [first]
    assert len(second) > 40
    assert rotate_key(environment) == 2
    assert secret_keys_of(environment)[1:] == [second, first]
    assert (environment.home / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in environment.home.iterdir()] == ["secret-key"]


def test_a_key_of_the_environment_is_not_replaced_but_told_how(tmp_path):
    environment = Environment(home=tmp_path, secret_key=GIVEN, _env_file=None)
    with pytest.raises(Refused, match="NEWSLETTER_SECRET_KEY_FALLBACKS"):
        rotate_key(environment)


def test_of_several_rotations_at_once_no_key_is_lost(environment):
    secret_keys_of(environment)
    processes = [rotating(environment, 10) for _ in range(3)]
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert len(set(lines_of(environment))) == 31


def test_a_kill_in_the_middle_of_a_rotation_loses_no_key(environment):
    """The kills come while keys are made one after the other: after each, all that was seen before is still there."""
    secret_keys_of(environment)
    seen = set(lines_of(environment))
    for kill in range(10):
        process = rotating(environment, 100_000)
        enough, end = len(seen) + 1 + kill, time.monotonic() + 60
        while len(lines_of(environment)) < enough and time.monotonic() < end:
            pass
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        keys = secret_keys_of(environment)
        assert seen < set(keys)
        assert all(len(key) > 40 for key in keys)
        seen = set(keys)


def test_many_first_starts_at_once_make_one_key(environment):
    code = (
        "import sys; from pathlib import Path; from newsletter.environment import Environment;"
        "from newsletter.secret_keys import secret_keys_of;"
        "print(secret_keys_of(Environment(home=Path(sys.argv[1]), _env_file=None)))"
    )
    starts = [
        forked.Popen([sys.executable, "-c", code, str(environment.home)], stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    said = {start.communicate(timeout=60)[0] for start in starts}
    assert len(said) == 1
    assert [path.name for path in environment.home.iterdir()] == ["secret-key"]


def test_a_home_that_cannot_be_a_folder_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Invalid, match="NEWSLETTER_HOME"):
        secret_keys_of(Environment(home=tmp_path / "file" / "home", _env_file=None))


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff", b"short\n", b"31 characters are one too few..\n"])
def test_a_key_file_without_a_key_that_can_be_used_is_a_sentence(tmp_path, content):
    (tmp_path / "secret-key").write_bytes(content)
    with pytest.raises(Invalid, match="secret-key"):
        secret_keys_of(Environment(home=tmp_path, _env_file=None))


def test_a_short_key_of_the_environment_is_refused_and_may_be_a_fallback(tmp_path):
    with pytest.raises(Invalid, match="NEWSLETTER_SECRET_KEY has only 5 characters"):
        secret_keys_of(Environment(home=tmp_path, secret_key="short", _env_file=None))
    longer = Environment(home=tmp_path, secret_key=GIVEN, secret_key_fallbacks="short", _env_file=None)
    assert secret_keys_of(longer) == [GIVEN, "short"]


def test_the_keys_of_a_backup_are_kept_beside_those_that_are_newer(environment):
    [first] = secret_keys_of(environment)
    rotate_key(environment)
    rotated = secret_keys_of(environment)
    keep_keys(environment.home, f"{first}\nan-older-one")
    assert secret_keys_of(environment) == [*rotated, "an-older-one"]


def test_a_new_home_has_the_keys_of_the_backup(environment):
    environment.home.mkdir()
    keep_keys(environment.home, f"{GIVEN.replace(' ', '-')}\nan-older-one")
    assert secret_keys_of(environment) == [GIVEN.replace(" ", "-"), "an-older-one"]
    assert (environment.home / "secret-key").stat().st_mode & 0o777 == 0o600


def test_keys_that_a_killed_process_left_beside_the_file_are_removed(environment):
    secret_keys_of(environment)
    (environment.home / ".secret-key-0123456789abcdef").write_text("a key\n")
    rotate_key(environment)
    assert [path.name for path in environment.home.iterdir()] == ["secret-key"]

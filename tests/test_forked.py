"""A forked process is what `python` would have started, and a child of the one that asked."""

import os
import signal
import subprocess
import sys

import pytest

from tests import forked


def python(*words, **given):
    return forked.run([sys.executable, *words], capture_output=True, text=True, timeout=60, **given)


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        ("", 0),
        ("raise SystemExit(3)", 3),
        ("1 / 0", 1),
        ("import os; os.kill(os.getpid(), 9)", -signal.SIGKILL),
    ],
)
def test_its_exit_code_is_the_one_of_its_program(code, exit_code):
    ended = python("-c", code)
    assert ended.returncode == exit_code
    assert ("ZeroDivisionError" in ended.stderr) == (code == "1 / 0")


def test_it_has_the_words_folder_and_environment_that_were_given(tmp_path):
    code = "import os, sys; print(sys.argv, os.getcwd(), sorted(os.environ), sys.path[0], __name__)"
    ended = python("-c", code, "a", cwd=tmp_path, env={"ONE": "1"})
    assert ended.stdout == f"['-c', 'a'] {tmp_path} ['ONE'] {tmp_path} __main__\n"


def test_it_reads_what_it_is_given_and_runs_modules():
    ended = python("-m", "json.tool", "--compact", input='{"a": [1]}')
    assert ended.stdout == '{"a":[1]}\n'


def test_it_begins_without_a_module_of_ours_or_settings():
    code = "import sys; print([name for name in sys.modules if name.split('.')[0] in {'newsletter', 'subscribers'}])"
    assert python("-c", code).stdout == "[]\n"
    ended = python("-c", "from django.conf import settings; print(settings.configured)")
    assert ended.stdout == "False\n"


def test_signals_reach_it_and_its_parent_is_the_test():
    code = "import os, sys; sys.stdin.readline(); print(os.getppid(), flush=True); sys.stdin.readline()"
    with forked.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == f"{os.getpid()}\n"
        process.terminate()
        assert process.wait(60) == -signal.SIGTERM

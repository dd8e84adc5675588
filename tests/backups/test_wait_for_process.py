"""A program that copies or restores a backup is waited for, but not for ever."""

import subprocess
import sys

import pytest

from newsletter.backups.wait_for_process import wait_for_process
from newsletter.errors import Refused

TOO_LONG = Refused("It took too long.")


def test_a_process_that_ends_is_waited_for_while_we_look_at_it():
    looks = []
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:

        def look():
            looks.append(process.poll())
            process.stdin.close()

        wait_for_process(process, look, at_most_seconds=60, too_long=TOO_LONG)
    assert looks[0] is None
    assert process.returncode is not None


def test_a_process_that_takes_too_long_is_ended_and_the_reason_raised():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        with pytest.raises(Refused, match="too long"):
            wait_for_process(process, lambda: None, at_most_seconds=0, too_long=TOO_LONG)
        assert process.poll() is not None
        process.stdin.close()

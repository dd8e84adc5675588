"""Run code in a process of its own, which a test can kill, on the SQLite database of a home folder."""

import os
import subprocess
import sys

from tests import forked
from tests.waiting import lease_duration


def run(code, home, *arguments, exit_codes=(0,)):
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "NEWSLETTER_HOME": str(home),
        "NEWSLETTER_SECRET_KEY": "the same for all of these processes",
        "DJANGO_SETTINGS_MODULE": "newsletter.settings",
    }
    command = [sys.executable, "-c", code, *map(str, arguments)]
    ended = forked.run(
        command, env=environment, stdout=subprocess.PIPE, text=True, check=False, timeout=lease_duration()
    )
    assert ended.returncode in exit_codes
    return ended

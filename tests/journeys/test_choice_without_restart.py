"""What is chosen about sending in one process counts in another that is running."""

import subprocess
import sys

import pytest

from tests import forked
from tests.journeys.installation import ROOT, Press

# At most a minute, in which it looks often.
LISTEN = """
import time
import django; django.setup()
from newsletter.sending_settings.current import sending_settings
print(sending_settings().transport, flush=True)
input()
for _look in range(600):
    if sending_settings().transport == "smtp":
        break
    time.sleep(0.1)
print(sending_settings().transport, sending_settings().smtp_password.get_secret_value(), flush=True)
"""
CHOOSE = """
import django; django.setup()
from newsletter.sending_settings.change import choose_sending
choose_sending({"transport": "smtp", "smtp_host": "mail.example.org", "smtp_password": "ebb-and-flow"}, act="Chose.")
"""


@pytest.mark.full
def test_a_running_process_sends_by_what_another_one_chose(tmp_path):
    press = Press(tmp_path)
    del press.environment["NEWSLETTER_TRANSPORT"]
    press.run("-m", "newsletter", "init")
    listening = forked.Popen(
        [sys.executable, "-c", LISTEN],
        env=press.environment,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with listening:
        assert listening.stdout.readline() == "maildir\n"
        press.run("-c", CHOOSE)
        out, _err = listening.communicate("\n", timeout=90)
    assert out == "smtp ebb-and-flow\n"

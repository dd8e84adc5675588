import os
import re
import sys
from pathlib import Path

from tests import forked

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_of_the_subscribers_is_in_the_how_to():
    read = set(
        re.findall(
            r'"(SUBSCRIBERS_\w+)"', (ROOT / "subscribers" / "app_settings.py").read_text(encoding="utf-8")
        )
    )
    page = (ROOT / "docs" / "how-to" / "let-people-sign-up.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(SUBSCRIBERS_\w+)`", page))
    # These two are set by the site that the app is in.
    assert read - {"SUBSCRIBERS_BASE_URL", "SUBSCRIBERS_SEGMENT_BEHAVIOURS"} == told


def test_what_is_set_for_the_press_holds_for_its_sign_ups(tmp_path):
    given = {"SIGN_UPS_PER_HOUR": 7, "SIGN_UPS_PER_HOUR_IN_ALL": 70, "SIGN_UP_MAILS_PER_DAY": 2, "CONFIRM_HOURS": 24,
             "PROOF_OF_WORK": 1_000}  # fmt: skip
    code = (
        "import django; django.setup(); from subscribers import app_settings as s;"
        "print(s.sign_ups_per_hour(), s.sign_ups_per_hour_in_all(), s.mails_per_day(), s.confirm_hours(),"
        "s.proof_of_work())"
    )
    environment = {f"NEWSLETTER_{name}": str(value) for name, value in given.items()}
    environment |= {"NEWSLETTER_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "newsletter.settings"}
    answer = forked.run(
        [sys.executable, "-c", code],
        env=os.environ | environment,
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    assert answer.stdout.split() == [str(value) for value in given.values()]

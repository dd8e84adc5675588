import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_of_the_subscribers_is_in_the_how_to():
    read = set(
        re.findall(r'"(SUBSCRIBERS_\w+)"', (ROOT / "subscribers" / "conf.py").read_text(encoding="utf-8"))
    )
    page = (ROOT / "docs" / "how-to" / "let-people-sign-up.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(SUBSCRIBERS_\w+)`", page))
    # These two are set by the site that the app is in.
    assert read - {"SUBSCRIBERS_BASE_URL", "SUBSCRIBERS_SEGMENT_BEHAVIOURS"} == told

"""From a clone to a delivered issue: what `make demo` runs, then the letter in a real browser."""

import os
import re
import subprocess
import sys
from email import message_from_bytes
from email import policy as mail_policy
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests import forked
from tests.journeys.text_contrast import smallest_contrast

ROOT = Path(__file__).parents[2]
SAMPLE_PEOPLE = 5


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The home that the demo leaves behind."""
    home = tmp_path_factory.mktemp("demo") / "home"
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "demo.py"],
        env={**os.environ, "NEWSLETTER_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert str(home / "issue" / "email.html") in done.stdout
    (home / "printed.txt").write_text(done.stdout)
    return home


class Elements(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.all = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.all.append((tag, dict(attrs)))

    def of(self, *tags):
        return [attrs for tag, attrs in self.all if tag in tags]


@pytest.fixture(scope="module")
def email(demo):
    return (demo / "issue" / "email.html").read_text(encoding="utf-8")


def test_the_account_that_it_names_can_log_in(demo):
    password = re.search(r"log in as demo with the password (\S+)", (demo / "printed.txt").read_text())[1]
    asked = """
import sys, django
django.setup()
from django.contrib.auth import authenticate
print(authenticate(username="demo", password=sys.argv[1]))
"""
    environment = {
        **os.environ,
        "NEWSLETTER_HOME": str(demo),
        "DJANGO_SETTINGS_MODULE": "newsletter.settings",
    }
    done = forked.run(
        [sys.executable, "-c", asked, password], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "demo\n"


def test_every_sample_person_has_one_complete_message(demo):
    messages = [
        message_from_bytes(path.read_bytes(), policy=mail_policy.default)
        for path in (demo / "outbox" / "new").iterdir()
    ]
    assert len({message["To"] for message in messages}) == len(messages) == SAMPLE_PEOPLE
    for message in messages:
        for header in ("Date", "Message-ID", "From", "Subject", "List-Id", "List-Unsubscribe"):
            assert message[header], header
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
        for part in message.iter_parts():
            assert part.get_content_charset() == "utf-8"
            assert "*|" not in part.get_content()


def test_the_letter_is_fit_for_mail_programs(email):
    elements = Elements(email)
    assert elements.of("link", "script", "iframe", "form", "object") == []
    assert all(table.get("role") == "presentation" for table in elements.of("table"))
    assert all("alt" in image and image.get("width") for image in elements.of("img"))
    assert len(email.encode()) < 90_000
    assert sum(len(style) for style in re.findall(r"<style[^>]*>(.*?)</style>", email, re.DOTALL)) < 16_000
    assert "!important" in email
    assert email.isascii() is False


def test_the_text_part_stays_within_78_columns_but_for_addresses(demo):
    text = (demo / "issue" / "email.txt").read_text(encoding="utf-8")
    long = [line for line in text.splitlines() if len(line) > 78 and "://" not in line]
    assert long == []
    for words in ("Unsubscribe", "Read online", "Example", "example.org"):
        assert words.lower() in text.lower()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("width", "dark"),
    [
        pytest.param(390, False, id="390-light"),
        pytest.param(640, True, id="640-dark"),
        pytest.param(390, True, id="390-dark", marks=pytest.mark.full),
        pytest.param(640, False, id="640-light", marks=pytest.mark.full),
    ],
)
def test_the_letter_opens_right(demo, open_page, width, dark):
    page = open_page((demo / "issue" / "preview.html").as_uri(), width=width, dark=dark)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    broken = "[...document.images].filter(image => !image.naturalWidth).map(image => image.src)"
    assert page.evaluate(broken) == []
    assert smallest_contrast(page) >= 4.5
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (brightness(ground) < 100) is dark


def brightness(colour):
    return sum(int(part) for part in re.findall(r"\d+", colour)[:3]) / 3

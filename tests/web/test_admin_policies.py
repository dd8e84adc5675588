"""What browsers are told: come by https, keep nothing of the administration, run nothing in it that is not ours."""

import os
import sys

import pytest

from tests import forked
from tests.made_tables import make_home

pytestmark = pytest.mark.django_db
PAGES = [
    "",
    "password_change/",
    "jsi18n/",
    "newsletter/issue/",
    "newsletter/publication/add/",
    "auth/user/",
    "nothing/here/",
]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_administration_is_kept_by_nobody_and_runs_nothing_foreign(admin_client, page):
    answer = admin_client.get(f"/admin/{page}")
    assert "no-store" in answer["Cache-Control"]
    assert "max-age=0" in answer["Cache-Control"]
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_other_pages_keep_their_own_policy(client):
    assert "frame-src 'self'" in client.get("/desk/log-in/", follow=True)["Content-Security-Policy"]
    stylesheet = client.get("/static/admin/css/base.css")
    stylesheet.close()
    assert "Content-Security-Policy" not in stylesheet


ASK = """
import django; django.setup()
from django.test import Client
for secure in (True, False):
    answer = Client().get("/healthz-not/", secure=secure, headers={"host": "localhost"})
    print(answer.headers.get("Strict-Transport-Security"))
"""


@pytest.mark.sqlite  # once is enough: the process has a database in SQLite
@pytest.mark.parametrize(
    ("address", "said"),
    [("https://news.example.org", ["max-age=31536000", "None"]), ("http://localhost:8000", ["None", "None"])],
)
def test_where_the_public_address_is_https_browsers_are_told_to_come_by_https(tmp_path, address, said):
    environment = os.environ | {
        "NEWSLETTER_BASE_URL": address,
        "NEWSLETTER_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "newsletter.settings",
        "DATABASE_URL": "",
    }
    make_home(tmp_path)
    asked = forked.run(
        [sys.executable, "-c", ASK], env=environment, check=True, capture_output=True, text=True, timeout=120
    )
    assert asked.stdout.split() == said

"""Inside another Django site its own users and login are used: the desk has no pages about accounts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import django
from django.conf import settings
from newsletter.accounts import allauth_settings
from newsletter import settings as ours

own = {*allauth_settings.APPS, *allauth_settings.MIDDLEWARE, *allauth_settings.GATE}
names = [each for each in dir(ours) if each.isupper() and not each.startswith(("ACCOUNT_", "MFA_"))]
values = {name: getattr(ours, name) for name in names}
values["INSTALLED_APPS"] = [each for each in ours.INSTALLED_APPS if each not in own]
values["MIDDLEWARE"] = [each for each in ours.MIDDLEWARE if each not in own]
values["LOGIN_URL"] = "/members/enter/"
settings.configure(**values)
django.setup()

from django.core.management import call_command
call_command("migrate", verbosity=0)

from django.test import Client
from django.contrib.auth import get_user_model
import sys
ada = get_user_model().objects.create_superuser("ada", password="ebb and flow at the quay")
client = Client(SERVER_NAME="localhost")
print(client.get("/desk/log-in/?next=/desk/audit/").headers["Location"])
client.force_login(ada)
for path in ("/desk/", "/desk/audit/", "/desk/account/", "/desk/log-in/code/"):
    answer = client.get(path)
    print(path, answer.status_code, "Your account" in answer.content.decode())
print(any(each.startswith("allauth") for each in sys.modules))
"""


@pytest.mark.full
@pytest.mark.sqlite
def test_the_desk_works_without_our_own_sign_in(tmp_path):
    environment = {
        **{
            name: text for name, text in os.environ.items() if not name.startswith(("NEWSLETTER", "DATABASE"))
        },
        "NEWSLETTER_HOME": str(tmp_path),
    }
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.stdout.splitlines() == [
        "/members/enter/?next=/desk/audit/",
        "/desk/ 200 False",
        "/desk/audit/ 200 False",
        "/desk/account/ 404 False",
        "/desk/log-in/code/ 404 False",
        "False",
    ], ran.stderr

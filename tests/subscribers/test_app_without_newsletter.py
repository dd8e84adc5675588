"""Another site installs this app without the press, as docs/how-to/use-subscribers-alone.md says."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOW_TO = ROOT / "docs" / "how-to" / "use-subscribers-alone.md"

# Where no mail may leave the machine.
MAILS_STAY = '\nEMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"\n'

LIFE = """
import re, sys
import django; django.setup()
from django.core import mail
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
import making
from subscribers import signed_links
from subscribers.models import Subscription
browser, page = Client(enforce_csrf_checks=True, headers={"host": "localhost"}), "/people/lists/news/"
assert browser.get(page).status_code == 200
assert browser.post(page, {"address": "ada@example.org"}).status_code == 303
confirming = re.search(r"https://www.example.org(/people/confirm/\\S+)", mail.outbox[0].body)[1]
assert "Yes" in browser.get(confirming).content.decode()
browser.post(confirming)
ada = Subscription.objects.get()
print(mail.outbox[0].from_email, ada.state)
leaving = signed_links.make_url(signed_links.Purpose.ONE_CLICK, ada).removeprefix("https://www.example.org")
assert browser.post(leaving, {"List-Unsubscribe": "One-Click"}).status_code == 200
import upkeep
print(Subscription.objects.get().state, sorted(name for name in sys.modules if name.startswith("newsletter.")))
"""


def test_a_fresh_site_needs_only_what_the_how_to_says(tmp_path):
    settings, addresses, making, upkeep = re.findall(
        r"```python\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL
    )
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("NEWSLETTER_")},
        "DJANGO_SETTINGS_MODULE": "site_of_ours.settings",
    }
    subprocess.run(
        [sys.executable, "-m", "django", "startproject", "site_of_ours", str(tmp_path)],
        env={**environment, "DJANGO_SETTINGS_MODULE": ""},
        check=True,
    )
    in_a_checkout = settings.replace('files("newsletter") / "templates"', repr(str(ROOT / "templates")))
    for name, text in {"settings": in_a_checkout + MAILS_STAY, "urls": addresses}.items():
        with (tmp_path / "site_of_ours" / f"{name}.py").open("a", encoding="utf-8") as file:
            file.write(f"\n{text}")
    for name, text in {"making": making, "upkeep": upkeep}.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")

    lived = subprocess.run(
        [sys.executable, "-c", LIFE],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert lived.returncode == 0, lived.stderr
    assert lived.stdout.splitlines() == ["news@example.org active", "unsubscribed []"]

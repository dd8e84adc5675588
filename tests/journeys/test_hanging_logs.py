"""SendGrid's Email Logs let a question wait for a minute: nobody here waits with it."""

import json

import pytest

from tests.fakes.sendgrid import CUT_AFTER_TAKING, FakeSendGrid
from tests.journeys.installation import Press
from tests.waiting import arrives, lease_duration

PEOPLE = 40
pytestmark = pytest.mark.enable_socket

# What a reader and an editor do meanwhile, in a process that is set up before the watch starts.
ACT = """
import json, time
import django; django.setup()
from django.conf import settings
from django.db import connection
from django.test import Client
from newsletter.sending.mailing_controls import pause_mailing
from newsletter.sending.models import Mailing
from subscribers import signed_links
from subscribers.signed_links import Purpose
from subscribers.models import Subscription

def timed(act):
    started = time.monotonic()
    act()
    return time.monotonic() - started

def leave():
    subscription = Subscription.objects.order_by("-pk").first()
    url = "/one-click/" + signed_links.make_token(Purpose.ONE_CLICK, subscription)
    answer = Client(enforce_csrf_checks=True, headers={"host": settings.NEWSLETTER.base_url.host}).post(
        url, data="List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 200, answer
    subscription.refresh_from_db()
    assert subscription.state == "unsubscribed"

# The first page of a process costs the imports of all.
Client(headers={"host": settings.NEWSLETTER.base_url.host}).get("/one-click/nothing")
mailing = Mailing.objects.get()
found = {
    "leave": timed(leave),
    "pause": timed(lambda: pause_mailing(mailing.pk, "A wrong headline.", paused_by="edda")),
}
mailing.refresh_from_db()
print(json.dumps({**found, "state": mailing.state}))
"""


@pytest.fixture(params=["sqlite", "postgres"])
def press(request, tmp_path, monkeypatch):
    if request.param == "postgres":
        request.getfixturevalue("on_postgres")
    else:
        monkeypatch.setenv("DATABASE_URL", "")
    with FakeSendGrid([CUT_AFTER_TAKING]) as server:
        server.handle_error = lambda *_: None
        made = Press(
            tmp_path,
            NEWSLETTER_TRANSPORT="sendgrid",
            NEWSLETTER_SENDGRID_HOST=server.url,
            SENDGRID_API_KEY="SG.fake",
        )
        made.seed(people=PEOPLE, issues=1)
        made.server = server
        yield made


def test_while_email_logs_hang_people_leave_and_editors_pause_within_a_second(press):
    press.plan()
    press.newsletter("mailings", "resume", 1)
    assert press.newsletter("worker", "--once")["unknown"] == PEOPLE
    press.server.logs_answer.clear()
    worker = press.start("worker", "--threads", "2")
    try:
        arrives(press.server.logs_asked, "a question to Email Logs about the lost answer")
        found = json.loads(press.run("-c", ACT))
        assert not press.server.logs_answer.is_set()
    finally:
        press.server.logs_answer.set()
        worker.terminate()
        worker.communicate(timeout=lease_duration())
    assert found["state"] == "paused"
    assert found["leave"] < 1, found
    assert found["pause"] < 1, found

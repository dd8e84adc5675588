"""From SendGrid's post to the figures, through a press that serves on a real socket."""

import http.client
import json
import subprocess
import sys
import time

import orjson
import pytest

from tests import forked
from tests.journeys.installation import Press
from tests.postgres import free_port
from tests.tracking.sendgrid_events import Signer
from tests.waiting import lease_duration, until


@pytest.fixture
def signer():
    return Signer()


@pytest.fixture
def press(tmp_path, signer):
    return Press(tmp_path, NEWSLETTER_SENDGRID_WEBHOOK_KEY=signer.public_key)


@pytest.fixture
def port(press):
    """Where the press listens."""
    port = free_port()
    command = [sys.executable, "-m", "newsletter", "serve", "--port", str(port)]
    with forked.Popen(command, env=press.environment, stdout=subprocess.DEVNULL) as process:
        until(lambda: answers(port), "an answer of the web server", every=0.1)
        yield port
        process.terminate()
        assert process.wait(lease_duration()) == 0


def answers(port):
    try:
        return request(port, "GET", b"", {}) == 405
    except ConnectionRefusedError:
        return False


def request(port, method, body, headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, "/webhooks/sendgrid/", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_signed_post_is_in_the_figures_a_moment_later_and_a_forged_one_never(press, port, signer):
    press.seed(people=3, issues=1, approved=True)
    press.run("-m", "newsletter", "issues", "send", "1", "--without-undo", "--yes")
    key, recipients = orjson.loads(press.run("-c", READ_THE_LEDGER))
    body = orjson.dumps(
        [
            {
                "event": "delivered",
                "email": f"reader{recipient}@example.org",
                "timestamp": int(time.time()),
                "sg_event_id": f"event-{recipient}",
                "sg_message_id": "message",
                "press_mailing": key,
                "press_recipient": str(recipient),
            }
            for recipient in recipients
        ]
    )
    assert request(port, "POST", body, Signer().headers(body)) == 403
    assert request(port, "POST", body[:-9], signer.headers(body)) == 403
    assert request(port, "POST", body, signer.headers(body)) == 200
    assert request(port, "POST", body, signer.headers(body)) == 200

    def figures():
        return json.loads(press.run("-m", "newsletter", "mailings", "statistics", "1", "--json"))

    until(lambda: figures()["delivered"] == 3, "three delivered letters in the figures", every=0.5)
    assert figures()["accepted"] == 3


READ_THE_LEDGER = """
import django; django.setup()
import json
from newsletter.sending.models import Mailing, Recipient
print(json.dumps([str(Mailing.objects.get().key), list(Recipient.objects.values_list("pk", flat=True))]))
"""

"""A stranger signs up under a name that wants to be a header, confirms, and gets the issue as everybody does."""

import mailbox
import re
import time

import pytest
import time_machine
from django.test import Client

from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Recipient
from tests.hostile_text import INJECTIONS, decoded
from tests.sending.planned_mailing import planned_mailing

ENCODED = [text for text in INJECTIONS if text.startswith("=?")]
CONFIRM = re.compile(r"http://localhost:8000(/confirm/\S+)")


@pytest.mark.parametrize("name", ENCODED)
def test_the_name_of_a_stranger_is_no_header_of_their_mail(
    issue, home, mailoutbox, django_capture_on_commit_callbacks, name
):
    browser, page = Client(enforce_csrf_checks=True), "/lists/readers/"
    form = browser.get(page).content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    typed = {"address": "victim@example.net", "first_name": name, "website": ""}
    with time_machine.travel(time.time() + 20), django_capture_on_commit_callbacks(execute=True):
        assert browser.post(page, {**hidden, **typed}).status_code == 303
    assert "evil" not in mailoutbox[0].message().as_string()
    assert browser.post(CONFIRM.search(mailoutbox[0].body)[1]).status_code == 200
    planned_mailing(issue, planned_by="edda")
    while send_next_batch():
        pass
    assert Recipient.objects.get().state == Recipient.State.ACCEPTED
    (raw,) = [path.read_bytes() for path in (home / "outbox" / "new").iterdir()]
    head = raw.partition(b"\n\n")[0]
    names = [line.partition(b":")[0] for line in head.split(b"\n") if line[:1] != b" "]
    assert b"Bcc" not in names
    assert names.count(b"Reply-To") == 1
    assert b"evil" not in head
    (message,) = list(mailbox.Maildir(home / "outbox"))
    assert message["Reply-To"] == "hello@harbour.example.org"
    shown, _, address = message["To"].rpartition(" ")
    assert address == "<victim@example.net>"
    assert decoded(shown).startswith("=?")

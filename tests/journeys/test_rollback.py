"""A home put back whole, as a virtual machine's snapshot is: SendGrid remembers what the database has forgotten."""

import shutil

import pytest

from tests.fakes.sendgrid import FakeSendGrid
from tests.journeys.installation import Press
from tests.waiting import lease_duration

pytestmark = [pytest.mark.enable_socket, pytest.mark.sqlite]

PEOPLE, SHARE = 440, 80
PLAN = """
import django; django.setup()
from newsletter.issues.models import Issue
from tests.sending.planned_mailing import planned_mailing
print(planned_mailing(Issue.objects.get(number=1)).pk)
"""


@pytest.fixture
def server():
    with FakeSendGrid() as running:
        yield running


@pytest.fixture
def press(tmp_path, server):
    """A press that sends by the fake SendGrid, to 80 people before it waits for an hour."""
    press = Press(
        tmp_path,
        NEWSLETTER_TRANSPORT="sendgrid",
        NEWSLETTER_SENDGRID_HOST=server.url,
        SENDGRID_API_KEY="SG.key",
        NEWSLETTER_RATE_PER_HOUR=str(SHARE),
    )
    press.seed(people=PEOPLE, issues=1)
    return press


def send(press):
    worker = press.start("worker", "--engine", "local", "--once")
    said = worker.communicate(timeout=lease_duration())[1]
    assert worker.returncode == 0, said
    return said


def put_back(press, snapshot):
    """As it was, every file in its place: what is written over keeps its inode."""
    for path in press.home.rglob("*"):
        earlier = snapshot / path.relative_to(press.home)
        if path.is_file() and not earlier.exists():
            path.unlink()
    for earlier in snapshot.rglob("*"):
        if earlier.is_file():
            shutil.copyfile(earlier, press.home / earlier.relative_to(snapshot))


@pytest.mark.parametrize("planned", [True, False], ids=["after planning", "before planning"])
def test_a_home_put_back_in_place_mails_nobody_twice(press, server, tmp_path, planned):
    if planned:
        press.run("-c", PLAN)
    snapshot = shutil.copytree(press.home, tmp_path / "snapshot")
    if not planned:
        press.run("-c", PLAN)
    said = send(press)
    before = server.accepted()
    assert before.total() == SHARE, said
    put_back(press, snapshot)
    if not planned:
        press.run("-c", PLAN)
    assert "this database was restored to an earlier state" in send(press)
    assert server.accepted() == before
    shown = press.newsletter("instance", "status")
    assert not shown["may_send"]
    taken = press.newsletter("instance", "adopt", "--yes")
    assert (taken["may_send"], taken["already_got_it"]) == (True, SHARE)
    send(press)
    assert len(server.accepted()) == 2 * SHARE
    assert set(server.accepted().values()) == {1}

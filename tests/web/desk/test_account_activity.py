"""What people do with their own accounts is in the activity, without network addresses."""

import re

import pytest
from django.test import Client

from newsletter.accounts.users import find_user
from newsletter.issues.models import AuditEntry
from tests.web.desk.second_factors import code_of, just_now, log_in


@pytest.fixture
def log(people):
    """What the log has said about Ruth since the last time."""
    seen = [AuditEntry.objects.last().pk]

    def said():
        found = AuditEntry.objects.filter(pk__gt=seen[0], thing=f"user {find_user('ruth').pk}").order_by("pk")
        seen[0] = found.last().pk if found else seen[0]
        assert {each.actor for each in found} <= {"ruth"}
        return [each.sentence for each in found]

    return said


def test_a_new_browser_is_noted_and_a_known_one_is_not(log):
    client = Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"}, REMOTE_ADDR="192.0.2.7")
    log_in(client=client)
    assert log() == ["Logged in as ruth with a new browser: Firefox on Linux."]
    assert "192.0" not in str(list(AuditEntry.objects.values()))
    client.post("/desk/log-out/")
    log_in(client=client)
    assert log() == []


def test_second_factors_that_are_set_up_renewed_and_removed_are_noted(log):
    client = just_now(log_in("ruth"))
    log()
    secret = re.search(r'"account-key">([A-Z2-7]+)<', client.get("/desk/account/app/").content.decode())[1]
    client.post("/desk/account/app/", {"code": "000000"})
    assert log() == []
    client.post("/desk/account/app/", {"code": code_of(secret)})
    assert sorted(log()) == [
        "Set up the authenticator app for the user ruth.",
        "Set up the recovery codes for the user ruth.",
    ]
    client.post("/desk/account/codes/new/")
    assert log() == ["Created new recovery codes for the user ruth."]
    client.post("/desk/account/app/remove/")
    assert log() == [
        "Removed the authenticator app from ruth’s account.",
        "Removed the recovery codes from ruth’s account.",
    ]


def test_sessions_that_are_ended_are_noted(log):
    client = log_in("ruth")
    for _ in range(3):
        log_in("ruth")
    log()
    page = client.get("/desk/account/").content.decode()
    number = re.search(r'name="session" value="(\d+)"', page)[1]
    client.post("/desk/account/sessions/end/", {"session": number})
    assert log() == ["Ended 1 session for the user ruth."]
    client.post("/desk/account/sessions/end/", {"session": number})
    assert log() == []
    client.post("/desk/account/sessions/end-others/")
    assert log() == ["Ended 2 sessions for the user ruth."]
    client.post("/desk/account/sessions/end-others/")
    assert log() == []

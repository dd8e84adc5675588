"""Who comes in at the desk, and who does not."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

PASSWORD = "ebb and flow at the quay"
PAGES = ["/desk/", "/desk/audit/", "/desk/issues/harbour-letter/1/", "/desk/issues/harbour-letter/1/letter/"]
ACTS = [
    "approve",
    "withdraw",
    "schedule",
    "unschedule",
    "words",
    "send",
    "cancel",
    "mailing/pause",
    "mailing/stop",
]


def log_in(client, name="ruth", password=PASSWORD, **more):
    return client.post("/desk/log-in/", {"username": name, "password": password, **more})


@pytest.mark.parametrize("page", PAGES)
def test_whoever_is_logged_out_is_led_to_the_log_in_and_back(client, ruths_draft, page):
    answer = client.get(page)
    assert answer.status_code == 302
    assert answer.url == f"/desk/log-in/?next={page}"
    assert log_in(client, next=page).url == page


@pytest.mark.parametrize("act", ACTS)
def test_whoever_is_logged_out_changes_nothing(client, ruths_draft, act):
    answer = client.post(f"/desk/issues/harbour-letter/1/{act}/", {"at": "Friday 07:30"})
    assert answer.url == "/desk/log-in/?next=/desk/"
    ruths_draft.refresh_from_db()
    assert ruths_draft.state == "draft"


def test_a_wrong_password_is_a_sentence_that_does_not_say_whether_the_name_is_known(client, people):
    known, unknown = log_in(client, "ruth", "guess"), log_in(client, "nobody", "guess")
    for answer in (known, unknown):
        assert answer.status_code == 422
        assert "The name or the password is wrong." in answer.content.decode()


def test_guessing_is_stopped_also_for_the_right_password(client, people):
    for _ in range(10):
        assert log_in(client, "ruth", "guess").status_code == 422
    assert log_in(client).status_code == 429
    assert log_in(client, "amir").status_code == 302


def test_the_administration_has_the_same_way_in(client, people):
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/desk/log-in/?next=%2Fadmin%2F"
    assert log_in(client, next="/admin/").url == "/admin/"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"]
)
def test_logging_in_leads_nowhere_else(client, people, elsewhere):
    assert log_in(client, next=elsewhere).url == "/desk/"


def test_somebody_without_a_role_gets_a_sentence_and_nothing_else(desk_of, ruths_draft):
    sam = desk_of("sam")
    for page in PAGES:
        answer = sam.get(page)
        assert answer.status_code == 403
        assert "You have no role yet" in answer.content.decode()
        assert ruths_draft.subject not in answer.content.decode()


def test_logging_out_needs_a_post_and_then_is_done(desk_of):
    ruth = desk_of("ruth")
    assert ruth.get("/desk/log-out/").status_code == 405
    assert ruth.get("/desk/").status_code == 200
    assert ruth.post("/desk/log-out/").url == "/desk/log-in/"
    assert ruth.get("/desk/").status_code == 302


def test_a_post_from_elsewhere_is_refused_with_a_sentence(people, ruths_draft):
    amir = Client(enforce_csrf_checks=True)
    amir.force_login(get_user_model().objects.get(username="amir"))
    answer = amir.post("/desk/issues/harbour-letter/1/approve/")
    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()
    ruths_draft.refresh_from_db()
    assert ruths_draft.state == "draft"


@pytest.mark.parametrize("page", PAGES[:3])
def test_nothing_may_run_on_a_page_that_the_desk_did_not_bring(desk_of, ruths_draft, page):
    answer = desk_of("ruth").get(page)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in answer.content.decode()
    assert "style=" not in answer.content.decode()
    assert answer["X-Frame-Options"] == "DENY"
    assert "no-store" in answer["Cache-Control"]

"""RFC 8058 as Gmail and Yahoo do it, and everything that only looks like it."""

import pytest
from django.test import Client

from subscribers import consent, consent_by_editor, signed_links
from subscribers.consent import ConsentSource
from subscribers.models import SourceKind
from subscribers.signed_links import Purpose
from tests.subscribers.conftest import EDITOR

URLENCODED = {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"}
MULTIPART = {
    "data": '--b0und\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b0und--\r\n',
    "content_type": "multipart/form-data; boundary=b0und",
}


@pytest.fixture
def mail_program():
    """It has no cookies, and no CSRF token is demanded of it though the server checks them."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def bob(news):
    return consent_by_editor.add_by_editor(news, "bob@example.org", EDITOR, consent="A form")


def one_click(subscription):
    return "/one-click/" + signed_links.make_token(Purpose.ONE_CLICK, subscription)


WITH_A_LINE_END = {**URLENCODED, "data": "List-Unsubscribe=One-Click\r\n"}


@pytest.mark.parametrize(
    "post", [URLENCODED, MULTIPART, WITH_A_LINE_END], ids=["urlencoded", "multipart", "with a line end"]
)
def test_the_post_leaves_at_once_without_a_redirect_or_a_cookie(mail_program, ada, bob, state_of, post):
    response = mail_program.post(one_click(ada), **post)
    assert response.status_code == 200
    assert not response.cookies
    assert (state_of("ada@example.org"), state_of("bob@example.org")) == ("unsubscribed", "active")


def test_replaying_it_changes_nothing_more(mail_program, ada, history_of):
    for _time in range(3):
        assert mail_program.post(one_click(ada), **URLENCODED).status_code == 200
    assert history_of("ada@example.org") == ["added", "left"]


def test_a_replay_after_coming_back_is_the_person_leaving_again(mail_program, ada, state_of):
    mail_program.post(one_click(ada), **URLENCODED)
    consent.resubscribe(ada, ConsentSource(SourceKind.EMAIL_LINK))
    mail_program.post(one_click(ada), **URLENCODED)
    assert state_of("ada@example.org") == "unsubscribed"


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        ("", "application/x-www-form-urlencoded"),
        ("List-Unsubscribe=one-click", "application/x-www-form-urlencoded"),
        ("list-unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        ("List-Unsubscribe=One-Click&List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        ("List-Unsubscribe=One-Click&x=y", "application/x-www-form-urlencoded"),
        ("List-Unsubscribe=One-Cli", "application/x-www-form-urlencoded"),
        ("List-Unsubscribe=One-Click", "text/plain"),
        ('{"List-Unsubscribe": "One-Click"}', "application/json"),
        ("--b0und\r\nContent-Disposition: form-data; na", "multipart/form-data; boundary=b0und"),
        (MULTIPART["data"], "multipart/form-data"),
        (MULTIPART["data"].replace('"\r\n\r\n', '"; filename="x"\r\n\r\n'), MULTIPART["content_type"]),
    ],
)
def test_any_other_body_does_nothing(mail_program, ada, state_of, data, content_type):
    assert mail_program.post(one_click(ada), data=data, content_type=content_type).status_code == 400
    assert state_of("ada@example.org") == "active"


def test_forged_and_truncated_links_and_links_for_something_else_do_nothing(mail_program, ada, bob, state_of):
    true, others = one_click(ada), one_click(bob)
    forged = [
        true[:-1],
        true[:-6],
        true + "A",
        true[:-1] + ("A" if true[-1] != "A" else "B"),
        true[:22] + others[22:],
        "/one-click/" + signed_links.make_token(Purpose.LEAVE, ada),
        "/one-click/" + signed_links.make_token(Purpose.PREFERENCES, ada.subscriber),
        "/one-click/0",
        "/one-click/%00",
        "/one-click/" + "é" * 32,
    ]
    for path in forged:
        assert mail_program.post(path, **URLENCODED).status_code == 404, path
    assert (state_of("ada@example.org"), state_of("bob@example.org")) == ("active", "active")


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_the_link_changes_nothing(mail_program, ada, state_of, method):
    response = getattr(mail_program, method)(one_click(ada))
    assert response.status_code == 200
    assert state_of("ada@example.org") == "active"


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_other_methods_are_refused(mail_program, ada, state_of, method):
    assert getattr(mail_program, method)(one_click(ada)).status_code == 405
    assert state_of("ada@example.org") == "active"


def test_the_page_behind_a_get_has_the_button_that_leaves(mail_program, ada, state_of):
    page = mail_program.get(one_click(ada)).content.decode()
    leave = signed_links.make_url(Purpose.LEAVE, ada)
    assert f'action="{leave}"' in page
    mail_program.post(leave.removeprefix("http://localhost:8000"), {"act": "leave"})
    assert state_of("ada@example.org") == "unsubscribed"


def test_for_a_person_who_was_erased_it_is_answered_as_done(mail_program, ada):
    path = one_click(ada)
    consent.erase_person(ada.subscriber, EDITOR)
    assert mail_program.post(path, **URLENCODED).status_code == 200

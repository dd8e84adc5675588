"""What somebody typed into a form whose session or token has ended is shown again after they log in."""

import re
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from newsletter.accounts.users import change_password

TEXTS = "/desk/issues/harbour-letter/1/texts/"
PASSWORD = "ebb and flow at the quay"
TYPED = {"subject": "Ebb & <b>flow</b>", "preheader": "", "opening": "Dear reader,\n\nhello.", "seen": "0a1b"}
OURS = {"Origin": "http://testserver"}


def text(answer):
    return answer.content.decode()


def hidden(answer, name):
    return unescape(re.search(rf'name="{name}" value="([^"]*)"', text(answer))[1])


def post(browser, path=TEXTS, data=TYPED, headers=OURS):
    return browser.post(path, data, headers=headers)


def log_in(browser, answer, **more):
    form = {"username": "ruth", "password": PASSWORD, "kept": hidden(answer, "kept"), **more}
    return browser.post("/desk/log-in/", form, headers=OURS)


@pytest.fixture
def expired(desk_of):
    """Ruth's browser after her session has ended."""
    browser = desk_of("ruth")
    browser.get("/desk/")
    browser.session.flush()
    return browser


def test_what_was_typed_is_shown_after_logging_in_and_is_saved_by_one_button(expired, ruths_draft):
    answer = post(expired)
    assert answer.status_code == 403
    assert "We have kept it" in text(answer)
    page = log_in(expired, answer)
    assert "Ebb &amp; &lt;b&gt;flow&lt;/b&gt;" in text(page)
    assert "Dear reader,\n\nhello.</textarea>" in text(page)
    assert f'action="{TEXTS}"' in text(page)
    ruths_draft.refresh_from_db()
    assert ruths_draft.opening == ""
    assert post(expired, data=TYPED | {"seen": ""}).status_code == 303
    ruths_draft.refresh_from_db()
    assert ruths_draft.subject == "Ebb & <b>flow</b>"


def test_what_was_typed_survives_a_wrong_password(expired, ruths_draft):
    wrong = log_in(expired, post(expired), password="guess")
    assert wrong.status_code == 422
    assert "Dear reader," in text(log_in(expired, wrong))


def test_a_form_with_the_token_of_an_earlier_session_is_shown_again_at_once(people, ruths_draft):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(get_user_model().objects.get(username="ruth"))
    answer = post(browser)
    assert answer.status_code == 403
    assert "Your text has not been saved yet" in text(answer)
    assert "Dear reader,\n\nhello.</textarea>" in text(answer)
    again = post(
        browser, data=TYPED | {"seen": "", "csrfmiddlewaretoken": hidden(answer, "csrfmiddlewaretoken")}
    )
    assert again.status_code == 303


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {}, {"Sec-Fetch-Site": "cross-site"}],
)
@pytest.mark.parametrize("name", ["", "ruth"])
def test_a_form_from_another_site_is_not_shown_again(people, ruths_draft, headers, name):
    browser = Client(enforce_csrf_checks=True)
    if name:
        browser.force_login(get_user_model().objects.get(username=name))
    answer = post(browser, headers=headers)
    assert answer.status_code == 403
    assert "Dear reader" not in text(answer)
    assert 'name="kept"' not in text(answer)


def test_a_button_without_text_leads_to_its_page_after_logging_in(expired, ruths_draft):
    answer = post(expired, "/desk/issues/harbour-letter/1/approve/", {"seen": "0a1b"})
    assert answer.url == "/desk/log-in/?next=/desk/issues/harbour-letter/1/approve/&ended=yes"
    assert "You have been logged out." in text(expired.get(answer.url))
    form = {"username": "ruth", "password": PASSWORD, "next": "/desk/issues/harbour-letter/1/approve/"}
    assert expired.post("/desk/log-in/", form, follow=True).redirect_chain[-1] == (
        "/desk/issues/harbour-letter/1/send/",
        303,
    )


def test_a_password_that_an_administrator_changed_ends_the_session_and_keeps_what_was_typed(
    desk_of, ruths_draft
):
    browser = desk_of("ruth")
    browser.get("/desk/")
    change_password("ruth", password="slack water at noon")
    answer = post(browser)
    assert "Dear reader," in text(log_in(browser, answer, password="slack water at noon"))


def test_no_password_is_kept(expired, ruths_draft):
    answer = post(expired, data=TYPED | {"password": "Secret Words", "username": "Some Body"})
    page = text(log_in(expired, answer))
    assert "Dear reader," in page
    assert "Secret Words" not in page


def test_a_kept_form_that_was_changed_on_its_way_is_not_shown(expired, ruths_draft):
    answer = post(expired)
    page = log_in(expired, answer, kept=hidden(answer, "kept")[:-3] + "abc")
    assert page.status_code == 302


def test_files_cannot_be_kept_and_the_page_says_so(expired, ruths_draft, tmp_path):
    file = tmp_path / "hill.jpg"
    file.write_bytes(b"not a picture")
    with file.open("rb") as picture:
        answer = post(expired, data=TYPED | {"picture": picture})
    assert "We could not keep the files" in text(log_in(expired, answer))


def test_htmx_is_told_that_the_session_has_ended_and_the_page_stays(expired, ruths_draft):
    answer = expired.post(TEXTS, TYPED, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (401, b"")

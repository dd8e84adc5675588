"""The public pages as a person, a scanner and a robot meet them."""

import re
import time
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from subscribers import (
    app_settings,
    consent,
    consent_by_editor,
    consent_wordings,
    signed_links,
    suppression,
)
from subscribers.lists import find_subscriber
from subscribers.models import ConsentEntry, List, Subscriber, Subscription, Wording
from subscribers.signed_links import Purpose
from tests.subscribers.conftest import EDITOR, EMAIL

PAGE = "/lists/news/"
SENT = "/lists/news/check-your-mail/"


@pytest.fixture
def browser():
    """It sends no CSRF token, and the server checks for one wherever it wants one."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def fill_in(browser, news):
    """Open the form, take as long as a person does, and send it."""

    def fill_in(*, seconds=20, **typed):
        form = browser.get(PAGE).content.decode()
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
        with time_machine.travel(time.time() + seconds):
            return browser.post(PAGE, {**hidden, "website": "", **typed})

    return fill_in


def path(purpose, row):
    return f"/{purpose}/{signed_links.make_token(purpose, row)}"


def text_of(response):
    return unescape(response.content.decode())


def test_a_person_signs_up_confirms_and_leaves(
    browser, fill_in, news, mailoutbox, state_of, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = fill_in(address=" Ada@example.org", first_name="Ada", topics=["events"])
    assert (response.status_code, response.url) == (303, SENT)
    assert "Check your inbox" in text_of(browser.get(SENT))
    confirm = re.search(r"http://localhost:8000(/confirm/\S+)", mailoutbox[0].body)[1]
    assert "Yes, subscribe me" in text_of(browser.get(confirm))
    assert state_of("ada@example.org") == "pending"
    assert "You are subscribed" in text_of(browser.post(confirm))
    assert state_of("ada@example.org") == "active"
    ada = find_subscriber("ada@example.org")
    assert ada.first_name == "Ada"
    assert ada.consent_entries.first().wording == consent_wordings.wording_shown(news)
    leave = path(Purpose.LEAVE, ada.subscriptions.get())
    assert text_of(browser.get(leave)).count("<button") == 1
    assert "You have unsubscribed" in text_of(browser.post(leave, {"act": "leave"}))
    assert state_of("ada@example.org") == "unsubscribed"
    browser.post(leave, {"act": "reason", "reason": "Moved to the moon"})
    assert "Welcome back" in text_of(browser.post(leave, {"act": "undo"}))
    assert state_of("ada@example.org") == "active"
    assert "Moved to the moon" in [entry.note for entry in ada.consent_entries.all()]


def test_the_answer_does_not_tell_whether_an_address_is_known(browser, fill_in, ada, emails):
    suppression.suppress("bounced@example.org", "hard bounce", EDITOR)
    gone = consent_by_editor.add_by_editor(ada.list, "gone@example.org", EDITOR, consent="A form")
    consent.unsubscribe(gone, EMAIL)
    answers = set()
    for name in ("new", "ada", "gone", "bounced"):
        response = fill_in(address=f"{name}@example.org")
        # It says what second it is.
        del response.headers["Expires"]
        answers.add(
            (response.status_code, response.url, response.content, tuple(sorted(response.headers.items())))
        )
    assert len(answers) == 1


def test_another_site_may_post_the_pasted_form(browser, news, state_of):
    page = browser.get("/lists/news/snippet/")
    pasted = unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", page.content.decode(), re.DOTALL)[1])
    assert 'action="http://localhost:8000/lists/news/"' in pasted
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', pasted))
    response = browser.post(
        PAGE,
        {**hidden, "address": "ada@example.org", "website": ""},
        headers={"origin": "https://elsewhere.example"},
    )
    assert response.status_code == 303
    assert state_of("ada@example.org") == "pending"
    assert ConsentEntry.objects.get().source_name == "https://elsewhere.example"


def test_a_robot_that_fills_in_everything_gets_the_usual_answer_and_nothing_happens(fill_in):
    assert fill_in(address="ada@example.org", website="http://spam.example").url == SENT
    assert not Subscriber.objects.exists()


def test_a_form_sent_at_once_is_shown_again_filled_in(fill_in):
    again = fill_in(address="ada@example.org", seconds=0)
    assert again.status_code == 422
    assert 'value="ada@example.org"' in text_of(again)
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("shown", ["news:1:forged", "x", "other:1tQ"])
def test_a_forged_time_is_as_good_as_none(browser, news, shown):
    assert browser.post(PAGE, {"address": "ada@example.org", "shown": shown}).status_code == 422


@pytest.mark.parametrize(
    "address", ["", "ada", "ada@example.org\nbcc: x@y.org", "\x00", "<script>alert(1)</script>@x"]
)
def test_what_is_no_address_comes_back_escaped_with_a_sentence(fill_in, address):
    again = fill_in(address=address)
    assert again.status_code == 422
    assert "This does not look like an email address." in text_of(again)
    assert "<script" not in again.content.decode()
    assert not Subscriber.objects.exists()


def test_hostile_fields_do_no_harm(browser, news):
    for data in (
        {"address": "a@example.org", "topics": ["nothing", "'; DROP TABLE", "\x00"]},
        {"address": "b@example.org", "wording": "9" * 400},
        {"address": "c@example.org", "wording": "-1", "first_name": "\ud7ff" * 150},
        {"address": "d@example.org", "wording": "²"},
    ):
        assert browser.post(PAGE, data).status_code == 303
    assert Subscriber.objects.count() == 4


@pytest.mark.parametrize("name", ["A\x00da", "Ada\r\nBcc: x@example.org", "Ada\u2028", "\x85", "N" * 151])
def test_a_first_name_that_cannot_be_kept_comes_back_with_a_sentence(fill_in, name):
    again = fill_in(address="ada@example.org", first_name=name)
    assert again.status_code == 422
    assert "This first name cannot be saved." in text_of(again)
    assert "with at most 150 characters and no invisible characters" in text_of(again)
    assert "ada@example.org" in text_of(again)
    assert not Subscriber.objects.exists()


def test_an_address_that_reads_as_an_encoded_word_comes_back_with_a_sentence(fill_in):
    assert fill_in(address="=?utf-8?q?a=0d=0ab?=@example.org").status_code == 422
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"first_name": "E\x00ve", "last_name": "Stone"}, "first_name"),
        ({"first_name": "Eve", "last_name": "N" * 151}, "last_name"),
    ],
)
def test_a_name_that_cannot_be_kept_is_marked_on_the_preferences_and_nothing_typed_is_lost(
    browser, ada, typed, wrong
):
    before = ada.subscriber.first_name
    page = path(Purpose.PREFERENCES, ada.subscriber)
    answer = browser.post(page, {"act": "save", "locale": "en-gb", **typed})
    assert answer.status_code == 422
    assert "This name cannot be saved." in text_of(answer)
    fields = re.findall(r'<input type="text" form="changes" id="(\w+)"[^>]*>', text_of(answer))
    assert fields == ["first_name", "last_name"]
    for name, field in zip(fields, re.findall(r'<input type="text"[^>]*>', text_of(answer)), strict=True):
        assert ("aria-invalid" in field) == (name == wrong)
        assert f'value="{typed[name]}"' in field.replace("\ufffd", "\x00")
    ada.subscriber.refresh_from_db()
    assert ada.subscriber.first_name == before


def test_one_network_may_not_sign_up_a_whole_town(browser, news, settings):
    settings.SUBSCRIBERS_SIGN_UPS_PER_HOUR = 2
    answers = [browser.post(PAGE, {"address": f"p{n}@example.org"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert answers[2]["Retry-After"] == "3600"


def test_proxies_are_believed_as_far_as_there_are_any(browser, news, settings):
    forwarded = {"x-forwarded-for": "198.51.100.9, 203.0.113.5"}
    browser.post(PAGE, {"address": "a@example.org"}, headers=forwarded)
    settings.SUBSCRIBERS_PROXY_COUNT = 1
    browser.post(PAGE, {"address": "b@example.org"}, headers=forwarded)
    networks = ConsentEntry.objects.order_by("pk").values_list("network_address", flat=True)
    assert list(networks) == ["127.0.0.1", "203.0.113.5"]


def test_opening_any_link_changes_nothing(browser, ada, signs_up):
    signs_up("bob@example.org")
    waiting = Subscription.objects.get(subscriber__address_key="bob@example.org")
    before = list(Subscription.objects.values()) + list(Subscriber.objects.values())
    acts, worded = ConsentEntry.objects.count(), Wording.objects.count()
    for method in (browser.get, browser.head):
        for page in (
            PAGE, SENT, f"{PAGE}snippet/", path(Purpose.CONFIRM, waiting), path(Purpose.LEAVE, ada),
            path(Purpose.ONE_CLICK, ada), path(Purpose.PREFERENCES, ada.subscriber),
            path(Purpose.EXPORT, ada.subscriber), path(Purpose.ERASE, ada.subscriber),
        ):  # fmt: skip
            response = method(page)
            assert response.status_code == 200, page
            assert not response.cookies, page
    assert list(Subscription.objects.values()) + list(Subscriber.objects.values()) == before
    assert (ConsentEntry.objects.count(), Wording.objects.count()) == (acts, worded)


def changes(ada, topics=("events",), paused_until=""):
    """Return the form of the preferences page with the choices for one list."""
    return {"act": "save", "list": ada.pk, f"topics-{ada.pk}": topics, f"paused_until-{ada.pk}": paused_until}


def test_preferences_change_topics_pause_names_and_language(browser, ada):
    page = path(Purpose.PREFERENCES, ada.subscriber)
    day = timezone.localdate() + timedelta(days=30)
    names = {"first_name": "Augusta", "last_name": "King", "locale": "de"}
    assert browser.post(page, changes(ada, paused_until=day.isoformat()) | names).status_code == 303
    ada.refresh_from_db()
    assert [topic.slug for topic in ada.topics.all()] == ["events"]
    assert ada.paused_until == day
    assert (ada.subscriber.first_name, ada.subscriber.locale) == ("Augusta", "de")
    assert "Gespeichert" in text_of(browser.get(page + "?saved"))
    browser.post(page, changes(ada, topics=["events", "research"]))
    ada.refresh_from_db()
    assert (ada.topics.count(), ada.paused_until) == (0, None)
    assert ada.subscriber.first_name == "Augusta"


@pytest.mark.parametrize("locale", ["de-AT", "de", "en-US", "en-gb", "pl", "cy", "zh-Hant", "ar", "qaa-x1"])
def test_saving_another_field_of_the_preferences_keeps_the_language_of_the_person(browser, ada, locale):
    Subscriber.objects.update(locale=locale, own_fields="")
    page = path(Purpose.PREFERENCES, ada.subscriber)
    [chosen] = re.findall(r'<option value="([^"]*)"[^>]* selected>', text_of(browser.get(page)))
    assert chosen == locale
    assert len(set(re.findall(r"<option [^>]*>([^<]*)<", text_of(browser.get(page))))) >= len(
        app_settings.languages()
    )
    assert browser.post(page, changes(ada) | {"last_name": "King", "locale": chosen}).status_code == 303
    ada.subscriber.refresh_from_db()
    assert (ada.subscriber.last_name, ada.subscriber.locale) == ("King", locale)
    assert "locale" not in ada.subscriber.own_fields
    assert browser.post(page, changes(ada) | {"locale": "fr"}).status_code == 303
    ada.subscriber.refresh_from_db()
    assert ada.subscriber.locale == "fr"


def test_every_field_of_the_preferences_belongs_to_the_form_of_both_buttons(browser, ada, emails):
    consent_by_editor.add_by_editor(emails, "ada@example.org", EDITOR, consent="A form")
    page = browser.get(path(Purpose.PREFERENCES, ada.subscriber)).content.decode()
    typed = re.findall(r'<(?:input type="(?:text|date|email|checkbox)"|select)[^>]*>', page)
    buttons = re.findall(r'<button[^>]*value="(?:save|address)"[^>]*>', page)
    assert (len(typed), len(buttons)) == (8, 2)
    assert all('form="changes"' in field for field in [*typed, *buttons])


@pytest.mark.parametrize("act", ["save", "address"])
def test_each_button_saves_what_was_typed_anywhere_on_the_page(browser, ada, act):
    day = timezone.localdate() + timedelta(days=30)
    typed = {"act": act, "last_name": "King", "address": "augusta@example.org"}
    answer = browser.post(
        path(Purpose.PREFERENCES, ada.subscriber),
        changes(ada, paused_until=day.isoformat()) | typed,
        follow=True,
    )
    ada.refresh_from_db()
    assert (ada.paused_until, ada.subscriber.last_name) == (day, "King")
    assert "We have sent an email to" in text_of(answer)


def test_saving_with_ones_own_address_filled_in_asks_for_no_change(browser, ada):
    form = changes(ada) | {"address": ada.subscriber.address}
    assert browser.post(path(Purpose.PREFERENCES, ada.subscriber), form).status_code == 303


def test_a_pause_that_has_ended_is_not_shown_and_hinders_nothing(browser, ada):
    ended = timezone.localdate()
    Subscription.objects.filter(pk=ada.pk).update(paused_until=ended)
    page = path(Purpose.PREFERENCES, ada.subscriber)
    assert f'name="paused_until-{ada.pk}" value=""' in browser.get(page).content.decode()
    for day in ("", ended.isoformat()):
        assert browser.post(page, changes(ada, paused_until=day)).status_code == 303
    assert not ConsentEntry.objects.filter(act="resumed").exists()


@pytest.mark.parametrize(
    ("topics", "paused_until", "sentence"),
    [
        ([], "", "Choose at least one topic."),
        (["events"], "2001-01-01", "This date cannot be used."),
        (["events"], "soon", "This date cannot be used."),
    ],
)
def test_wrong_preferences_get_a_sentence_and_change_nothing(browser, ada, topics, paused_until, sentence):
    form = changes(ada, topics, paused_until) | {"first_name": "Augusta", "address": "new@example.org"}
    response = browser.post(path(Purpose.PREFERENCES, ada.subscriber), form)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert 'name="first_name" value="Augusta"' in text_of(response)
    assert 'name="address" value="new@example.org"' in text_of(response)
    ada.refresh_from_db()
    assert (ada.topics.count(), ada.paused_until) == (0, None)
    assert ada.subscriber.first_name != "Augusta"
    assert "We have sent an email to" not in text_of(response)


@pytest.mark.parametrize(
    "form", [{"act": "save", "list": "999999999"}, {"act": "save", "list": "x"}, {"act": "list"}, {}]
)
def test_preferences_for_a_list_or_a_button_that_does_not_exist_are_not_saved(browser, ada, form):
    response = browser.post(path(Purpose.PREFERENCES, ada.subscriber), form)
    assert response.status_code == 422
    assert "Please try again." in text_of(response)


def test_a_problem_leads_to_the_field_that_has_it(browser, ada, emails):
    consent_by_editor.add_by_editor(emails, "ada@example.org", EDITOR, consent="A form")
    page = path(Purpose.PREFERENCES, ada.subscriber)

    day = browser.post(page, changes(ada, paused_until="2001-01-01")).content.decode()
    none = browser.post(page, changes(ada, topics=[])).content.decode()

    assert f'<a href="#pause-{ada.pk}"><bdi>The News</bdi></a>' in day
    assert f'name="paused_until-{ada.pk}" value="2001-01-01" aria-invalid="true"' in day
    assert day.count('aria-describedby="problem"') == 1
    assert f'<a href="#topics-{ada.pk}"><bdi>The News</bdi></a>' in none
    assert f'id="topics-{ada.pk}"' in none
    assert none.count('aria-describedby="problem"') == 1


def test_nobody_changes_anothers_preferences(browser, ada, news):
    bob = consent_by_editor.add_by_editor(news, "bob@example.org", EDITOR, consent="A form")
    page = path(Purpose.PREFERENCES, bob.subscriber)
    response = browser.post(page, changes(ada))
    assert response.status_code == 422
    assert ada.topics.count() == 0


def test_leaving_all_lists_and_coming_back_by_preferences(browser, ada, state_of):
    page = path(Purpose.PREFERENCES, ada.subscriber)
    assert "Unsubscribe from all lists" in text_of(browser.get(page))
    left = text_of(browser.post(page, {"act": "leave-all"}, follow=True))
    assert state_of("ada@example.org") == "unsubscribed"
    assert "You have unsubscribed. " in left
    assert "Saved." not in left
    assert "Unsubscribe from all lists" not in left
    assert "You have unsubscribed from this list." in text_of(browser.get(page))
    browser.post(page, {"act": "come-back", "subscription": ada.pk})
    assert state_of("ada@example.org") == "active"


def test_wrong_and_stale_links_and_unknown_lists_get_a_page_that_helps(browser, ada, signs_up):
    signs_up("bob@example.org")
    confirm = path(Purpose.CONFIRM, Subscription.objects.get(subscriber__address_key="bob@example.org"))
    wrong = browser.get(path(Purpose.LEAVE, ada)[:-3])
    assert wrong.status_code == 404
    assert "copy all of it" in text_of(wrong)
    assert PAGE in text_of(wrong)
    with time_machine.travel(time.time() + 9 * 24 * 3600):
        stale = browser.post(confirm)
    assert stale.status_code == 410
    assert "has expired" in text_of(stale)
    assert browser.get("/lists/no-such-list/").status_code == 404


def test_a_closed_list_takes_nobody(browser, news):
    news.open_to_sign_up = False
    news.save()
    assert browser.get(PAGE).status_code == 404
    assert browser.post(PAGE, {"address": "ada@example.org"}).status_code == 404
    assert not Subscriber.objects.exists()


def test_the_pages_work_without_script_and_leak_no_link(browser, ada):
    for page in (PAGE, path(Purpose.PREFERENCES, ada.subscriber), path(Purpose.LEAVE, ada)):
        response = browser.get(page)
        html = response.content.decode()
        assert "<script" not in html
        assert not re.search(r"\son\w+=", html)
        assert 'lang="en-gb"' in html.lower()
        assert response["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert "no-store" in response["Cache-Control"]
        labelled = re.findall(r'<label for="([^"]+)"', html)
        assert set(
            re.findall(r'<(?:input type="(?:text|email|date)"|select|textarea)[^>]* id="([^"]+)"', html)
        ) <= set(labelled)


def test_what_a_list_is_called_is_escaped_everywhere(browser, ada):
    ada.list.name = '<b onmouseover="x">&'
    ada.list.save()
    for page in (
        PAGE,
        SENT,
        f"{PAGE}snippet/",
        path(Purpose.LEAVE, ada),
        path(Purpose.PREFERENCES, ada.subscriber),
    ):
        assert "<b onmouseover" not in browser.get(page).content.decode()


@pytest.mark.parametrize("page", [PAGE, f"{PAGE}snippet/"])
def test_looking_at_a_page_keeps_no_wording_even_where_none_was_kept(db, browser, page):
    List.objects.create(slug="news", name="The News")
    assert "I agree to receive" in browser.get(page).content.decode()
    assert not Wording.objects.exists()
    assert browser.post(PAGE, {"address": "ada@example.org", "wording": ""}).status_code == 303
    assert "“The News”" in Wording.objects.get().text


def test_the_pages_promise_of_topics_only_what_they_do(client, news, ada):
    """No mailing chooses readers by topic yet, so nobody is told that fewer topics mean fewer mails."""
    pages = [
        client.get(reverse("subscribers:sign-up", args=["news"])),
        client.get(
            signed_links.make_url(Purpose.PREFERENCES, ada.subscriber).removeprefix(app_settings.base_url())
        ),
    ]
    for page in pages:
        assert "You will get every issue." in page.content.decode()
    leaving = client.get(
        signed_links.make_url(Purpose.LEAVE, ada).removeprefix(app_settings.base_url())
    ).content.decode()
    assert "topics" not in leaving


def test_a_confirmation_that_comes_too_late_says_why(browser, news, ada):
    """Nobody is told of returned emails if there were none."""
    consent.unsubscribe(ada, EMAIL)
    confirm = path(Purpose.CONFIRM, ada)
    for answer in (browser.get(confirm), browser.post(confirm)):
        assert answer.status_code == 409
        assert "You have unsubscribed from this list since we sent you this link." in text_of(answer)
        assert "Sign up again" in text_of(answer)
    suppression.suppress("ada@example.org", suppression.Reason.COMPLAINT, EDITOR)
    for answer in (browser.get(confirm), browser.post(confirm)):
        assert answer.status_code == 409
        assert "We cannot send emails to this address at the moment." in text_of(answer)
        assert "Sign up again" not in text_of(answer)

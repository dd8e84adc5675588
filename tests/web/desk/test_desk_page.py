"""What acts of the desk answer: to a browser the way to a page, to htmx the changed part, each with a toast."""

import json
import re

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django_htmx.middleware import HtmxDetails

from newsletter.errors import Refused
from newsletter.web.desk.desk_page import Undo, desk, done, partial, show

HERE = "/desk/issues/harbour-letter/1/"
HTMX = {"HX-Request": "true"}
REMOVED = "The article was removed <from> this issue."


@pytest.fixture
def request_of(rf, people):
    """A request of Ruth's browser as the middleware hands it to a view: `request_of(htmx=True)`."""
    from django.contrib.auth import get_user_model
    from django.contrib.sessions.backends.db import SessionStore

    def make(method="POST", *, htmx=False, path=HERE):
        request = rf.generic(method, path, headers=HTMX if htmx else {})
        request.user = get_user_model().objects.get(username="ruth")
        request.session = SessionStore()
        request.htmx = HtmxDetails(request)
        request._messages = CookieStorage(request)
        return request

    return make


def text(answer):
    return answer.content.decode()


def test_an_act_leads_to_the_changed_thing_and_the_page_says_what_was_done(request_of):
    request = request_of()
    answer = done(request, REMOVED, f"{HERE}#item-3", undo=Undo(f"{HERE}articles/3/", {"act": "restore"}))
    assert (answer.status_code, answer.url) == (303, f"{HERE}#item-3")
    page = text(show(request, "shell/error", heading="x", sentence="y", back=""))
    toast = page[page.index('id="toasts"') :]
    assert "The article was removed &lt;from&gt; this issue." in toast
    assert f'action="{HERE}articles/3/"' in toast
    assert '<input type="hidden" name="act" value="restore">' in toast
    assert "csrfmiddlewaretoken" in toast


def test_a_toast_without_undo_offers_none_and_is_shown_once(request_of):
    request = request_of()
    done(request, "The issue was approved.", HERE)
    page = text(show(request, "shell/error", heading="x", sentence="y", back=""))
    assert "The issue was approved." in page
    assert ">Undo<" not in page
    assert "The issue was approved." not in text(
        show(request_of("GET"), "shell/error", heading="x", sentence="y", back="")
    )


def test_htmx_is_led_to_the_main_part_of_the_page(request_of):
    answer = done(request_of(htmx=True), "The issue was approved.", f"{HERE}send/")
    assert json.loads(answer["HX-Location"]) == {
        "path": f"{HERE}send/",
        "target": "#main",
        "select": "#main",
        "swap": "outerHTML",
    }


def test_a_part_of_a_page_brings_its_toast_with_it(request_of):
    answer = partial(
        request_of(htmx=True),
        "shell/find_list",
        sentence=REMOVED,
        undo=Undo(f"{HERE}articles/3/"),
        groups=[],
        text="",
    )
    assert "Nothing found" in text(answer)
    assert 'hx-swap-oob="beforeend:#toasts"' in text(answer)
    assert "removed &lt;from&gt; this issue." in text(answer)
    assert "<html" not in text(answer)
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_an_error_of_an_act_is_a_toast_for_htmx_and_a_page_for_a_browser(request_of, people):
    from newsletter.accounts.actor import acting_as

    @desk("POST", page="send")
    def act(request, **_named):
        raise Refused("Somebody else has sent this issue.")

    with acting_as(people["ruth"]):
        for htmx in (True, False):
            answer = act(request_of(htmx=htmx), slug="harbour-letter", number=1)
            assert answer.status_code == 409
            assert "Somebody else has sent this issue." in text(answer)
            assert ("<h1>" in text(answer)) is not htmx
            assert answer.get("HX-Reswap", "") == ("none" if htmx else "")


def test_the_policy_of_the_pages_holds_for_htmx_too(desk_of, ruths_draft):
    page = text(desk_of("ruth").get("/desk/audit/"))
    config = json.loads(page.split('name="htmx-config" content="')[1].split('">')[0].replace("&#34;", '"'))
    assert config["allowEval"] is False
    assert config["includeIndicatorStyles"] is False
    assert config["historyCacheSize"] == 0


def test_a_publication_is_chosen_where_there_are_several(desk_of, publication):
    ruth = desk_of("ruth")
    assert "choose-publication" not in text(ruth.get("/desk/audit/"))
    copy = type(publication).objects.get()
    copy.pk, copy.slug, copy.name = None, "tide-tables", "Tide Tables"
    copy.save()
    assert "All newsletters" in text(ruth.get("/desk/audit/"))
    assert ruth.post("/desk/choose-publication/", {"publication": "tide-tables"}).url == "/desk/"
    page = text(ruth.get("/desk/audit/"))
    assert 'value="tide-tables" aria-current="true"' in page
    assert ruth.post("/desk/choose-publication/", {"publication": "nothing"}).status_code == 404
    copy.delete()
    assert ruth.get("/desk/").status_code == 200


@pytest.mark.parametrize("path", ["/desk/audit/", "/desk/find/", "/desk/shortcuts/"])
def test_the_frame_of_a_page_needs_few_queries(desk_of, ruths_draft, path, django_assert_max_num_queries):
    ruth = desk_of("ruth")
    ruth.get(path)
    with django_assert_max_num_queries(15):
        ruth.get(path)


def test_the_token_of_forms_is_made_once_for_a_page_and_anew_for_the_next(desk_of, ruths_draft):
    ruth = desk_of("ruth")
    pages = [ruth.get("/desk/issues/harbour-letter/1/").content.decode() for _ in range(2)]
    tokens = [re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page) for page in pages]
    assert all(len(each) > 1 and len(set(each)) == 1 for each in tokens)
    assert tokens[0][0] != tokens[1][0]

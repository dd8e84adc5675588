"""From an empty installation to the first issue, in a browser without scripts."""

import json
import re
from io import BytesIO

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from lxml import html
from PIL import Image

from newsletter.accounts.first_account_link import new_setup_token
from newsletter.accounts.users import add_user
from newsletter.articles.models import Article, Source
from newsletter.first_run.publication_details import save_details
from newsletter.issues.models import Issue, Publication
from subscribers.models import List
from tests.fakes.source import feed, item
from tests.first_run.typed import TYPED, details

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.enable_socket]

PASSWORD = "ebb and flow at the quay"
RUTH = {"name": "ruth", "address": "ruth@example.org", "password": PASSWORD}
PAGE = b"""<!doctype html><html><head><title>Charity</title>
<link rel="alternate" type="application/rss+xml" title="News" href="/news.xml">
<link rel="alternate" type="application/rss+xml" title="Stories" href="/stories.xml">
</head><body><p>Hello.</p></body></html>"""


def text(answer):
    return answer.content.decode()


@pytest.fixture
def token(home):
    return new_setup_token()


@pytest.fixture
def ruth(token):
    """The browser in which Ruth has made the first account."""
    browser = Client()
    assert browser.post("/desk/start/account/", RUTH | {"token": token}).status_code == 302
    return browser


def test_the_link_shows_a_form_and_looking_at_it_uses_nothing_up(token):
    for _ in range(3):
        page = text(Client().get("/desk/start/", {"token": token}))
        assert f'name="token" value="{token}"' in page
    answer = Client().post("/desk/start/account/", RUTH | {"token": token})
    assert answer.url == "/desk/start/publication/"
    assert get_user_model().objects.get().email == "ruth@example.org"


def test_whoever_made_the_account_is_logged_in_and_comes_back_to_the_next_step(ruth):
    assert ruth.get("/desk/start/").url == "/desk/start/publication/"
    assert ruth.get("/desk/start/publication/").status_code == 200


@pytest.mark.parametrize(("path", "status"), [("/desk/start/?token=wrong", 404), ("/desk/start/", 200)])
def test_without_the_right_token_nothing_is_opened(token, path, status):
    answer = Client().get(path)
    assert answer.status_code == status
    assert "<form" not in text(answer).partition("<main")[2]


def test_a_used_token_leads_to_the_log_in(token, ruth):
    answer = Client().get("/desk/start/", {"token": token})
    assert answer.status_code == 409
    assert 'href="/desk/log-in/"' in text(answer)
    answer = Client().post("/desk/start/account/", {**RUTH, "name": "eve", "token": token})
    assert answer.status_code == 409
    assert get_user_model().objects.count() == 1


def test_an_old_token_is_refused_and_the_new_one_is_not(token):
    new = new_setup_token()
    assert Client().get("/desk/start/", {"token": token}).status_code == 404
    assert Client().get("/desk/start/", {"token": new}).status_code == 200


def test_wrong_tokens_make_a_network_wait(token):
    tries = [Client().get("/desk/start/", {"token": f"wrong{number}"}).status_code for number in range(7)]
    assert tries == [404] * 5 + [429] * 2
    assert Client().get("/desk/start/", {"token": token}).status_code == 429
    assert Client().get("/desk/start/", {"token": token}, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_errors_stand_beside_the_fields_and_what_was_typed_stays_but_the_password(token):
    typed = {"token": token, "name": "Ruth Okafor", "address": "ruth@example.org", "password": "12345"}
    answer = Client().post("/desk/start/account/", typed)
    page = text(answer)
    assert answer.status_code == 422
    assert "<title>Error: " in page
    assert 'id="name-error"' in page
    assert 'id="password-error"' in page
    assert 'id="address-error"' not in page
    assert 'value="Ruth Okafor"' in page
    assert "12345" not in page
    assert f'value="{token}"' in page


def test_with_an_account_there_is_no_first_run_for_strangers(home):
    add_user("ada", password=PASSWORD)
    assert Client().get("/desk/start/").url == "/desk/log-in/"


def test_language_and_zone_are_guessed_and_a_private_address_is_not_the_sender(ruth):
    page = text(ruth.get("/desk/start/publication/", headers={"accept-language": "de-AT,de;q=0.9"}))
    assert '<option value="de-AT" selected>' in page
    assert '<option value="Europe/Vienna" selected>' in page
    assert "ruth@example.org" not in page
    old_names = json.loads(html.fromstring(page).get_element_by_id("zone").get("data-guess-zone"))
    assert (old_names["Asia/Calcutta"], old_names["Europe/Kiev"]) == ("Asia/Kolkata", "Europe/Kyiv")


def test_what_is_missing_is_said_in_the_order_of_the_fields_and_not_of_an_optional_one(ruth):
    answer = ruth.post("/desk/start/publication/", dict.fromkeys(TYPED, ""))
    page = html.fromstring(answer.content)
    fields = [each.get("name") for each in page.xpath("//form//*[@name][@aria-invalid]")]
    links = [each.get("href").lstrip("#") for each in page.find_class("error-summary")[0].iter("a")]
    assert links == fields
    assert "name" in fields
    assert "sender_name" not in fields


def test_a_publication_is_made_once_however_often_somebody_goes_back(ruth):
    form = TYPED | {"sender_name": ""}
    assert ruth.post("/desk/start/publication/", form).url == "/desk/start/source/"
    assert ruth.post("/desk/start/publication/", form | {"name": "The Quay"}).url == "/desk/start/source/"
    assert [(each.name, each.sender_name) for each in Publication.objects.all()] == [("The Quay", "The Quay")]
    assert List.objects.count() == 1
    assert 'value="The Quay"' in text(ruth.get("/desk/start/publication/"))


def test_each_wrong_field_of_the_publication_is_marked_and_nothing_is_lost(ruth):
    answer = ruth.post("/desk/start/publication/", TYPED | {"postal_address": "", "sender_address": "nobody"})
    page = text(answer)
    assert answer.status_code == 422
    assert 'id="postal_address-error"' in page
    assert 'id="sender_address-error"' in page
    assert 'value="Harbour News"' in page
    assert not Publication.objects.exists()


def test_the_colour_is_taken_from_the_logo(ruth):
    file = BytesIO()
    picture = Image.new("RGB", (300, 80), "#ffffff")
    picture.paste("#b3123c", (20, 20, 200, 60))
    picture.save(file, "PNG")
    logo = SimpleUploadedFile("logo.png", file.getvalue(), "image/png")
    ruth.post("/desk/start/publication/", TYPED | {"logo": logo, "take_colour": "on"})
    publication = Publication.objects.get()
    assert publication.accent_colour == "#b3123c"
    assert "/media/" in publication.logo_url


def test_a_logo_that_is_no_picture_is_an_error_of_its_field(ruth):
    logo = SimpleUploadedFile("logo.svg", b"<svg/>", "image/svg+xml")
    answer = ruth.post("/desk/start/publication/", TYPED | {"logo": logo})
    assert answer.status_code == 422
    assert 'id="logo-error"' in text(answer)
    assert not Publication.objects.exists()


def test_from_a_site_to_the_composed_issue(ruth, site):
    site.serve("/", PAGE, headers={"Content-Type": "text/html"})
    site.serve("/news.xml", feed([item(number) for number in range(1, 9)]))
    site.serve("/stories.xml", feed([item(number) for number in range(20, 23)], title="Stories"))
    ruth.post("/desk/start/publication/", TYPED)
    found = text(ruth.post("/desk/start/source/find/", {"address": site.url("/")}))
    assert "We found 2 feeds" in found
    assert "Piece 1" in found
    assert not Source.objects.exists()
    chosen = re.findall(r'name="source" value="([^"]+)"', found)
    assert ruth.post("/desk/start/source/add/", {"source": chosen}).url == "/desk/start/articles/"
    assert "Fetching the articles from" in text(ruth.get("/desk/start/articles/"))
    ruth.post("/desk/start/articles/fetch/")
    page = text(ruth.get("/desk/start/articles/"))
    assert "11 articles are ready" in page
    issue_path = ruth.post("/desk/start/issue/").url
    assert issue_path == "/desk/issues/harbour-news/1/"
    assert Issue.objects.get().items.count() == 11
    assert ruth.get("/desk/start/").url == "/desk/"


def test_with_htmx_one_source_after_the_other_is_fetched(ruth, site):
    for name in ("one", "two"):
        site.serve(
            f"/{name}.xml",
            feed([item(1, guid=name, link=f"https://charity.example/{name}", title=name)], title=name),
        )
    ruth.post("/desk/start/publication/", TYPED)
    ruth.post("/desk/start/source/add/", {"source": [site.url("/one.xml"), site.url("/two.xml")]})
    htmx = {"hx-request": "true"}
    assert 'hx-trigger="load"' in text(ruth.post("/desk/start/articles/fetch/", headers=htmx))
    assert Article.objects.count() == 1
    assert 'hx-trigger="load"' not in text(ruth.post("/desk/start/articles/fetch/", headers=htmx))
    assert Article.objects.count() == 2


def test_a_site_without_feeds_or_answer_is_a_sentence_beside_the_field(ruth, site):
    site.fail("/", 500)
    ruth.post("/desk/start/publication/", TYPED)
    answer = ruth.post("/desk/start/source/find/", {"address": site.url("/")})
    assert answer.status_code in {422, 503}
    assert 'id="address-error"' in text(answer)
    assert f'value="{site.url("/")}"' in text(answer)


def test_a_source_that_fails_does_not_stand_in_the_way(ruth, site):
    site.serve("/good.xml", feed([item(number) for number in range(5)]))
    ruth.post("/desk/start/publication/", TYPED)
    ruth.post("/desk/start/source/add/", {"source": [site.url("/good.xml")]})
    Source.objects.create(name="bad", location=site.url("/bad.xml"), kind="feed")
    site.fail("/bad.xml", 500)
    ruth.post("/desk/start/articles/fetch/")
    page = text(ruth.get("/desk/start/articles/"))
    assert "could not be read" in page
    assert "Create my first issue" in page
    assert "Try again" in page


def test_nothing_chosen_is_a_sentence(ruth):
    ruth.post("/desk/start/publication/", TYPED)
    answer = ruth.post("/desk/start/source/add/", {"address": "example.org"})
    assert answer.status_code == 422
    assert "Choose at least one source" in text(answer)


def test_composing_without_articles_is_a_sentence_on_the_page(ruth):
    ruth.post("/desk/start/publication/", TYPED)
    answer = ruth.post("/desk/start/issue/")
    assert answer.status_code == 409
    assert "no articles yet" in text(answer)
    assert "newsletter articles fetch" not in text(answer)


def test_an_act_that_is_opened_leads_to_its_page(ruth):
    save_details(details())
    for act, page in (
        ("source/find", "source"),
        ("source/add", "source"),
        ("articles/fetch", "articles"),
        ("issue", "articles"),
    ):
        assert ruth.get(f"/desk/start/{act}/").url == f"/desk/start/{page}/"
    assert ruth.get("/desk/start/account/").url == "/desk/start/"


def test_no_page_of_the_first_run_names_a_command(ruth, token):
    pages = [Client().get("/desk/start/")]
    pages += [ruth.get(f"/desk/start/{step}/") for step in ("publication", "source", "articles")]
    for page in pages:
        assert "<code>" not in text(page)
        assert "`" not in text(page).partition("<main")[2]


def test_strangers_and_editors_take_no_step(ruth, home):
    from newsletter.accounts.actor import Role

    add_user("edith", password=PASSWORD, roles=[Role.EDITOR])
    edith = Client()
    edith.force_login(get_user_model().objects.get(username="edith"))
    assert edith.post("/desk/start/publication/", TYPED).status_code == 409
    assert edith.post("/desk/start/example/").status_code == 409
    for act in (
        "publication",
        "source/find",
        "source/add",
        "articles/fetch",
        "issue",
        "example",
        "example/remove",
    ):
        assert Client().post(f"/desk/start/{act}/").url.startswith("/desk/log-in/")
    assert not Publication.objects.exists()


def test_the_example_is_loaded_and_removed_in_the_browser(ruth):
    assert "Explore the example" in text(ruth.get("/desk/start/publication/"))
    assert ruth.post("/desk/start/example/").url == "/desk/issues/harbour-letter/1/"
    assert ruth.get("/desk/issues/harbour-letter/1/").status_code == 200
    assert ruth.post("/desk/start/example/remove/").url == "/desk/start/publication/"
    assert not Publication.objects.exists()

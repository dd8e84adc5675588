"""The sign-up form in the desk: its texts, the versions of the consent wording, and how it is shared."""

import io
import re
from html import unescape

import pytest
from django.test import Client
from lxml import html
from PIL import Image

from newsletter.accounts.actor import Role, acting_as
from newsletter.accounts.users import actor_of, add_user
from newsletter.errors import InvalidFields, NotFound, Refused
from newsletter.issues.models import Publication
from newsletter.issues.publication_settings import SettingsChangedError
from newsletter.issues.sign_up_settings import (
    FIELDS,
    change_sign_up,
    sign_up_version,
    undo_sign_up,
    why_not_change_sign_up,
)
from subscribers.lists import add_topic
from subscribers.models import ConsentEntry, List, Wording

HERE = "/desk/settings/publications/harbour-letter/sign-up/"


def said(answer):
    return re.sub(r"\s+", " ", html.fromstring(answer.content).text_content())


@pytest.mark.parametrize(
    ("root", "works"),
    [
        ("http://localhost:8123", False),
        ("http://127.0.0.1:8123", False),
        ("http://newsroom:8000", False),
        ("https://news.example.org", True),
    ],
)
def test_a_link_that_works_on_this_machine_only_is_marked_before_it_is_printed(ada, settings, root, works):
    settings.SUBSCRIBERS_BASE_URL = root
    page = said(ada.get(f"{HERE}share/"))
    assert (f"Do not share this yet. The link starts with {root}," not in page) is works


def form_of(client):
    page = html.fromstring(client.get(HERE).content)
    return dict(next(each for each in page.forms if (each.action or "").endswith("/sign-up/")).form_values())


def test_a_form_that_is_saved_as_it_came_changes_nothing(ada):
    before = List.objects.values().get()
    answer = ada.post(HERE, form_of(ada), follow=True)
    assert "Nothing was changed." in said(answer)
    assert List.objects.values().get() == before


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("sign_up_heading", "Read with us", "Read with us"),
        ("description", "Every Tuesday.\r\n\r\nBy two nurses.", "Every Tuesday.\n\nBy two nurses."),
        ("consent_wording", "Yes, write to me.", "Yes, write to me."),
        ("privacy_url", "example.org/privacy", "https://example.org/privacy"),
        ("sign_up_button", "Join", "Join"),
        ("after_sign_up", "The next issue comes on Tuesday.", "The next issue comes on Tuesday."),
        ("asks_last_name", "on", True),
        ("publisher", "The Harbour Trust", "The Harbour Trust"),
        ("language", "cy", "cy"),
        ("sender_address", "hello@example.org", "hello@example.org"),
    ],
)
def test_a_text_is_saved_and_the_change_can_be_undone(ada, mailing_list, name, value, stored):
    before = getattr(mailing_list, name)
    answer = ada.post(HERE, form_of(ada) | {name: value}, follow=True)
    mailing_list.refresh_from_db()
    assert getattr(mailing_list, name) == stored
    undo = next(
        each for each in html.fromstring(answer.content).forms if (each.action or "").endswith("/undo/")
    )
    ada.post(undo.action, dict(undo.form_values()))
    mailing_list.refresh_from_db()
    assert getattr(mailing_list, name) == before


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("sender_address", "hello@", "Enter a valid email address."),
        ("privacy_url", "ftp://example.org", "Use a web address that starts with http"),
        ("publisher", "A" * 300, "at most 200 characters"),
        ("consent_wording", "A" * 2_001, "up to 2,000 characters"),
        ("language", "nonsense!", "is not a language tag"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(ada, name, value, sentence):
    before = List.objects.values().get()
    answer = ada.post(HERE, form_of(ada) | {name: value, "sign_up_heading": "Read with us"})
    assert answer.status_code == 422
    page = html.fromstring(answer.content)
    assert sentence in page.get_element_by_id(f"{name}-error").text_content()
    assert page.get_element_by_id("sign_up_heading").value == "Read with us"
    assert List.objects.values().get() == before


def test_a_sign_up_form_that_a_colleague_changed_is_not_overwritten_unseen(ada, publication, mailing_list):
    form = form_of(ada)
    with acting_as(actor_of_ada()):
        change_sign_up(publication, {"sign_up_heading": "Theirs"})
    answer = ada.post(HERE, form | {"sign_up_heading": "Ours", "sign_up_button": "Join"})
    assert answer.status_code == 409
    mailing_list.refresh_from_db()
    assert (mailing_list.sign_up_heading, mailing_list.sign_up_button) == ("Theirs", "")
    page = html.fromstring(answer.content)
    assert "Theirs" in said(answer)
    assert page.get_element_by_id("sign_up_heading").value == "Ours"
    again = dict(next(each for each in page.forms if (each.action or "").endswith("/sign-up/")).form_values())
    ada.post(HERE, again)
    mailing_list.refresh_from_db()
    assert mailing_list.sign_up_heading == "Ours"


def actor_of_ada():
    from django.contrib.auth import get_user_model

    return actor_of(get_user_model().objects.get(username="ada"))


def test_a_change_that_was_changed_again_is_not_undone(publication, people):
    with acting_as(people["ada"]):
        entry = change_sign_up(publication, {"sign_up_heading": "One"})
        change_sign_up(publication, {"sign_up_heading": "Two"})
        with pytest.raises(Refused, match="changed the sign-up form again"):
            undo_sign_up(publication, entry.pk)
        with pytest.raises(NotFound):
            undo_sign_up(publication, 10**9)


def test_each_consent_wording_is_a_version_and_people_keep_the_one_they_agreed_to(
    ada, people, publication, mailing_list
):
    reader = Client()
    path = f"/lists/{mailing_list.slug}/"
    with acting_as(people["ada"]):
        change_sign_up(publication, {"consent_wording": "I agree to the first."})
    pasted = embedded(ada)
    with acting_as(people["ada"]):
        change_sign_up(publication, {"consent_wording": "I agree to the second."})
    reader.post(path, pasted | {"address": "early@example.org"})
    reader.post(path, embedded(ada) | {"address": "late@example.org"})
    agreed = dict(
        ConsentEntry.objects.filter(act="signed up").values_list("subscriber__address", "wording__text")
    )
    assert agreed == {
        "early@example.org": "I agree to the first.",
        "late@example.org": "I agree to the second.",
    }
    page = said(ada.get(HERE))
    versions = (
        Wording.objects.filter(list=mailing_list).order_by("-version").values_list("version", flat=True)
    )
    assert [int(number) for number in re.findall(r"Version (\d+),", page)] == list(versions)
    assert page.index("I agree to the second.") < page.rindex("I agree to the first.")


def embedded(client):
    """Return the hidden fields of the form that the page offers for another website."""
    code = html.fromstring(client.get(f"{HERE}share/").content).get_element_by_id("code").value
    return dict(html.fromstring(unescape(code)).form_values())


def test_the_code_for_a_website_asks_what_the_form_asks_and_needs_no_script(ada, people, publication):
    add_topic(publication.mailing_list, "tides", "Tides <b>")
    with acting_as(people["ada"]):
        change_sign_up(
            publication,
            {
                "asks_first_name": False,
                "asks_last_name": True,
                "sign_up_button": '"><script>',
                "privacy_url": "https://example.org/privacy",
            },
        )
    code = html.fromstring(ada.get(f"{HERE}share/").content).get_element_by_id("code").value
    form = html.fromstring(code)
    assert form.tag == "form"
    assert {each.name for each in form.inputs} >= {"address", "last_name", "topics", "website", "wording"}
    assert "first_name" not in {each.name for each in form.inputs}
    assert "<script" not in code
    assert "Tides &lt;b&gt;" in code
    assert 'href="https://example.org/privacy"' in code
    with acting_as(people["ada"]):
        change_sign_up(publication, {"asks_topics": False})
    assert "topics" not in embedded(ada)


def test_the_public_page_says_and_asks_what_was_set(people, publication):
    add_topic(publication.mailing_list, "tides", "Tides")
    with acting_as(people["ada"]):
        change_sign_up(
            publication,
            {
                "sign_up_heading": "Read <with> us",
                "description": "Every Tuesday.\n\nBy two nurses.",
                "sign_up_button": "Join",
                "after_sign_up": "Tea on Friday.",
                "asks_first_name": False,
                "asks_last_name": True,
                "asks_topics": False,
            },
        )
    path = f"/lists/{publication.mailing_list.slug}/"
    page = html.fromstring(Client().get(path).content)
    assert page.cssselect("h1")[0].text_content() == "Read <with> us"
    assert [each.text_content() for each in page.cssselect("p.lead")] == ["Every Tuesday.", "By two nurses."]
    assert page.cssselect("button")[0].text_content() == "Join"
    names = {each.name for each in page.forms[0].inputs}
    assert "last_name" in names
    assert not names & {"first_name", "topics"}
    assert "Tea on Friday." in said(Client().get(f"{path}check-your-mail/"))
    wrong = Client().post(path, {"address": "ada@example.org", "last_name": "A" * 200})
    assert wrong.status_code == 422
    assert "This name cannot be saved." in said(wrong)
    Client().post(path, {"address": "ada@example.org", "last_name": "Byron"})
    assert ConsentEntry.objects.get(act="signed up").subscriber.last_name == "Byron"


def test_the_sample_shows_what_is_typed_and_stores_nothing(ada):
    before = List.objects.values().get()
    tried = {"seen": "x", "sign_up_heading": "<script>alert(1)</script>", "asks_last_name": "on"}
    answer = ada.get(f"{HERE}sample/", tried)
    page = html.fromstring(answer.content)
    assert page.cssselect("h1")[0].text_content() == "<script>alert(1)</script>"
    assert "<script>alert" not in answer.content.decode()
    assert page.cssselect("#last_name")
    assert not page.cssselect("#first_name")
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert "form-action 'none'" in answer["Content-Security-Policy"]
    assert (List.objects.values().get(), Wording.objects.filter(text="").count()) == (before, 0)


def test_the_qr_code_is_drawn_alike_in_both_pictures(ada):
    drawn = ada.get(f"{HERE}share/qr.svg")
    size = int(re.search(rb'viewBox="0 0 (\d+) ', drawn.content)[1])
    dark = set()
    for x, y, length in re.findall(rb"M(\d+) (\d+)h(\d+)v1", drawn.content.split(b'<path d="')[1]):
        dark |= {(int(x) + step, int(y)) for step in range(int(length))}
    printed = Image.open(io.BytesIO(ada.get(f"{HERE}share/qr.png").content))
    assert printed.width == printed.height >= 1_500
    scale = printed.width // size
    points = {(x, y) for x in range(size) for y in range(size)}
    assert dark == {(x, y) for x, y in points if not printed.getpixel((x * scale, y * scale))}
    # The finder patterns in three corners, within the white edge.
    assert {(4, 4), (size - 5, 4), (4, size - 5)} <= dark
    assert not any(min(x, y) < 4 or max(x, y) >= size - 4 for x, y in dark)


def test_a_list_that_other_publications_use_is_changed_only_by_who_administers_all_of_them(
    ada, desk_of, publication
):
    other = Publication.objects.get(pk=publication.pk)
    other.pk, other.slug, other.name = None, "other", "The Secret Letter"
    other.save()
    add_user(
        "olga",
        password="ebb and flow at the quay",
        roles=[],
        publication_roles=[(publication.pk, Role.ADMINISTRATOR)],
    )
    olga = desk_of("olga")
    page = olga.get(HERE)
    assert "used by 1 newsletter managed by other people" in said(page)
    assert "The Secret Letter" not in said(page)
    answer = olga.post(HERE, form_of(olga) | {"sign_up_heading": "Ours"})
    assert answer.status_code == 409
    assert List.objects.get().sign_up_heading == ""
    assert "The Secret Letter" in said(ada.get(HERE))
    ada.post(HERE, form_of(ada) | {"sign_up_heading": "Ours"})
    assert List.objects.get().sign_up_heading == "Ours"


def test_only_administrators_change_the_form_and_everybody_of_the_publication_shares_it(
    desk_of, people, publication
):
    ruth = desk_of("ruth")
    assert ruth.get(HERE).status_code == 409
    assert ruth.get(f"{HERE}share/").status_code == 200
    with acting_as(people["ruth"]):
        assert why_not_change_sign_up(publication)
        with pytest.raises(Refused):
            change_sign_up(publication, {"sign_up_heading": "Ours"})
        with pytest.raises(Refused):
            undo_sign_up(publication, 1)


def test_unknown_and_stale_changes_are_refused(people, publication):
    with acting_as(people["ada"]):
        seen = sign_up_version(publication.mailing_list)
        change_sign_up(publication, {"sign_up_heading": "One"}, seen=seen)
        with pytest.raises(SettingsChangedError):
            change_sign_up(publication, {"sign_up_heading": "Two"}, seen=seen)
        with pytest.raises(InvalidFields):
            change_sign_up(publication, {"sender_address": "nobody"})
    assert set(FIELDS) < {field.name for field in List._meta.fields}


def test_the_pages_ask_the_database_few_questions(ada, django_assert_max_num_queries):
    for path in (HERE, f"{HERE}share/", f"{HERE}sample/"):
        with django_assert_max_num_queries(30):
            assert ada.get(path).status_code == 200

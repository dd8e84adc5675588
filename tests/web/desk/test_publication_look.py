"""The logo and the sample issue of a publication's settings."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from lxml import html

from newsletter.accounts.actor import acting_as
from newsletter.issues.publication_settings import change_settings
from tests.first_run.test_publication_details import logo
from tests.web.desk.test_publication_settings import address, form_of, text

HOSTILE = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


def upload(client, publication, content, **fields):
    page = address(publication, "look")
    form = form_of(client.get(page), "logo") | fields
    form.pop("logo", None)
    return client.post(f"{page}logo/", form | {"logo": SimpleUploadedFile("logo", content)}, follow=True)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_logo_is_saved_gives_its_colour_and_can_be_undone(ada, publication, kind):
    before = (publication.logo_url, publication.accent_colour, publication.accent_colour_dark)
    answer = upload(ada, publication, logo(kind=kind), take_colour="on")
    publication.refresh_from_db()
    assert "/media/" in publication.logo_url
    assert publication.accent_colour != before[1]
    page = html.fromstring(answer.content)
    assert publication.logo_url.endswith(page.cssselect(".logo img")[0].get("src"))
    undo = next(each for each in page.forms if (each.action or "").endswith("/undo/"))
    ada.post(undo.action, dict(undo.form_values()))
    publication.refresh_from_db()
    assert (publication.logo_url, publication.accent_colour, publication.accent_colour_dark) == before


@pytest.mark.parametrize("content", [HOSTILE, b"GIF89a<script>alert(1)</script>", b""])
def test_a_logo_with_a_script_is_refused_with_a_sentence_beside_the_field(ada, publication, content):
    before = publication.logo_url
    answer = upload(ada, publication, content)
    assert answer.status_code == 422
    assert html.fromstring(answer.content).get_element_by_id("logo-error").text_content()
    assert b"<script>alert" not in answer.content
    publication.refresh_from_db()
    assert publication.logo_url == before


def test_a_logo_is_not_replaced_or_removed_past_a_colleague(ada, publication, people):
    upload(ada, publication, logo())
    page = address(publication, "look")
    seen = form_of(ada.get(page), "logo")["seen"]
    publication.refresh_from_db()
    kept = publication.logo_url
    with acting_as(people["ada"]):
        change_settings(publication, "look", {"theme": "plain"})
    again = SimpleUploadedFile("logo.png", logo("#00aa00"))
    for answer in (
        ada.post(f"{page}logo/", {"seen": seen, "logo": again}),
        ada.post(f"{page}logo/remove/", {"seen": seen}),
    ):
        assert answer.status_code == 409
        assert "Somebody else has changed" in text(answer)
    publication.refresh_from_db()
    assert publication.logo_url == kept
    ada.post(f"{page}logo/remove/", {"seen": form_of(ada.get(page), "logo")["seen"]})
    publication.refresh_from_db()
    assert publication.logo_url == ""


def test_a_sample_issue_shows_a_look_that_is_not_saved(ada, publication):
    page = f"{address(publication, 'look')}sample/"
    before = ada.get(page)
    assert publication.name in before.content.decode()
    tried = ada.get(page, {"theme": "plain", "accent_colour": "#aa1155", "accent_colour_dark": "#ff99bb"})
    assert "#aa1155" in tried.content.decode().lower()
    assert "default-src 'none'" in tried["Content-Security-Policy"]
    assert "script-src" not in tried["Content-Security-Policy"]
    publication.refresh_from_db()
    assert publication.theme != "plain"
    assert publication.accent_colour != "#aa1155"


@pytest.mark.parametrize(
    "tried",
    [
        {"accent_colour": "</style><script>alert(1)</script>"},
        {"theme": "../../etc"},
        {"heading_font": "x;}</style><script>alert(1)</script>"},
        {"logo_alt": '"><script>alert(1)</script>'},
    ],
)
def test_a_hostile_look_does_nothing_in_the_sample(ada, publication, tried):
    answer = ada.get(f"{address(publication, 'look')}sample/", tried)
    assert answer.status_code == 200
    assert b"<script>alert" not in answer.content

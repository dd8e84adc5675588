"""Pictures are served from an address that names their content, to everybody alike and for good."""

import pytest
from django.utils import timezone

from newsletter.articles.pictures import placeholder_picture
from newsletter.articles.pictures.models import PictureFile

pytestmark = pytest.mark.django_db
NAME = "0123456789abcdef0123456789abcdef.jpg"


@pytest.fixture(autouse=True)
def file():
    return PictureFile.objects.create(
        name=NAME, content=b"\xff\xd8a picture", width=1, height=1, made_at=timezone.now()
    )


def test_a_picture_may_be_kept_for_good(client):
    answer = client.get(f"/media/{NAME}")
    assert (answer.status_code, answer.content) == (200, b"\xff\xd8a picture")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["ETag"] == '"0123456789abcdef0123456789abcdef"'
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not answer.cookies
    assert "Vary" not in answer


def test_a_head_request_gets_the_same_headers_without_the_picture(client):
    answer, whole = client.head(f"/media/{NAME}"), client.get(f"/media/{NAME}")
    assert answer.content == b""
    assert answer["Content-Length"] == str(len(whole.content))
    assert answer["ETag"] == whole["ETag"]


@pytest.mark.parametrize("known", ['"{}"', 'W/"{}"', '"x", "{}"', "*"])
def test_who_has_the_picture_is_not_sent_it_again(client, known):
    answer = client.get(f"/media/{NAME}", headers={"If-None-Match": known.format(NAME[:32])})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"


def test_the_grey_area_is_always_there(client):
    answer = client.get(f"/media/{placeholder_picture.NAME}")
    assert (answer["Content-Type"], answer.content) == ("image/png", placeholder_picture.CONTENT)


@pytest.mark.parametrize(
    "name", ["a.jpg", NAME.replace("jpg", "png"), NAME.upper(), f"{NAME}x", "..%2Fsecret-key"]
)
def test_another_name_leads_nowhere(client, name):
    answer = client.get(f"/media/{name}")
    assert answer.status_code == 404
    assert "immutable" not in answer.get("Cache-Control", "")


def test_a_picture_cannot_be_changed_through_its_address(client):
    assert client.post(f"/media/{NAME}").status_code == 405

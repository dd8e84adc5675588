"""Pictures come from sites that are slow, lie, break and redirect, and still an issue is composed in time."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from newsletter.articles.pictures import fetch_pictures as module
from newsletter.articles.pictures.fetch_picture import fetch_picture
from newsletter.articles.pictures.fetch_pictures import NeededPicture, fetch_pictures
from newsletter.articles.pictures.models import OriginalPicture, PictureFile
from newsletter.articles.pictures.picture_versions import ARTICLE
from newsletter.articles.pictures.store_pictures import originals_at
from newsletter.http.deadline_socket import Deadline
from newsletter.steady_clock import steady_seconds
from tests.articles.pictures.drawing import photo, saved

JPEG = {"Content-Type": "image/jpeg"}
State = OriginalPicture.State


@pytest.fixture(scope="module")
def picture():
    return saved(photo())


def needed(*urls):
    return NeededPicture(urls, ARTICLE)


def known(url):
    return originals_at([url])[url]


def fetched(url, seconds=5.0):
    return fetch_picture(url, ARTICLE, Deadline(seconds))


@pytest.mark.django_db
def test_a_picture_is_stored_once_however_often_it_is_needed(site, picture):
    site.serve("/a.jpg", picture, headers=JPEG)
    site.serve("/same.jpg", picture, headers=JPEG)
    fetch_pictures([needed(site.url("/a.jpg")), needed(site.url("/a.jpg")), needed(site.url("/same.jpg"))])
    fetch_pictures([needed(site.url("/a.jpg"))])
    assert site.asked == {"/a.jpg": 1, "/same.jpg": 1}
    original = known(site.url("/a.jpg"))
    assert (original.state, original.width, original.height) == (State.READY, 800, 450)
    assert {version.place for version in original.versions.all()} == ARTICLE
    assert PictureFile.objects.count() == 2


@pytest.mark.django_db
def test_a_file_that_lies_about_its_type_is_judged_by_its_bytes(site, picture):
    site.serve("/a.html", picture, headers={"Content-Type": "text/html"})
    site.serve("/b.jpg", b"<html>Not found</html>", headers=JPEG)
    fetch_pictures([needed(site.url("/a.html")), needed(site.url("/b.jpg"))])
    assert known(site.url("/a.html")).state == State.READY
    assert known(site.url("/b.jpg")).state == State.UNSUITABLE


@pytest.mark.django_db
def test_an_icon_is_replaced_by_the_next_picture_of_the_article(site, picture):
    site.serve("/icon.png", saved(photo(64, 64), "PNG"))
    site.serve("/pixel.gif", saved(Image.new("RGB", (1, 1)), "GIF"))
    site.serve("/a.jpg", picture, headers=JPEG)
    site.serve("/unneeded.jpg", picture, headers=JPEG)
    fetch_pictures([needed(*map(site.url, ("/icon.png", "/pixel.gif", "/a.jpg", "/unneeded.jpg")))])
    assert "icon" in known(site.url("/icon.png")).reason
    assert known(site.url("/a.jpg")).state == State.READY
    assert site.asked["/unneeded.jpg"] == 0


@pytest.mark.django_db
def test_what_failed_is_tried_again_and_what_cannot_be_shown_only_when_asked(site, picture):
    site.fail("/a.jpg", 503)
    site.fail("/b.jpg", 404)
    pictures = [needed(site.url("/a.jpg")), needed(site.url("/b.jpg"))]
    fetch_pictures(pictures)
    assert known(site.url("/a.jpg")).state == State.FAILED
    assert known(site.url("/b.jpg")).state == State.UNSUITABLE
    site.serve("/a.jpg", picture, headers=JPEG)
    site.serve("/b.jpg", picture, headers=JPEG)
    fetch_pictures(pictures)
    assert known(site.url("/a.jpg")).state == State.READY
    assert known(site.url("/b.jpg")).state == State.UNSUITABLE
    fetch_pictures(pictures, again=True)
    assert known(site.url("/b.jpg")).state == State.READY


@pytest.mark.django_db
def test_a_logo_that_changed_is_noticed_after_a_week_and_kept_while_its_site_is_away(site, time_machine):
    time_machine.move_to(datetime(2026, 11, 9, 12, tzinfo=UTC))
    site.serve("/logo.png", saved(photo(300, 200), "PNG"))
    logo = NeededPicture((site.url("/logo.png"),), frozenset({"logo"}))
    fetch_pictures([logo])
    first = known(site.url("/logo.png")).versions.get().file
    site.serve("/logo.png", saved(photo(300, 100), "PNG"))
    fetch_pictures([logo])
    assert known(site.url("/logo.png")).versions.get().file == first
    time_machine.shift(timedelta(days=8))
    site.fail("/logo.png", 500)
    fetch_pictures([logo])
    assert known(site.url("/logo.png")).versions.get().file == first
    site.serve("/logo.png", saved(photo(300, 100), "PNG"))
    fetch_pictures([logo])
    assert known(site.url("/logo.png")).versions.get().file.height == 100


@pytest.mark.parametrize(
    ("fault", "state", "reason"),
    [
        (lambda site, body: site.cut("/a.jpg", body), State.FAILED, "only part"),
        (lambda site, body: site.cut("/a.jpg", body, chunked=True), State.FAILED, "only part"),
        (lambda site, body: site.serve("/a.jpg", body[:9_000], headers=JPEG), State.UNSUITABLE, "incomplete"),
        (lambda site, _body: site.fail("/a.jpg", 500), State.FAILED, "500"),
        (lambda site, _body: site.fail("/a.jpg", 429), State.FAILED, "429"),
        (lambda site, _body: site.fail("/a.jpg", 403), State.UNSUITABLE, "403"),
        (lambda site, _body: site.redirect("/a.jpg", "/a.jpg"), State.UNSUITABLE, "redirects more than"),
        (
            lambda site, _body: site.redirect("/a.jpg", "http://10.0.0.1/a.jpg"),
            State.UNSUITABLE,
            "private network",
        ),
        (
            lambda site, _body: site.redirect("/a.jpg", "http://[::1]/a.jpg"),
            State.UNSUITABLE,
            "private network",
        ),
        (lambda site, _body: site.redirect("/a.jpg", "file:///etc/passwd"), State.UNSUITABLE, ""),
        (lambda site, _body: site.serve("/a.jpg", bytes(15_000_001)), State.UNSUITABLE, "larger than"),
        (lambda site, _body: site.bomb("/a.jpg", megabytes=60), State.UNSUITABLE, "larger than"),
    ],
)
def test_a_fault_of_a_site_is_named_and_raises_nothing(site, picture, fault, state, reason):
    fault(site, picture)
    found = fetched(site.url("/a.jpg"))
    assert found.state == state
    assert reason in found.reason
    assert "NEWSLETTER_FETCH_MAX_BYTES" not in found.reason


def test_a_picture_in_a_private_network_is_not_fetched(web, picture):
    web.answers.serve("/a.jpg", picture, headers=JPEG)
    assert fetched(web.url("/a.jpg")).state == State.UNSUITABLE
    assert not web.answers.asked


def test_a_picture_after_a_redirect_is_fetched(site, picture):
    site.redirect("/a.jpg", "/b.jpg")
    site.serve("/b.jpg", picture, headers=JPEG)
    assert fetched(site.url("/a.jpg")).made.width == 800


def test_a_site_that_never_answers_is_given_up_in_time(site):
    site.hang("/a.jpg")
    found = fetched(site.url("/a.jpg"), seconds=0.3)
    assert found.state == State.FAILED
    assert "did not respond within" in found.reason


@pytest.mark.django_db
def test_pictures_of_slow_sites_all_end_within_one_deadline(site, picture, monkeypatch):
    """With 1 second instead of 15; benchmarks/pictures.py measures the real one."""
    monkeypatch.setattr(module, "SECONDS", 1.0)
    paths = [f"/{number}.jpg" for number in range(15)]
    site.serve(paths[0], picture, headers=JPEG)
    for path in paths[1:8]:
        site.drip(path)
    for path in paths[8:]:
        site.hang(path)
    began = steady_seconds()
    fetch_pictures([needed(site.url(path)) for path in paths])
    assert steady_seconds() - began < 5
    states = [known(site.url(path)).state for path in paths]
    assert set(states[1:]) == {State.FAILED}
    assert not [each for each in threading.enumerate() if each.name.startswith("pictures")]

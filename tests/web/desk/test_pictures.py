"""An editor fetches at the desk the pictures that did not come, and hears what became of them."""

import pytest

from newsletter.issues.models import Item, Publication
from tests.articles.pictures.drawing import photo, saved

HERE = "/desk/issues/harbour-letter/1/"


@pytest.fixture
def missing(ruths_draft, site):
    """The draft, of which one article has a picture whose site is away."""
    Publication.objects.update(hotlink_pictures=False, logo_url="")
    ruths_draft.publication.blocks.all().delete()
    site.fail("/hill.jpg", 503)
    for item in Item.objects.select_related("article"):
        item.article.image_url = site.url("/hill.jpg") if item.lead else ""
        item.article.save()
    return ruths_draft


def test_missing_pictures_are_fetched_again_with_a_button(desk_of, missing, site):
    browser = desk_of("ruth")
    assert "Fetch missing pictures" in browser.get(HERE).content.decode()
    page = browser.post(f"{HERE}pictures/", follow=True).content.decode()
    assert "1 picture has still not arrived. You can try again later." in page
    site.serve("/hill.jpg", saved(photo()))
    page = browser.post(f"{HERE}pictures/", follow=True).content.decode()
    assert "There are no more pictures to fetch" in page
    assert "/media/" in browser.get(f"{HERE}email/").content.decode()


def test_only_editors_fetch_pictures(desk_of, missing, site):
    for name in ("sam", ""):
        desk_of(name).post(f"{HERE}pictures/", follow=True)
    assert not site.asked


def test_a_publication_that_uses_pictures_from_their_own_sites_has_no_such_button(desk_of, missing):
    Publication.objects.update(hotlink_pictures=True)
    assert "Fetch missing pictures" not in desk_of("ruth").get(HERE).content.decode()

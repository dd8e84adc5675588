"""The publication that the first run makes, and its logo and colours."""

import io

import pytest
from PIL import Image, ImageDraw

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.errors import Invalid, InvalidFields, Refused
from newsletter.first_run.brand_colours import accents, colour_of_logo
from newsletter.first_run.publication_details import save_details
from newsletter.first_run.publication_logo import give_logo, read_logo
from newsletter.issues.models import AuditEntry, Publication
from newsletter.rendering.choose_pictures import EmailPictures
from newsletter.rendering.readable_colours import contrast
from subscribers.models import List
from tests.first_run.typed import details

pytestmark = pytest.mark.django_db


def logo(colour="#b3123c", *, kind="PNG"):
    picture = Image.new("RGB", (300, 80), "#ffffff")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((10, 10, 90, 70), fill=colour)
    draw.rectangle((120, 30, 280, 50), fill="#222222")
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def test_a_publication_is_made_with_a_list_of_its_name():
    made = save_details(details())
    assert (made.slug, made.mailing_list.slug, made.mailing_list.name) == (
        "harbour-news",
        "harbour-news",
        "Harbour News",
    )
    assert made.website == "https://www.example.org/"
    assert made.mailing_list.double_opt_in
    assert AuditEntry.objects.get(act="publication").publication_id == made.pk


def test_lines_are_stored_as_the_settings_store_them_and_the_name_stands_for_the_senders():
    made = save_details(details(postal_address="1 Quay\r\nHarbour", sender_name=""))
    assert (made.postal_address, made.sender_name) == ("1 Quay\nHarbour", made.name)


def test_saving_again_changes_the_same_publication():
    made = save_details(details())
    save_details(details(name="Harbour Letter", sender_name="Harbour"), made)
    assert [each.name for each in Publication.objects.all()] == ["Harbour Letter"]
    assert List.objects.count() == 1


def test_everything_that_is_missing_has_its_sentence_and_nothing_is_saved():
    with pytest.raises(InvalidFields) as raised:
        save_details(details(name="", postal_address=" ", website="", sender_address="nobody"))
    assert list(raised.value.fields) == ["name", "website", "sender_address", "postal_address"]
    assert raised.value.fields["name"] == "Enter the name of your newsletter."
    assert not Publication.objects.exists()
    assert not List.objects.exists()


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Desk", "desk-newsletter"), ("日報", "newsletter"), ("Harbour News", "harbour-news-2")],
)
def test_a_slug_is_always_found(name, slug):
    save_details(details())
    assert save_details(details(name=name)).slug == slug


def test_an_editor_makes_no_publication():
    with acting_as(Actor("ruth", frozenset({Role.EDITOR}))), pytest.raises(Refused, match="administrator"):
        save_details(details())


@pytest.mark.parametrize("colour", ["#ffee00", "#0b5d7a", "#000000", "#ffffff", "#ff0000"])
def test_any_colour_becomes_one_that_can_be_read_in_light_and_dark_mode(colour):
    light, dark = accents(colour)
    assert contrast(light, "#ffffff") >= 4.5
    assert contrast(dark, "#1c1f21") >= 4.5


def test_a_colour_that_is_none_is_an_error_of_its_field():
    with pytest.raises(InvalidFields) as raised:
        save_details(details(accent_colour="red"))
    assert list(raised.value.fields) == ["accent_colour"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_colour_of_a_logo_is_taken_and_the_logo_is_shown_from_our_own_copy(kind):
    made = save_details(details())
    taken = give_logo(made, read_logo(logo(kind=kind)), take_colour=True)
    made.refresh_from_db()
    red, green, blue = (int(taken[place : place + 2], 16) for place in (1, 3, 5))
    assert red > 150
    assert max(green, blue) < 90
    assert made.accent_colour == taken
    shown = EmailPictures(made, [], []).logo()
    assert "/media/" in shown.url
    assert shown.alt == "Harbour News"


def test_a_logo_in_grey_leaves_the_colour_as_it_is():
    made = save_details(details())
    assert give_logo(made, read_logo(logo("#777777")), take_colour=True) == ""
    assert made.accent_colour == "#0b5d7a"


def test_a_logo_that_is_no_picture_is_a_sentence():
    with pytest.raises(Invalid, match="We cannot use this logo"):
        read_logo(b"<svg onload='alert(1)'/>")


def test_a_picture_without_visible_pixels_has_no_colour():
    file = io.BytesIO()
    Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(file, "PNG")
    assert colour_of_logo(file.getvalue()) == ""

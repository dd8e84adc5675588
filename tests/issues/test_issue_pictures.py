"""An issue has its pictures when it is composed: our own copies, and a grey area for what has not come."""

import re
from datetime import timedelta

import lxml.html
import pytest
from django.utils import timezone

from newsletter.articles.pictures import placeholder_picture
from newsletter.articles.pictures.models import OriginalPicture, PictureFile
from newsletter.articles.pictures.store_pictures import keep_pictures_in
from newsletter.errors import Invalid, Refused
from newsletter.issues import edit_issue_articles
from newsletter.issues.compose import compose
from newsletter.issues.issue_pictures import (
    fetch_issue_pictures,
    fetch_missing_pictures,
    fetch_pictures_ahead,
    pictures_of_articles,
)
from newsletter.issues.item_pictures import (
    choose_picture,
    remove_picture,
    restore_picture,
    set_picture,
    set_picture_alt,
    uploaded_picture,
)
from newsletter.issues.models import Issue, StandingBlock
from newsletter.issues.recompose import recompose_issue
from newsletter.issues.selection_rule import selection_from_json
from newsletter.issues.unused_pictures import delete_unused_pictures
from newsletter.rendering.choose_pictures import grey_areas_warning, logo_warning
from newsletter.rendering.render_email import render_email
from tests.articles.pictures.drawing import logo, photo, saved
from tests.rendering.email_rules import broken_rules

PICTURE = re.compile(r"<img [^>]*>")
pytestmark = pytest.mark.django_db
State = OriginalPicture.State


@pytest.fixture(scope="module")
def hill():
    return saved(photo(1600, 900))


@pytest.fixture(scope="module")
def portrait():
    return saved(photo(900, 1600))


def images(issue):
    """The pictures of the email, in order, each with its attributes."""
    html = render_email(issue).html
    assert broken_rules(html) == []
    return [dict(image.attrib) for image in lxml.html.document_fromstring(html).iter("img")]


def age(moment=None):
    """Make all pictures as old as if nobody had needed them for 31 days."""
    then = (moment or timezone.now()) - timedelta(days=31)
    OriginalPicture.objects.update(used_at=then)
    PictureFile.objects.update(made_at=then)


def test_an_email_shows_our_own_copies_in_their_true_size(site, weekly, write, noon, hill, portrait):
    site.serve("/hill.jpg", hill)
    site.serve("/jo.jpg", portrait)
    write("Lead", hours=1, image_url=site.url("/jo.jpg"), image_alt="Jo Bloggs on a hill")
    write("Second", hours=2, image_url=site.url("/hill.jpg"), image_width=1, image_height=1)
    first, second = images(compose(weekly, now=noon))
    assert re.fullmatch(r"http://localhost:8000/media/[0-9a-f]{32}\.jpg", first["src"])
    assert (first["width"], first["height"], first["alt"]) == ("536", "402", "Jo Bloggs on a hill")
    assert (second["width"], second["height"], second["alt"]) == ("176", "99", "")


def test_a_picture_that_did_not_come_leaves_a_grey_area_until_it_does(site, weekly, write, noon, hill):
    site.fail("/hill.jpg", 503)
    write("Lead", image_url=site.url("/hill.jpg"), image_alt="A hill")
    issue = compose(weekly, now=noon)
    (grey,) = images(issue)
    assert grey["src"].endswith(f"/media/{placeholder_picture.NAME}")
    assert (grey["alt"], grey["width"], grey["height"]) == ("", "536", "302")
    assert "1 picture has not been fetched yet" in grey_areas_warning(render_email(issue).html)
    assert [each.state for each in pictures_of_articles(issue)] == [State.FAILED]
    site.serve("/hill.jpg", hill)
    fetch_issue_pictures(issue)
    (shown,) = images(issue)
    assert shown["alt"] == "A hill"
    assert grey_areas_warning(render_email(issue).html) == ""


def test_an_avatar_is_not_shown_and_the_next_picture_of_the_article_is(site, weekly, write, noon, hill):
    site.serve("/face.png", saved(photo(96, 96), "PNG"))
    site.serve("/hill.jpg", hill)
    body = f'<p>Text</p><img src="{site.url("/hill.jpg")}?a=1&amp;b=2" alt="A &quot;hill&quot;">'
    site.serve("/hill.jpg?a=1&b=2", hill)
    write("Lead", hours=1, image_url=site.url("/face.png"), image_alt="A face", body_html=body)
    write("Second", hours=2, image_url=site.url("/face.png"))
    issue = compose(weekly, now=noon)
    (shown,) = images(issue)
    assert shown["alt"] == 'A "hill"'
    lead, second = pictures_of_articles(issue)
    assert (lead.state, second.state) == (State.READY, State.UNSUITABLE)
    assert "icon" in second.reason


@pytest.mark.parametrize("alt", ["A quay at dawn", " a QUAY, at dawn! ", "IMG_2041.JPG"])
def test_a_description_never_repeats_the_headline(site, weekly, write, noon, hill, alt):
    site.serve("/hill.jpg", hill)
    write("A quay at dawn", image_url=site.url("/hill.jpg"), image_alt=alt)
    (shown,) = images(compose(weekly, now=noon))
    assert shown["alt"] == ""


def test_a_logo_and_a_promotion_are_copied_and_left_out_while_they_are_not_there(
    site, weekly, write, noon, hill
):
    weekly.logo_url, weekly.logo_alt = site.url("/logo.png"), "Harbour"
    weekly.save()
    data = {"image_url": site.url("/cover.jpg"), "image_alt": "The cover", "url": "https://example.org/"}
    StandingBlock.objects.create(publication=weekly, name="book", kind="promotion", title="Book", data=data)
    write("Lead")
    issue = compose(weekly, now=noon)
    assert images(issue) == []
    assert "We cannot show the logo" in logo_warning(weekly)
    assert "404" in logo_warning(weekly)
    site.serve("/logo.png", saved(logo(600, 200), "PNG"))
    site.serve("/cover.jpg", saved(photo(700, 1000)))
    fetch_missing_pictures(issue, again=True)
    sign, cover = images(issue)
    assert logo_warning(weekly) == ""
    weekly.logo_url = site.url("/new.png")
    assert "has not been fetched yet" in logo_warning(weekly)
    assert (sign["alt"], sign["width"]) == ("Harbour", "240")
    assert sign["src"].endswith(".png")
    assert (cover["alt"], cover["width"], cover["height"]) == ("The cover", "420", "600")


def test_hot_linking_is_a_choice_and_fetches_nothing(site, weekly, write, noon, hill):
    weekly.hotlink_pictures = True
    weekly.save()
    site.serve("/hill.jpg", hill)
    write("Lead", image_url=site.url("/hill.jpg"))
    issue = compose(weekly, now=noon)
    assert [each["src"] for each in images(issue)] == [site.url("/hill.jpg")]
    assert not site.asked
    with pytest.raises(Refused, match="hotlink_pictures"):
        fetch_missing_pictures(issue)


def test_the_pictures_of_a_series_come_before_its_issue(site, weekly, write, hill):
    site.serve("/hill.jpg", hill)
    write("Lead", at=timezone.now() - timedelta(hours=1), image_url=site.url("/hill.jpg"))
    fetch_pictures_ahead(weekly, selection_from_json({}))
    assert OriginalPicture.objects.get().state == State.READY


def test_an_uploaded_picture_is_shown_in_its_issue_only(site, weekly, write, noon, hill, portrait):
    site.serve("/hill.jpg", hill)
    article = write("Lead", image_url=site.url("/hill.jpg"), image_alt="A hill")
    issue = compose(weekly, now=noon)
    picture = uploaded_picture(portrait)
    with pytest.raises(Invalid, match="Describe the picture"):
        set_picture(issue, article.pk, picture, " ")
    set_picture(issue, article.pk, picture, "Jo Bloggs")
    (shown,) = images(issue)
    assert (shown["alt"], shown["height"]) == ("Jo Bloggs", "402")
    assert issue.audit.filter(sentence__contains="Changed the picture").get().changes[
        f"article {article.pk} picture_alt"
    ] == [None, "Jo Bloggs"]
    restore_picture(issue, article.pk)
    (shown,) = images(issue)
    assert shown["alt"] == "A hill"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<svg/>", "SVG"),
        (b"text", "not a picture"),
        (bytes(15_000_001), "larger than"),
        (b"", "not a picture"),
    ],
)
def test_a_file_that_cannot_be_shown_is_named_when_it_is_uploaded(db, data, reason):
    with pytest.raises(Invalid, match=reason):
        uploaded_picture(data)
    with pytest.raises(Invalid, match=r"“harbour\.heic”"):
        uploaded_picture(data, name="harbour.heic")
    assert not PictureFile.objects.exists()


def test_another_of_the_articles_own_pictures_is_shown_in_one_issue(
    site, weekly, write, noon, hill, portrait
):
    site.serve("/hill.jpg", hill)
    site.serve("/jo.jpg", portrait)
    body = f'<p><img src="{site.url("/jo.jpg")}" alt="Jo Bloggs"></p>'
    article = write("Lead", image_url=site.url("/hill.jpg"), image_alt="A hill", body_html=body)
    issue = compose(weekly, now=noon)
    choose_picture(issue, article.pk, site.url("/jo.jpg"))
    (shown,) = images(issue)
    assert (shown["alt"], shown["height"]) == ("Jo Bloggs", "402")
    set_picture_alt(issue, article.pk, "Jo at the harbour")
    assert images(issue)[0]["alt"] == "Jo at the harbour"
    set_picture_alt(issue, article.pk, "")
    assert images(issue)[0]["alt"] == "Jo Bloggs"
    with pytest.raises(Invalid, match="no longer has this picture"):
        choose_picture(issue, article.pk, "https://example.org/other.jpg")


def test_an_articles_own_picture_is_described_or_left_out_in_one_issue(site, weekly, write, noon, hill):
    site.serve("/hill.jpg", hill)
    article = write("Lead", image_url=site.url("/hill.jpg"), image_alt="A hill")
    issue = compose(weekly, now=noon)
    set_picture_alt(issue, article.pk, "The hill above the harbour")
    assert images(issue)[0]["alt"] == "The hill above the harbour"
    remove_picture(issue, article.pk)
    assert images(issue) == []
    assert pictures_of_articles(issue) == []
    restore_picture(issue, article.pk)
    assert images(issue)[0]["alt"] == "A hill"


def test_an_article_whose_picture_an_editor_chose_stays_when_articles_are_chosen_again(
    weekly, write, noon, later
):
    article = write("Old", image_url="https://example.org/hill.jpg")
    weekly.hotlink_pictures = True
    weekly.save()
    issue = compose(weekly, selection=selection_from_json({"at_most": 1}), now=noon)
    remove_picture(issue, article.pk)
    write("New", at=later)
    recompose_issue(issue, now=later)
    assert issue.items.get().without_picture


def test_the_number_of_queries_does_not_grow_with_the_pictures(
    site, weekly, write, noon, hill, django_assert_max_num_queries
):
    for number in range(12):
        site.serve(f"/{number}.jpg", hill)
        write(f"Number {number}", hours=number, image_url=site.url(f"/{number}.jpg"))
    issue = compose(weekly, now=noon)
    issue = Issue.objects.select_related("publication__mailing_list").get(pk=issue.pk)
    with django_assert_max_num_queries(9):
        assert len(PICTURE.findall(render_email(issue).html)) == 12


def test_only_pictures_that_nothing_needs_are_deleted(site, weekly, write, noon, hill, portrait):
    site.serve("/hill.jpg", hill)
    site.serve("/jo.jpg", portrait)
    write("Lead", hours=1, image_url=site.url("/hill.jpg"))
    dropped = write("Second", hours=2, image_url=site.url("/jo.jpg"))
    issue = compose(weekly, now=noon)
    before = images(issue)[:1]
    edit_issue_articles.drop(issue, dropped.pk)
    assert not delete_unused_pictures(timezone.now())
    age()
    assert delete_unused_pictures(timezone.now())
    assert not delete_unused_pictures(timezone.now())
    assert OriginalPicture.objects.get().url == site.url("/hill.jpg")
    assert images(issue) == before
    edit_issue_articles.restore_dropped(issue, dropped.pk)
    fetch_issue_pictures(issue)
    assert len(images(issue)) == 2


def test_a_picture_that_an_email_links_to_is_never_deleted(site, weekly, write, noon, hill):
    site.serve("/hill.jpg", hill)
    write("Lead", image_url=site.url("/hill.jpg"))
    issue = compose(weekly, now=noon)
    html = render_email(issue).html
    keep_pictures_in([html], timezone.now())
    Issue.objects.update(state=Issue.State.SENT)
    age()
    while delete_unused_pictures(timezone.now()):
        pass
    assert PictureFile.objects.get().name in html
    PictureFile.objects.all().delete()
    with pytest.raises(Refused, match="no longer stored"):
        keep_pictures_in([html], timezone.now())


def test_the_commands_show_what_became_of_pictures_and_take_others(
    site, weekly, write, noon, hill, tmp_path, cli
):
    site.fail("/hill.jpg", 503)
    article = write("Lead", image_url=site.url("/hill.jpg")).pk
    issue = compose(weekly, now=noon)
    (tmp_path / "quay.jpg").write_bytes(hill)
    picture = f"{article}:{tmp_path / 'quay.jpg'}"

    def newsletter(*words):
        result = cli(*words)
        assert result.code == 0, result.err
        return result.out

    assert "Not fetched yet" in newsletter("issues", "pictures", "1")
    assert f"--alt {article}:TEXT" in cli("issues", "edit", "1", "--picture", picture).err
    assert f"--picture {article}:FILE" in cli("issues", "edit", "1", "--alt", f"{article}:A quay").err
    newsletter("issues", "edit", "1", "--picture", picture, "--alt", f"{article}:A quay")
    assert images(issue)[0]["alt"] == "A quay"
    site.serve("/hill.jpg", hill)
    newsletter("issues", "edit", "1", "--own-picture", str(article))
    assert "Ready" in newsletter("issues", "pictures", "1")
    assert images(issue)[0]["alt"] == ""


def test_a_small_picture_is_not_stretched(site, weekly, write, noon):
    site.serve("/small.jpg", saved(photo(240, 180)))
    write("Lead", image_url=site.url("/small.jpg"))
    (shown,) = images(compose(weekly, now=noon))
    assert (shown["width"], shown["height"]) == ("240", "180")
    assert "max-width:240px" in shown["style"]

"""Pictures in the introduction of an issue."""

import re
from datetime import timedelta

import pytest

from newsletter.articles.pictures.models import OriginalPicture, PictureFile
from newsletter.errors import Invalid, Refused
from newsletter.issues import edit_issue_texts
from newsletter.issues.compose import compose
from newsletter.issues.introduction_pictures import introduction_picture
from newsletter.issues.models import Issue
from newsletter.issues.unused_pictures import delete_unused_pictures
from newsletter.rendering.render_email import render_email
from tests.articles.pictures.drawing import photo, saved


@pytest.fixture
def issue(weekly, write, noon):
    write("A")
    return compose(weekly, now=noon)


@pytest.fixture(scope="module")
def hill():
    return saved(photo(1600, 900))


def test_an_uploaded_picture_is_shown_in_the_introduction_with_its_description(issue, hill):
    markdown = introduction_picture(issue, hill, "The quay [at low tide]\nin May")
    assert issue.opening == ""
    edit_issue_texts.set_opening(issue, f"Dear reader,\n\n{markdown}")
    html = render_email(issue).html
    file = PictureFile.objects.get()
    assert f"/media/{file.name}" in html
    assert 'alt="The quay (at low tide) in May"' in html


@pytest.mark.parametrize(
    ("data", "description", "sentence"),
    [
        (b"", "The quay", "We cannot use this picture."),
        (b"<svg>", "The quay", "We cannot use this picture."),
        (None, " ", "Describe the picture in a few words"),
        (None, "x" * 301, "The description can have up to 300 characters. This one has 301."),
    ],
)
def test_a_picture_that_cannot_be_shown_is_refused_with_what_to_do(issue, hill, data, description, sentence):
    with pytest.raises(Invalid) as error:
        introduction_picture(issue, hill if data is None else data, description)
    assert str(error.value).startswith(sentence)
    assert not OriginalPicture.objects.exists()


def test_a_small_picture_is_shown_in_its_own_size(issue, hill):
    signature = saved(photo(300, 120))
    edit_issue_texts.set_opening(issue, introduction_picture(issue, signature, "Ruth’s signature"))
    small = re.search(r"<img[^>]*Ruth’s signature[^>]*>", render_email(issue).html)[0]
    assert 'width="300"' in small
    assert "max-width:300px" in small.replace(" ", "")
    assert "max-width:536px" not in small.replace(" ", "")
    edit_issue_texts.set_opening(issue, introduction_picture(issue, hill, "The quay"))
    assert 'width="536"' in re.search(r"<img[^>]*The quay[^>]*>", render_email(issue).html)[0]


def test_an_issue_that_was_sent_takes_no_picture(issue, hill):
    Issue.objects.filter(pk=issue.pk).update(state=Issue.State.SENT)
    with pytest.raises(Refused, match="has been sent"):
        introduction_picture(issue, hill, "The quay")


def test_a_picture_stays_while_the_introduction_of_an_unfinished_issue_shows_it(issue, hill):
    edit_issue_texts.set_opening(issue, introduction_picture(issue, hill, "The quay"))
    later = PictureFile.objects.get().made_at + timedelta(days=60)
    while delete_unused_pictures(later):
        pass
    assert PictureFile.objects.count() == 1
    edit_issue_texts.set_opening(issue, "")
    while delete_unused_pictures(later):
        pass
    assert PictureFile.objects.count() == 0

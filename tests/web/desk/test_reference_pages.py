"""References are added with details from the resolver or typed, changed, removed and restored in the desk."""

import json
import re

import pytest

from newsletter.articles.models import Article, Reference
from newsletter.articles.references.reference_form import ReferenceFields
from newsletter.issues.change_references import add_reference
from tests.fakes.source_fixtures import configured, site, web  # noqa: F401 - fixtures
from tests.web.desk.reading import tags_in

CSL = {
    "type": "article-journal",
    "title": "Damage “><script>alert(1)</script>",
    "author": [{"family": "Sun", "given": "Yu"}],
    "issued": {"date-parts": [[2012]]},
    "container-title": "Nature Medicine",
}


@pytest.fixture
def article(sent_issue):
    return sent_issue.items.filter(dropped=False).first().article


@pytest.fixture
def ruth(desk_of):
    return desk_of("ruth")


def path(article, rest=""):
    return f"/desk/articles/{article.pk}/references/{rest}"


def value(response, name):
    text = response.content.decode()
    return re.search(rf'name="{name}" value="([^"]*)"', text)[1]


def test_a_reference_is_looked_up_checked_and_added(ruth, article, site, configured):  # noqa: F811
    configured(doi_resolver=site.url("/"))
    site.serve("/10.1234/tides.5", json.dumps(CSL).encode())
    page = ruth.get(path(article, "add/"), {"find": "doi:10.1234/tides.5"})
    assert "We filled in the details." in page.content.decode()
    assert "<script>alert" not in page.content.decode()
    assert (value(page, "year"), value(page, "container")) == ("2012", "Nature Medicine")
    typed = {
        "kind": "study",
        "title": "Damage",
        "authors": "Sun, Yu",
        "identifier": value(page, "identifier"),
    }
    shown = ruth.post(path(article, "add/"), typed, follow=True).content.decode()
    assert "The reference was added" in shown
    assert "Sun Y. Damage. doi:10.1234/tides.5" in shown
    undo = re.search(r'action="([^"]*/remove/)"[^>]*>(?:(?!</form>).)*Undo', shown, re.DOTALL)[1]
    ruth.post(undo)
    assert "Removed references (1)" in ruth.get(f"/desk/articles/{article.pk}/").content.decode()


@pytest.mark.parametrize(
    ("find", "said", "status"),
    [
        ("10.1038/none", "The DOI 10.1038/none does not exist.", 200),
        ("PMID 22863786", "We can only look up DOIs and arXiv numbers.", 200),
        ("no number", "We did not recognise this", 422),
    ],
)
def test_what_cannot_be_looked_up_can_be_typed(ruth, article, site, configured, find, said, status):  # noqa: F811
    configured(doi_resolver=site.url("/"))
    site.fail("/10.1038/none", 404)
    page = ruth.get(path(article, "add/"), {"find": find})
    assert page.status_code == status
    assert said in page.content.decode()


def test_without_a_resolver_the_page_offers_no_look_up(ruth, article, configured):  # noqa: F811
    configured(doi_resolver="")
    assert "Look up" not in ruth.get(path(article, "add/")).content.decode()
    page = ruth.get(path(article, "add/"), {"find": "10.1038/nm.2890"}).content.decode()
    assert "This server does not look up references." in page
    assert 'value="10.1038/nm.2890"' in page


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(ruth, article):
    page = ruth.post(path(article, "add/"), {"kind": "study", "authors": "Sun, Yu", "year": "12"})
    assert page.status_code == 422
    text = page.content.decode()
    for words in ("Enter the title.", "Enter the year with four digits", "Sun, Yu", "Error: Add a reference"):
        assert words in text
    assert not Reference.objects.filter(article=article, added_here=True).exists()


def test_a_reference_that_a_colleague_changed_is_not_overwritten_unseen(ruth, article):
    reference = add_reference(article.pk, ReferenceFields(title="First"))
    seen = value(ruth.get(path(article, f"{reference.pk}/")), "seen")
    ruth.post(path(article, f"{reference.pk}/"), {"kind": "report", "title": "Theirs", "seen": seen})
    refused = ruth.post(path(article, f"{reference.pk}/"), {"kind": "report", "title": "Mine", "seen": seen})
    assert refused.status_code == 409
    text = refused.content.decode()
    for words in ("Saved now", "Report: Theirs.", "Mine"):
        assert words in text
    again = {"kind": "report", "title": "Mine", "seen": value(refused, "seen")}
    assert ruth.post(path(article, f"{reference.pk}/"), again).status_code == 303
    assert Reference.objects.get(pk=reference.pk).citation == "Mine."


def test_a_reference_is_removed_and_restored(ruth, article):
    reference = add_reference(article.pk, ReferenceFields(title="First"))
    shown = ruth.post(path(article, f"{reference.pk}/remove/"), follow=True).content.decode()
    assert f'action="{path(article, f"{reference.pk}/restore/")}"' in shown
    ruth.post(path(article, f"{reference.pk}/restore/"))
    assert Reference.objects.get(pk=reference.pk).removed_at is None


def test_a_reference_of_another_article_is_not_found(ruth, article):
    other = Article.objects.exclude(pk=article.pk).first()
    reference = add_reference(other.pk, ReferenceFields(title="First"))
    assert ruth.get(path(article, f"{reference.pk}/")).status_code == 404
    assert (
        "could not find this reference"
        in ruth.post(path(article, f"{reference.pk}/remove/")).content.decode()
    )
    assert Reference.objects.get(pk=reference.pk).removed_at is None


def test_hostile_references_are_shown_as_text(ruth, article):
    article.references.create(kind="study", citation="<script>alert(1)</script>", url="javascript:alert(2)")
    tags = tags_in(ruth.get(f"/desk/articles/{article.pk}/").content.decode().partition("<main")[2])
    for name, given in tags:
        assert name != "script"
        assert not str(given.get("href", "")).startswith("javascript:")

"""The details of a DOI are asked for at a resolver, which can say anything or nothing."""

import json

import pytest

from newsletter.articles.references.look_up_doi import CSL_JSON, look_up
from newsletter.errors import Refused, Unreachable

SUN = {
    "type": "journal-article",
    "title": "Treatment-induced <i>damage</i>",
    "author": [{"given": "Yu", "family": "Sun", "sequence": "first"}, {"name": "The Group"}, "nobody"],
    "issued": {"date-parts": [[2012, 8, 5]]},
    "container-title": "Nature Medicine",
    "DOI": "10.1038/NM.2890",
    "abstract": "<script>alert(1)</script>",
}


@pytest.fixture
def resolver(site, configured):
    configured(doi_resolver=site.url("/"))
    return site


def test_details_are_filled_in_from_the_resolver(resolver):
    resolver.redirect("/10.1038/nm.2890", resolver.url("/crossref"))
    resolver.serve("/crossref", json.dumps(SUN).encode(), headers={"Content-Type": CSL_JSON})
    assert look_up("10.1038/nm.2890") == {
        "type": "article-journal",
        "title": "Treatment-induced damage",
        "container-title": "Nature Medicine",
        "DOI": "10.1038/nm.2890",
        "author": [{"family": "Sun", "given": "Yu"}, {"literal": "The Group"}],
        "issued": {"date-parts": [[2012]]},
    }
    assert [headers["accept"] for _path, headers in resolver.requests] == [CSL_JSON] * 2


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"title": ""}', b"[" * 100_000, b'{"title": 1' + b"0" * 5_000 + b"}"],
)
def test_a_document_without_details_is_refused(resolver, body):
    resolver.serve("/10.1038/nm.2890", body)
    with pytest.raises(Refused, match="We found no details"):
        look_up("10.1038/nm.2890")


def test_an_unknown_doi_and_a_resolver_that_fails_are_told_apart(resolver):
    resolver.fail("/10.1038/none", 404)
    with pytest.raises(Refused, match="does not exist"):
        look_up("10.1038/none")
    resolver.fail("/10.1038/later", 500)
    with pytest.raises(Unreachable, match="Enter the details, or try again later"):
        look_up("10.1038/later")


def test_the_resolver_cannot_send_us_into_a_private_network(resolver):
    resolver.redirect("/10.1038/nm.2890", "http://10.0.0.1/")
    with pytest.raises(Refused, match="private network"):
        look_up("10.1038/nm.2890")


def test_nothing_is_asked_without_a_resolver(site, configured):
    configured(doi_resolver="")
    with pytest.raises(Refused, match="does not look up references"):
        look_up("10.1038/nm.2890")
    assert not site.asked

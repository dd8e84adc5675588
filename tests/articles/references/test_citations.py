"""CSL-JSON from anybody is reduced to what we keep, and becomes a full and a short citation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.articles.references.csl import cleaned_csl, csl_of, short_citation_of
from newsletter.articles.references.format_citation import STYLE, citation_of_csl
from newsletter.articles.references.reference_form import ReferenceFields, checked_values, fields_of_csl
from newsletter.errors import InvalidFields
from tests.full import examples

SUN = csl_of(
    title="Treatment-induced damage to the tumor microenvironment",
    authors=["Sun, Yu", "Campisi, Judith", "Nelson, Peter S."],
    container="Nature Medicine",
    year=2012,
    volume="18",
    issue="9",
    page="1359-1368",
    DOI="10.1038/nm.2890",
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["title", "author", "family", "given", "issued", "date-parts", "type", "DOI", "page"]
            )
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def test_a_study_is_cited_as_medical_journals_do():
    assert citation_of_csl(SUN) == (
        "Sun Y, Campisi J, Nelson PS. Treatment-induced damage to the tumor microenvironment. "
        "Nature Medicine. 2012;18(9):1359–68. doi:10.1038/nm.2890"
    )
    assert short_citation_of(SUN) == "Sun et al. 2012, Nature Medicine"


@pytest.mark.parametrize(
    ("details", "full", "short"),
    [
        (
            {"title": "Our response", "authors": ["Cancer Research UK"], "year": 2012, "kind": "webpage"},
            "Cancer Research UK. Our response. 2012.",
            "Cancer Research UK 2012, Our response",
        ),
        (
            {
                "title": "Prostate cancer",
                "authors": ["NICE"],
                "publisher": "NICE",
                "year": 2019,
                "kind": "report",
            },
            "NICE. Prostate cancer. NICE; 2019.",
            "NICE 2019, Prostate cancer",
        ),
        ({"title": "Only a title", "kind": "document"}, "Only a title.", "Only a title"),
        (
            {
                "title": "R & D <b>now</b>",
                "authors": ["Lee, Ann", "Kim, Bo"],
                "container": "BMJ",
                "year": 2020,
            },
            "Lee A, Kim B. R & D now. BMJ. 2020.",
            "Lee and Kim 2020, BMJ",
        ),
    ],
)
def test_other_publications_are_cited_by_what_is_known(details, full, short):
    csl = csl_of(**details)
    assert (citation_of_csl(csl), short_citation_of(csl)) == (full, short)


@given(JSON)
@settings(max_examples=examples(30))
def test_any_json_gives_a_citation_or_nothing(document):
    csl = cleaned_csl(document)
    if csl is not None:
        assert citation_of_csl(csl)
        assert short_citation_of(csl)
        assert cleaned_csl(csl) == csl


def test_a_form_gives_back_what_was_typed():
    fields = fields_of_csl("study", SUN)
    assert (fields.identifier, fields.authors) == (
        "10.1038/nm.2890",
        "Sun, Yu\nCampisi, Judith\nNelson, Peter S.",
    )
    assert checked_values(fields)["csl"] == SUN


@pytest.mark.parametrize(
    ("typed", "doi", "url"),
    [
        ({"identifier": "arXiv:2101.00001"}, "10.48550/arXiv.2101.00001", ""),
        ({"identifier": "PMID 22863786"}, "", "https://pubmed.ncbi.nlm.nih.gov/22863786/"),
        ({"identifier": "9780306406157"}, "", ""),
        ({"url": "https://doi.org/10.1038/nm.2890"}, "10.1038/nm.2890", ""),
        ({"identifier": "example.org/a"}, "", "https://example.org/a"),
    ],
)
def test_the_link_of_a_reference_follows_its_identifier(typed, doi, url):
    values = checked_values(ReferenceFields(title="A study", **typed))
    assert (values["doi"], values["url"]) == (doi, url)


def test_what_is_wrong_is_said_for_each_field():
    typed = ReferenceFields(kind="rumour", year="12", identifier="?", url="ftp://x", volume="v" * 501)
    with pytest.raises(InvalidFields) as error:
        checked_values(typed)
    assert set(error.value.fields) == {"kind", "title", "year", "identifier", "url", "volume"}


def test_the_style_says_its_licence():
    assert "http://creativecommons.org/licenses/by-sa/3.0/" in STYLE.read_text(encoding="utf-8")

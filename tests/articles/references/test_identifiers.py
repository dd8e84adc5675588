"""DOIs, PubMed numbers, ISBNs, arXiv numbers and web addresses are recognised however people write them."""

import pytest

from newsletter.articles.references.identifiers import Scheme, recognise
from newsletter.errors import Invalid


@pytest.mark.parametrize(
    ("text", "scheme", "value", "url"),
    [
        ("10.1038/nm.2890", Scheme.DOI, "10.1038/nm.2890", "https://doi.org/10.1038/nm.2890"),
        (" doi:10.1038/nm.2890 ", Scheme.DOI, "10.1038/nm.2890", "https://doi.org/10.1038/nm.2890"),
        (
            "https://dx.doi.org/10.1038/nm.2890",
            Scheme.DOI,
            "10.1038/nm.2890",
            "https://doi.org/10.1038/nm.2890",
        ),
        ("PMID: 22863786", Scheme.PMID, "22863786", "https://pubmed.ncbi.nlm.nih.gov/22863786/"),
        ("22863786", Scheme.PMID, "22863786", "https://pubmed.ncbi.nlm.nih.gov/22863786/"),
        (
            "https://pubmed.ncbi.nlm.nih.gov/22863786/",
            Scheme.PMID,
            "22863786",
            "https://pubmed.ncbi.nlm.nih.gov/22863786/",
        ),
        ("ISBN 978-0-306-40615-7", Scheme.ISBN, "9780306406157", ""),
        ("0-306-40615-2", Scheme.ISBN, "9780306406157", ""),
        ("arXiv:2101.00001v3", Scheme.ARXIV, "2101.00001v3", "https://doi.org/10.48550/arXiv.2101.00001"),
        (
            "https://arxiv.org/abs/hep-th/9901001",
            Scheme.ARXIV,
            "hep-th/9901001",
            "https://doi.org/10.48550/arXiv.hep-th/9901001",
        ),
        ("example.org/a?b=1", Scheme.URL, "https://example.org/a?b=1", "https://example.org/a?b=1"),
    ],
)
def test_an_identifier_is_recognised(text, scheme, value, url):
    found = recognise(text)
    assert (found.scheme, found.value, found.url) == (scheme, value, url)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a study",
        "978-0-306-40615-8",
        "javascript:alert(1)",
        "ftp://example.org/a",
        "1" * 40,
        "10." * 5_000,
    ],
)
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(Invalid, match=r"for example 10\.1038/nm\.2890"):
        recognise(text)

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


DOI, ARXIV = (Scheme.DOI, "10.1038/nm.2890"), (Scheme.ARXIV, "2101.00001")
OLD = (Scheme.DOI, "10.1002/(SICI)1097-0258(19980815)17:15<1661::AID-SIM968>3.0.CO;2-2")
IN_BRACKETS = (Scheme.DOI, "10.1016/S0140-6736(05)67728-8")
PASTED = {
    "１０.1038/nm.2890": DOI,
    "10.1038/nm.2890 [doi]": DOI,
    "doi.org/10.1038/nm.2890.": DOI,
    "https://doi.org/10.1038/nm.2890?utm_source=x": DOI,
    "https://doi.org/10.1038/nm.2890#sec1": DOI,
    "10.1038/nm.2890?utm_source=x": DOI,
    "https://doi.org/10.1038%2Fnm.2890": DOI,
    "DOI 10.1038/nm.2890": DOI,
    "(10.1038/nm.2890)": DOI,
    "(10.1038/nm.2890).": DOI,
    "“10.1038/nm.2890”,": DOI,
    "<https://doi.org/10.1038/nm.2890>": DOI,
    "DOI: https://doi.org/10.1038/nm.2890": DOI,
    "urn:doi:10.1038/nm.2890": DOI,
    "info:doi/10.1038/nm.2890": DOI,
    OLD[1]: OLD,
    f"({OLD[1]}).": OLD,
    "10.1016/S0140-6736(05)67728-8": IN_BRACKETS,
    "(10.1016/S0140-6736(05)67728-8)": IN_BRACKETS,
    "2101.00001": ARXIV,
    "arxiv 2101.00001 [cs.LG]": ARXIV,
    "https://arxiv.org/pdf/2101.00001.pdf": ARXIV,
    "arxiv.org/abs/2101.00001?context=cs": ARXIV,
    "hep-th/9901001": (Scheme.ARXIV, "hep-th/9901001"),
    "math.GT/0309136v2": (Scheme.ARXIV, "math.GT/0309136v2"),
    "ISBN 978‑0‑306‑40615‑7": (Scheme.ISBN, "9780306406157"),
    "10.1038/nm.2890/": DOI,
    "https://doi.org/10.1038/nm.2890/": DOI,
    "10.1038/nm.2890#abstract": DOI,
    "PMID 10": (Scheme.PMID, "10"),
    "PMID: 22863786.": (Scheme.PMID, "22863786"),
    "https://pubmed.ncbi.nlm.nih.gov/22863786/?term=sleep": (Scheme.PMID, "22863786"),
    "PMC3677971": (Scheme.URL, "https://pmc.ncbi.nlm.nih.gov/articles/PMC3677971/"),
}


@pytest.mark.parametrize("text", list(PASTED))
def test_a_pasted_identifier_is_recognised_without_what_stands_around_it(text):
    found = recognise(text)
    assert (found.scheme, found.value) == PASTED[text]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2101.001",
        "10.1038/nm.2890 and others",
        "https://10.1038/nm",
        "10.1038",
        "http://example.2101/a",
        "a study",
        "978-0-306-40615-8",
        "10.",
        "10",
        "PMID 0",
        "0000",
        "https://doi.org/",
        "doi.org",
        "https://user:pw@evil.example/",
        "https://user@evil.example/a",
        "javascript:alert(1)",
        "ftp://example.org/a",
        "1" * 40,
        "10." * 5_000,
    ],
)
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(Invalid, match=r"like 10\.1038/nm\.2890"):
        recognise(text)

"""Recognises what identifies a publication: a DOI, a PubMed number, an ISBN, an arXiv number or a web address."""

import re
from dataclasses import dataclass
from enum import StrEnum

from newsletter.errors import Invalid
from newsletter.http.web_addresses import normalise_url
from subscribers.clean_text import folded

LONGEST_IDENTIFIER = 300
LONGEST_URL = 2_000
_PUBMED_URL = re.compile(
    r"https?://(?:pubmed\.ncbi\.nlm\.nih\.gov|www\.ncbi\.nlm\.nih\.gov/pubmed)/(\d{1,8})/?"
)
_PUBMED = re.compile(r"(?:pmid|pubmed)\s*:?\s*(\d{1,8})", re.IGNORECASE)
_ARXIV = re.compile(
    r"(?:https?://(?:www\.|export\.)?arxiv\.org/(?:abs|pdf)/|arxiv\s*:\s*)([\w.-]+(?:/\d{7})?(?:v\d+)?)(?:\.pdf)?",
    re.IGNORECASE,
)
_VERSION = re.compile(r"v\d+\Z")
_ISBN = re.compile(r"(?:isbn(?:-1[03])?\s*:?\s*)?([\dxX\s-]{10,20})", re.IGNORECASE)
# https://info.arxiv.org/help/doi.html
ARXIV_DOI = "10.48550/arXiv."


class Scheme(StrEnum):
    """The kinds of identifiers."""

    DOI = "doi"
    PMID = "pmid"
    ISBN = "isbn"
    ARXIV = "arxiv"
    URL = "url"


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier in its usual spelling, without a prefix."""

    scheme: Scheme
    value: str

    @property
    def doi(self) -> str:
        """The DOI, also for arXiv, which gives every paper one; empty for any other."""
        if self.scheme is Scheme.ARXIV:
            return f"{ARXIV_DOI}{_VERSION.sub('', self.value)}"
        return self.value if self.scheme is Scheme.DOI else ""

    @property
    def url(self) -> str:
        """The web address of what is identified, or an empty string if there is no neutral one."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        if self.scheme is Scheme.PMID:
            return f"https://pubmed.ncbi.nlm.nih.gov/{self.value}/"
        return self.value if self.scheme is Scheme.URL else ""


def recognise(text: str) -> Identifier:
    """Return what a person typed or pasted as an identifier. Raises Invalid if it is none."""
    import idutils  # a third of a second, which only those who need it should wait for

    given = folded(text)
    if found := _PUBMED_URL.fullmatch(given) or _PUBMED.fullmatch(given):
        return Identifier(Scheme.PMID, found[1])
    if (found := _ARXIV.fullmatch(given)) and idutils.is_arxiv(f"arXiv:{found[1]}"):
        return Identifier(Scheme.ARXIV, found[1])
    short = given if len(given) <= LONGEST_IDENTIFIER else ""
    if short and idutils.is_doi(short):
        return Identifier(Scheme.DOI, idutils.normalize_doi(short))
    if (found := _ISBN.fullmatch(short)) and idutils.is_isbn(found[1].strip()):
        return Identifier(Scheme.ISBN, idutils.normalize_isbn(found[1].strip()).replace("-", ""))
    if short.isascii() and short.isdigit() and len(short) <= 8:  # noqa: PLR2004 - the longest number of PubMed
        return Identifier(Scheme.PMID, short)
    return Identifier(Scheme.URL, _url(given))


def _url(given: str) -> str:
    try:
        url = normalise_url(given) if "." in given and len(given) <= LONGEST_URL else ""
    except Invalid:
        url = ""
    if not url or len(url) > LONGEST_URL:
        raise Invalid(
            "We did not recognise this as a DOI, a PubMed number, an ISBN, an arXiv number or a web address. "
            "Check it, for example 10.1038/nm.2890, PMID 22863786 or arXiv:2101.00001."
        )
    return url

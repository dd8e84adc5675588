"""Recognises what identifies a publication: a DOI, a PubMed number, an ISBN, an arXiv number or a web address."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from newsletter.errors import Invalid
from newsletter.http.web_addresses import normalise_url
from subscribers.clean_text import folded

LONGEST_IDENTIFIER = 300
LONGEST_URL = 2_000
# A link may have a query or a fragment, which says where somebody copied it.
_REST_OF_LINK = r"/?(?:[?#].*)?"
_PUBMED_URL = re.compile(
    rf"(?:https?://)?(?:pubmed\.ncbi\.nlm\.nih\.gov|www\.ncbi\.nlm\.nih\.gov/pubmed)/([1-9]\d{{0,7}}){_REST_OF_LINK}",
    re.IGNORECASE,
)
# A short number alone may be anything, for example the beginning of a DOI.
_PUBMED = re.compile(r"(?:(?:pmid|pubmed)\s*:?\s*|(?=[0-9]{5}))([1-9][0-9]{0,7})", re.IGNORECASE)
_PUBMED_CENTRAL = re.compile(r"(?:pmcid\s*:?\s*)?(pmc\d{1,9})", re.IGNORECASE)
_ARXIV_NUMBER = r"(\d{4}\.\d{4,5}(?:v\d+)?|[a-z][a-z.-]*/\d{7}(?:v\d+)?)"
_ARXIV_URL = re.compile(
    rf"(?:https?://)?(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/{_ARXIV_NUMBER}(?:\.pdf)?{_REST_OF_LINK}",
    re.IGNORECASE,
)
_ARXIV = re.compile(rf"(?:arxiv\s*:?\s*)?{_ARXIV_NUMBER}", re.IGNORECASE)
_VERSION = re.compile(r"v\d+\Z")
_ISBN = re.compile(r"(?:isbn(?:-1[03])?\s*:?\s*)?([\dxX\s-]{10,20})", re.IGNORECASE)
_DOI = re.compile(
    r"(?:doi\s*:?\s*|urn:doi:|info:doi/)*(?P<url>(?:https?://)?(?:www\.|dx\.)?doi\.org/(?:doi:)?)?(?P<doi>10\..+)",
    re.IGNORECASE,
)
_TRACKED = re.compile(r"[?#&]utm_.*")
# A slash, or the place on a page that somebody copied the DOI with.
_END_OF_COPIED_DOI = re.compile(r"(?:/|#[a-z][a-z0-9_-]*)+\Z", re.IGNORECASE)
_NOTE_BEHIND = re.compile(r"\s+\[[^\[\]]{1,30}\]\Z")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_PAIRS = {")": "(", "]": "[", ">": "<", "}": "{"}
_BEFORE, _BEHIND = "\"'“”„‘’«»([{<", "\"'“”‘’«».,;:!)]}>"
_NUMBER_FOR_HOST = re.compile(r"https?://(?:[^/?#]*\.)?\d+\.?(?::\d+)?(?:[/?#]|\Z)")
# An address with a name or password, and the page of doi.org itself.
_NOTHING_TO_READ = re.compile(
    r"https?://(?:[^/?#]*@|(?:www\.|dx\.)?doi\.org(?::\d+)?/?(?:[?#]|\Z))", re.IGNORECASE
)
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
    given = folded(text)
    plain = _without_surroundings(given) if len(given) <= LONGEST_IDENTIFIER else ""
    return _numbered(plain) or Identifier(Scheme.URL, _url(given))


def _numbered(plain: str) -> Identifier | None:
    """Return the identifier if the text is a number of PubMed or arXiv, a DOI or an ISBN, or a link to one."""
    import idutils  # a third of a second, which only those who need it should wait for

    found = _ARXIV_URL.fullmatch(plain) or _ARXIV.fullmatch(plain)
    if found and idutils.is_arxiv(f"arXiv:{found[1]}"):
        return Identifier(Scheme.ARXIV, found[1])
    if (doi := _doi_in(plain)) and " " not in doi and idutils.is_doi(doi):
        return Identifier(Scheme.DOI, idutils.normalize_doi(doi))
    if (found := _ISBN.fullmatch(plain)) and idutils.is_isbn(found[1].strip()):
        return Identifier(Scheme.ISBN, idutils.normalize_isbn(found[1].strip()).replace("-", ""))
    return _of_pubmed(plain)


def _of_pubmed(plain: str) -> Identifier | None:
    if found := _PUBMED_URL.fullmatch(plain) or _PUBMED.fullmatch(plain):
        return Identifier(Scheme.PMID, found[1])
    if found := _PUBMED_CENTRAL.fullmatch(plain):
        return Identifier(Scheme.URL, f"https://pmc.ncbi.nlm.nih.gov/articles/{found[1].upper()}/")
    return None


def _without_surroundings(text: str) -> str:
    """Return what somebody pasted without the quotation marks, brackets and full stops around it.

    A bracket at the end stays if its partner is inside, as in some DOIs.
    """
    text = _DASHES.sub("-", text if text.isascii() else unicodedata.normalize("NFKC", text))
    text = _NOTE_BEHIND.sub("", text)
    while text and (text[0] in _BEFORE or text[0].isspace()):
        text = text[1:]
    while text and (text[-1] in _BEHIND or text[-1].isspace()):
        opening = _PAIRS.get(text[-1])
        if opening and text.count(opening) >= text.count(text[-1]):
            break
        text = text[:-1]
    return text


def _doi_in(text: str) -> str:
    """Return what stands where a DOI should be, or an empty string. A link to one is decoded and ends at its query."""
    found = _DOI.fullmatch(text)
    if found is None:
        return ""
    if found["url"]:
        return unquote(re.split(r"[?#]", found["doi"], maxsplit=1)[0]).rstrip("/")
    return _END_OF_COPIED_DOI.sub("", _TRACKED.sub("", found["doi"]))


def _url(given: str) -> str:
    try:
        url = normalise_url(given) if "." in given and len(given) <= LONGEST_URL else ""
    except Invalid:
        url = ""
    if not url or len(url) > LONGEST_URL or _NUMBER_FOR_HOST.match(url) or _NOTHING_TO_READ.match(url):
        raise Invalid(
            "We did not recognise this as a DOI, a PubMed number, an ISBN, an arXiv number or a web address. "
            "It should look like 10.1038/nm.2890, PMID 22863786, arXiv:2101.00001 or https://example.org/study."
        )
    return url

"""The fields by which a person describes a reference, checked, and turned into what is stored of it and back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from newsletter.articles.models import Reference
from newsletter.articles.references.csl import (
    BOOK,
    JOURNAL,
    LONGEST_NAME,
    LONGEST_TEXT,
    MAX_AUTHORS,
    REPORT,
    WEB_PAGE,
    csl_of,
    names_of,
    year_of,
)
from newsletter.articles.references.format_citation import citation_of_csl
from newsletter.articles.references.identifiers import ARXIV_DOI, Identifier, Scheme, recognise
from newsletter.errors import Invalid, InvalidFields
from subscribers.clean_text import folded
from subscribers.whole_numbers import whole_number

FIRST_YEAR, LAST_YEAR = 1000, 2999
_TEXTS = ("title", "container", "publisher", "volume", "issue", "pages")
_KINDS = {Reference.Kind.REPORT: REPORT, Reference.Kind.GUIDELINE: REPORT, Reference.Kind.RESPONSE: WEB_PAGE}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceFields:
    """A reference as somebody typed it. `authors` has one name on each line, a person as “Sun, Yu”."""

    kind: str = Reference.Kind.STUDY.value
    identifier: str = ""
    url: str = ""
    title: str = ""
    authors: str = ""
    container: str = ""
    publisher: str = ""
    year: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""


def fields_of_csl(
    kind: str, csl: Mapping[str, Any], *, identifier: str = "", url: str = ""
) -> ReferenceFields:
    """Return the fields of a form with these details."""
    return ReferenceFields(
        kind=kind,
        identifier=identifier or _identifier_in(csl),
        url=url or csl.get("URL", ""),
        title=csl["title"],
        authors="\n".join(names_of(csl)),
        container=csl.get("container-title", ""),
        publisher=csl.get("publisher", ""),
        year=str(year_of(csl) or ""),
        volume=csl.get("volume", ""),
        issue=csl.get("issue", ""),
        pages=csl.get("page", ""),
    )


def fields_of_reference(reference: Reference) -> ReferenceFields:
    """Return the fields of a form with a stored reference. If only its citation is known, that is the title."""
    csl = reference.csl or {"title": reference.citation}
    return fields_of_csl(
        reference.kind, csl, identifier=_identifier_in(csl) or reference.doi, url=reference.url
    )


def checked_identifier(text: str) -> Identifier:
    """Return what a form's field has as an identifier. Raises InvalidFields."""
    try:
        return recognise(text)
    except Invalid as error:
        raise InvalidFields({"identifier": str(error)}) from None


def checked_values(fields: ReferenceFields) -> dict[str, Any]:
    """Return the values of a Reference for these fields, by name. Raises InvalidFields with a sentence for each."""
    typed = {name: folded(value) for name, value in asdict(fields).items() if name != "authors"}
    authors = [name for line in fields.authors.splitlines() if (name := folded(line))]
    wrong = _wrong(typed, authors)
    identifier = _recognised("identifier", typed["identifier"], wrong)
    address = _recognised("url", typed["url"], wrong)
    if address is not None and address.scheme is not Scheme.URL:
        identifier, address = identifier or address, None
    if identifier is not None and identifier.scheme is Scheme.URL:
        identifier, address = None, address or identifier
    if wrong:
        raise InvalidFields(wrong)
    csl = csl_of(
        title=typed["title"],
        authors=authors,
        container=typed["container"],
        publisher=typed["publisher"],
        year=int(typed["year"]) if typed["year"] else None,
        volume=typed["volume"],
        issue=typed["issue"],
        page=typed["pages"],
        kind=_type_of(typed, identifier),
        **_named(identifier),
        **({"URL": address.value} if address else {}),
    )
    if csl is None:
        raise InvalidFields({"title": "Enter the title as plain text, without HTML or other code."})
    url = address.value if address else ""
    if not url and identifier is not None and not identifier.doi:
        url = identifier.url
    return {
        "kind": typed["kind"],
        "citation": citation_of_csl(csl),
        "csl": csl,
        "url": url,
        "doi": identifier.doi if identifier else "",
    }


def _wrong(typed: Mapping[str, str], authors: list[str]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if typed["kind"] not in Reference.Kind.values:
        wrong["kind"] = "Choose the kind of reference."
    if not typed["title"]:
        wrong["title"] = "Enter the title."
    for name in _TEXTS:
        if len(typed[name]) > LONGEST_TEXT:
            wrong[name] = f"Enter up to {LONGEST_TEXT} characters."
    if len(authors) > MAX_AUTHORS or any(len(name) > LONGEST_NAME for name in authors):
        wrong["authors"] = f"Enter up to {MAX_AUTHORS} authors, each with up to {LONGEST_NAME} characters."
    year = typed["year"]
    if year and not FIRST_YEAR <= (whole_number(year, digits=4) or 0) <= LAST_YEAR:
        wrong["year"] = "Enter the year with four digits, such as 2012."
    return wrong


def _recognised(name: str, text: str, wrong: dict[str, str]) -> Identifier | None:
    if not text:
        return None
    try:
        return recognise(text)
    except Invalid as error:
        wrong[name] = str(error)
    return None


def _type_of(typed: Mapping[str, str], identifier: Identifier | None) -> str:
    """Return the type of CSL. What has a volume, or is in a journal with a DOI, is an article of a journal."""
    if identifier is not None and identifier.scheme is Scheme.ISBN:
        return BOOK
    if typed["volume"] or (typed["container"] and identifier is not None):
        return JOURNAL
    return _KINDS.get(Reference.Kind(typed["kind"]), JOURNAL if typed["container"] else WEB_PAGE)


def _named(identifier: Identifier | None) -> dict[str, str]:
    if identifier is None:
        return {}
    if identifier.doi:
        return {"DOI": identifier.doi}
    return {identifier.scheme.value.upper(): identifier.value}


def _identifier_in(csl: Mapping[str, Any]) -> str:
    doi = str(csl.get("DOI", ""))
    if doi.startswith(ARXIV_DOI):
        return f"arXiv:{doi.removeprefix(ARXIV_DOI)}"
    if "PMID" in csl:
        return doi or f"PMID {csl['PMID']}"
    return doi or str(csl.get("ISBN", ""))

"""The details of a publication as CSL-JSON, cleaned wherever they come from, and as the fields of a form.

CSL-JSON: https://docs.citationstyles.org/en/stable/specification.html#appendix-iv-variables. We keep only the variables
that our citations use, so that nothing else of a foreign document is stored.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from newsletter.articles.html_and_text.html_to_text import plain
from subscribers.clean_text import folded

MAX_AUTHORS = 100
LONGEST_TEXT = 500
LONGEST_NAME = 200
_TEXTS = (
    *("title", "container-title", "publisher", "volume", "issue", "page", "number", "genre"),
    *("DOI", "PMID", "ISBN", "URL", "language"),
)
_TYPE = re.compile(r"[a-z][a-z_-]{1,30}")
_YEAR = re.compile(r"\d{4}")
DEFAULT_TYPE = "document"
# The types of CSL, as forms choose them: by what is known of the publication.
JOURNAL, WEB_PAGE, REPORT, BOOK = "article-journal", "webpage", "report", "book"
_OTHER_NAMES = {"journal-article": JOURNAL, "posted-content": "article", "monograph": BOOK}


def cleaned_csl(given: Any) -> dict[str, Any] | None:
    """Return a foreign CSL-JSON item with the variables that we keep, as plain words, or None without a title."""
    if not isinstance(given, Mapping):
        return None
    kept: dict[str, Any] = {"type": _type(given.get("type"))}
    for name in _TEXTS:
        if text := _text(given.get(name)):
            kept[name] = text
    if "title" not in kept:
        return None
    if authors := list(_people(given.get("author"))):
        kept["author"] = authors
    if year := _year(given):
        kept["issued"] = {"date-parts": [[year]]}
    return kept


def csl_of(
    *,
    title: str,
    authors: Sequence[str] = (),
    container: str = "",
    publisher: str = "",
    year: int | None = None,
    volume: str = "",
    issue: str = "",
    page: str = "",
    kind: str = JOURNAL,
    **identifiers: str,
) -> dict[str, Any] | None:
    """Return CSL-JSON made of single details, or None without a title. `identifiers` are its DOI, PMID, ISBN or URL."""
    given: dict[str, Any] = {
        "type": kind,
        "title": title,
        "author": [named(author) for author in authors],
        "container-title": container,
        "publisher": publisher,
        "volume": volume,
        "issue": issue,
        "page": page,
        **identifiers,
    }
    return cleaned_csl(given | ({"issued": {"date-parts": [[year]]}} if year else {}))


def named(author: str) -> dict[str, str]:
    """Return a name as CSL-JSON: “Sun, Yu” is a person, and a name without a comma is taken as it is."""
    family, comma, given = author.partition(",")
    if comma and family.strip() and given.strip():
        return {"family": family.strip(), "given": given.strip()}
    return {"literal": author.strip(" ,")}


def names_of(csl: Mapping[str, Any]) -> list[str]:
    """Return the authors as a form shows them, which `named` reads."""
    return [
        f"{each['family']}, {each['given']}" if each.get("given") else each.get("family") or each["literal"]
        for each in csl.get("author", ())
    ]


def year_of(csl: Mapping[str, Any]) -> int | None:
    """Return the year of publication, or None if it is not known."""
    issued = csl.get("issued")
    return int(issued["date-parts"][0][0]) if issued else None


def short_citation_of(csl: Mapping[str, Any]) -> str:
    """Return a citation for one line of an email, such as “Sun et al. 2012, Nature Medicine”."""
    names = [each.get("family") or each["literal"] for each in csl.get("author", ())]
    who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)  # noqa: PLR2004 - both authors are named
    dated = " ".join(filter(None, (who, str(year_of(csl) or ""))))
    where = csl.get("container-title", "")
    if not who or not where or where == who:
        where = csl["title"]
    return ", ".join(filter(None, (dated, where)))


def _text(value: Any) -> str:
    if isinstance(value, list):
        # Crossref gives titles as lists, and the first is the title.
        value = value[0] if value else ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return plain(str(value)[: LONGEST_TEXT * 4], longest=LONGEST_TEXT)


def _type(value: Any) -> str:
    given = _OTHER_NAMES.get(str(value), str(value))
    return given if _TYPE.fullmatch(given) else DEFAULT_TYPE


def _people(value: Any) -> Iterator[dict[str, str]]:
    for each in value[:MAX_AUTHORS] if isinstance(value, list) else ():
        if not isinstance(each, Mapping):
            continue
        family, given, literal = (
            folded(_text(each.get(name)))[:LONGEST_NAME] for name in ("family", "given", "literal")
        )
        literal = literal or folded(_text(each.get("name")))[:LONGEST_NAME]
        if family:
            yield {"family": family, "given": given} if given else {"family": family}
        elif literal or given:
            yield {"literal": literal or given}


def _year(given: Mapping[str, Any]) -> int | None:
    for name in ("issued", "published-print", "published-online", "published"):
        date = given.get(name)
        if not isinstance(date, Mapping):
            continue
        parts = date.get("date-parts")
        first = parts[0] if isinstance(parts, list) and parts else None
        year = first[0] if isinstance(first, list) and first else date.get("raw") or date.get("literal")
        if not isinstance(year, bool) and (found := _YEAR.match(str(year)[:50])):
            return int(found[0]) or None
    return None

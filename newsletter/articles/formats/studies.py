"""Make a reference of what the feeds of PubMed, arXiv, bioRxiv and journals say of a study: authors, journal and DOI.

Journals write PRISM and Dublin Core (https://www.crossref.org/documentation/, recommendations for RSS), PubMed Dublin
Core, and arXiv names of its own (https://info.arxiv.org/help/api/user-manual.html).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from newsletter.articles.incoming_article import Citation
from newsletter.articles.steps.by_lines import people_in
from newsletter.articles.steps.plain_text import plain

STUDY = "study"  # Reference.Kind.STUDY
MAX_AUTHORS = 3
LONGEST_PART = 500

_DOI = re.compile(
    r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/|info:doi/)?(10\.\d{4,9}/[^\s\"<>]+)", re.IGNORECASE
)
_DOI_IN_LINK = re.compile(
    r"https?://(?:(?:dx\.)?doi\.org/|[\w.-]+/doi/(?:(?:abs|full|epub|pdf|epdf)/)?|(?:www\.)?(?:bio|med)rxiv\.org/content/"
    r"(?:early/\d{4}/\d\d/\d\d/)?)(10\.\d{4,9}/[^\s\"<>?#]+)",
    re.IGNORECASE,
)
_VERSION_OF_PREPRINT = re.compile(r"v\d+(?:\.\w+)*\Z")
_ARXIV = re.compile(r"https?://(?:www\.|export\.)?arxiv\.org/abs/([\w.-]+(?:/\d{7})?)")
_PUBMED = re.compile(r"https?://pubmed\.ncbi\.nlm\.nih\.gov/\d+")
# Nature writes the date and the DOI behind the journal.
_BEHIND_JOURNAL = re.compile(
    r",\s*Published online\b.*|\s*[;|]\s*(?:doi\b|\||\Z).*", re.IGNORECASE | re.DOTALL
)


def study_of(
    entry: Mapping[str, Any],
    feed: Mapping[str, Any],
    *,
    url: str,
    title: str,
    authors: Sequence[str],
    published_at: datetime | None,
) -> Citation | None:
    """Return the study that an entry announces, as one citation; None for an entry that announces none."""
    doi = next(_dois(entry, url), "")
    preprint = _ARXIV.match(url)
    if not doi and preprint:
        # https://info.arxiv.org/help/doi.html
        doi = f"10.48550/arXiv.{_VERSION_OF_PREPRINT.sub('', preprint[1])}"
    if not doi and not _PUBMED.match(url):
        return None
    journal = _journal(entry, feed) or ("arXiv" if preprint else "")
    parts = [_people(authors), _sentence(title), _sentence(_issue(entry, journal, published_at))]
    citation = " ".join(part for part in [*parts, f"doi:{doi}" if doi else ""] if part)
    return Citation(kind=STUDY, citation=citation, url="" if doi else url, doi=doi)


def _dois(entry: Mapping[str, Any], url: str) -> Iterator[str]:
    written = [
        entry.get("prism_doi"),
        entry.get("arxiv_doi"),
        *(entry.get("identifiers") or ()),
        entry.get("id"),
    ]
    for each in written:
        if found := _DOI.fullmatch(str(each or "").strip()):
            yield _tidy(found[1])
    if found := _DOI_IN_LINK.match(unquote(url)):
        yield _VERSION_OF_PREPRINT.sub("", _tidy(found[1])) if "rxiv.org" in url else _tidy(found[1])


def _tidy(doi: str) -> str:
    return doi.rstrip(".,;/)")


def _journal(entry: Mapping[str, Any], feed: Mapping[str, Any]) -> str:
    named = (
        *(
            entry.get(name)
            for name in ("arxiv_journal_ref", "arxiv_journal_reference", "prism_publicationname")
        ),
        *(entry.get("dc_source"), feed.get("prism_publicationname")),
    )
    return next((found for text in named if (found := _BEHIND_JOURNAL.sub("", _words(text)))), "")


def _issue(entry: Mapping[str, Any], journal: str, published_at: datetime | None) -> str:
    """Return journal, year, volume, number and pages: `Journal of Tides 2026;12(3):45–50`."""
    if entry.get("arxiv_journal_ref") or entry.get("arxiv_journal_reference"):
        return journal  # it has all of them
    volume, number, first, last = (
        _words(entry.get(f"prism_{name}")) for name in ("volume", "number", "startingpage", "endingpage")
    )
    year = f"{published_at.year}" if published_at else ""
    numbered = f"{volume}({number})" if volume and number else volume
    pages = f"{first}–{last}" if last and last != first else first
    placed = "".join([f";{numbered}" if numbered else "", f":{pages}" if numbered and pages else ""])
    return f"{journal} {year}{placed}".strip()


def _people(authors: Sequence[str]) -> str:
    names = [_words(name) for name in people_in(authors)]
    shown = ", ".join(names[:MAX_AUTHORS]) + (" et al." if len(names) > MAX_AUTHORS else "")
    return _sentence(shown)


def _sentence(text: str) -> str:
    text = _words(text)
    return text if not text or text[-1] in ".?!" else f"{text}."


def _words(text: Any) -> str:
    return plain(str(text or ""), longest=LONGEST_PART)

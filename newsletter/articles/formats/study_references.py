"""Make a reference of what the feeds of PubMed, arXiv, bioRxiv and journals say of a study: authors, journal and DOI.

Journals write PRISM and Dublin Core (https://www.crossref.org/documentation/, recommendations for RSS), PubMed Dublin
Core, and arXiv names of its own (https://info.arxiv.org/help/api/user-manual.html).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from newsletter.articles.html_and_text.html_to_text import plain
from newsletter.articles.html_and_text.split_bylines import people_in
from newsletter.articles.incoming_article import Citation
from newsletter.articles.references.csl import csl_of

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What is known of a study; what is not known is empty."""

    title: str
    authors: Sequence[str]
    journal: str
    year: int | None
    volume: str = ""
    number: str = ""
    pages: str = ""
    doi: str = ""


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
    volume, number, first, last = (
        _words(entry.get(f"prism_{name}")) for name in ("volume", "number", "startingpage", "endingpage")
    )
    # What authors give to arXiv has the year, the volume and the pages in it.
    in_full = entry.get("arxiv_journal_ref") or entry.get("arxiv_journal_reference")
    study = Study(
        title=title,
        authors=authors,
        journal=_journal(entry, feed) or ("arXiv" if preprint else ""),
        year=published_at.year if published_at and not in_full else None,
        volume=volume,
        number=number,
        pages=f"{first}–{last}" if last and last != first else first,
        doi=doi,
    )
    return citation_of(study, url="" if doi else url)


def citation_of(study: Study, *, url: str) -> Citation:
    """Return a study as one citation: authors, title, journal with volume and pages, DOI. `url` is for one without."""
    numbered = f"{study.volume}({study.number})" if study.volume and study.number else study.volume
    placed = f"{study.journal} {study.year or ''}".strip()
    placed += (f";{numbered}" + (f":{study.pages}" if study.pages else "")) if numbered else ""
    parts = [
        _people(study.authors),
        _sentence(study.title),
        _sentence(placed),
        f"doi:{study.doi}" if study.doi else "",
    ]
    csl = csl_of(
        title=study.title,
        authors=people_in(study.authors),
        container=study.journal,
        year=study.year,
        volume=study.volume,
        issue=study.number,
        page=study.pages,
        **({"DOI": study.doi} if study.doi else {"URL": url}),
    )
    return Citation(kind=STUDY, citation=" ".join(filter(None, parts)), url=url, doi=study.doi, csl=csl)


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


def _people(authors: Sequence[str]) -> str:
    names = [_words(name) for name in people_in(authors)]
    shown = ", ".join(names[:MAX_AUTHORS]) + (" et al." if len(names) > MAX_AUTHORS else "")
    return _sentence(shown)


def _sentence(text: str) -> str:
    text = _words(text)
    return text if not text or text[-1] in ".?!" else f"{text}."


def _words(text: Any) -> str:
    return plain(str(text or ""), longest=LONGEST_PART)

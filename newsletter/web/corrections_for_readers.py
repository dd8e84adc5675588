"""Corrections as readers see them: beside their article, in the list of all of them, and as structured data.

All three show the same rows in the same words.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpRequest
from django.urls import reverse
from markupsafe import Markup

from newsletter.articles.models import Correction
from newsletter.issues.models import Issue, Publication
from newsletter.issues.page_urls import absolute_url, read_online_url
from newsletter.rendering.fixed_words import Words, words_in
from newsletter.rendering.localisation import long_date
from newsletter.rendering.safe_urls import safe_web_url
from subscribers.translated_languages import written_in
from subscribers.views.public_page import html_of

_HEADING_ENDS = re.compile(r"</h[1-6]>")
# Inside a script element, these three could end it, or begin a comment.
_ESCAPED = ((b"<", b"\\u003c"), (b">", b"\\u003e"), (b"&", b"\\u0026"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCorrection:
    """A correction for readers, in the language of the publication.

    `details` are labels, each with its colon, and their texts.
    """

    number: int
    article: int
    title: str
    url: str
    date: str
    moment: str
    text: str
    details: tuple[tuple[str, str], ...]

    @property
    def anchor(self) -> str:
        """The place of the article on the page of an issue."""
        return f"article-{self.article}"

    @property
    def own_anchor(self) -> str:
        """Its place in the list of all corrections."""
        return f"correction-{self.number}"

    @property
    def in_words(self) -> str:
        """The whole correction as plain text: what is right, then each detail on its own line."""
        return "\n".join([self.text, *(f"{label} {text}" for label, text in self.details)])


def shown(corrections: Iterable[Correction], publication: Publication) -> list[ShownCorrection]:
    """Return corrections as readers see them."""
    words = words_in(publication.language, {})
    return [_shown(each, publication, words) for each in corrections]


def _shown(correction: Correction, publication: Publication, words: Words) -> ShownCorrection:
    since = long_date(correction.wrong_since, publication.language) if correction.wrong_since else ""
    said = ((words["said"], correction.said), (words["reason"], correction.why), (words["since"], since))
    details = tuple((words["labelled"].replace("{label}", label), text) for label, text in said if text)
    return ShownCorrection(
        number=correction.pk,
        article=correction.article_id,
        title=correction.article.title,
        url=safe_web_url(correction.article.url),
        date=long_date(correction.corrected_on, publication.language),
        moment=correction.corrected_on.isoformat(),
        text=correction.text,
        details=details,
    )


def in_place(
    request: HttpRequest, page: str, corrections: Sequence[ShownCorrection], publication: Publication
) -> str:
    """Return the page of an issue with each correction below the heading of its article.

    A page of a theme that gives articles no anchors stays as it is: the corrections are above it in any case.
    """
    for each in reversed(corrections):
        begins = page.find(f'<article id="{each.anchor}"')
        heading = _HEADING_ENDS.search(page, begins) if begins >= 0 else None
        ends = page.find("</article>", begins)
        if heading is None or not begins < heading.start() < ends:
            continue
        spoken = written_in(publication.language)
        note = html_of(request, "correction_note", spoken, each=each, publication=publication)
        page = f"{page[: heading.end()]}\n{note}{page[heading.end() :]}"
    return page


def structured_data(issue: Issue, corrections: Sequence[ShownCorrection], moment: str) -> Markup:
    """Return what an issue is, who publishes it by which policy, and its corrections, as JSON-LD for a script element.

    https://schema.org/CorrectionComment
    """
    publication = issue.publication
    address = read_online_url(publication, issue.number)
    document: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "PublicationIssue",
        "@id": address,
        "url": address,
        "name": issue.subject,
        "issueNumber": str(issue.number),
        "inLanguage": publication.language,
        "isPartOf": {
            "@type": "Periodical",
            "name": publication.name,
            "url": absolute_url(reverse("archive", args=[publication.slug])),
        },
        "publisher": {
            "@type": "Organization",
            "name": publication.organisation or publication.name,
            "correctionsPolicy": f"{corrections_url(publication)}#policy",
        },
    }
    if moment:
        document["datePublished"] = moment
    if publication.website:
        document["publisher"]["url"] = safe_web_url(publication.website)
    if corrections:
        document["hasPart"] = _corrected_articles(address, corrections)
    written = orjson.dumps(document)
    for character, escaped in _ESCAPED:
        written = written.replace(character, escaped)
    # JSON in which nothing can end the element.
    return Markup(written.decode())  # noqa: S704


def _corrected_articles(address: str, corrections: Sequence[ShownCorrection]) -> list[dict[str, Any]]:
    articles: dict[int, dict[str, Any]] = {}
    for each in corrections:
        article = articles.setdefault(
            each.article,
            {
                "@type": "Article",
                "@id": f"{address}#{each.anchor}",
                "headline": each.title,
                **({"url": each.url} if each.url else {}),
                "correction": [],
            },
        )
        article["correction"].append(
            {"@type": "CorrectionComment", "datePublished": each.moment, "text": each.in_words}
        )
    return list(articles.values())


def corrections_url(publication: Publication) -> str:
    """Return the URL of the list of a publication's corrections, which also says how it corrects mistakes."""
    return absolute_url(reverse("archive-corrections", args=[publication.slug]))

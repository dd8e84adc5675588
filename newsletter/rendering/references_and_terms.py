"""What an issue shows below an article: its references, and how its text and picture can be reused."""

from collections.abc import Iterable, Iterator

from newsletter.articles.article_terms import ArticleTerms
from newsletter.articles.models import Reference
from newsletter.articles.references.csl import short_citation_of
from newsletter.articles.reuse_terms import is_by, picture_line, text_line
from newsletter.rendering.email_contents import Link, Terms
from newsletter.rendering.fixed_words import Words
from newsletter.rendering.safe_urls import safe_web_url
from subscribers.bidi import isolated
from subscribers.clean_text import printable
from subscribers.phrases import shortened

_LONGEST_CITATION = 300


def links_of(references: Iterable[Reference]) -> tuple[Link, ...]:
    """Return references as links, in order."""
    return tuple(map(_link, references))


def lines_of_terms(
    known: ArticleTerms | None, words: Words, organisation: str, *, has_picture: bool
) -> Iterator[Terms]:
    """Yield the terms of the text and of the picture of an article, each as a line that leads to the licence.

    Those of the organisation that publishes the newsletter are its own.
    """
    if known is None:
        return
    lines = (
        ("text_terms", text_line(known)),
        ("picture_terms", picture_line(known) if has_picture else None),
    )
    for name, line in lines:
        if line is not None:
            said = words[name].replace("{terms}", isolated(printable(line.words)))
            url = safe_web_url(line.url)
            yield Terms(text=words.phrase(said), url=url, are_own=is_by(organisation, line.attribution))


def _link(reference: Reference) -> Link:
    """Return a reference as its source wrote it, or else in short for the email and in full for the web page."""
    url = safe_web_url(reference.link)
    if not (reference.csl and reference.has_short_form):
        text = shortened(reference.citation, _LONGEST_CITATION)
        return Link(text=text, url=url, full=reference.citation if text != reference.citation else "")
    brief = shortened(short_citation_of(reference.csl), _LONGEST_CITATION)
    return Link(text=brief, url=url, full=reference.citation)

"""Write the standfirst: one to three whole sentences under a headline, from the source's summary or from the text."""

import re

from newsletter.articles.html_and_text.feed_phrases import ENDED, without_tail
from newsletter.articles.html_and_text.first_sentences import LONGEST_SENTENCE, title_from, whole_sentences
from newsletter.articles.html_and_text.html_to_text import first_paragraphs
from newsletter.articles.incoming_article import IncomingArticle

# The beginnings of arXiv, PubMed, Nature, Wiley and ScienceDirect, and the labels of abstracts.
_MASTHEADS = (
    re.compile(r"\A\s*arXiv:\S+\s+(?:Announce Type:\s*\S+\s*)?"),
    re.compile(r"\A.{1,120}?, Published online: [^;]{1,40}; doi:\s?\S+\s*"),
    re.compile(
        r"\A(?:[^.]{1,80}\.\s)?\d{4}\b.{0,160}?\bdoi:\s?10\.\S+?\.?"
        r"(?:\s(?:Online ahead of print|eCollection [^.]{4,20})\.)?(?=\s|\Z)"
    ),
    re.compile(
        r"\A[^.]{1,100}, (?:EarlyView|Early View|Ahead of Print|Accepted Article|Volume \d+, Issue \d+[^.]{0,60})\.?\s*"
    ),
    re.compile(r"\APublication date:.{0,60}?(?=Source:)"),
    re.compile(r"\ASource:.{0,200}?(?=Author)"),
    re.compile(r"\AAuthor\(s\):.{0,2000}\Z", re.DOTALL),
    # Of an abstract in parts, and its last part is the whole summary that PubMed gives.
    re.compile(
        r"\A\s*(?:BACKGROUND|CONTEXT|INTRODUCTION|IMPORTANCE|OBJECTIVES?|AIMS?|PURPOSE|METHODS|RESULTS|FINDINGS"
        r"|INTERPRETATION|DISCUSSION|CONCLUSIONS?(?: AND RELEVANCE)?|SIGNIFICANCE(?: STATEMENT)?):\s+"
    ),
    re.compile(
        r"\A\s*(?:ABSTRACT|Abstract|SUMMARY|Zusammenfassung|Résumé|Resumen|Riassunto)\b\s*[:.\u2014\u2013-]?\s+(?=\W?[A-Z0-9À-Þ])"
    ),
)
_SUBMITTED = re.compile(
    r"\s*(?:\A|(?<=\s))submitted by\s+/?u/\S+(?:\s+to\s+/?r/\S+)?(?:\s*\[(?:link|\d*\s?comments?)\])*\s*\Z"
)
# Hacker News in feeds: the links that the entry has anyway, and counts.
_COUNTED = re.compile(
    r"\A(?:Article URL:\s*\S+\s*)?Comments URL:\s*\S+(?:\s*Points:\s*\d+)?(?:\s*#\s*Comments:\s*\d+)?\s*"
    r"|\A\s*Points:\s*\d+\s*|\A#\s*Comments:\s*\d+\s*|\A(?:Article|Comments) URL:\s*\S*\s*"
)


def write_standfirst(article: IncomingArticle) -> None:
    """Write the standfirst, empty without words, and from it the title of an article that has none.

    A summary that a machine cut off, or that is too long, is used only if the body has no words.
    """
    summary, is_cut = without_tail(without_masthead(article.summary))
    if summary and not is_cut and len(summary) <= LONGEST_SENTENCE:
        article.standfirst = summary
    else:
        paragraphs = list(filter(None, map(without_masthead, first_paragraphs(article.body_html))))
        # What ends unlike a sentence counts only where nothing else is.
        prose = [words for words in paragraphs if ENDED.search(words)] or paragraphs
        article.standfirst = whole_sentences(" ".join(prose)) or whole_sentences(summary)
    if not article.title:
        article.title = title_from(next(iter(first_paragraphs(article.body_html)), article.standfirst))
        # A short message is its own headline, and what is left of it stands below.
        rest = article.standfirst.removeprefix(article.title)
        article.standfirst = rest.strip() if not rest or rest[0].isspace() else article.standfirst


def without_masthead(text: str) -> str:
    """Return the text without what journals, archives and forums put before and after the abstract of a piece."""
    text = _COUNTED.sub("", _SUBMITTED.sub("", text), count=1)
    for pattern in _MASTHEADS:
        text = pattern.sub("", text, count=1)
    return text.strip()

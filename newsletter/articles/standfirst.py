"""The standfirst: one to three whole sentences under a headline, from the source's summary or made from the text."""

import re

from newsletter.articles.boilerplate import ENDED, without_tail
from newsletter.articles.plain_text import folded, plain, shortened

SHORTEST = 160
LONGEST = 300
LONGEST_SENTENCE = 400

_READ_FROM_TEXT = 3_000
_READ_FROM_SUMMARY = 4_000

_SENTENCE_END = re.compile(
    r"[.!?…]+[\"'”’»)\]]*(?=\s+[\"'“‘«(\[¿¡]*(?:[A-ZÀ-ÖØ-Þ0-9¿¡]|[^\x00-\u024f])|\s*\Z)|[。！？｡．]+[」』”）】]*"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|St|Sr|Jr|vs|cf|al|etc|approx|Fig|No|Nr|Vol|pp|ca|Mme|Mlle|Hr|Fr|bzw|usw|Abs|Bd|Inc|Ltd|Co"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Gen|Col|Rev|Hon|Sen|Rep|Gov)"
    r"|\b(?:e\.g|i\.e|z\.B|d\.h|u\.a|p\.ex|a\.m|p\.m|U\.S|U\.K|Ph\.D)"
    r"|(?:^|[\s(.])[^\W\d_]|(?:^|\s)\d{1,2})\.\Z"
)
_NOT_PROSE = re.compile(r"<(h[1-6]|figure|figcaption|table|pre|dl)\b.*?</\1>", re.DOTALL)
_BLOCK = re.compile(
    r"</?(?:p|div|li|ul|ol|blockquote|h[1-6]|figure|figcaption|table|tr|td|th|pre|dl|dt|dd|details|summary|hr)\b[^>]*>"
    r"|(?:<br>\s*){2,}"
)


def standfirst(summary: str, body: str) -> str:
    """The standfirst from a source's summary and body, both as safe HTML; empty where there are no words.

    A summary that a machine cut off counts only where the body has no words.
    """
    given, cut = without_tail(plain(_beginning(summary, _READ_FROM_SUMMARY)))
    if given and not cut and len(given) <= LONGEST_SENTENCE:
        return given
    made = whole_sentences(" ".join(_prose(body)))
    return made or whole_sentences(given)


def whole_sentences(text: str) -> str:
    """The first sentences of a text, 160 to 300 characters of them where they fall so; never cut within a word."""
    text, cut = without_tail(folded(text)[: 2 * LONGEST_SENTENCE])
    if not text or (len(text) <= LONGEST and not cut):
        return text
    chosen = 0
    for end in _sentence_ends(text[: LONGEST_SENTENCE + 1]):
        if chosen and end > LONGEST:
            break
        chosen = end
        if chosen >= SHORTEST:
            break
    if chosen:
        return text[:chosen].strip()
    return shortened(text if not cut else f"{text}…", LONGEST)


def _prose(body: str) -> list[str]:
    """The paragraphs of the first part of a text; what ends unlike a sentence only where nothing else is."""
    beginning = _NOT_PROSE.sub(" ", _beginning(body, _READ_FROM_TEXT)).strip() or body
    paragraphs = [words for part in _BLOCK.split(beginning) if (words := plain(part))]
    return [words for words in paragraphs if ENDED.search(words)] or paragraphs


def _sentence_ends(text: str) -> list[int]:
    ends = (found.end() for found in _SENTENCE_END.finditer(text))
    return [end for end in ends if not _ABBREVIATION.search(text[max(0, end - 24) : end])]


def _beginning(markup: str, length: int) -> str:
    if len(markup) <= length:
        return markup
    tag = markup.rfind("<", length // 2, length)
    return markup[: tag if tag > 0 else length]

"""Find the sentences of a text, and take the first ones whole."""

import re

from newsletter.articles.html_and_text.feed_phrases import without_tail
from subscribers.clean_text import folded
from subscribers.phrases import shortened

SHORTEST = 160
LONGEST = 300
LONGEST_SENTENCE = 400
LONGEST_TITLE_MADE = 120

_SENTENCE_END = re.compile(
    r"[.!?…।॥۔؟։።។៕།။]+[\"'”’»)\]]*(?=\s+[\"'“‘«(\[¿¡]*(?:[A-ZÀ-ÖØ-Þ0-9¿¡]|[^\x00-\u024f])|\s*\Z)|[。！？｡．]+[」』”）】]*"
)
# The addresses and hashtags after a short message.
_LINKS_AT_END = re.compile(r"(?:\s*[:→]?\s*(?:https?://\S+|#\w+))+\s*\Z")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|St|Sr|Jr|vs|cf|al|etc|approx|Fig|No|Nr|Vol|pp|ca|Mme|Mlle|Hr|Fr|bzw|usw|Abs|Bd|Inc|Ltd|Co"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Gen|Col|Rev|Hon|Sen|Rep|Gov)"
    r"|\b(?:e\.g|i\.e|z\.B|d\.h|u\.a|p\.ex|a\.m|p\.m|U\.S|U\.K|Ph\.D)"
    r"|(?:^|[\s(.])[^\W\d_]|(?:^|\s)\d{1,2})\.\Z"
)


def whole_sentences(text: str) -> str:
    """Return the first sentences of a text: 160 to 300 characters if they end there, and never part of a word."""
    text, cut = without_tail(folded(text)[: 2 * LONGEST_SENTENCE])
    if not text or (len(text) <= LONGEST and not cut):
        return text
    chosen = 0
    for end in sentence_ends(text[: LONGEST_SENTENCE + 1]):
        if chosen and end > LONGEST:
            break
        chosen = end
        if chosen >= SHORTEST:
            break
    if chosen:
        return text[:chosen].strip()
    return shortened(text if not cut else f"{text}…", LONGEST)


def title_from(paragraph: str) -> str:
    """Return the first sentence of a paragraph, shortened at a word if it is long for a title."""
    words = folded(paragraph)[: LONGEST_SENTENCE + 1]
    sentence = words[: next(iter(sentence_ends(words)), len(words))].strip()
    return shortened(_LINKS_AT_END.sub("", sentence) or sentence, LONGEST_TITLE_MADE)


def sentence_ends(text: str) -> list[int]:
    """Return where the sentences of a text end, as far as its marks and abbreviations show."""
    ends = (found.end() for found in _SENTENCE_END.finditer(text))
    return [end for end in ends if not _ABBREVIATION.search(text[max(0, end - 24) : end])]

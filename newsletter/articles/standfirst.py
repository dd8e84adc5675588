"""The standfirst: one to three whole sentences under a headline, from the source's summary or made from the text."""

import re

from newsletter.articles.wording import folded, plain, shortened

SHORTEST = 160
LONGEST = 300
LONGEST_SENTENCE = 400

_READ_FROM_TEXT = 3_000
_READ_FROM_SUMMARY = 4_000
_TAIL_WITHIN = 700

_TAIL = re.compile(
    r"""\s*(?:
      (?:The\ post|This\ (?:post|article|entry))\ .{0,400}?
        (?:appeared|was)\ (?:first\ on|first\ published|originally|published).*
    | Der\ Beitrag\ .{0,400}?\ erschien\ zuerst\ auf.*
    | (?:L[’']article|Cet\ article|Le\ post)\ .{0,400}?\ est\ apparu\ en\ premier\ sur.*
    | (?:La\ entrada|El\ post|El\ art[ií]culo)\ .{0,400}?\ (?:se\ public[oó]|apareci[oó])\ primero\ en.*
    | L[’']articolo\ .{0,400}?\ (?:proviene\ da|sembra\ essere\ il\ primo\ su).*
    | O\ (?:post|artigo)\ .{0,400}?\ apareceu\ primeiro\ em.*
    | Het\ bericht\ .{0,400}?\ verscheen\ eerst\ op.*
    | (?:\[?\(?\s*)(?:Continue\ reading|Read\ (?:more|on|the\ (?:full|rest)|full)|Keep\ reading|Full\ (?:story|article)
        |Lire\ la\ suite|Weiterlesen|Mehr\ lesen|Seguir\ leyendo|Leer\ m[aá]s|Continua\ a\ leggere|Leggi\ tutto
        |Continue\ a\ ler|Leia\ mais|Lees\ (?:meer|verder)|L[äa]s\ mer|L[æe]s\ mere|Czytaj\ (?:dalej|wi[eę]cej)
        |続きを読む|阅读全文)[^.!?。]{0,160}[.…→»›\])\s]*
    | \(\s*more\s*(?:…|\.\.\.)?\s*\)
    | [→»›]+
    )\Z""",
    re.VERBOSE | re.DOTALL,
)
_CUT = re.compile(r"\s*(?:\[\s*(?:…|\.\.\.|&hellip;)\s*\]|\(…\)|…|\.\.\.|\[\s*\+\s*\])\s*\Z")
_SENTENCE_END = re.compile(
    r"[.!?…]+[\"'”’»)\]]*(?=\s+[\"'“‘«(\[¿¡]*(?:[A-ZÀ-ÖØ-Þ0-9¿¡]|[^\x00-\u024f])|\s*\Z)|[。！？｡．]+[」』”）】]*"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|St|Sr|Jr|vs|cf|al|etc|approx|Fig|No|Nr|Vol|pp|ca|Mme|Mlle|Hr|Fr|bzw|usw|Abs|Bd|Inc|Ltd|Co"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Gen|Col|Rev|Hon|Sen|Rep|Gov)|\b(?:e\.g|i\.e|z\.B|d\.h|u\.a|p\.ex|a\.m|p\.m|U\.S|U\.K|Ph\.D)"
    r"|(?:^|[\s(.])[^\W\d_]|(?:^|\s)\d{1,2})\.\Z"
)
_NOT_PROSE = re.compile(r"<(h[1-6]|figure|figcaption|table|pre|dl)\b.*?</\1>", re.DOTALL)
_BLOCK = re.compile(
    r"</?(?:p|div|li|ul|ol|blockquote|h[1-6]|figure|figcaption|table|tr|td|th|pre|dl|dt|dd|details|summary|hr)\b[^>]*>|(?:<br>\s*){2,}"
)
_ENDED = re.compile(r"[.!?…。！？｡．:][\"'”’»)\]」』]*\Z")


def standfirst(summary: str, body: str) -> str:
    """The standfirst from a source's summary and body, both as safe HTML; empty where there are no words.

    A summary that a machine cut off counts only where the body has no words.
    """
    given, cut = _without_tail(plain(_beginning(summary, _READ_FROM_SUMMARY)))
    if given and not cut and len(given) <= LONGEST_SENTENCE:
        return given
    made = whole_sentences(" ".join(_prose(body)))
    return made or whole_sentences(given)


def whole_sentences(text: str) -> str:
    """The first sentences of a text, 160 to 300 characters of them where they fall so; never cut within a word."""
    text, cut = _without_tail(folded(text)[: 2 * LONGEST_SENTENCE])
    if len(text) <= LONGEST and not cut:
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


def _without_tail(text: str) -> tuple[str, bool]:
    """The text without what its publishing program added, and whether that program had cut it off."""
    whole = text
    for _ in range(3):
        head, tail = text[:-_TAIL_WITHIN], text[-_TAIL_WITHIN:]
        found = _TAIL.search(tail)
        if not found:
            break
        text = head + tail[: found.start()]
    text = text.rstrip()
    if found := _CUT.search(text[-20:]):
        return text[: len(text) - len(found[0])].rstrip(), True
    return text, text != whole.rstrip() and not _ENDED.search(text)


def _prose(body: str) -> list[str]:
    """The paragraphs of the first part of a text; what ends unlike a sentence only where nothing else is."""
    beginning = _NOT_PROSE.sub(" ", _beginning(body, _READ_FROM_TEXT)).strip() or body
    paragraphs = [words for part in _BLOCK.split(beginning) if (words := plain(part))]
    return [words for words in paragraphs if _ENDED.search(words)] or paragraphs


def _sentence_ends(text: str) -> list[int]:
    ends = (found.end() for found in _SENTENCE_END.finditer(text))
    return [end for end in ends if not _ABBREVIATION.search(text[max(0, end - 24) : end])]


def _beginning(markup: str, length: int) -> str:
    if len(markup) <= length:
        return markup
    tag = markup.rfind("<", length // 2, length)
    return markup[: tag if tag > 0 else length]

"""Check for repeated words and paragraphs, greetings without a name, and garbled text."""

import re
from collections.abc import Iterator
from itertools import chain

from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule
from newsletter.preflight.issue_texts import OTHER_NOTICES, PREHEADER, SUBJECT, IssueText
from newsletter.preflight.quoted_words import is_quoted
from newsletter.preflight.text_comparison import bare_words
from subscribers.phrases import shortened

CHECK = "mistakes"
OURS = Basis("The text of the email")
REPEATED_WORD = Rule(
    "words.repeated-word",
    "A word is repeated",
    Level.WARNING,
    "Readers notice repeated words, even if the writer does not.",
    "Remove one of the two words.",
    OURS,
)
REPEATED_PARAGRAPH = Rule(
    "words.repeated-paragraph",
    "A paragraph appears twice",
    Level.WARNING,
    "Somebody probably copied the paragraph and forgot to remove it.",
    "Remove one of the two paragraphs.",
    OURS,
)
NO_NAME = Rule(
    "words.greeting-without-name",
    "The greeting has no name",
    Level.WARNING,
    "Every reader sees a greeting without a name.",
    "Write {{ first_name }} or a word such as “readers” after the greeting.",
    OURS,
)
GARBLED = Rule(
    "words.garbled",
    "The text contains garbled characters or visible HTML",
    Level.WARNING,
    "Readers see characters that were damaged when the text was copied, or HTML that was meant to change "
    "how the text looks.",
    "Type the characters again. Use Markdown instead of HTML, such as **bold**.",
    OURS,
)
RULES = (REPEATED_WORD, REPEATED_PARAGRAPH, NO_NAME, GARBLED)

# Words that are never right twice in a row. “That that” and “die die” can be.
_NEVER_TWICE = {
    "en": "the|a|an|and|of|to|for|with|at|from|we|our|your|they|be|is|are|was|were|this|but|by|as|or|if|will|not",
    "de": "und|mit|von|für|auf|ein|eine|einen|einem|wir|ist|sind|nicht|zu|im|zum|zur|bei|aus|nach|wird|oder|des",
    "fr": "le|les|de|du|des|et|un|une|pour|dans|sur|avec|au|aux|est|sont|que|qui|à|par",
    "cy": "yr|ac|mae|yn|ar|gan|wedi|bod|eich|fel|neu",
    "ar": "في|من|على|إلى|عن|هذا|هذه|التي|الذي|أن|مع",
    "es": "el|los|las|de|del|en|y|con|para|por|un|una|que|es|al",
}
_WORDS = "|".join(sorted(set("|".join(_NEVER_TWICE.values()).split("|")), key=len, reverse=True))
# French leaves out a vowel before the first of the two words, as in “d’une une”.
_BEGINS = r"(?:(?<![\w'’-])|(?<=\b[cdjlmnstCDJLMNST]['’])|(?<=\bqu['’]))"
# A second word that begins with a capital belongs to a name, such as The The.
_TWICE = re.compile(rf"{_BEGINS}(?P<word>(?i:{_WORDS}))\s+(?P<again>{_WORDS})(?![\w'’-])")
# “What it was was a place to sit”: the first verb ends the subject of the second.
_ENDS_A_SUBJECT = re.compile(r"\b(?:what|whatever|all|who|where|how|why|thing)\b[^.!?;]*$", re.IGNORECASE)
_VERBS_OF_SUBJECTS = frozenset({"is", "are", "was", "were", "will", "be"})
_GREETING = re.compile(
    r"(?:(?:dear|annwyl|liebe[rs]?|liebe/r|sehr geehrte[rs]?|geehrte[rs]?|cher|chère|chers|estimad[oa]|"
    r"querid[oa]|caro|cara|beste|"
    r"عزيزي|عزيزتي)\s*,|(?:hello|hi|hallo|guten tag|bonjour|helo|shwmae|hola|ciao|مرحبا|أهلا)\s+,|"
    # French has a space before an exclamation mark.
    r"(?:dear|annwyl|liebe[rs]?|hi|hallo|guten tag|helo|shwmae|hola|ciao)\s+!|"
    # What a program says for a name that it does not know.
    r"(?:dear|annwyl|liebe[rs]?|cher|chère|hello|hi|hallo|guten tag|bonjour|helo|shwmae|hola|ciao)\s+"
    r"(?:undefined|null|none|nil|nan|n/a|\(null\))\s*[,!.])",
    re.IGNORECASE,
)
_GARBLED = re.compile(
    r"â€[™œž\x80-\x9f“”¦˜¢\u201c-\u203a]?|â€|Ã[©¨¤¼¶Ÿ±³¡\u00ad«®´º»¢ª§¯¹¿\u00a0\u0080-\u009f]|"
    r"Â[£©®°«»·§¿¡\u00a0]|ï»¿|ðŸ|\ufffd|[ØÙ][\u0080-\u00bf][ØÙ]|"
    r"&(?:[a-zA-Z]{2,8}|#\d{2,6}|#x[0-9a-fA-F]{2,6});|"
    r"</?(?:b|i|u|p|br|hr|em|strong|span|div|font|center|small|big|sup|sub|h[1-6]|ul|ol|li|table|tr|td|"
    r"img|blockquote|script|style|iframe|video|form|button)"
    r"(?:\s[^<>]{0,300})?/?>|<a\s[^<>]{0,500}>|</a>|<!--",
)
FEWEST_WORDS = 8
_LONGEST = 60


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Look at the texts line by line, and compare the paragraphs that were written for this issue."""
    if checked.email is None:
        return
    for text in checked.texts:
        yield from _in_lines(text)
    yield from _repeated_paragraphs(checked)


def _in_lines(text: IssueText) -> Iterator[Finding]:
    """Yield the first mistake of each kind in a text."""
    found: dict[Rule, str] = {}
    for line in text.lines:
        if twice := repeated_word(line.text):
            found.setdefault(REPEATED_WORD, f"The text says “{twice}”.")
        if greeting := _GREETING.match(line.text):
            found.setdefault(NO_NAME, f"The text begins with “{greeting[0]}”, without a name.")
        if garbled := _GARBLED.search(line.text):
            found.setdefault(GARBLED, f"Readers see “{shortened(garbled[0], _LONGEST)}” in the text.")
    for rule, what in found.items():
        yield rule.found(what, text.place, position=text.position)


def repeated_word(text: str) -> str:
    """Return a word that a text says twice in a row by mistake, as it is written; empty if there is none."""
    for found in _TWICE.finditer(text):
        if (
            found["word"].casefold() == found["again"]
            and not is_quoted(text, *found.span())
            and not _is_right(text, found)
        ):
            return " ".join(found[0].split())
    return ""


def _is_right(text: str, found: re.Match[str]) -> bool:
    """Return whether a sentence says a verb twice on purpose, or begins with somebody’s name: “Will will help”."""
    return found["again"] in _VERBS_OF_SUBJECTS and (
        found["word"] == "Will" or _ENDS_A_SUBJECT.search(text, 0, found.start()) is not None
    )


def _repeated_paragraphs(checked: CheckedIssue) -> Iterator[Finding]:
    seen: dict[str, Place] = {}
    # Several articles can have the same standfirst, for example those of a series. An inbox shows the subject and the
    # preheader, for which there are other rules. No reader gets the notices of two languages.
    elsewhere = (SUBJECT, PREHEADER, OTHER_NOTICES)
    own = [text for text in checked.texts if not text.is_article and text.place not in elsewhere]
    for text, line in chain.from_iterable(((text, line) for line in text.lines) for text in own):
        words = bare_words(line.text)
        if len(words.split()) < FEWEST_WORDS:
            continue
        if words in seen:
            what = f"“{shortened(line.text, _LONGEST)}” appears twice."
            yield REPEATED_PARAGRAPH.found(what, text.place, position=text.position)
        seen[words] = text.place

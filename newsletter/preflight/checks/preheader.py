"""Check the preheader, which an inbox shows after the subject."""

import re
from collections.abc import Iterator

from newsletter.issues.edit_issue_texts import set_preheader
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.earlier_issues import LAST_FIRST, earlier_issues
from newsletter.preflight.finding import Basis, Finding, Level, Remedy, Rule
from newsletter.preflight.issue_texts import PREHEADER
from newsletter.preflight.text_comparison import as_read, bare_words
from newsletter.preflight.where_to_edit import INTRODUCTION
from newsletter.rendering.inbox_preview import LONGEST_PREHEADER

CHECK = "preheader"
PHONES = Basis("How much of a preheader a phone shows when held upright", as_of="November 2026")
PREHEADER_CUT = Rule(
    "words.preheader-cut",
    "Phones cut off the preheader",
    Level.ADVICE,
    "Readers only see the beginning of a long preheader.",
    "Put the important words at the beginning of the preheader, or shorten it.",
    PHONES,
)
PREHEADER_REPEATS = Rule(
    "words.preheader-repeats",
    "The preheader repeats the subject or the introduction",
    Level.WARNING,
    "Readers have just read the subject, or will read the introduction next, so the preheader tells them nothing new.",
    "Mention something else from this issue.",
    PHONES,
)
SAME_PREHEADER = Rule(
    "words.same-preheader",
    "The previous issue had the same preheader",
    Level.WARNING,
    "The preheader was probably copied from the previous issue, and does not say what is in this one.",
    "Write what is new in this issue.",
    Basis("The issues sent so far"),
)
ABOUT_VIEWING = Rule(
    "words.preheader-about-viewing",
    "The preheader says how to view the email",
    Level.WARNING,
    "An inbox shows the preheader next to the subject, where it should say what is in the issue.",
    "Mention something from this issue. The email has a link to the web version anyway.",
    PHONES,
)
RULES = (PREHEADER_CUT, PREHEADER_REPEATS, SAME_PREHEADER, ABOUT_VIEWING)

# An empty preheader is suggested from the articles.
SUGGEST = Remedy(
    "Suggest a preheader",
    lambda issue: set_preheader(issue, ""),
    "We suggested a preheader based on the articles.",
)
PREHEADER_AT_MOST = 130
# Shorter sentences, such as “Welcome”, can be repeated.
FEWEST_WORDS = 4
_ABOUT_VIEWING = re.compile(
    r"\bview in (?:your |a |the )?browser\b|^\W*(?:web|online) version\W*$|\bno images\?|\bclick here\b|"
    r"hier klicken|"
    r"\bklicken sie hier\b|\bcliquez ici\b|\b(?:e-?mail|nachricht|newsletter) nicht (?:richtig |"
    r"korrekt )?(?:lesen|sehen)|"
    r"\b(?:ne|n['’]arrivez pas à) (?:voyez|visualisez|lire|voir) (?:pas )?(?:ce|cet) (?:message|e-?mail|"
    r"courriel)|"
    r"(?:قراءة|عرض) هذه الرسالة|\b(?:view|see|read|open|display)\w* (?:this |the |it |our )?(?:e-?mail |"
    r"message |newsletter |"
    r"issue )?(?:in|on|with) (?:your|a|the) "
    r"(?:web ?)?browser\b|"
    r"\b(?:view|see|read) (?:it|this|the)?\s?(?:e-?mail|message|newsletter|version)? ?online\b|"
    r"\bview (?:the )?(?:web|online) version\b|"
    r"\b(?:can ?not|can['’]t|unable to|trouble|problems?|not) (?:read|view|see|display)\w* (?:this|the|"
    r"our) (?:e-?mail|message|newsletter)|"
    r"\bnot displaying (?:correctly|properly)|"
    r"\b(?:im|in ihrem|in deinem) browser (?:ansehen|anzeigen|öffnen|lesen|anschauen)|\bwebversion\b|"
    r"\bonline-?version\b|"
    r"\b(?:nicht|nicht richtig|nicht korrekt) (?:angezeigt|dargestellt)\b|"
    r"\b(?:dans|sur) (?:votre|le|un) navigateur\b|\bversion (?:en ligne|web)\b|\bne s['’]affiche pas\b|"
    r"\byn eich porwr\b|\bfersiwn (?:we|ar-lein)\b|المتصفح|\b(?:en|en su|en el|tu) navegador\b|"
    r"\bnel (?:tuo |suo )?browser\b|"
    r"\bin (?:je|uw) browser\b|\bw przeglądarce\b",
    re.IGNORECASE,
)
_SENTENCE_ENDS = re.compile(r"[.!?؟…](?=\s|$)")


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Look at the length of the preheader, and for what readers know already."""
    preheader = as_read(checked.email.preheader) if checked.email else ""
    if not preheader:
        return
    if len(preheader) > PREHEADER_AT_MOST:
        what = f"A phone shows only about {LONGEST_PREHEADER} of the {len(preheader)} characters in the preheader."
        yield PREHEADER_CUT.found(what, PREHEADER)
    yield from _nothing_new(checked, preheader)


def _nothing_new(checked: CheckedIssue, preheader: str) -> Iterator[Finding]:
    """Yield the first reason why a preheader tells readers nothing new."""
    words = bare_words(preheader)
    if words and words == bare_words(as_read(checked.issue.subject)):
        what = "The preheader is the same as the subject."
        yield PREHEADER_REPEATS.found(what, PREHEADER, remedy=SUGGEST)
    elif viewing := says_how_to_view(preheader):
        what = f"The preheader says “{viewing}” instead of what is in the issue."
        yield ABOUT_VIEWING.found(what, PREHEADER, remedy=SUGGEST)
    elif len(words.split()) >= FEWEST_WORDS and words in _first_sentences(checked):
        what = "The preheader is the same as a sentence at the beginning of the introduction."
        yield PREHEADER_REPEATS.found(what, PREHEADER, remedy=SUGGEST)
    elif number := _issue_with_same_preheader(checked, words):
        what = f"Issue {number} had the same preheader."
        yield SAME_PREHEADER.found(what, PREHEADER, remedy=SUGGEST)


def says_how_to_view(preheader: str) -> str:
    """Return the words of a preheader about viewing the email, such as “view in your browser”; empty without any."""
    found = _ABOUT_VIEWING.search(preheader)
    return found[0] if found else ""


def _first_sentences(checked: CheckedIssue) -> set[str]:
    """Return the first two sentences of the introduction, and its first two lines, as bare words."""
    lines = [line.text for text in checked.texts if text.place == INTRODUCTION for line in text.lines]
    found = {bare_words(line) for line in lines[:2]}
    for line in lines[:2]:
        sentences = [bare_words(each) for each in _SENTENCE_ENDS.split(line)]
        found.update(sentences[:2])
        found.add(" ".join(sentences[:2]))
    return found


def _issue_with_same_preheader(checked: CheckedIssue, words: str) -> int:
    """Return the number of the issue before this one, if its preheader had the same words; otherwise 0."""
    earlier = earlier_issues(checked.issue).order_by(*LAST_FIRST)
    last = earlier.values_list("number", "preheader").first()
    return last[0] if last and words and bare_words(last[1]) == words else 0

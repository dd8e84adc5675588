"""Recognises sentences that promise an attachment, in the languages of newsletters."""

import re

from newsletter.preflight.plain_letters import plain_letters
from newsletter.preflight.quoted_words import is_quoted

_DOCUMENT = (
    r"(?:reports?|programmes?|programs?|forms?|files?|pdfs?|documents?|leaflets?|agendas?|minutes|"
    r"invoices?|maps?|posters?|"
    r"flyers?|copy|copies|details|lists?|timetables?|tables?|photos?|photographs?|pictures?|invitations?|"
    r"questionnaires?|surveys?|"
    r"slides|presentations?|brochures?|booklets?|reviews?|accounts|calendars?|rotas?|spreadsheets?|notes|"
    r"summar(?:y|ies)|"
    r"articles?|appendi(?:x|ces)|newsletters?|schedules?|guides?|factsheets?|plans?|papers?|proposals?|"
    r"receipts?|vouchers?|"
    r"menus?|draft|letters?|strategy|budget|policy|terms|press release)"
)
_EMAIL = r"(?:e-?mail|message|newsletter|issue|mail|mailing|letter)"
# What is enclosed or attached to a house is not a document.
_NO_PLACE = (
    r"(?! (?:gardens?|spaces?|courtyards?|yards?|areas?|pools?|terraces?|porch|barns?|walks?|chapel|"
    r"house|garage)\b)"
)
_ENGLISH = (
    rf"(?:please )?find (?:the )?(?:attached|enclosed)\b{_NO_PLACE}|\bfind\b[^.!?]{{1,60}}\b(?:attached|"
    rf"enclosed)\b(?! (?:to|by|in)\b){_NO_PLACE}|"
    rf"^attached\s?:|^(?:\w+ ){{0,3}}{_DOCUMENT} (?:attached|enclosed)\W*$|\bthe attached (?:shows|"
    rf"explains|lists|has|gives|contains|will)\b|"
    rf"\bsee (?:the )?(?:attached|enclosed)\b(?! garden)|"
    rf"\b{_DOCUMENT}(?: \w+){{0,4}}? (?:is|are) (?:now |also )?(?:attached|"
    rf"enclosed)\b(?! (?:to (?!(?:this|the|our) {_EMAIL})|by\b))|"
    rf"^(?:attached|enclosed)(?: with this {_EMAIL})? (?:is|are|you|please)\b|\b(?:attached|"
    rf"enclosed) (?:pdf|{_DOCUMENT})\b|"
    rf"\b(?:i|we|i have|we have|i've|we've|i am|we are|i'm|we're) (?:also )?(?:attach|enclos)(?:e|ed|"
    rf"ing)? (?:\w+ ){{0,3}}?{_DOCUMENT}\b|"
    r"\b(?:see|open|in|read) the attachments?\b|\bsee attachments?\b|\bas an attachment\b|\b(?:attached|"
    r"enclosed) (?:to|with) this "
    rf"{_EMAIL}"
)
# The same in German.
_DOKUMENT = (
    r"(?:programm|bericht|datei|dokument|formular|liste|pdf|flyer|einladung|rechnung|plan|protokoll|"
    r"tabelle|foto|bild|unterlage|"
    r"broschure|text|anmeldung|brief|kopie|karte|ubersicht|folie)\w*"
)
_GERMAN = (
    r"\banbei\b(?! zu)|\bim anhang\b(?! (?:ihres|seines|des|der (?!mail|e-mail)|dieses (?:buch|werk)|"
    r"eines|zu|zum|zur|unseres))|"
    r"\b(?:finden|erhalten|senden|schicken)\b[^.!?]{0,60}\b(?:in der anlage|als anlage)\b|"
    r"\bin der anlage (?:finden|erhalten|senden|schicken)\b|"
    r"\bals anhang\b|\banhangend|^(?:beigefugt|angehangt|beiliegend|anliegend)\b|"
    rf"\b{_DOKUMENT}\b[^.!?]{{0,80}}\b(?:angehangt|beigefugt|angefugt)\b|"
    rf"\b{_DOKUMENT}\b[^.!?]{{0,40}}\bhangt an(?=[.,;]|$)|"
    rf"\b(?:beigefugte|angehangte|beiliegende)[nrsm]? {_DOKUMENT}|\b(?:siehe|s\.|vgl\.) anhang\b|"
    r"\bliegt dieser (?:e-?mail|mail) bei\b"
)
_OTHERS = (
    r"\ben pieces? jointes?\b|\bpieces? jointes? a ce\b|\bvoir (?:la )?piece jointe\b|\bci-(?:joint|"
    r"annexe)(?:e|s|es)?\b|"
    r"\ben pj\b|\b(?:trouverez|joignons|envoyons)\b[^.!?]{0,60}\ben annexe\b|\ben annexe (?:de|a) ce\b|"
    r"\b(?:fichier|document|rapport|formulaire|programme) joint\b|\bjointe?s? a ce (?:courriel|message|"
    r"mail|e-mail)\b|"
    # Welsh: “ynghlwm wrth” is also “tied to”.
    r"\bynghlwm(?! (?:wrth|a|ag|yn)\b(?! (?:yr |y |'r )?(?:e-?bost|neges)))|\b(?:atodir|atodaf|atodwn|"
    r"atodi[wy]d|amgaeir|amgaeaf|amgaewn|amgaeedig)\b|"
    r"\bwedi atodi\b|\bwedi'(?:i|u) (?:h?atodi|h?amgau)\b|\b(?:gweler|gwelwch|agorwch) (?:yr )?atodiad\w*|"
    r"\byn yr atodiad\b|"
    # Arabic: without “in” or a document, the word for “attached” is also a facility.
    r"(?<!\w)مرفق\u064b?ا\u064b?(?!\w)|(?<!\w)(?:في|انظر|انظروا|راجع|راجعوا|"
    r"افتحوا) المرفقا?ت?(?!\w)(?! ال)|"
    r"(?<!\w)مرفق (?:مع|"
    r"طيه|بهذه|بهذا|لكم)(?!\w)|"
    r"(?<!\w)(?:الملف|التقرير|المستند|الوثيقة|البرنامج|الاستمارة|النموذج) المرفق(?:ة)?(?!\w)|"
    r"(?<!\w)(?:ارفقنا|نرفق|طيه)(?!\w)|"
    r"\b(?:archivo|documento) adjunto\b|\badjunt[oa]s? (?:encontrar\w*|el|la)\b|\badjuntamos\b|"
    r"\bin allegato\b|\balleghiamo\b|\b(?:in|als) (?:de )?bijlage\b|\bbijgevoegd\b|\bem anexo\b|"
    r"\bw za[lł]aczniku\b|\bza[lł]acz(?:am|amy)\b|\bbifogad\w*"
)
_PROMISES = re.compile(rf"{_ENGLISH}|{_GERMAN}|{_OTHERS}", re.IGNORECASE)
# Each of these sentences contains one of these. They are found much faster, and few texts have one.
_STEMS = (
    *("attach", "enclos"),
    *("anbei", "anhang", "anlage", "beigefugt", "angehangt", "angefugt", "hangt an"),
    *("beiliegend", "anliegend", "liegt dieser", "joint", "annexe", "en pj"),
    *("ynghlwm", "atod", "amgae", "amgau"),
    *("مرفق", "ارفقنا", "نرفق", "طيه", "adjunt", "alleg", "bijlage", "bijgevoegd", "anexo", "acz", "bifogad"),
)
# The sentence is a warning about the emails of other people.
_OF_OTHERS = re.compile(
    r"\b(?:never|do not|don't|avoid|beware|scams?|scammers?|fraud\w*|phishing|criminals?|suspicious|fake|"
    r"viruses|malware|"
    r"(?:e-?)?mails? (?:that|which|from|has|have|often|claim\w*|pretend\w*|ask\w*|with)|messages? (?:that|"
    r"which|from|"
    r"claim\w*)|"
    r"nie|niemals|keine|betruger\w*|betrug\w*|phishing-?mails?|(?:e-?)?mails?, (?:die|in denen)|"
    r"gefalschte\w*|warn\w*|"
    r"jamais|n'ouvrez|mefiez|escrocs?|frauduleu\w*|hameconnage|(?:courriels|messages|mails|"
    r"courriers) (?:qui|avec)|"
    r"peidiwch|byth|twyll\w*|sgam\w*)\b|احتيال|لا تفتح|احذر",
    re.IGNORECASE,
)
_END_OF_SENTENCE = re.compile(r"[.!?؟](?=\s)")


def promised_attachments(text: str) -> list[str]:
    """Return the words of a text that promise an attachment, as they are written."""
    plain = plain_letters(text)
    if not any(stem in plain for stem in _STEMS):
        return []
    return [
        " ".join(text[found.start() : found.end()].split())
        for found in _PROMISES.finditer(plain)
        if not is_quoted(text, *found.span()) and not _OF_OTHERS.search(_sentence_until(plain, found.start()))
    ]


def _sentence_until(text: str, end: int) -> str:
    """Return the sentence in which a place is, up to that place."""
    ends = [found.end() for found in _END_OF_SENTENCE.finditer(text, 0, end)]
    return text[ends[-1] if ends else 0 : end]

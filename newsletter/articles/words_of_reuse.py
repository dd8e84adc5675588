"""Recognises words by which a site forbids others to distribute its texts, in the languages of its readers.

Each pattern stays within a sentence and needs two things: copying, and a word that forbids it. “All rights reserved”
alone forbids nothing.
"""

import re

LONGEST_QUOTED = 500
_AROUND = 100
_DONE = (
    r"(?:(?:re)?published|(?:re)?distributed|(?:re)?broadcast|(?:re)?transmitted|reproduced|reprinted|reposted|re-?used|"
    r"e-?mailed|copied|duplicated|syndicated|circulated|forwarded)"
)
_DO = r"(?:(?:re)?publish|(?:re)?distribute|reproduce|reprint|repost|re-?use|copy|duplicate|syndicate|circulate)"
_DOING = (
    r"(?:(?:re)?distribution|(?:re)?publication|reproduction|duplication|syndication|(?:re)?publishing|copying|"
    r"reproducing|(?:re)?distributing|reprinting|reprints?|reposting|re-?use)"
)
_LEAVE = r"(?:permission|consent|authori[sz]ation|approval|licen[cs]e|agreement)"
_GAP = r"(?:\w{1,30},?\s){0,6}?"
_SHORT_GAP = r"(?:(?!commercial|profit)\w{1,30},?\s){0,3}?"
_WITHIN = r"[^.]{0,60}"
_ENGLISH = (
    rf"(?:may|must|can|shall|should)\s?not be\s{_GAP}{_DONE}",
    rf"(?:may|must|can|shall|should)\s?not\s{_SHORT_GAP}{_DO}",
    rf"do not (?:{_DO}|e-?mail)",
    rf"(?:may|must|can|shall|should)\s?not be (?:used|included|shown){_WITHIN}\b(?:newsletters?|e-?mails?|mailings?)",
    rf"(?:may|must|can|shall|should)\s?not be used{_WITHIN}\bwithout{_WITHIN}\b{_LEAVE}",
    rf"no (?:part|portion)\b{_WITHIN}\b{_DONE}",
    rf"not (?:to be|for)\s{_SHORT_GAP}(?:{_DONE}|{_DOING})",
    rf"no\s{_SHORT_GAP}{_DOING}",
    rf"{_DOING}\b{_WITHIN}\b(?<!not )(?:prohibited|forbidden|unlawful|illegal|not (?:permitted|allowed|authori[sz]ed))",
    rf"{_DOING}\b{_WITHIN}\b(?:requires?|needs?|only with){_WITHIN}\b{_LEAVE}",
    rf"only be\s{_GAP}{_DONE}\b{_WITHIN}\b{_LEAVE}",
    rf"{_DONE} only (?:with|by){_WITHIN}\b{_LEAVE}",
    rf"(?<!no ){_LEAVE}\b{_WITHIN}\b(?<!not )(?:required|needed|necessary)\b{_WITHIN}\b(?:{_DO}|{_DONE}|{_DOING})",
)
_GERMAN = (
    r"(?:nachdruck|vervielfältigung|weiterverbreitung|verbreitung|weitergabe|wiedergabe|veröffentlichung)"
)
_GERMAN_DONE = (
    r"(?:vervielfältigt|verbreitet|weiterverbreitet|kopiert|veröffentlicht|nachgedruckt|weitergegeben)"
)
_FRENCH = r"(?:reproduction|rediffusion|diffusion|republication|redistribution|copie)"
_SPANISH = r"(?:reproducción|redistribución|distribución|difusión|republicación|copia)"
_ITALIAN = r"(?:riproduzione|ridistribuzione|distribuzione|diffusione|ripubblicazione|copia)"
_PORTUGUESE = r"(?:reprodução|redistribuição|distribuição|republicação|cópia)"
_DUTCH = r"(?:overname|overnemen|verspreiding|verveelvoudiging|reproductie|kopiëren|herpublicatie)"
_POLISH = r"(?:kopiowanie|powielanie|rozpowszechnianie|przedruk|publikowanie)"
_SWEDISH = r"(?:kopiering|eftertryck|spridning|återgivning)"
_OTHERS = (
    rf"(?:{_GERMAN}|kopieren)\b{_WITHIN}\b(?:verboten|untersagt|unzulässig|nicht gestattet|nicht erlaubt)",
    rf"{_GERMAN}\b{_WITHIN}\bnur mit\b{_WITHIN}\b(?:genehmigung|erlaubnis|zustimmung|einwilligung)",
    rf"kein(?:e|en)? {_GERMAN}",
    rf"(?:darf|dürfen)\b{_WITHIN}\bnicht\b{_WITHIN}\b{_GERMAN_DONE}",
    rf"{_FRENCH}\b{_WITHIN}\b(?:interdite?s?|non autorisée?s?|soumise?s? à\b{_WITHIN}\b(?:autorisation|accord))",
    r"(?:interdiction de|interdit de) (?:reproduire|copier|diffuser|rediffuser|republier)",
    rf"(?:peut|peuvent|doit|doivent)\b{_WITHIN}\bêtre (?:reproduit|copié|diffusé|rediffusé|republié)e?s? sans",
    rf"(?:prohibid|prohíb)\w{{1,3}}\b{_WITHIN}\b{_SPANISH}",
    rf"{_SPANISH}\b{_WITHIN}\b(?:prohibid|no autorizad)[ao]s?",
    rf"{_ITALIAN}\b{_WITHIN}\b(?:vietat|riservat|non autorizzat)[aeio]",
    rf"(?:vietat|proibit)[aeio]\b{_WITHIN}\b{_ITALIAN}",
    rf"{_PORTUGUESE}\b{_WITHIN}\b(?:proibid|não autorizad)[ao]s?",
    rf"proibid[ao]s?\b{_WITHIN}\b{_PORTUGUESE}",
    rf"{_DUTCH}\b{_WITHIN}\b(?:verboden|niet toegestaan)",
    rf"(?:mag|mogen)\b{_WITHIN}\bniet\b{_WITHIN}\b(?:overgenomen|verveelvoudigd|verspreid|gekopieerd|gepubliceerd)",
    rf"{_POLISH}\b{_WITHIN}\b(?:zabronion|zakazan)[aeoy]",
    rf"{_SWEDISH}\b{_WITHIN}\b(?:förbjud(?:en|et)|ej tillåt(?:en|et)|inte tillåt(?:en|et))",
)
_FORBIDS = re.compile("|".join(rf"\b{each}\b" for each in (*_ENGLISH, *_OTHERS)), re.IGNORECASE)


def forbids_copies(words: str) -> bool:
    """Return whether a site’s words forbid others to copy or distribute its text."""
    return _FORBIDS.search(words) is not None


def forbidding_words(words: str) -> str:
    """Return the words if they forbid copies, or an empty string. Of long words, return what stands around these."""
    found = _FORBIDS.search(words)
    if found is None:
        return ""
    return (
        words
        if len(words) <= LONGEST_QUOTED
        else words[max(0, found.start() - _AROUND) : found.end() + _AROUND]
    )

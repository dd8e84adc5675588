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
_GAP = r"(?:(?!but\b)\w{1,30},?\s){0,6}?"
_NOT_ABOUT_COPYING = r"commercial|profit|restriction|limit|objection|charge|fee\b|need\b|problem"
_SHORT_GAP = rf"(?:(?!{_NOT_ABOUT_COPYING})\w{{1,30}},?\s){{0,3}}?"
_WITHIN = r"[^.]{0,60}"
# An email has no logo of the site.
_NO_LOGO = r"(?!\s(?:\w{1,10}\s)?(?:logos?|trade ?marks?)\b)"
_NOT_COMMERCIAL = r"(?!\sfor commercial (?:purposes?|use)\b)"
_NEEDS = r"(?<!not )(?<!no )(?<!never )(?:needs?|requires?|must (?:have|get|obtain|ask for|seek)|ask for|seek|obtain)"
_FORBIDDEN = r"(?:prohibited|forbidden|unlawful|illegal|not (?:permitted|allowed|authori[sz]ed))"
_ENGLISH = (
    rf"(?:may|must|can|shall|should)\s?not be\s{_GAP}{_DONE}",
    rf"(?:may|must|can|shall|should)\s?not, {_GAP}be\s{_GAP}{_DONE}",
    rf"(?:may|must|can|shall|should)\s?not\s{_SHORT_GAP}{_DO}{_NO_LOGO}",
    rf"do not (?:{_DO}{_NO_LOGO}|e-?mail)",
    rf"(?:may|must|can|shall|should)\s?not be (?:used|included|shown){_WITHIN}\b(?:newsletters?|e-?mails?|mailings?)",
    rf"(?:may|must|can|shall|should)\s?not be used{_WITHIN}\bwithout{_WITHIN}\b{_LEAVE}",
    rf"no (?:part|portion)\b{_WITHIN}\b{_DONE}",
    rf"not (?:to be|for)\s{_SHORT_GAP}(?:{_DONE}|{_DOING})",
    rf"no\s{_SHORT_GAP}{_DOING}",
    rf"{_DOING}\b{_NOT_COMMERCIAL}{_WITHIN}\b(?<!not ){_FORBIDDEN}",
    rf"{_DOING}\b{_WITHIN}\b(?:requires?|needs?|(?:only|strictly) (?:with|by)|subject to){_WITHIN}\b{_LEAVE}",
    rf"{_DOING}\b{_WITHIN}\bby{_WITHIN}\b{_LEAVE} only",
    rf"{_NEEDS}\b{_WITHIN}\b{_LEAVE}{_WITHIN}\b(?:{_DO}|{_DONE}|{_DOING})",
    rf"only be\s{_GAP}{_DONE}\b{_WITHIN}\b{_LEAVE}",
    rf"{_DONE} only (?:with|by){_WITHIN}\b{_LEAVE}",
    rf"(?<!no ){_LEAVE}\b{_WITHIN}\b(?<!not )(?:required|needed|necessary)\b{_WITHIN}\b(?:{_DO}|{_DONE}|{_DOING})",
)
_GERMAN = (
    r"(?<!kommerzielle )(?<!gewerbliche )(?:nachdruck|abdruck|vervielfältigung|weiterverbreitung|verbreitung|"
    r"weitergabe|wiedergabe|veröffentlichung|weiterverwendung|verwendung|übernahme|nutzung)"
)
_GERMAN_DONE = (
    r"(?:vervielfältigt|verbreitet|weiterverbreitet|kopiert|veröffentlicht|nachgedruckt|weitergegeben)"
)
_FRENCH = r"(?:reproduction|rediffusion|diffusion|republication|redistribution|copie)"
_FRENCH_DONE = r"(?:reproduit|copié|diffusé|rediffusé|republié)e?s?"
_SPANISH = r"(?:reproducción|redistribución|distribución|difusión|republicación|copia)"
_ITALIAN = r"(?:riproduzione|ridistribuzione|distribuzione|diffusione|ripubblicazione|copia)"
_PORTUGUESE = r"(?:reprodução|redistribuição|distribuição|republicação|cópia)"
_DUTCH = r"(?:overname|overnemen|verspreiding|verveelvoudiging|reproductie|kopiëren|herpublicatie)"
_POLISH = r"(?:kopiowani[ea]|powielani[ea]|rozpowszechniani[ea]|przedruku?|publikowani[ea])"
_SWEDISH = r"(?:kopiering|eftertryck|spridning|återgivning)"
_NORTHERN_DONE = (
    r"(?:återges|kopieras|spridas|publiceras|mångfaldigas|distribueras|gengives|kopieres|gjengis|videreformidles|"
    r"distribueres|publiseres|offentliggøres)"
)
_DUTCH_DONE = r"(?:overgenomen|verveelvoudigd|verspreid|gekopieerd|gepubliceerd|openbaar gemaakt)"
_OTHERS = (
    rf"(?:{_GERMAN}|kopieren)\b{_WITHIN}\b(?:verboten|untersagt|unzulässig|nicht gestattet|nicht erlaubt)",
    rf"{_GERMAN}\b{_WITHIN}\bnur mit\b{_WITHIN}\b(?:genehmigung|erlaubnis|zustimmung|einwilligung)",
    rf"kein(?:e|en)? {_GERMAN}",
    rf"(?:darf|dürfen)\b{_WITHIN}\bnicht\b{_WITHIN}\b{_GERMAN_DONE}",
    rf"{_FRENCH}\b{_WITHIN}\b(?:interdite?s?|non autorisée?s?|soumise?s? à\b{_WITHIN}\b(?:autorisation|accord))",
    r"(?:interdiction de|interdit de) (?:reproduire|copier|diffuser|rediffuser|republier)",
    rf"(?:peut|peuvent|doit|doivent)\b{_WITHIN}\bêtre {_FRENCH_DONE} sans",
    rf"(?:prohibid|prohíb)\w{{1,3}}\b{_WITHIN}\b{_SPANISH}",
    rf"{_SPANISH}\b{_WITHIN}\b(?:prohibid|no autorizad)[ao]s?",
    rf"{_ITALIAN}\b{_WITHIN}\b(?:vietat|riservat|non autorizzat)[aeio]",
    rf"(?:vietat|proibit)[aeio]\b{_WITHIN}\b{_ITALIAN}",
    rf"{_PORTUGUESE}\b{_WITHIN}\b(?:proibid|não autorizad)[ao]s?",
    rf"proibid[ao]s?\b{_WITHIN}\b{_PORTUGUESE}",
    rf"{_DUTCH}\b{_WITHIN}\b(?:verboden|niet toegestaan)",
    rf"(?:mag|mogen)\b{_WITHIN}\bniet\b{_WITHIN}\b{_DUTCH_DONE}",
    rf"niets uit\b{_WITHIN}\b{_DUTCH_DONE}",
    rf"{_POLISH}\b{_WITHIN}\b(?:zabronion|zakazan)[aeoy]",
    rf"(?:zabrania|zakazuje) się\b{_WITHIN}\b{_POLISH}",
    rf"(?:får|må) (?:ej|inte|ikke)\b{_WITHIN}\b{_NORTHERN_DONE}",
    rf"ne (?:peut|peuvent|doit|doivent)\b(?: (?:pas|en aucun cas))? être {_FRENCH_DONE}",
    rf"no se (?:permite|autoriza)\b{_WITHIN}\b{_SPANISH}",
    r"no (?:puede|pueden|podrán?)\b[^.]{0,40}\b(?:reproducid|redistribuid|distribuid|copiad)[ao]s?",
    r"non (?:può|possono)\b[^.]{0,40}\b(?:riprodott|ridistribuit|distribuit|copiat)[aeio]",
    r"não (?:pode|podem)\b[^.]{0,40}\b(?:reproduzid|redistribuíd|distribuíd|copiad)[ao]s?",
    rf"{_SWEDISH}\b{_WITHIN}\b(?:förbjud(?:en|et)|ej tillåt(?:en|et)|inte tillåt(?:en|et))",
)
_CAN_NOT = re.compile(r"\b(can)[’']t\b", re.IGNORECASE)
_CONTRACTION = re.compile(r"(?<=\w)n[’']t\b", re.IGNORECASE)
_FORBIDS = re.compile("|".join(rf"\b{each}\b" for each in (*_ENGLISH, *_OTHERS)), re.IGNORECASE)


def forbids_copies(words: str) -> bool:
    """Return whether a site’s words forbid others to copy or distribute its text."""
    return _FORBIDS.search(_in_full(words)) is not None


def forbidding_words(words: str) -> str:
    """Return the words if they forbid copies, or an empty string. Of long words, return what stands around these."""
    words = _in_full(words)
    found = _FORBIDS.search(words)
    if found is None:
        return ""
    return (
        words
        if len(words) <= LONGEST_QUOTED
        else words[max(0, found.start() - _AROUND) : found.end() + _AROUND]
    )


def _in_full(words: str) -> str:
    """Write contractions such as “can’t” and “isn’t” in full."""
    return _CONTRACTION.sub(" not", _CAN_NOT.sub(r"\1 not", words))

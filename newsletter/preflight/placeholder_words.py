"""Recognises placeholders in a text: what somebody meant to replace, and what other services would fill in."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

from newsletter.preflight.issue_texts import Line
from newsletter.preflight.quoted_words import is_mentioned, is_quoted

# A reader’s details, as services name them: first_name, FNAME, contact.firstname, E-Mail.
_DETAIL = (
    r"(?:(?:contact|subscriber|recipient|reader|user|member|customer|person|profile|data)[._: ]?)?"
    r"(?:(?:first|last|full|sur|fore|given|family|nick|user|middle)[_ -]?names?|fname|lname|vorname|"
    r"nachname|"
    r"e-?mail(?:[_ ]?address)?|prénom|prenom|apellidos?|enw[_ ]?cyntaf|cyfenw|salutation|anrede|recipient|"
    r"unsubscribe(?:[_ ](?:link|url))?|title (?:sur|last )?name)"
)
# What an editor leaves open in brackets. Each is a placeholder only if nothing else is between the brackets.
_OPEN = (
    r"name|date|day|time|place|venue|location|link|url|address|postcode|phone(?: number)?|telephone|"
    r"amount|price|"
    r"organi[sz]ation|company|charity|town|city|country|county|headline|subject|quote|caption|"
    r"photo caption|event|speaker|logo|image|"
    r"job title|role|month|year|id|"
    r"datum|uhrzeit|ort|organisation|firma|betrag|stadt|straße|thema|veranstaltung|"
    r"nom|lieu|heure|montant|lien|civilité|ville|adresse|titre|"
    r"nombre|fecha|lugar|enlace|hora|nome|data|luogo|cognome|naam|voornaam|achternaam|plaats|"
    r"enw|dyddiad|lleoliad|dolen|amser|cyfeiriad|sefydliad|"
    r"(?:organi[sz]ation|company|charity|event|speaker|venue|author|project|group|club|school|team|donor|"
    r"member|sender)(?:['’]s)? (?:name|title|address|number|date)|"
    r"(?:vereins|organisations|firmen|veranstaltungs|empfänger|absender)namen?|"
    r"enw(?:['’]r| yr?)? (?:elusen|sefydliad|mudiad|digwyddiad|cwmni)|"
    r"(?:اسم|تاريخ|عنوان|رابط|مكان|وقت|رقم)(?: \w+){1,3}|"
    r"اسم|الاسم|الاسم الأول|اسمك|التاريخ|المكان|الرابط|الوقت|العنوان"
)
_INSTRUCTION = (
    r"(?:(?:insert|check|tbc|tbd|tba|todo|tk|tktk|xx+|placeholder|lorem)\b[^\[\]]{0,60}|"
    r"(?:enter|fill in|type|replace|choose|paste|insérer|compléter|mewnosod\w*|rhowch|أدخل|"
    r"اكتب)\b[^\[\]]{2,60}|"
    r"(?:add|give|write|link to) (?:a |the |your )?(?:name|date|link|text|image|picture|photo|"
    r"photograph|logo|caption|quote|time|place|venue|address|price|details?|email|button|title|"
    r"headline|page)s?\b[^\[\]]{0,40}|"
    r"(?:your|ihre?|deine?|votre|vos|su|tu|eich) [^\[\]]{2,40}|à compléter)"
)
_TO_COME = (
    r"[^\[\]]{0,60}\b(?:to (?:come|follow|check|be (?:confirmed|added|written|decided|announced|inserted))|"
    r"goes here|"
    r"(?:text|name|date|link|image|picture|quote|headline|title|logo|copy) here|tbc|tbd|tba|tk|"
    r"einfügen|einsetzen|ergänzen|eintragen|folgt noch|à venir|à insérer|à préciser|à confirmer|i ddilyn|"
    r"i'w gadarnhau|لاحقا)"
)
# Between two brackets, these alone are a placeholder.
_LEFT_OPEN = (
    rf"(?:{_DETAIL}|(?:{_OPEN})(?: (?:of|for|from|by|der|des|de|du) [^\[\]]{{1,30}})?|{_INSTRUCTION}|{_TO_COME}|"
    r"[a-z]+(?:_[a-z]+)+)"
)
_BRACKETS = re.compile(
    rf"\[\[?\s*{_LEFT_OPEN}\s*\]\]?(?!\s?[(\[]\s?(?:https?:|mailto:|www\.|[/#]))(?![(\[])", re.IGNORECASE
)
_NOT_LEFT_OPEN = re.compile(
    r"\[(?:your (?:emphasis|italics)|todos? \w[^\]]*|[^\]]*(?:geändert|bekannt|changed|withheld|supplied|"
    r"unknown))\]",
    re.IGNORECASE,
)
# How other services write what they fill in.
_TAGS = re.compile(
    r"\{\{[^{}\n]{1,60}\}\}|\{%[^{}\n]{1,60}%\}|\$\{[^{}\n]{1,40}\}|"
    rf"\{{\s*(?:{_DETAIL}|{_OPEN}|insert [^{{}}\n]{{2,30}})(?:[:|][^{{}}\n]{{0,40}})?\s*\}}|"
    r"\{[a-z]+(?:[._][a-z]+)+\}|(?-i:\{[a-z]+[A-Z]\w*\})|"
    rf"%%[^\W\d]\w*%%|%%=[^=\n]{{1,40}}=%%|(?<!\w)%(?:{_DETAIL}|name|[a-z]+(?:[._][a-z]+)+)%|"
    r"\*\u2060?\|[^|\n]{1,60}\|\u2060?\*|\[%[^\]\n]{1,60}%\]|"
    rf"<<\s*\w[\w ]{{0,30}}>>|<\s*(?:{_DETAIL}|name|insert [^<>\n]{{2,30}})\s*>|"
    r"[«‹](?:firstname|lastname|[fl]name|[^\W\d_]+(?:_[^\W\d_]+)+)[»›]|"
    rf"#(?:{_DETAIL}|name)#|##\w{{2,30}}##|(?<![\w-])-(?:{_DETAIL}|name)-(?![\w-])|"
    rf"@@\w+@@|\$(?:{_DETAIL})\b\$?|(?<!\w)__(?:{_DETAIL}|name)__(?!\w)|"
    r"\((?:insert|add|enter) (?:a |the |your )?(?:date|name|link|text|time|place|image|picture|quote|"
    r"title)[^()\n]{0,30}\)",
    re.IGNORECASE,
)
_A_MONTH = (
    r"(?:Jan|Feb|M[aä]r|Apr|Ma[iy]|Jun|Jul|Aug|Sep|O[ck]t|Nov|De[cz]|janv|févr|mars|avr|juin|juil|août|"
    r"sept|oct|nov|déc)"
)
# Words that are a placeholder wherever they stand, if a text says them in capitals.
_LOUD = re.compile(
    r"\b(?:TODO|FIXME)\b(?! (?:lists?|apps?|items?|MVC)\b)|\bTO DO:|\bTKTK\b|"
    r"\bTK (?:numbers?|names?|dates?|figures?|quotes?|words|links?|pictures?|photos?)\b|\b(?:NAME|DATE|"
    r"TITLE|LINK|QUOTE) TK\b|"
    r"\bX{4,}\b|\b\d+X{2,}\b|\bX{2,}(?: X{2,})+\b|\|[A-Z][A-Z_]{2,}(?::[^|\n]{0,40})?\||"
    r"\b(?:FIRST|LAST|FULL)_?NAME\b|\b[FL]NAME\b|\bVORNAME\b|\bNACHNAME\b|\bPR[EÉ]NOM\b|"
    r"\bINSERT(?: [A-Z]{2,}){1,4}\b|\bADD (?:LINK|DATE|NAME|TEXT|PHOTO|IMAGE|PICTURE|TITLE|QUOTE)S?\b|"
    r"\b(?:HEADLINE|TITLE|TEXT|NAME|DATE|LINK|IMAGE|PICTURE|SUBJECT|PREHEADER|STANDFIRST|QUOTE|"
    r"CAPTION) HERE\b|"
    r"(?:[£$€] ?|\b(?:on|at|in|by|from|to|of|for|room|call|about|than|am|um|im|bis|le|à|au)\s)(?:X{2,3}|"
    r"x{3})\b(?! [A-Z])|"
    rf"^(?:X{{2,3}}|x{{2,3}})\s(?!centur|siècle|jahrhundert|olymp|edition)[a-z]{{3,}}|\b(?:XX|xx)(?:th|st|"
    rf"nd|rd|\.)?(?: of)? {_A_MONTH}|"
    r"\bX{1,2}[:.]X{2}\b|\b(?:DD|TT|JJ)[./-]MM[./-](?:YY|JJ|AA){1,2}\b|"
    r"\b(?:on|at|in|by|from|until|a (?:date|time|place|room)|room) TB[CDA]\b|^\W*(?:TB[CDA]|Tb[cda]|"
    r"tb[cda])\W*$|"
    r"(?<!\S)\?{3,}(?!\w)|[£$€] ?\?{2,}(?![?!])|\bX{1,2}([/.-])X{1,2}\1(?:X{2,4}|\d{2,4})\b"
)
# What is in every placeholder of these kinds. It is found much faster, and few texts have it.
_SIGN_OF_TAGS = re.compile(r"[{%$*\[<«‹#@_(-]")
_SIGN_OF_LOUD = re.compile(r"[A-Z]{2}|[X|]|xx|\?\?|[Tt]b[cda]")
_THING = (
    r"headline|title|name|date|link|text|image|picture|photo|quote|subject|standfirst|intro\w*|copy|"
    r"content|caption"
)
_QUIET = re.compile(
    r"\blorem ipsum\b(?!\W+(?:is|was|text|generators?|comes|ist|war|est)\b)|\bdolor sit amet\b|"
    r"لوريم إيبسوم|"
    r"\b(?:first|last)_name\b|"
    rf"^(?:{_THING}|details|sub-?heading|heading)\s+(?:to (?:come|follow)|goes here|here)\b|"
    rf"\binsert (?:a |an |the |your |some )?(?:{_THING}) here\b|"
    rf"^(?:enter|type|add|write|put) (?:a |an |the |your |"
    rf"some )?(?:{_THING.replace('name|', '')}) here\W*$|"
    r"^your (?:text|headline|title|content|logo|name|image) (?:goes )?here\b|"
    r"^(?:(?:placeholder|sample|dummy) (?:text|headline|title|copy)|placeholder|sub-?heading|"
    r"click to edit\b.*|"
    r"your (?:name|text|headline|title|logo|organisation)|test(?: test)+)\W*$|"
    r"\b(?:blindtext|platzhaltertext|platzhalter)\b|\bhier (?:text|bild|titel|überschrift|link|datum|"
    r"namen?) "
    r"(?:einfügen|einsetzen|eintragen)\b|"
    r"\b(?:text|bild|titel|überschrift|link|datum|namen?) hier (?:einfügen|einsetzen|eintragen)\b|"
    r"\b(?:texte|titre|lien) à insérer\b|"
    r"\b(?:insérer|saisir|saisissez) (?:le |la |un |votre )?(?:texte|titre|lien|nom|date) ici\b|"
    r"\bvotre texte ici\b|"
    r"\brhowch (?:y |eich )?(?:testun|teitl|enw|dolen) yma\b",
    re.IGNORECASE,
)


def placeholders_in(lines: Iterable[Line]) -> list[str]:
    """Return the placeholders in lines, each once, in their order."""
    found = [words for line in lines for words in _in_line(line)]
    return list(dict.fromkeys(found))


def placeholders_in_address(address: str) -> list[str]:
    """Return the placeholders in the address of a link. Its query can have brackets of its own, such as a[name]=1."""
    decoded = unquote(address)
    brackets = [found for found in _BRACKETS.finditer(decoded) if decoded[found.start() - 1] in "/="]
    tags = [found for found in _TAGS.finditer(decoded) if found[0][0] in "{[%$<*"]
    return [found[0] for found in (*brackets, *tags)]


def _in_line(line: Line) -> list[str]:
    matches: list[re.Match[str]] = []
    if _SIGN_OF_TAGS.search(line.text):
        matches += [found for found in _BRACKETS.finditer(line.text) if not _explains(line.text, found)]
        matches += _TAGS.finditer(line.text)
    # A word such as TODO can be the name of something that is linked or in bold.
    if _SIGN_OF_LOUD.search(line.prose):
        matches += _LOUD.finditer(line.prose)
    matches += _QUIET.finditer(line.prose)
    words: list[str] = []
    end = -1
    for found in sorted(matches, key=lambda each: (each.start(), -each.end())):
        if found.start() >= end and not is_mentioned(found.string, *found.span()):
            words.append(" ".join(found[0].split()))
            end = found.end()
    return words


def _explains(text: str, found: re.Match[str]) -> bool:
    """Return whether an editor added the words in brackets to a quotation: “We love [the company]”."""
    is_small = found[0][1:-1].islower()
    return _NOT_LEFT_OPEN.match(found[0]) is not None or (is_small and is_quoted(text, *found.span()))

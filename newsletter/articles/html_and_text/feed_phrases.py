"""Recognise what publishing programs add to texts: "The post … appeared first on …", "Continue reading", "[…]"."""

import re

ENDED = re.compile(r"[.!?…。！？｡．:।॥۔؟։።។៕།။][\"'”’»)\]」』]*\Z")

_LOOKED_AT = 700
_FIRST_PUBLISHED = r"""
      The\ post\ .{0,400}?\ (?:appeared\ first|first\ appeared)\ on\ .{1,200}
    | This\ (?:post|article|entry|story)
        \ (?:(?:first|originally)\ appeared|was\ (?:first|originally)\ published)\ .{1,200}
    | .{0,400}?\ (?:was|is)\ originally\ published\ in\ .{1,200}?\ on\ Medium\b.{0,200}
    | Der\ Beitrag\ .{0,400}?\ erschien\ zuerst\ auf\ .{1,200}
    | (?:L[’']article|Cet\ article|Le\ post)\ .{0,400}?\ est\ apparu\ en\ premier\ sur\ .{1,200}
    | (?:La\ entrada|El\ post|El\ art[ií]culo)\ .{0,400}?\ (?:se\ public[oó]|apareci[oó])\ primero\ en\ .{1,200}
    | L[’']articolo\ .{0,400}?\ (?:proviene\ da|sembra\ essere\ il\ primo\ su)\ .{1,200}
    | O\ (?:post|artigo)\ .{0,400}?\ apareceu\ primeiro\ em\ .{1,200}
    | Het\ bericht\ .{0,400}?\ verscheen\ eerst\ op\ .{1,200}
"""
_LEADING_ON = r"""
      [\[(]?\s*(?:Continue\ reading|Keep\ reading|Read\ (?:more|on|the\ (?:full|rest)|full)|Full\ (?:story|article)
        |Lire\ la\ suite|Weiterlesen|Mehr\ lesen|Seguir\ leyendo|Leer\ m[aá]s|Continua\ a\ leggere|Leggi\ tutto
        |Continue\ a\ ler|Leia\ mais|Lees\ (?:meer|verder)|L[äa]s\ mer|L[æe]s\ mere|Czytaj\ (?:dalej|wi[eę]cej)
        |続きを読む|阅读全文)[^.!?。]{0,160}[.…→»›\])\s]*
    | \(\s*more\s*(?:…|\.\.\.)?\s*\)
    | [→»›]+
"""
_ADDED = re.compile(rf"(?:{_FIRST_PUBLISHED})\Z", re.VERBOSE | re.DOTALL)
_TAIL = re.compile(rf"\s*(?:{_FIRST_PUBLISHED}|{_LEADING_ON})\Z", re.VERBOSE | re.DOTALL)
_LEADING_TAIL = re.compile(rf"\s*(?:{_LEADING_ON})\Z", re.VERBOSE | re.DOTALL)
# Each kind of _FIRST_PUBLISHED has one of these words. Most texts have none, and need no slow search.
_FIRST = re.compile(
    "appeared|originally published|first published|zuerst auf|premier sur|primero en|proviene da|primo su"
    "|primeiro em|eerst op"
)
_CUT = re.compile(r"\s*(?:\[\s*(?:…|\.\.\.|&hellip;)\s*\]|\(…\)|…|\.\.\.|\[\s*\+\s*\])\s*\Z")


def without_tail(text: str) -> tuple[str, bool]:
    """Return the text without what its publishing program added, and whether that program had cut it off."""
    whole = text
    for _ in range(3):
        head, tail = text[:-_LOOKED_AT], text[-_LOOKED_AT:]
        found = (_TAIL if _FIRST.search(tail) else _LEADING_TAIL).search(tail)
        if not found:
            break
        text = head + tail[: found.start()]
    text = text.rstrip()
    if found := _CUT.search(text[-20:]):
        return text[: len(text) - len(found[0])].rstrip(), True
    return text, text != whole.rstrip() and not ENDED.search(text)


def says_where_published_first(text: str) -> bool:
    """Tell whether all that a paragraph says is where the text was published first."""
    return bool(_ADDED.match(text[:_LOOKED_AT]))

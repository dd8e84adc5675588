"""Contact cards (vCard 2.1, 3.0 and 4.0, RFC 6350), as Apple, Google and Outlook export them, as rows of a table."""

import quopri
import re
from collections.abc import Iterator

from subscribers.imports.column_aliases import words_of

COLUMNS = {
    "EMAIL": "email",
    "GIVEN": "first name",
    "FAMILY": "last name",
    "FN": "name",
    "LANG": "language",
    "TZ": "time zone",
    "ORG": "organisation",
    "CATEGORIES": "categories",
    "NOTE": "note",
}
# What says nothing about emails: addresses of other kinds, pictures, keys, dates and how programs keep a card.
LEFT_OUT = words_of("""
BEGIN END VERSION PRODID UID REV ADR LABEL TEL PHOTO LOGO SOUND KEY URL BDAY ANNIVERSARY GEO IMPP TITLE ROLE NICKNAME
GENDER AGENT MAILER SORT-STRING N X-ABLABEL X-ABUID X-ABADR X-ABSHOWAS X-ABRELATEDNAMES X-SOCIALPROFILE
""")
MAX_OTHERS = 100
PROPERTY = re.compile(r"(?:[\w-]+\.)?([\w-]+)((?:;(?:\"[^\"]*\"|[^:\"])*)?):(.*)", re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def rows_of_cards(data: bytes) -> Iterator[list[str]]:
    """Yield the headings, then a row for each card. Properties that we do not know become columns of their names."""
    cards = list(_cards(data.decode("utf-8-sig", "replace")))
    others = sorted({name for card in cards for name in card} - COLUMNS.keys())[:MAX_OTHERS]
    yield [*COLUMNS.values(), *(name.lower().removeprefix("x-") for name in others)]
    for card in cards:
        yield [card.get(name, "") for name in (*COLUMNS, *others)]


def _cards(text: str) -> Iterator[dict[str, str]]:
    card: dict[str, str] = {}
    preferred = False
    for line in _unfolded(text):
        found = PROPERTY.fullmatch(line)
        if not found:
            continue
        name, parameters, value = found[1].upper(), found[2].upper(), found[3]
        if name == "BEGIN":
            card, preferred = {}, False
        elif name == "END":
            if card:
                yield card
            card = {}
        elif name == "N":
            family, given = (*_split(_value(value, parameters), ";"), "", "")[:2]
            card["FAMILY"], card["GIVEN"] = family, given
        elif name == "EMAIL":
            is_preferred = "PREF" in parameters and not preferred
            known = card.get("EMAIL", "")
            address = _plain(_value(value, parameters))
            card["EMAIL"] = "; ".join(filter(None, (address, known) if is_preferred else (known, address)))
            preferred = preferred or is_preferred
        elif name not in LEFT_OUT:
            said = " ".join(filter(None, _split(_value(value, parameters), ";")))
            card[name] = ", ".join(filter(None, (card.get(name, ""), said)))


def _unfolded(text: str) -> Iterator[str]:
    """The lines, each with those that continue it: after white space (RFC 6350, 3.2) or a quoted-printable “=”."""
    current = ""
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line[:1] in {" ", "\t"} and current:
            current += line[1:]
        elif current.endswith("=") and "QUOTED-PRINTABLE" in current.upper():
            current = current[:-1] + line
        else:
            yield current
            current = line
    yield current


def _value(value: str, parameters: str) -> str:
    if "QUOTED-PRINTABLE" not in parameters:
        return value
    return quopri.decodestring(value.encode("utf-8", "replace")).decode("utf-8", "replace")


def _split(value: str, separator: str) -> list[str]:
    return [_plain(part) for part in re.split(rf"(?<!\\){separator}", value)]


def _plain(value: str) -> str:
    return ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()

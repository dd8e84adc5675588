"""Contact cards (vCard 2.1, 3.0 and 4.0, RFC 6350), as Apple, Google and Outlook export them, as rows of a table."""

import quopri
import re
from collections.abc import Iterator

from subscribers.imports.column_aliases import words_of
from subscribers.imports.guess_encoding import guess_encoding

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
# vCard 4.0 counts, `PREF=2`; before, it is a kind: `TYPE=WORK,PREF`.
PREFERENCE = re.compile(r";PREF=\"?(\d{1,3})\b")
PREFERRED = re.compile(r"[;=,]\"?PREF\b(?!=)")
LEAST_PREFERRED = 100
CHARSET = re.compile(r";CHARSET=\"?([\w.:-]{1,40})")
ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def rows_of_cards(data: bytes) -> Iterator[list[str]]:
    """Yield the headings, then a row for each card. Properties that we do not know become columns of their names."""
    cards = list(_cards(_text(data)))
    others = sorted({name for card in cards for name in card} - COLUMNS.keys())[:MAX_OTHERS]
    yield [*COLUMNS.values(), *(name.lower().removeprefix("x-") for name in others)]
    for card in cards:
        yield [card.get(name, "") for name in (*COLUMNS, *others)]


def _text(data: bytes) -> str:
    """The text of a file of cards. Old Outlook writes UTF-16; vCard 2.1 without a charset is often Windows-1252."""
    encoding = guess_encoding(data)
    return data.decode(encoding, "replace").removeprefix("\ufeff")


def _cards(text: str) -> Iterator[dict[str, str]]:
    """The properties of each card. A card that lacks its end ends where the next one begins."""
    card: dict[str, str] = {}
    addresses: list[tuple[int, str]] = []
    for line in _unfolded(text):
        found = PROPERTY.fullmatch(line)
        if not found:
            continue
        name, parameters, value = found[1].upper(), found[2].upper(), found[3]
        if name in {"BEGIN", "END"}:
            yield from _whole(card, addresses)
            card, addresses = {}, []
        elif name == "N":
            family, given = (*_split(_value(value, parameters), ";"), "", "")[:2]
            card["FAMILY"], card["GIVEN"] = family, given
        elif name == "EMAIL":
            addresses.append((_preference(parameters), _plain(_value(value, parameters))))
        elif name not in LEFT_OUT:
            said = " ".join(filter(None, _split(_value(value, parameters), ";")))
            card[name] = ", ".join(filter(None, (card.get(name, ""), said)))
    yield from _whole(card, addresses)


def _whole(card: dict[str, str], addresses: list[tuple[int, str]]) -> Iterator[dict[str, str]]:
    """The card with its addresses, the preferred one first, unless there is nothing on it."""
    in_order = sorted(addresses, key=lambda address: address[0])  # keeps the order of equals
    if in_order:
        card["EMAIL"] = "; ".join(address for _preference, address in in_order if address)
    if card:
        yield card


def _preference(parameters: str) -> int:
    """How much an address is preferred: 1 most, 100 least and where nothing is said (RFC 6350, 5.3)."""
    number = PREFERENCE.search(parameters)
    if number:
        return int(number[1])
    return 1 if PREFERRED.search(parameters) else LEAST_PREFERRED


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
    data = quopri.decodestring(value.encode("utf-8", "replace"))
    said = CHARSET.search(parameters)
    try:
        return data.decode(said[1] if said else guess_encoding(data), "replace")
    except LookupError:
        return data.decode(guess_encoding(data), "replace")


def _split(value: str, separator: str) -> list[str]:
    return [_plain(part) for part in re.split(rf"(?<!\\){separator}", value)]


def _plain(value: str) -> str:
    return ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()

"""Cells of addresses as spreadsheets and mail programs write them: as a formula, in quotes, with a name, or several."""

import re

from subscribers.csv_safety import unescape_formula
from subscribers.imports.clean_cells import bare
from subscribers.imports.column_aliases import field_of, plain_words, words_of
from subscribers.imports.csv_records import ADDRESS

# `="ada@example.org"` and `=HYPERLINK("mailto:ada@example.org";"Ada")`.
FORMULA = re.compile(r"=\s*(?:[A-Z.]+\(\s*)?\"([^\"]*)\".*", re.IGNORECASE | re.DOTALL)
QUOTES = ("''", '""', "“”", "‘’", "„“", "«»", "``", "()", "[]")
ENDS = ".,;:"
# Between the addresses of a cell that holds several: Google Contacts writes ":::".
SEVERAL = re.compile(
    r"\s*(?::::|[;,|\n]|\s(?:/|&|and|or|und|oder|et|ou|y|o|e|of|en|och|eller|og|lub|i|или|и)\s|\s+)\s*",
    re.IGNORECASE,
)
NAMED = re.compile(
    r"\s*(?:((?:\"[^\"]*\"|[^<>@\";|\n])*<\s*[^<>\s@]+@[^<>\s@]+\s*>)|([^\s<>@;,|]+@[^\s<>@;,|]+))\s*(?:[;,|\n]+\s*|\Z)"
)
# What tells one address of a person from another: “E-mail 2 - Value”, “Secondary Email”, “Autre courriel”.
OTHERS = words_of("""
1 2 3 4 5 value work home private personal business secondary second other another alternate alternative additional
primary main work office billing zweite weitere andere privat geschaftlich autre secondaire professionnel personnel
perso otro secundario trabajo personale lavoro altra altro andere zakelijk prive
""")


def without_wrapping(cell: str) -> str:
    """The text of a cell without what a spreadsheet or a mail program puts around an address."""
    text = bare(unescape_formula(cell)).replace("\uff20", "@")  # the full-width sign of Japanese keyboards
    if text.startswith("=") and (found := FORMULA.fullmatch(text)):
        text = bare(found[1])
    for pair in QUOTES:
        inner = text[1:-1]
        if text.startswith(pair[0]) and text.endswith(pair[1]) and ADDRESS.fullmatch(inner.rstrip(ENDS)):
            text = inner
    return text.rstrip(ENDS) if "<" not in text else text


def addresses_in(cell: str) -> list[str]:
    """The addresses of a cell that holds nothing else, each with its display name; none if it has other text."""
    text = without_wrapping(cell)
    if "@" not in text:
        return []
    if "<" in text:
        return _named_addresses(text)
    parts = [part for part in map(without_wrapping, SEVERAL.split(text)) if part]
    return parts if all(map(_is_address, parts)) else []


def is_about_addresses(heading: str) -> bool:
    """Whether a heading is about email addresses, such as “E-mail 2 - Value” and “Secondary Email”."""
    words = [word for word in plain_words(heading).split() if word not in OTHERS]
    return field_of(" ".join(words)) == "address" and words != ["address"]


def _named_addresses(text: str) -> list[str]:
    found, at = list[str](), 0
    while at < len(text):
        one = NAMED.match(text, at)
        if one is None or one.end() == at:
            return []
        found.append((one[1] or one[2]).strip())
        at = one.end()
    return found


def _is_address(text: str) -> bool:
    return ADDRESS.fullmatch(text.removeprefix("mailto:")) is not None

"""Which headings are about dates, and which of these dates say nothing about when somebody gave their details."""

import re

from subscribers.imports.column_aliases import plain_words, words_of

# What has a date of its own that says nothing about when somebody gave their details, unless the heading names both.
OTHER_THINGS = re.compile(
    r"birth(?!day party)|\bborn|\bdob\b|\bbday|geburt|geboren|naissance|nacimiento|nascita|nasciment|urodz|fodel|"
    r"geboorte|expir|renew|\buntil\b|\bdue\b|\bends?\b|deadline|ablauf|verlanger|wedding|founded|established|gegrundet"
)
JOINING = words_of(
    "join joining joined since collected collection signup registered registration record created added imported "
    "entry entered enrolled first eintritt beitritt aufnahme anmeldung inscription adhesion alta iscrizione"
)
# Under such a heading, a year or another number alone is a date.
DATES = words_of(
    "since seit created made added joined registered submitted signed signup collected given member supporter donor "
    "first start timestamp when year month epoch unix imported entered enrolled contacted met visited attended donated "
    "purchased ordered booked updated modified changed erstellt angelegt angemeldet eingetragen beigetreten eintritt "
    "beitritt aufnahme mitglied cree ajoute inscrit depuis adhesion membre creado registrado desde alta miembro creato "
    "iscritto dal socio aangemaakt sinds lid utworzono dodano zapisano od skapad oprettet"
)
WORDS_FOR_DATES = re.compile(
    r"\bdate|(?:creat|join|add|start|entry|signup|last|first)\w*date|datum\b|\bfecha|"
    r"\bdata (?:di|de|da|do|za|re|u)|jahr\b|monat\b|\bannee|\bano\b|\banno\b|\brok\b"
)
IN_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")


def is_about_dates(heading: str) -> bool:
    """Return whether a heading is about dates, so that a number alone is one."""
    plain = plain_words(IN_CAMEL_CASE.sub(" ", heading))
    return bool(words_of(plain) & DATES or WORDS_FOR_DATES.search(plain))


def is_about_other_things(heading: str) -> bool:
    """Return whether a heading, or a text, is about a date that says nothing about when somebody gave their details."""
    plain = plain_words(IN_CAMEL_CASE.sub(" ", heading))
    return bool(OTHER_THINGS.search(plain)) and not words_of(plain) & JOINING

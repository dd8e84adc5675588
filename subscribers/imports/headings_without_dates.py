"""Which headings say that the numbers in a column are not dates, such as telephone numbers and amounts."""

import re
from functools import lru_cache

from subscribers.imports.column_aliases import plain_words, words_of
from subscribers.imports.headings_about_dates import IN_CAMEL_CASE, is_about_dates

KINDS = words_of("""
phone telephone tel telefon telefono telefone telefoon mobile mobil movil portable cellulare mobiel cell cellphone
handy landline fax sms whatsapp
postcode postal zip zipcode plz cap postleitzahl
address addr addressline street road house houseno flat building apartment apt unit line strasse hausnummer adresse rue
calle via indirizzo straat huisnummer adres endereco ulica
city town village county region province country district ward constituency ort stadt ville ciudad comune gemeente
amount amounts total totals sum subtotal value price cost costs fee fees balance spend spent revenue income currency
giving lifetime average largest smallest highest lowest aov ltv betrag summe montant importe importo bedrag
id ids number numbers no nr num code codes ref refs reference references uuid guid key hash token sku account urn
identifier contactid customerid memberid personid recordid userid leid euid nummer numero numer iban bic
count counts quantity qty rating score rank age ages alter
email emails mail ip latitude longitude lat lng long lon gmtoff dstoff coordinates
user username login nickname
url urls website websites link links site homepage image avatar photo
percent percentage weight height
""")
ENDINGS = ("nummer", "telefon", "phone", "postcode", "strasse", "betrag")
# What the heading is about stands before these words, as in “Number of gifts since 2019”.
BEFORE_PREPOSITION = re.compile(r"\b(?:of|at|when|since|in|on|for|from|to|by|per|with)\b.*")
# Days that say nothing about when somebody gave their details, and the words that only say whose or which.
OWN_DATES = words_of("""
birth birthday birthdate birthdays dob bday born geburtstag geburtsdatum geboren naissance nacimiento nascita
nascimento urodzenia fodelsedatum fodelsedag geboortedatum verjaardag anniversaire cumpleanos compleanno
renewal renewals expiry expires expiration expire ablauf deadline due until end ends wedding founded established
""")
BESIDE_THEM = words_of("""
date dates day days month months mm dd yyyy yy year years of the your my their his her person persons child childs
children s partner partners spouse spouses anniversary next membership subscription card policy passport licence company
on is in and place de du le la data di da fecha datum am data jour
""")
NUMBERED = re.compile(r"\d+")


@lru_cache(1_024)
def is_without_dates(heading: str) -> bool:
    """Return whether a heading says that the numbers below it are not dates, or are dates such as a birthday.

    If a heading has a word about dates as well, only what it is about counts: “First gift amount” is an amount.
    """
    heading = heading.removeprefix("attribute:")
    plain = NUMBERED.sub(" ", plain_words(IN_CAMEL_CASE.sub(" ", heading.replace("#", " number "))))
    words = words_of(plain)
    if words & OWN_DATES:
        return words <= OWN_DATES | BESIDE_THEM
    if not is_about_dates(heading):
        return any(map(_is_kind, words))
    about = BEFORE_PREPOSITION.sub("", plain).split()
    return bool(about) and (_is_kind(about[-1]) or about[0] in {"amount", "number", "total"})


def _is_kind(word: str) -> bool:
    return word in KINDS or word.endswith(ENDINGS)

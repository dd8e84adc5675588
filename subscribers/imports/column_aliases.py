"""The headings that columns of people have, in nine languages in full, and which field each one means."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache

from subscribers.imports import headings_of_languages

LANGUAGES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "nl": "Dutch",
    "pt": "Portuguese",
    "pl": "Polish",
    "sv": "Swedish",
}
EVERYWHERE = frozenset({"email", "mail"})  # such headings tell no language
HEADINGS = {
    "address": {
        "en": "email, email address, e-mail, e-mail address, mail, primary email, subscriber email, "
        "contact email, email id",
        "de": "E-Mail-Adresse, Mailadresse, Mail-Adresse, E-Mail Empfänger, Emailadresse",
        "fr": "courriel, adresse courriel, adresse e-mail, adresse email, adresse mail, adresse électronique, mél",
        "es": "correo, correo electrónico, dirección de correo, dirección de correo electrónico, dirección de email",
        "it": "posta elettronica, indirizzo e-mail, indirizzo email, indirizzo di posta elettronica",
        "nl": "e-mailadres, mailadres, emailadres",
        "pt": "endereço de e-mail, endereço de email, correio eletrónico, correio eletrônico",
        "pl": "adres e-mail, adres email, poczta",
        "sv": "e-post, e-postadress, epost, mejl, mejladress",
    },
    "first_name": {
        "en": "first name, firstname, first, fname, given name, forename, christian name",
        "de": "Vorname, Rufname",
        "fr": "prénom, prénoms",
        "es": "nombre de pila, primer nombre, nombres",
        "it": "nome di battesimo",
        "nl": "voornaam",
        "pt": "primeiro nome, nome próprio",
        "pl": "imię",
        "sv": "förnamn",
    },
    "last_name": {
        "en": "last name, lastname, last, lname, surname, family name",
        "de": "Nachname, Familienname, Zuname",
        "fr": "nom de famille, patronyme",
        "es": "apellido, apellidos",
        "it": "cognome",
        "nl": "achternaam, familienaam",
        "pt": "sobrenome, apelido, último nome",
        "pl": "nazwisko",
        "sv": "efternamn",
    },
    "name": {
        "en": "name, full name, fullname, display name, contact name, subscriber name",
        "de": "vollständiger Name, ganzer Name",
        "fr": "nom, nom complet",
        "es": "nombre, nombre completo",
        "it": "nome, nome completo, nominativo",
        "nl": "naam, volledige naam",
        "pt": "nome, nome completo",
        "pl": "imię i nazwisko, pełne imię",
        "sv": "namn, fullständigt namn",
    },
    "locale": {
        "en": "locale, language, lang, preferred language",
        "de": "Sprache",
        "fr": "langue",
        "es": "idioma, lengua",
        "it": "lingua",
        "nl": "taal",
        "pt": "idioma, língua",
        "pl": "język",
        "sv": "språk",
    },
    "zone": {
        "en": "time zone, timezone, zone, tz",
        "de": "Zeitzone",
        "fr": "fuseau horaire",
        "es": "zona horaria, huso horario",
        "it": "fuso orario",
        "nl": "tijdzone",
        "pt": "fuso horário",
        "pl": "strefa czasowa",
        "sv": "tidszon",
    },
    "topics": {
        "en": "topics, topic, interests",
        "de": "Themen, Thema, Interessen",
        "fr": "thèmes, sujets, centres d'intérêt",
        "es": "temas, intereses",
        "it": "temi, argomenti, interessi",
        "nl": "onderwerpen, thema's, interesses",
        "pt": "temas, tópicos, interesses",
        "pl": "tematy, zainteresowania",
        "sv": "ämnen, intressen",
    },
    "status": {
        "en": "status, state, subscription status, email status, subscriber status",
        "de": "Zustand, Anmeldestatus",
        "fr": "statut, état",
        "es": "estado",
        "it": "stato",
        "nl": "toestand",
        "pt": "estado, situação",
        "pl": "stan",
        "sv": "tillstånd",
    },
    "subscribed": {
        "en": "subscribed, opted in, opt in, subscribed to emails, email opt in, accepts marketing, "
        "accepts email marketing, marketing consent, email consent, active, is active",
        "de": "abonniert",
        "fr": "abonné",
    },
    "left": {
        "en": "unsubscribed, unsub time, unsubscribed at, unsubscribe date, opted out, opt out, opted out at, left at, "
        "unsubscribe, email opt out, has opted out of email, unsubscribed from all email, left, left on, has left, "
        "date left, departed, inactive",
        "de": "abgemeldet, abgemeldet am, Abmeldedatum",
        "fr": "désabonné, désinscrit, date de désinscription",
        "es": "cancelado, baja, fecha de baja",
        "it": "disiscritto, cancellato",
        "nl": "uitgeschreven, afgemeld",
    },
    "bounced": {"en": "clean time, cleaned, bounced, bounced at, hard bounce, hard bounced, bounce date"},
    "blocked": {
        "en": "blacklisted, blocklisted, email blacklisted, email blocklisted, blocked, suppressed, complained, "
        "spam complaint, spam, complaint, do not mail, do not email, do not contact",
        "de": "gesperrt",
        "fr": "bloqué",
        "es": "bloqueado",
        "it": "bloccato",
    },
    "paused": {"en": "paused until"},
    "basis": {"en": "lawful basis, legal basis"},
    "collected_from": {"en": "details collected from, collected from, data collected from"},
    "typed": {"en": "typed attributes"},
    "joined": {
        "en": "joined, joined at, created at, created, subscribed at, subscription date, signup date, sign up date, "
        "date joined, date added, added time, creation date, start date, since, join date, joined on, date of joining, "
        "sign up time, signup time, signed up at, signed up on, date signed up, subscribe date, subscription time, "
        "registered at, registered on, registration date, date registered, added at, added on",
        "de": "angemeldet am, Anmeldedatum, erstellt am, seit, Datum der Anmeldung, Anmeldezeitpunkt, eingetragen am, "
        "Eintragungsdatum, registriert am, Registrierungsdatum, Beitrittsdatum",
        "fr": "inscrit le, date d'inscription, date d'ajout, abonné le, date d'abonnement",
        "es": "fecha de alta, fecha de inscripción, fecha de suscripción, fecha de registro, suscrito el",
        "it": "data di iscrizione, data iscrizione, iscritto il, data di registrazione",
        "nl": "aangemeld op, inschrijfdatum, ingeschreven op, aanmelddatum",
        "pt": "data de inscrição, inscrito em, data de registo, data de cadastro",
        "pl": "data zapisu, data rejestracji",
        "sv": "anmäld, registrerad, anmäld den, registreringsdatum",
    },
}


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


def plain_words(heading: str) -> str:
    """A heading as it is compared: lower case, without accents and signs: `E-Mail_Adresse` is `e mail adresse`."""
    bare = unicodedata.normalize("NFKD", heading.replace("ß", "ss")).casefold()
    kept = "".join(" " if not sign.isalnum() else sign for sign in bare if not unicodedata.combining(sign))
    return " ".join(kept.split())


def field_of(heading: str) -> str:
    """The field that a heading means, or an empty string."""
    return _meanings().get(_squeezed(heading), ("", ()))[0]


def is_whole_name_alone(heading: str) -> bool:
    """Whether a heading for first names means whole names in a file that has no other column of names."""
    return plain_words(heading) in _alone_whole()


def language_of(headings: Iterable[str]) -> str:
    """The language in which most of the headings are known (`de`), or an empty string."""
    known = {
        squeezed: _meanings()[squeezed][1]
        for heading in headings
        if (squeezed := _squeezed(heading)) in _meanings()
    }
    votes = Counter(language for languages in known.values() for language in languages)
    for word in EVERYWHERE & known.keys():
        votes.subtract(known[word])
    # An equal share goes to the first language of the table: an e-mail column alone is called English.
    if not known:
        return ""
    return max((*LANGUAGES, *headings_of_languages.LANGUAGES), key=lambda language: votes[language])


def name_of_language(language: str) -> str:
    """The English name of a language that language_of returns."""
    return {**LANGUAGES, **headings_of_languages.LANGUAGES}.get(language, "")


def attribute_name(heading: str) -> str:
    """The name of the custom attribute that a column becomes: `Favourite colour` is `favourite_colour`."""
    kept = "".join(
        sign if sign.isalnum() or unicodedata.category(sign)[0] == "M" else " " for sign in _bare(heading)
    )
    return "_".join(kept.split())[:60]


def _bare(heading: str) -> str:
    """In lower case, and without accents where the letters are Latin: elsewhere a mark may make another letter."""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", heading.replace("ß", "ss")).casefold())
    return "".join(
        decomposed[0] if (decomposed := unicodedata.normalize("NFD", sign))[0].isascii() else sign
        for sign in text
    )


def _squeezed(heading: str) -> str:
    return plain_words(heading).replace(" ", "")


@cache
def _alone_whole() -> frozenset[str]:
    return frozenset(map(plain_words, headings_of_languages.ALONE_WHOLE))


@cache
def _meanings() -> dict[str, tuple[str, tuple[str, ...]]]:
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for field, languages in HEADINGS.items():
        for language, words in languages.items():
            for word in words.split(", "):
                meaning, known_in = found.get(_squeezed(word), (field, ()))
                found[_squeezed(word)] = (meaning, (*known_in, language))
    for language, field, headings in headings_of_languages.words_by_field():
        for word in headings:
            meaning, known_in = found.get(_squeezed(word), (field, ()))
            found[_squeezed(word)] = (meaning, (*known_in, language))
    # Words that are field names of ours, such as `address` and `first_name`.
    return {"address": ("address", ("en",)), **found}

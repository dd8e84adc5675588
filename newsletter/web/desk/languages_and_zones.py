"""The languages and time zones that forms offer, with their names: one list for every page."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError

from newsletter.first_run.guess_language_and_zone import zones
from subscribers import app_settings
from subscribers.translated_languages import find_catalogue

# Those in which emails and readers' pages have our texts, with the two kinds of English that people tell apart.
WITH_OUR_TEXTS = ("en-GB", "en-US", "ar", "cy", "de", "es", "fr", "pl")
# Languages that are written differently from one country to another.
OF_COUNTRIES = (
    "de-AT",
    "de-CH",
    "en-AU",
    "en-CA",
    "en-IE",
    "es-MX",
    "fr-CA",
    "fr-CH",
    "pt-BR",
    "zh-Hans",
    "zh-Hant",
)
# What people read. Babel also knows the names of historical languages and of groups of languages.
READ = (
    *("af", "am", "az", "be", "bg", "bn", "bs", "ca", "ckb", "cs", "da", "el", "en", "et"),
    *("eu", "fa", "fi", "fil", "fy", "ga", "gd", "gl", "gu", "gv", "ha", "he", "hi", "hr"),
    *("hu", "hy", "id", "ig", "is", "it", "ja", "ka", "kk", "km", "kn", "ko", "ku", "kw"),
    *("ky", "lb", "lo", "lt", "lv", "mi", "mk", "ml", "mn", "mr", "ms", "mt", "my", "nb"),
    *("ne", "nl", "nn", "pa", "ps", "pt", "rm", "ro", "ru", "sd", "si", "sk", "sl", "so"),
    *("sq", "sr", "sv", "sw", "ta", "te", "tg", "th", "ti", "tk", "tr", "uk", "ur", "uz"),
    *("vi", "xh", "yi", "yo", "zh", "zu"),
)
Choices = list[tuple[str, str]]
UNKNOWN = ("", "Not known")


def language_name(tag: str) -> str:
    """Return the English name of a language, such as British English for en-GB, or the tag if Babel has none."""
    try:
        return Locale.parse(tag, sep="-").get_display_name("en") or tag
    except (ValueError, UnknownLocaleError):
        return tag


def languages_with_our_texts(present: str = "") -> Choices:
    """Return the languages that a newsletter or a list can have, and the one that it has now."""
    tags = WITH_OUR_TEXTS if present in ("", *WITH_OUR_TEXTS) else (present, *WITH_OUR_TEXTS)
    return [(tag, f"{language_name(tag)}{_about_texts(tag)}") for tag in tags]


def languages_of_readers() -> str:
    """Return the names of the languages that every reader can choose for their pages, as a list in a sentence."""
    names = [language_name(code) for code, _name in app_settings.languages()]
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _about_texts(tag: str) -> str:
    found = find_catalogue(tag)
    if found is None:
        return " (standard wording in English)"
    return "" if found.reviewed else " (translation not reviewed yet)"


def every_language(present: str = "") -> Choices:
    """Return the languages that a person or a source can have, by name, after “Not known” and the present one."""
    known = _every_language()
    kept = [] if present in ("", *dict(known)) else [(present, language_name(present))]
    return [UNKNOWN, *kept, *known]


def every_zone(present: str = "") -> Choices:
    """Return the time zones that a person can have, by name, after “Not known” and the present one."""
    return [UNKNOWN, *time_zones(present)]


def time_zones(present: str = "") -> Choices:
    """Return the time zones to choose from, and the present one."""
    known = dict.fromkeys([*zones(), present] if present else zones())
    return [(zone, zone.replace("_", " ")) for zone in known]


@lru_cache(1)
def _every_language() -> tuple[tuple[str, str], ...]:
    tags = dict.fromkeys((*WITH_OUR_TEXTS, *OF_COUNTRIES, *READ))
    return tuple(sorted(((tag, language_name(tag)) for tag in tags), key=lambda each: each[1]))

"""Check whether we have the words of each publication's language, and whether somebody has reviewed them."""

from collections.abc import Iterator

from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.doctor_finding import Finding, left_out, ok, warning
from newsletter.errors import NewsletterError
from newsletter.rendering.find_theme import find_theme
from newsletter.rendering.fixed_words import missing_words
from subscribers.translated_languages import catalogues, find_catalogue, language_name

CHECK = "languages"


def check(installation: Installation) -> Iterator[Finding]:
    """Check the language of each publication."""
    if not installation.languages:
        yield left_out(CHECK, "You have no publications yet.")
    for slug, language, theme in installation.languages:
        yield _finding(slug, language, theme)


def _finding(slug: str, language: str, theme: str) -> Finding:
    name, catalogue = language_name(language), find_catalogue(language)
    if catalogue is None and _missing(language, theme):
        return warning(
            CHECK,
            f"{slug}: we have no {name} translation. Emails and readers’ pages show the standard wording in "
            "English.",
            f"Choose one of {_reviewed()}, or add a catalogue as described in subscribers/locale/README.md.",
        )
    if catalogue and not catalogue.reviewed:
        return warning(
            CHECK,
            f"{slug}: nobody who reads {name} has reviewed our {name} translation yet.",
            f"Ask somebody who reads {name} to look at a preview and at the readers' pages.",
        )
    return ok(CHECK, f"{slug}: the standard wording is in {name}.")


def _missing(language: str, theme: str) -> bool:
    try:
        return bool(missing_words(language, find_theme(theme).words))
    except NewsletterError:
        return True


def _reviewed() -> str:
    return ", ".join(each.name for each in catalogues().values() if each.reviewed)

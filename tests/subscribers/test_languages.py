from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.utils import translation
from django.utils.translation import gettext

from subscribers import app_settings

ROOT = Path(__file__).resolve().parents[2]
LOCALE = ROOT / "subscribers" / "locale"
SOURCES = {
    ROOT / "subscribers": [("**.py", "python")],
    ROOT / "templates" / "public": [("**.html", "jinja2")],
    ROOT / "templates" / "email" / "confirm": [("**.*", "jinja2")],
    ROOT / "templates" / "email" / "already": [("**.*", "jinja2")],
}
KEYWORDS = {"_": None, "ngettext": (1, 2)}


@pytest.fixture(scope="module")
def texts():
    """Every text that the pages and mails may show."""
    found = {
        message[2]
        for folder, methods in SOURCES.items()
        for message in extract_from_dir(folder, method_map=methods, keywords=KEYWORDS)
    }
    assert len(found) > 80
    return found


@pytest.mark.parametrize(
    "language", [code for code, _name in app_settings.languages() if not code.startswith("en")]
)
def test_every_text_is_there_in_every_language(texts, language):
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open(encoding="utf-8") as file:
        written = read_po(file, locale=language)
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled = read_mo(file)
    missing = [text for text in texts if text not in written or not written[text].string]
    assert missing == []
    assert [text for text in texts if list(compiled[text].string) != list(written[text].string)] == []
    wrong = [message.id for message in written if list(message.check(written))]
    assert wrong == []


@pytest.mark.parametrize(
    "language", [code for code, _name in app_settings.languages() if not code.startswith("en")]
)
def test_the_pages_show_our_translation_and_not_that_of_another_app(texts, language):
    """Django takes the translation of the first app that has a text, such as the admin's for “Save”."""
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open(encoding="utf-8") as file:
        written = read_po(file, locale=language)
    with translation.override(language):
        shown = {text: gettext(text) for text in texts if isinstance(text, str)}
    assert shown == {text: written[text].string for text in shown}

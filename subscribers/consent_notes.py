"""The notes of the consent log as a person reads them in their own data.

The log has our notes in English, and next to them what people wrote themselves. Only ours are translated.
"""

import re
from collections.abc import Callable
from gettext import NullTranslations

from django.utils.translation import gettext_noop as _

from subscribers.models import Suppression
from subscribers.punctuation import LISTED, listed

# Notes with a day or a number in them: how the log has them, and how they are translated.
_WITH_DAY = (
    (re.compile(r"Paused until (\d{4}-\d\d-\d\d)\."), _("Paused until %(day)s.")),
    (
        re.compile(r"The person had not confirmed by (\d{4}-\d\d-\d\d)\."),
        _("The person had not confirmed by %(day)s."),
    ),
)
_IMPORT_UNDONE = re.compile(r"Import (\d+) was undone\.")
_IMPORT_UNDONE_TEXT = _("Import %(number)s was undone.")
_CHANGED = re.compile(r"Changed (.+)\.")
_FIELDS = {
    "first name": _("First name"),
    "last name": _("Last name"),
    "locale": _("Language"),
    "zone": _("Time zone"),
    "other details": _("Other details"),
}
# Those that the log has instead of a note.
_REASONS: dict[str, str] = {
    Suppression.Reason.HARD_BOUNCE: _("Emails to this address could not be delivered."),
    Suppression.Reason.COMPLAINT: _("An email was marked as spam."),
    Suppression.Reason.LEFT_ALL: _("Unsubscribed from all lists."),
    Suppression.Reason.MOVED: _("Changed to another address."),
}


def readable_note(note: str, texts: NullTranslations, day: Callable[[str], str]) -> str:
    """Return a note in the language of `texts`, or as it is if it is not one of ours. `day` writes an ISO date."""
    for pattern, text in _WITH_DAY:
        if found := pattern.fullmatch(note):
            return texts.gettext(text) % {"day": day(found[1])}
    if found := _IMPORT_UNDONE.fullmatch(note):
        return texts.gettext(_IMPORT_UNDONE_TEXT) % {"number": found[1]}
    if (found := _CHANGED.fullmatch(note)) and _FIELDS.keys() >= {*found[1].split(", ")}:
        return listed(texts.gettext(LISTED), (texts.gettext(_FIELDS[name]) for name in found[1].split(", ")))
    return texts.gettext(_REASONS.get(note, note)) if note else ""

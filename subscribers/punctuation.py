"""The colon and the comma of a language, for texts that a page or an email puts together: French has a space before its
colon, and Arabic commas face the other way.
"""

from collections.abc import Iterable
from gettext import NullTranslations

from django.utils.translation import gettext_noop as _

LABELLED = _("{label}:")
LISTED = _("{first}, {second}")


def colon(texts: NullTranslations) -> str:
    """Return the colon that follows a label, with the space before it if the language has one."""
    return texts.gettext(LABELLED).replace("{label}", "")


def listed(pattern: str, parts: Iterable[str]) -> str:
    """Return the parts one after another, with what `pattern`, a translation of LISTED, has between two of them."""
    return pattern.removeprefix("{first}").removesuffix("{second}").join(parts)

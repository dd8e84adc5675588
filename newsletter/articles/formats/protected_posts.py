"""Recognise what WordPress shows in place of a post that is behind a password (wp-includes/post-template.php)."""

import re

from newsletter.errors import Invalid

_FORM = re.compile(r"wp-(?:login|pass)\.php\?action=postpass|[\"' ]post-password-(?:form|required)\b")
_TITLE = re.compile(
    r"\s*(?:Protected|Private|Geschützt|Privat|Protégé|Privé|Protegid[oa]|Privad[oa]|Protett[oa]|Privat[oa]|Beveiligd"
    r"|Skyddad|Beskyttet|Passordbeskyttet|Chroniony|Zabezpieczone|Suojattu|Защищено|保護中|受密码保护的文章)\s?[:：]\s*",
    re.IGNORECASE,
)
_EXCERPT = re.compile(
    r"protected|geschützt|protégé|protegid[oa]|protett[oa]|beveiligd|skydda|beskyttet|chronion|zabezpieczon|suojattu"
    r"|защищ|保護|保护",
    re.IGNORECASE,
)
_LONGEST_EXCERPT = 200


class AsksForPassword(Invalid):
    """A page asks for a password, so not everybody may read it."""


def asks_for_password(markup: str) -> bool:
    """Tell whether a post's HTML is the form that asks for its password."""
    return bool(_FORM.search(markup))


def is_protected_post(title: str, markup: str) -> bool:
    """Tell whether title and text together are what stands for a protected post in a feed."""
    if asks_for_password(markup):
        return True
    return bool(_TITLE.match(title)) and (
        not markup.strip() or (len(markup) <= _LONGEST_EXCERPT and bool(_EXCERPT.search(markup)))
    )

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
    r"protected|geschützt|protégé|protegid[oa]|protett[oa]|beveiligd|beschermd|skydda|beskyttet|chronion|zabezpieczon|suojattu"
    r"|защищ|保護|保护",
    re.IGNORECASE,
)
# What WordPress writes where the excerpt of a protected post would be.
_NO_EXCERPT = re.compile(
    r"(?:no excerpt|keine?n? (?:Textauszug|Auszug|Kurzfassung)|pas d.extrait|extracto|riassunto|samenvatting|resumo"
    r"|utdrag|uddrag|zajawki|wypis)\b.*\b(?:protected|geschützt|protég|protegid|protett|beveiligd|beschermd|skydda|beskytte"
    r"|chronion|zabezpieczon)",
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
    short = len(markup) <= _LONGEST_EXCERPT
    if asks_for_password(markup) or (short and _NO_EXCERPT.search(markup)):
        return True
    return bool(_TITLE.match(title)) and (not markup.strip() or (short and bool(_EXCERPT.search(markup))))

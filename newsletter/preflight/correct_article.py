"""Corrects an article if readers can follow the links in the correction. Every door corrects by these functions."""

import re
from collections.abc import Callable, Iterator

from newsletter.articles.models import Correction
from newsletter.articles.write_article_in_desk import WrongField
from newsletter.issues.correct_article import CorrectionText, change_correction, make_correction
from newsletter.preflight.checks.links import is_placeholder
from newsletter.preflight.link_targets import is_for_editors, is_private, is_trusted, why_impossible
from subscribers.phrases import quoted

_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,20}://|www\.|(?:javascript|vbscript|data|file|mailto):)\S+", re.IGNORECASE
)
_FOLLOWED = ("http://", "https://", "mailto:")
# What ends a sentence or a quotation, not an address.
_AFTER = ".,;:!?)]}>\"'”’»"


def correct_article(number: int, text: CorrectionText, *, form_key: str | None = None) -> Correction:
    """Correct the article with this number.

    Raises WrongField for an address that readers cannot follow, and what `make_correction` raises.
    """
    _refuse_addresses_nobody_can_follow(text)
    return make_correction(number, text, form_key=form_key)


def reword_correction(number: int, text: CorrectionText, *, seen: str | None = None) -> Correction:
    """Change what the correction with this number says.

    Raises WrongField for an address that readers cannot follow, and what `change_correction` raises.
    """
    _refuse_addresses_nobody_can_follow(text)
    return change_correction(number, text, seen=seen)


def _refuse_addresses_nobody_can_follow(text: CorrectionText) -> None:
    for field, words in (("said", text.said), ("right", text.right), ("why", text.why)):
        for address in addresses_in(words):
            if why_not := why_not_followed(address):
                raise WrongField(field, f"{why_not} You wrote {quoted(address)}.")


def addresses_in(text: str) -> Iterator[str]:
    """Yield the web addresses in a text that mail programs turn into links, and those that no link can have."""
    for found in _ADDRESS.finditer(text):
        yield found[0].rstrip(_AFTER)


def why_not_followed(address: str) -> str:
    """Return why readers cannot follow an address in a correction, or an empty string if they can."""
    url = f"https://{address}" if address.lower().startswith("www.") else address
    if not url.lower().startswith(_FOLLOWED):
        return "Readers cannot open this address. Use an address that begins with https://."
    if is_trusted(url):
        return ""
    return next((sentence for is_wrong, sentence in _WRONG if is_wrong(url)), "")


_WRONG: tuple[tuple[Callable[[str], object], str], ...] = (
    (is_placeholder, "This address contains a placeholder. Replace it."),
    (why_impossible, "This address is not valid. Correct it."),
    (
        is_private,
        "Readers cannot reach this address, because it is on a private network. Use the public address.",
    ),
    (
        is_for_editors,
        "This address leads to a draft, or to a page with a login. Use the address of the published page.",
    ),
)

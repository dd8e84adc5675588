"""Corrects an article if readers can follow the links in the correction. Every door corrects by these functions."""

import re
from collections.abc import Callable, Iterator, Mapping

from newsletter.articles.models import Correction
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


def correct_article(
    number: int,
    text: CorrectionText,
    *,
    form_key: str | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Correction:
    """Correct the article with this number. `wrong` and what is raised are as in `make_correction`.

    An address that readers cannot follow is wrong too.
    """
    return make_correction(number, text, form_key=form_key, wrong={**_wrong_addresses(text), **(wrong or {})})


def reword_correction(
    number: int,
    text: CorrectionText,
    *,
    seen: str | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Correction:
    """Change what the correction with this number says. `wrong` and what is raised are as in `change_correction`.

    An address that readers cannot follow is wrong too.
    """
    return change_correction(number, text, seen=seen, wrong={**_wrong_addresses(text), **(wrong or {})})


def _wrong_addresses(text: CorrectionText) -> dict[str, str]:
    """Return by field why readers cannot follow the first such address in it."""
    found: dict[str, str] = {}
    for field, words in (("said", text.said), ("right", text.right), ("why", text.why)):
        for address in addresses_in(words):
            if field not in found and (why_not := why_not_followed(address)):
                found[field] = f"{why_not} You wrote {quoted(address)}."
    return found


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

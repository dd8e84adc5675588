"""Check the links of the email by what is written in them. What their sites answer is checked in links_reached.py."""

import re
from collections import defaultdict
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from newsletter.http.public_addresses import is_allowed_by_name, is_public
from newsletter.http.web_addresses import DEFAULT_PORTS
from newsletter.issues.edit_issue import set_opening
from newsletter.issues.models import Issue
from newsletter.preflight.checked_issue import CheckedIssue, EmailLink
from newsletter.preflight.finding import Basis, Finding, Level, Remedy, Rule, Thing
from newsletter.preflight.where_to_edit import INTRODUCTION
from subscribers.phrases import listed, shortened

CHECK = "links"
OURS = Basis("The text of the email")
EMPTY = Rule(
    "links.empty",
    "A link leads nowhere",
    Level.ERROR,
    "A reader who follows the link stays where they are.",
    "Give the link an address, or remove it.",
    OURS,
)
UNFILLED = Rule(
    "links.unfilled",
    "A link contains a placeholder",
    Level.ERROR,
    "The address contains something like {{name}}, so the link does not work.",
    "Replace the placeholder in the address.",
    OURS,
)
PRIVATE = Rule(
    "links.private",
    "A link leads to a private or test site",
    Level.ERROR,
    "Readers cannot reach a site on your own network, and should not see a site that is only for tests.",
    "Link to the public address of the page.",
    Basis("RFC 6761 and RFC 1918", "https://www.rfc-editor.org/rfc/rfc6761", "November 2026"),
)
INSECURE = Rule(
    "links.insecure",
    "A link is not encrypted (http)",
    Level.WARNING,
    "Browsers warn about pages without https, and other people can see and change what readers open.",
    "Use https:// in the address, if the site supports it.",
    Basis("Warnings in Chrome and Firefox"),
)
TRACKING = Rule(
    "links.tracking",
    "A link contains tracking parameters",
    Level.WARNING,
    "Parameters such as utm_source or fbclid come from another campaign, and tell a site where the reader came from.",
    "Remove the parameters from the address.",
    Basis("Parameters used by advertising and email services"),
)
SAME_WORDS = Rule(
    "links.same-words",
    "Links with the same text lead to different pages",
    Level.WARNING,
    "Somebody who hears the links read out one by one cannot tell them apart.",
    "Say in the text of each link where the link leads.",
    Basis(
        "WCAG 2.2, success criterion 2.4.4",
        "https://www.w3.org/TR/WCAG22/#link-purpose-in-context",
        "November 2026",
    ),
)
RULES = (EMPTY, UNFILLED, PRIVATE, INSECURE, TRACKING, SAME_WORDS)

OUR_TAG = re.compile(r"\*\|[A-Z_]+\|\*")
_PLACEHOLDER = re.compile(
    r"\{\{|\}\}|\{%|%7B%7B|\*[\u2060]?\||\|[\u2060]?\*|\[\[|\]\]|%%\w+%%|\$\{|<%|(?<=[/=])\[[A-Za-z_ ]+\]",
    re.IGNORECASE,
)
_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|mc_[ce]id|mkt_tok|_hsenc|_hsmi|hsctatracking|igshid|yclid|"
    r"twclid|ttclid|li_fat_id|vero_id|oly_(?:anon|enc)_id|s_cid|ml_subscriber(?:_hash)?",
    re.IGNORECASE,
)
_TEST_NAMES = frozenset(
    {
        "staging",
        "stage",
        "test",
        "testing",
        "dev",
        "develop",
        "development",
        "preview",
        "preprod",
        "uat",
        "sandbox",
    }
)
_PRIVATE_ENDINGS = (
    "local",
    "localhost",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "test",
    "invalid",
    "onion",
)
_EMPTY = frozenset({"", "#", "http:", "http://", "https:", "https://", "mailto:", "tel:"})
_LONGEST = 80


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Name each link whose address is wrong or unwise."""
    for link in checked.links:
        rule = _wrong(link)
        if rule is not None:
            what = f"{rule.title}: {_named(link)}"
            yield rule.found(what, link.place, position=link.position, remedy=_remedy(checked, link, rule))
    yield from _same_words(checked.links)


def is_placeholder(url: str) -> bool:
    """Return whether a URL contains what looks like a placeholder. The merge tags of our own are none."""
    return _PLACEHOLDER.search(OUR_TAG.sub("", url)) is not None


def is_private(url: str) -> bool:
    """Return whether a URL leads to a host that readers cannot reach, or that is only for tests, by its name alone."""
    host = (_host(url) or "").rstrip(".")
    if not host:
        return False
    try:
        return not is_public(ip_address(host.partition("%")[0]))
    except ValueError:
        labels = host.split(".")
    is_named_for_tests = any(part in _TEST_NAMES for label in labels[:-2] for part in label.split("-"))
    return len(labels) == 1 or labels[-1] in _PRIVATE_ENDINGS or is_named_for_tests


def tracking_parameters(url: str) -> list[str]:
    """Return the names of the tracking parameters in a URL."""
    try:
        names = [name for name, _value in parse_qsl(urlsplit(url).query, keep_blank_values=True)]
    except ValueError:
        return []
    return [name for name in names if _TRACKING.fullmatch(name)]


def _wrong(link: EmailLink) -> Rule | None:
    """Return the first rule that the address of a link breaks, the most serious first."""
    url = link.url.strip()
    if OUR_TAG.match(url):
        return None
    # A host that the installation was told to trust is not judged.
    is_web = url.lower().startswith(("http:", "https:")) and not _is_trusted(url)
    broken = (
        (EMPTY, url.lower() in _EMPTY),
        (UNFILLED, is_placeholder(url)),
        (PRIVATE, is_web and is_private(url)),
        (TRACKING, is_web and bool(tracking_parameters(url))),
        (INSECURE, is_web and url.lower().startswith("http:")),
    )
    return next((rule for rule, is_broken in broken if is_broken), None)


def without_tracking(url: str) -> str:
    """Return a URL without its tracking parameters."""
    parts = urlsplit(url)
    kept = [each for each in parts.query.split("&") if not _TRACKING.fullmatch(each.partition("=")[0])]
    return urlunsplit(parts._replace(query="&".join(kept)))


def _remedy(checked: CheckedIssue, link: EmailLink, rule: Rule) -> Remedy | None:
    """Return how we can correct a link in the introduction. Other texts are not the issue’s alone."""
    url = link.url
    if link.place != INTRODUCTION or url not in checked.issue.opening:
        return None
    if rule is TRACKING:
        return _replacing(url, without_tracking(url), "Remove the parameters")
    return _replacing(url, f"https:{url[5:]}", "Write https") if rule is INSECURE else None


def _replacing(url: str, better: str, label: str) -> Remedy:
    def apply(issue: Issue) -> None:
        set_opening(issue, issue.opening.replace(url, better))

    return Remedy(label, apply, "The link in the introduction was corrected.")


def _same_words(links: list[EmailLink]) -> Iterator[Finding]:
    """Compare the links that are not hidden from screen readers, by their words."""
    by_words: dict[str, dict[str, EmailLink]] = defaultdict(dict)
    for link in links:
        # Our own links, such as to the sources of an article, stand below its headline.
        if (
            link.words
            and link.url
            and not OUR_TAG.match(link.url)
            and link.element.get("aria-hidden") != "true"
        ):
            by_words[link.words.casefold()].setdefault(link.url, link)
    for different in by_words.values():
        if len(different) > 1:
            first, *_ = found = list(different.values())
            addresses = listed([shortened(each.url, _LONGEST) for each in found])
            things = [Thing(each.url, each.place) for each in found]
            what = (
                f"{len(found)} links have the text “{shortened(first.words, _LONGEST)}”, but lead to "
                f"{addresses}."
            )
            yield SAME_WORDS.found(what, first.place, position=first.position, things=things)


def _named(link: EmailLink) -> str:
    words = f"“{shortened(link.words, _LONGEST)}”" if link.words else "a picture"
    return f"{words} ({shortened(link.url, _LONGEST)})." if link.url.strip() else f"{words}."


def _is_trusted(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme.lower(), 0)
    except ValueError:
        return False
    return is_allowed_by_name(parts.hostname or "", port)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None

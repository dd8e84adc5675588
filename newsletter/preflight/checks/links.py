"""Check the links of the email by what is written in them. What their sites answer is checked in links_reached.py."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit, urlunsplit

from newsletter.http.clean_urls import tracks
from newsletter.issues.edit_issue_texts import set_opening
from newsletter.issues.models import Issue
from newsletter.issues.page_urls import is_question_url
from newsletter.preflight.checked_issue import CheckedIssue, EmailLink, title_of
from newsletter.preflight.finding import Basis, Finding, Level, Remedy, Rule, Thing
from newsletter.preflight.link_targets import (
    copied_from,
    is_copied,
    is_for_editors,
    is_private,
    is_trusted,
    looks_like_test_site,
    page_of,
    why_impossible,
)
from newsletter.preflight.link_words import names_another_address
from newsletter.preflight.text_comparison import bare_words
from newsletter.preflight.where_to_edit import INTRODUCTION
from newsletter.preflight.words_that_say_nothing import link_says_nothing
from subscribers.phrases import listed, shortened

CHECK = "links"
OURS = Basis("The text of the email")
EMPTY = Rule(
    "links.empty",
    "A link leads nowhere",
    Level.ERROR,
    "Nothing happens when a reader follows the link.",
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
IMPOSSIBLE = Rule(
    "links.impossible",
    "A link’s address is not valid",
    Level.ERROR,
    "Nobody can follow the link.",
    "Correct the address.",
    Basis("RFC 3986 and RFC 6068", "https://www.rfc-editor.org/rfc/rfc3986", "November 2026"),
)
PRIVATE = Rule(
    "links.private",
    "A link leads to a private site",
    Level.ERROR,
    "Readers cannot reach a site on your own network or computer.",
    "Link to the public address of the page.",
    Basis("RFC 6761 and RFC 1918", "https://www.rfc-editor.org/rfc/rfc6761", "November 2026"),
)
FOR_EDITORS = Rule(
    "links.for-editors",
    "A link leads to a draft, or to a page with a login",
    Level.ERROR,
    "Readers would be asked to log in, or would see a draft.",
    "Link to the published page.",
    Basis("The addresses that WordPress, Drupal, Joomla, Google Docs and Canva use", as_of="November 2026"),
)
OTHER_ADDRESS = Rule(
    "links.other-address",
    "A link’s text shows a different address from the one it leads to",
    Level.WARNING,
    "Readers expect to go where the text says. Phishing emails mislead readers in this way, so spam filters "
    "look for such links.",
    "Write the address that the link leads to, or describe what readers will find there.",
    Basis("How spam filters recognise phishing", as_of="November 2026"),
)
TEST_SITE = Rule(
    "links.test-site",
    "A link seems to lead to a test site",
    Level.WARNING,
    "Readers should not see a site that is only for tests.",
    "Link to the public address of the page. If this is the public address, you do not need to do anything.",
    Basis("Common names of test sites"),
)
COPIED = Rule(
    "links.copied",
    "A link leads through another service",
    Level.WARNING,
    "The address was probably copied from an email or from search results. The service sees who follows the "
    "link, and the link can stop working.",
    "Open the page, and copy its address from the browser.",
    Basis("The addresses that Outlook, Google and other services use", as_of="November 2026"),
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
RULES = (
    EMPTY,
    UNFILLED,
    IMPOSSIBLE,
    PRIVATE,
    FOR_EDITORS,
    OTHER_ADDRESS,
    TEST_SITE,
    COPIED,
    TRACKING,
    INSECURE,
    SAME_WORDS,
)

OUR_TAG = re.compile(r"\*\|[A-Z_]+\|\*")
_PLACEHOLDER = re.compile(
    r"\{\{|\}\}|\{%|%7B%7B|\*[\u2060]?\||\|[\u2060]?\*|\[\[|\]\]|%%\w+%%|\$\{|<%|"
    r"(?<=[/=])\[[A-Za-z_ ]+\]|(?<=/)%5B[a-z_-]+%5D",
    re.IGNORECASE,
)
_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|mc_[ce]id|mkt_tok|_hsenc|_hsmi|hsctatracking|igshid|yclid|"
    r"twclid|ttclid|li_fat_id|vero_id|oly_(?:anon|enc)_id|s_cid|ml_subscriber(?:_hash)?",
    re.IGNORECASE,
)
_EMPTY = frozenset({"", "#", "http:", "http://", "https:", "https://", "mailto:", "tel:"})
_LONGEST = 80


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Name each address that is wrong or unwise, once, and links that cannot be told apart."""
    named: set[tuple[str, str]] = set()
    # A picture and a headline often lead to the same page. The finding names the one with words.
    for link in sorted(checked.links, key=lambda each: not each.words):
        rule = _wrong(link)
        if rule is not None and (rule.name, link.url) not in named:
            named.add((rule.name, link.url))
            yield rule.found(
                _sentence(rule, link), link.place, position=link.position, remedy=_remedy(checked, link, rule)
            )
    yield from _same_words(checked)


def is_placeholder(url: str) -> bool:
    """Return whether a URL contains what looks like a placeholder. The merge tags of our own are none."""
    return _PLACEHOLDER.search(OUR_TAG.sub("", url)) is not None


def tracking_parameters(url: str) -> list[str]:
    """Return the names of the tracking parameters in the query and the fragment of a URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return []
    given = (*parts.query.split("&"), *parts.fragment.split("&"))
    return [each.partition("=")[0] for each in given if _is_tracking(each)]


def without_tracking(url: str) -> str:
    """Return a URL without its tracking parameters."""
    parts = urlsplit(url)
    query, fragment = (
        "&".join(each for each in given.split("&") if not _is_tracking(each))
        for given in (parts.query, parts.fragment)
    )
    return urlunsplit(parts._replace(query=query, fragment=fragment))


def _is_tracking(parameter: str) -> bool:
    return "=" in parameter and (
        _TRACKING.fullmatch(parameter.partition("=")[0]) is not None or tracks(parameter)
    )


def _wrong(link: EmailLink) -> Rule | None:
    """Return the first rule that the address of a link breaks, the most serious first."""
    url = link.url.strip()
    # Another check says if readers cannot reach our own address.
    if OUR_TAG.match(url) or is_question_url(url):
        return None
    # A host that the installation was told to trust is not judged.
    is_web = url.lower().startswith(("http:", "https:")) and not is_trusted(url)
    broken: tuple[tuple[Rule, Callable[[], bool]], ...] = (
        (EMPTY, lambda: url.lower() in _EMPTY),
        (UNFILLED, lambda: is_placeholder(url)),
        (IMPOSSIBLE, lambda: bool(why_impossible(url))),
        (PRIVATE, lambda: is_web and is_private(url)),
        (FOR_EDITORS, lambda: is_web and is_for_editors(url)),
        (OTHER_ADDRESS, lambda: _names_another(link, url)),
        (TEST_SITE, lambda: is_web and looks_like_test_site(url)),
        (COPIED, lambda: is_web and is_copied(url)),
        (TRACKING, lambda: is_web and bool(tracking_parameters(url))),
        (INSECURE, lambda: is_web and url.lower().startswith("http:")),
    )
    return next((rule for rule, is_broken in broken if is_broken()), None)


def _names_another(link: EmailLink, url: str) -> bool:
    # The description of a picture is not the text of a link.
    has_picture = next(link.element.iter("img"), None) is not None
    return not has_picture and names_another_address(link.words, copied_from(url) or url)


def _sentence(rule: Rule, link: EmailLink) -> str:
    match rule.name:
        case TEST_SITE.name:
            return f"Is this a test site? {_named(link)}"
        case IMPOSSIBLE.name:
            return f"{rule.title}: {_named(link)} {why_impossible(link.url.strip())}"
        case OTHER_ADDRESS.name:
            return f"The link “{shortened(link.words, _LONGEST)}” leads to {shortened(link.url, _LONGEST)}."
    return f"{rule.title}: {_named(link)}"


def _remedy(checked: CheckedIssue, link: EmailLink, rule: Rule) -> Remedy | None:
    """Return how we can correct a link in the introduction. Other texts are not the issue’s alone."""
    url = link.url
    if link.place != INTRODUCTION or url not in checked.issue.opening:
        return None
    if rule is COPIED and copied_from(url):
        return _replacing(url, copied_from(url), "Link to the page itself")
    if rule is TRACKING:
        return _replacing(url, without_tracking(url), "Remove the parameters")
    return _replacing(url, f"https:{url[5:]}", "Write https") if rule is INSECURE else None


def _replacing(url: str, better: str, label: str) -> Remedy:
    def apply(issue: Issue) -> None:
        set_opening(issue, issue.opening.replace(url, better))

    return Remedy(label, apply, "The link in the introduction was corrected.")


def _same_words(checked: CheckedIssue) -> Iterator[Finding]:
    """Compare the links that are not hidden from screen readers, by their words.

    Words such as “read more” are a finding of the accessibility check, and headlines one of the articles’ check.
    """
    headlines = {bare_words(title_of(item)) for item in checked.items}
    by_words: dict[str, dict[str, EmailLink]] = defaultdict(dict)
    for link in checked.links:
        # Our own links, such as to the sources of an article, stand below its headline.
        is_ours = not link.url or OUR_TAG.match(link.url)
        if link.words and not is_ours and link.element.get("aria-hidden") != "true":
            by_words[bare_words(link.words) or link.words].setdefault(page_of(link.url), link)
    for words, different in by_words.items():
        found = list(different.values())
        are_headlines = words in headlines and all(each.place.article for each in found)
        if len(found) > 1 and not link_says_nothing(words) and not are_headlines:
            first = found[0]
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

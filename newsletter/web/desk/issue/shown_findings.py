"""The findings of the checks as the pages of an issue show them, with the addresses where they can be mended."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from newsletter.issues.models import Issue
from newsletter.issues.page_urls import issue_path
from newsletter.preflight.finding import Basis, Finding, Level, Place
from newsletter.preflight.run_preflight import with_decisions

TONES = {Level.ERROR: "alarm", Level.WARNING: "warn", Level.ADVICE: "neutral"}
# The pages to which “Show me” leads.
PAGES = {"contents": "issue", "details": "details", "review": "review", "send": "send", "proof": "proof"}
# On this page are fields in which words can be selected without opening anything.
WITH_TEXTS = "details"
MOST_WORDS, LONGEST_WORDS = 5, 200
_QUOTED = re.compile("“([^“”]+)”")


@dataclass(frozen=True, slots=True)
class ShownThing:
    """One of several things of a finding, with the address where it can be mended."""

    title: str
    note: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFinding:
    """A finding as the page shows it. `href` leads to the place where it can be mended, and may be empty."""

    label: str
    tone: str
    what: str
    why: str
    mend: str
    basis: Basis
    href: str
    fingerprint: str
    blocks: bool
    remedy: str
    overruled_because: str
    overruled_by: str
    things: Sequence[ShownThing] = ()


def address_of(issue: Issue, place: Place, words: Sequence[str] = ()) -> str:
    """Return the address of a place, or an empty string if no page can mend it.

    Of the words, the first that its field has are selected there.
    """
    if place.part == "settings":
        slug = issue.publication.slug
        return reverse(f"desk:publication-{place.field or 'settings'}", args=[slug])
    page = PAGES.get(place.part)
    if page is None:
        return ""
    if place.article and place.field:
        # The panel of the article is open there, with its fields.
        opened = urlencode([("edit", f"article:{place.article}"), *_named(words)])
        return f"{issue_path(issue, page)}?{opened}#edit-{place.field}"
    if place.block:
        return issue_path(issue, page) + "#entry-block-" + place.block.replace("+", "own-")
    anchor = f"entry-article-{place.article}" if place.article else place.field
    query = f"?{urlencode(_named(words))}" if words and page == WITH_TEXTS else ""
    return f"{issue_path(issue, page)}{query}" + (f"#{anchor}" if anchor else "")


def _named(words: Sequence[str]) -> list[tuple[str, str]]:
    return [("find", each) for each in words[:MOST_WORDS] if len(each) <= LONGEST_WORDS]


def shown_findings(issue: Issue, findings: Sequence[Finding]) -> list[ShownFinding]:
    """Return findings as a page shows them, with the reasons of those who overruled them."""
    return [_shown(issue, each) for each in with_decisions(issue, list(findings))]


def _shown(issue: Issue, finding: Finding) -> ShownFinding:
    words = _QUOTED.findall(finding.what)
    return ShownFinding(
        label=finding.level.label,
        tone=TONES[finding.level],
        what=finding.what,
        why=finding.why,
        mend=finding.mend,
        basis=finding.basis,
        href=address_of(issue, finding.place, words),
        fingerprint=finding.fingerprint,
        blocks=finding.blocks_approval,
        remedy=finding.remedy.label if finding.remedy else "",
        overruled_because=finding.overruled_because,
        overruled_by=finding.overruled_by,
        things=[
            ShownThing(each.title, each.note, address_of(issue, each.place, [each.title, *words]))
            for each in finding.things
        ],
    )

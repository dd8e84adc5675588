"""Check for appeals past their target, articles that were sent before, and articles missing in the text part."""

import re
from collections.abc import Iterator
from functools import partial

from django.db.models import F

from newsletter.issues.block_data import Appeal
from newsletter.issues.edit_issue_blocks import hide_block
from newsletter.issues.models import Issue, Item
from newsletter.preflight.checked_issue import CheckedIssue, at_item, title_of
from newsletter.preflight.earlier_issues import earlier_issues
from newsletter.preflight.finding import Basis, Finding, Level, Remedy, Rule, Thing

CHECK = "content"
PAST_TARGET = Rule(
    "content.past-target",
    "An appeal has reached its target",
    Level.WARNING,
    "The appeal asks readers for money that you already have.",
    "Raise the target and say what the money is now for, or hide the appeal.",
    Basis("Code of Fundraising Practice, section 8: information must be accurate"),
)
CARRIED_BEFORE = Rule(
    "content.carried-before",
    "An article was in an earlier issue",
    Level.WARNING,
    "Readers get the same article again.",
    "Remove the article, or say in its text why you are using it again.",
    Basis("The issues sent so far"),
)
TEXT_DIFFERS = Rule(
    "content.text-differs",
    "An article is missing from the plain text version",
    Level.ERROR,
    "People who read the plain text version, and some filters, see a different email from everybody else.",
    "Correct the theme, so that body.txt contains every article.",
    Basis("RFC 2046, section 5.1.4", "https://www.rfc-editor.org/rfc/rfc2046#section-5.1.4", "November 2026"),
)
RULES = (PAST_TARGET, CARRIED_BEFORE, TEXT_DIFFERS)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Look for appeals past their target, articles sent before, and a text part that differs."""
    if checked.email is None:
        return
    for block in checked.blocks:
        data = block.data
        if (
            isinstance(data, Appeal)
            and data.target
            and data.raised >= data.target
            and not data.second_purpose
        ):
            place = checked.places.block(block)
            what = f"The appeal “{block.title}” has reached its target."
            hide = Remedy(
                "Hide the appeal in this issue", partial(_hide, key=place.block), "The appeal was hidden."
            )
            yield PAST_TARGET.found(what, place, remedy=hide if place.block else None)
    yield from CARRIED_BEFORE.found_in_each(
        list(_carried_before(checked)),
        one="“{title}” was already in {note}.",
        several="{count} articles were already in earlier issues.",
    )
    yield from TEXT_DIFFERS.found_in_each(
        list(_missing_in_text(checked)),
        one="The plain text version of the email does not contain “{title}”.",
        several="{count} articles are missing from the plain text version of the email.",
    )


def _hide(issue: Issue, *, key: str) -> None:
    hide_block(issue, key)


def _carried_before(checked: CheckedIssue) -> Iterator[Thing]:
    articles = [item.article_id for item in checked.items]
    earlier = Item.objects.filter(
        article__in=articles, dropped=False, issue__in=earlier_issues(checked.issue)
    )
    numbers: dict[int, int] = dict(
        earlier.order_by(F("issue__sent_at").asc(nulls_last=True)).values_list("article", "issue__number")
    )
    for item in checked.items:
        if item.article_id in numbers:
            yield Thing(title_of(item), at_item(item), f"issue {numbers[item.article_id]}")


def _missing_in_text(checked: CheckedIssue) -> Iterator[Thing]:
    text = _squeezed(checked.email.text if checked.email else "")
    for item in checked.items:
        if _squeezed(title_of(item)) not in text:
            yield Thing(title_of(item), at_item(item))


def _squeezed(text: str) -> str:
    """Return the letters and digits of a text alone: lines are wrapped, and signs of direction stand between them."""
    return "".join(re.findall(r"\w+", text.casefold()))

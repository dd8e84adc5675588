"""Check what an appeal for money must say: who asks, what its figures rest on, Gift Aid, and when it is over.

The rules are those of the United Kingdom, so they are about appeals in pounds.
"""

import re
from collections.abc import Iterator
from decimal import ROUND_FLOOR, Decimal

from newsletter.issues.block_data import Appeal
from newsletter.issues.blocks_shown_in_email import Block
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Rule
from newsletter.preflight.where_to_edit import INTRODUCTION
from newsletter.preflight.words_as_read import words_as_read

CHECK = "appeals"
CODE = Basis(
    "Code of Fundraising Practice, section 8: information must be accurate",
    "https://www.fundraisingregulator.org.uk/more-from-us/resources/door-door-fundraising-rulebook",
    "November 2026",
)
GIFT_AID = Basis(
    "HMRC on Gift Aid, as summarised by fundfiler",
    "https://fundfiler.freshdesk.com/support/solutions/articles/5000650200-declarations",
    "November 2026",
)
NOT_REGISTERED = Rule(
    "appeals.registered-charity",
    "An appeal does not say that you are a registered charity",
    Level.ERROR,
    "In the United Kingdom, a registered charity must say so wherever it asks for money.",
    "Enter the registered charity number in the publication’s settings. We then show it beside each appeal. If you are "
    "not a registered charity, turn this rule off.",
    Basis(
        "Charities Act 2011, section 194, as explained by Wright Hassall",
        "https://www.wrighthassall.co.uk/knowledge/legal-guides/2015/05/19/guide-advertising-charitable-status-all-written-ma/",
        "November 2026",
    ),
)
FIGURES = Rule(
    "appeals.figures",
    "The figures in an appeal have no date or source",
    Level.ADVICE,
    "Figures in an appeal must be accurate. Readers can only judge this if they know the "
    "date and the source of the figures.",
    "Enter the date and the source of the figures in the block.",
    CODE,
)
SECOND_PURPOSE = Rule(
    "appeals.second-purpose",
    "An appeal does not say how money raised above the target will be used",
    Level.ADVICE,
    "Money that was given for one purpose cannot be used for another, unless the appeal said so.",
    "Say in the block how money raised above the target will be used.",
    Basis(
        "Code of Fundraising Practice, as summarised by Geldards",
        "https://www.geldards.com/insights/2025-updates-to-the-code-of-fundraising-practice-for-charities",
        "November 2026",
    ),
)
ENDED = Rule(
    "appeals.ended",
    "An appeal has ended",
    Level.WARNING,
    "Readers would give to an appeal that is over.",
    "Hide the block in this issue, or change the last day of the appeal.",
    CODE,
)
GIFT_AID_TAXPAYER = Rule(
    "appeals.gift-aid-taxpayer",
    "Gift Aid is mentioned without “UK taxpayer”",
    Level.WARNING,
    "Only a gift from a UK taxpayer qualifies for Gift Aid. Others would have to pay the tax.",
    "Write, for example: “If you are a UK taxpayer, we can claim an extra 25p for every £1 you give.”",
    GIFT_AID,
)
GIFT_AID_AMOUNT = Rule(
    "appeals.gift-aid-amount",
    "The amount for Gift Aid is wrong",
    Level.ERROR,
    "A charity can claim 25p for every £1, as long as the basic rate of tax is 20%.",
    "Write “25p for every £1”.",
    GIFT_AID,
)
RULES = (NOT_REGISTERED, FIGURES, SECOND_PURPOSE, ENDED, GIFT_AID_TAXPAYER, GIFT_AID_AMOUNT)

_REGISTERED = re.compile(
    r"(?<!not a )(?<!not yet a )(?<!un)registered charit|charity (?:registered|no\b|number|reg)|elusen gofrestredig",
    re.IGNORECASE,
)
_GIFT_AID = re.compile(r"gift ?aid|cymorth rhodd", re.IGNORECASE)
_TAXPAYER = re.compile(r"(?<!not a )\bUK (?:income )?tax[- ]?payer|talu treth yn y DU", re.IGNORECASE)
# “25p for every £1”, “25p more for each pound”: the pence that a charity is said to claim for a pound.
_PENCE = re.compile(r"(\d+)\s?p\b[^.!?£]{0,40}(?:£1\b|\bpound\b)", re.IGNORECASE)
_RIGHT_PENCE = "25"
# “adds 25%”, “an extra 25 per cent”: what Gift Aid adds to a gift.
_SHARE = re.compile(
    r"\b(?:adds?|boosts?|increases?|extra|worth)\b[^.!?£%]{0,30}?(\d+)\s?(?:%|per cent)", re.IGNORECASE
)
_PART = re.compile(r"\bgift ?aid adds (a third|a fifth|a half|half)\b", re.IGNORECASE)
_BECOMES = re.compile(
    r"£\s?(\d+(?:\.\d\d)?) (?:becomes|is worth|turns into) £\s?(\d+(?:\.\d\d)?)", re.IGNORECASE
)
# “Donate £10”, “a gift of £5”: asking for money outside an appeal.
_ASKS = re.compile(r"\b(?:donate|donations? of|gifts? of|give(?: us)?)\b[^.!?£]{0,30}£\s?\d", re.IGNORECASE)
_FIGURE = re.compile(r"\d[\d,.]{2,}|£\s?\d|\d\s?(?:%|per cent)")


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Look at each appeal in pounds, and for Gift Aid in all blocks."""
    if checked.email is None:
        return
    has_number = checked.publication.charity_number.strip()
    says_registered = bool(has_number or _REGISTERED.search(" ".join(checked.email.text.split())))
    if not says_registered:
        yield from _asking_elsewhere(checked)
    for block in checked.blocks:
        yield from _gift_aid(checked, block)
        data = block.data
        if not isinstance(data, Appeal) or data.currency != "GBP":
            continue
        place = checked.places.block(block)
        if not says_registered:
            yield NOT_REGISTERED.found(
                f"The appeal “{block.title}” does not say who is asking for money.", place
            )
        if not (data.figures_on and data.figures_source) and _has_figures(block, data):
            yield FIGURES.found(f"The figures in the appeal “{block.title}” have no date or source.", place)
        if data.figures_on and data.figures_on > checked.day:
            yield FIGURES.found(
                f"The date of the figures in the appeal “{block.title}” is in the future.", place
            )
        # An appeal that has reached its target is a finding of its own.
        if data.target and data.target > data.raised and not data.second_purpose:
            yield SECOND_PURPOSE.found(
                f"The appeal “{block.title}” does not say how money raised above its target will be used.",
                place,
            )
        if data.closes_on and data.closes_on < checked.day:
            yield ENDED.found(f"The appeal “{block.title}” has ended.", place)


def _asking_elsewhere(checked: CheckedIssue) -> Iterator[Finding]:
    """Yield a finding for each other text of the email that asks for money."""
    if _ASKS.search(checked.issue.opening):
        yield NOT_REGISTERED.found(
            "The introduction asks for money, but does not say who is asking.", INTRODUCTION
        )
    for block in checked.blocks:
        if not isinstance(block.data, Appeal) and _ASKS.search(f"{block.title}\n{block.body}"):
            yield NOT_REGISTERED.found(
                f"“{block.title}” asks for money, but does not say who is asking.",
                checked.places.block(block),
            )


def _gift_aid(checked: CheckedIssue, block: Block) -> Iterator[Finding]:
    note = block.data.tax_note if isinstance(block.data, Appeal) else ""
    text = words_as_read(f"{block.title}\n{block.body}\n{note}")
    if not _GIFT_AID.search(text):
        return
    place = checked.places.block(block)
    if not _TAXPAYER.search(text):
        yield GIFT_AID_TAXPAYER.found(f"“{block.title}” mentions Gift Aid, but not UK taxpayers.", place)
    wrong = [pence for pence in _PENCE.findall(text) if pence != _RIGHT_PENCE]
    gifts = [(gift, total) for gift, total in _BECOMES.findall(text) if not _is_right_total(gift, total)]
    if gifts and not wrong:
        gift, total = gifts[0]
        yield GIFT_AID_AMOUNT.found(f"“{block.title}” says that £{gift} becomes £{total}.", place)
    if parts := _PART.findall(text):
        yield GIFT_AID_AMOUNT.found(f"“{block.title}” says that Gift Aid adds {parts[0]}.", place)
    shares = [share for share in _SHARE.findall(text) if share != _RIGHT_PENCE]
    if shares and not wrong:
        yield GIFT_AID_AMOUNT.found(f"“{block.title}” says that Gift Aid adds {shares[0]}%.", place)
    if wrong:
        yield GIFT_AID_AMOUNT.found(f"“{block.title}” says {wrong[0]}p for every £1.", place)


def _is_right_total(gift: str, total: str) -> bool:
    """Return whether a gift with Gift Aid comes to this. People can leave out the pence."""
    right = Decimal(gift) * Decimal("1.25")
    return Decimal(total) in {right, right.to_integral_value(ROUND_FLOOR)}


def _has_figures(block: Block, appeal: Appeal) -> bool:
    return bool(appeal.raised or _FIGURE.search(f"{block.title}\n{block.body}"))

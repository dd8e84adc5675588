"""Check whether what the email says is still true: past dates, appeals past their target, and the text part."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from newsletter.articles.month_names import MONTHS
from newsletter.issues.block_data import Appeal, Promotion
from newsletter.issues.edit_issue_blocks import hide_block
from newsletter.issues.models import Issue, Item
from newsletter.preflight.checked_issue import CheckedIssue, at_item, title_of
from newsletter.preflight.finding import Basis, Finding, Level, Place, Remedy, Rule, Thing
from subscribers.phrases import written_day

CHECK = "content"
OURS = Basis("The text of the email")
PAST_DATE = Rule(
    "content.past-date",
    "The text announces a date in the past",
    Level.WARNING,
    "The text announces something for a day that will have passed when readers get the email.",
    "Correct the date, or remove the announcement.",
    OURS,
)
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
RULES = (PAST_DATE, PAST_TARGET, CARRIED_BEFORE, TEXT_DIFFERS)

_NAMES = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAYS = (
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch|donnerstag|freitag|samstag|"
    "sonnabend|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miercoles|jueves|viernes|"
    "sabado|domingo|lunedi|martedi|mercoledi|giovedi|venerdi|sabato|domenica|maandag|dinsdag|woensdag|donderdag|"
    "vrijdag|zaterdag|zondag"
)
# “on Saturday 14 November”, “by 3 December 2026”, “bis zum 3. Dezember”: a word before says that the day is to come.
_BEFORE = (
    r"on|by|until|till|before|from|join us|closes?|ends?|deadline\W+|am|bis(?: zum)?|ab(?: dem)?|le|jusqu'au|"
    r"avant le|el|hasta el|antes del|il|entro il|fino al|op|tot|voor"
)
_DATE = re.compile(
    rf"\b(?P<before>{_BEFORE})\s+(?:(?P<weekday>{_DAYS})[,.]?\s+(?:the\s+|den\s+)?)?"
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?\s+(?:of\s+|de\s+)?(?P<month>{_NAMES})\b\.?(?:\s*,?\s*(?:de\s+)?(?P<year>\d{{4}}))?"
)
_AMERICAN = re.compile(
    rf"\b(?P<before>{_BEFORE})\s+(?:(?P<weekday>{_DAYS}),?\s+)?(?P<month>{_NAMES})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b"
    r"(?:,?\s+(?P<year>\d{4}))?"
)
_OF_ANY_TIME = frozenset({"on", "am", "le", "el", "il", "op", "from"})
# A day that is over for longer than this is told of, not announced.
_ANNOUNCED_WITHIN = timedelta(days=120)
# Past tense right before a date tells of the day.
_TELLS = re.compile(
    r"\b(?:was|were|took place|happened|died|born|published|since|held|opened|launched|started|began|announced|wurde|"
    r"war|fand|starb|seit|veröffentlicht|était|a eu lieu|publié|depuis|fue|tuvo lugar|publicado|desde|è stato)"
    r"\b[^.!?]{0,60}$"
)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Look for past dates, appeals past their target, articles sent before, and a text part that differs."""
    if checked.email is None:
        return
    yield from _past_dates(checked)
    for block in checked.blocks:
        data = block.data
        if isinstance(data, Appeal) and data.target and data.raised >= data.target:
            place = checked.places.block(block)
            what = f"The appeal “{block.title}” has reached its target."
            hide = Remedy("Hide it in this issue", partial(_hide, key=place.block), "The appeal was hidden.")
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


def past_dates(text: str, today: date, *, is_article: bool = False) -> Iterator[tuple[str, date]]:
    """Yield each date that a text announces although it is past, as it is written and as a date.

    A date without a year is the one nearest to today. An article often says on what day something happened, so in its
    own words a date counts only with a weekday, or after a word such as “until”.
    """
    plain = _without_accents(text)
    for pattern in (_DATE, _AMERICAN):
        for found in pattern.finditer(plain):
            is_told = is_article and not found["weekday"] and found["before"] in _OF_ANY_TIME
            if is_told or _TELLS.search(plain[: found.start()]):
                continue
            day = _nearest(int(found["day"]), MONTHS[found["month"]], found["year"], today)
            if day and today - _ANNOUNCED_WITHIN <= day < today:
                begins = min(found.start(name) for name in ("weekday", "day", "month") if found[name])
                yield " ".join(text[begins : found.end()].split()).rstrip("."), day


def _past_dates(checked: CheckedIssue) -> Iterator[Finding]:
    day = checked.day
    found: list[tuple[Place, tuple[str, date]]] = []
    for place, text in _own_texts(checked):
        found += [(place, each) for each in past_dates(text, day)]
    for item in checked.items:
        article = f"{item.article.title if not item.headline else ''}\n{'' if item.blurb else item.article.standfirst}"
        found += [(at_item(item), each) for each in past_dates(article, day, is_article=True)]
    for position, (place, (written, past)) in enumerate(found):
        what = (
            f"The text announces “{written}”, but {written_day(past)} will have passed by the date of this "
            f"issue ({written_day(day)})."
        )
        yield PAST_DATE.found(what, place, position=position)


def _own_texts(checked: CheckedIssue) -> Iterator[tuple[Place, str]]:
    """Yield the texts that somebody wrote for this issue or its blocks, with their places."""
    for field in ("subject", "preheader", "opening"):
        yield Place("details", field), getattr(checked.issue, field)
    for item in checked.items:
        yield at_item(item), f"{item.headline}\n{item.blurb}"
    for block in checked.blocks:
        when = block.data.date if isinstance(block.data, Promotion) else ""
        text = f"{block.title}\n{block.body}" + (f"\non {when}" if when else "")
        yield checked.places.block(block), text


def _carried_before(checked: CheckedIssue) -> Iterator[Thing]:
    articles = [item.article_id for item in checked.items]
    earlier = Item.objects.filter(
        article__in=articles,
        dropped=False,
        issue__sent_at__isnull=False,
        issue__publication=checked.publication,
    ).exclude(issue=checked.issue)
    numbers: dict[int, int] = dict(earlier.order_by("issue__sent_at").values_list("article", "issue__number"))
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


def _without_accents(text: str) -> str:
    """Return a text in lower case without accents, each letter at its place."""
    return "".join(_plain(letter) for letter in text)


def _plain(letter: str) -> str:
    plain = unicodedata.normalize("NFD", letter)[0].lower()
    return plain if len(plain) == 1 else letter


def _nearest(day: int, month: int, year: str | None, today: date) -> date | None:
    years = [int(year)] if year else [today.year - 1, today.year, today.year + 1]
    days = [found for each in years if (found := _date(each, month, day))]
    return min(days, key=lambda found: abs(found - today), default=None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None

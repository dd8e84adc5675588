"""Who may get an issue, by what it contains: each lawful basis allows some kinds of contents and not others.

The table and its sources are in docs/how-to/record-lawful-bases.md and decision 107. It is research, not legal advice.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet, TextChoices
from django.db.models.fields.json import KT

from newsletter.articles.article_terms import Promotes
from newsletter.issues.models import Issue, IssueBlock, Item, StandingBlock
from newsletter.issues.running_order import blocks_of, is_shown_on
from subscribers.models import Basis
from subscribers.phrases import few_words, listed

Kind = StandingBlock.Kind
LONGEST_NAME = 60


class Contents(TextChoices):
    """The kinds of contents that an issue can have."""

    NEWS = "news", "information"
    APPEAL = "appeal", "an appeal for money"
    SERVICES = "services", "a promotion of your own services or events"
    GOODS = "goods", "a promotion of goods that you sell"
    CAMPAIGN = "campaign", "a campaign"
    OTHERS = "others", "a promotion for somebody else"


# Why a basis does not cover a kind of contents. What is not here is covered.
_NOT_COVERED: Mapping[Basis, Mapping[Contents, str]] = {
    Basis.CONSENT: {},
    # PECR regulation 22(3A): the sole purpose must be to further the charity’s own charitable purposes.
    Basis.CHARITABLE: {
        Contents.GOODS: "the charitable soft opt-in only covers your charitable purposes, not goods that you sell",
        Contents.OTHERS: "the charitable soft opt-in does not cover promotions for somebody else",
    },
    # PECR regulation 22(3): only the sender’s own similar products and services.
    Basis.CUSTOMER: {
        Contents.APPEAL: "the customer soft opt-in does not cover appeals for money",
        Contents.CAMPAIGN: "the customer soft opt-in does not cover campaigns",
        Contents.OTHERS: "the customer soft opt-in does not cover promotions for somebody else",
    },
    # PECR regulation 22 does not protect corporate subscribers, but the interest has to be the sender’s own.
    Basis.BUSINESS: {
        Contents.OTHERS: "your legitimate interest does not cover promotions for somebody else",
    },
    # UK GDPR article 6(1)(b): what was agreed, and no direct marketing.
    Basis.MEMBERSHIP: {
        Contents.APPEAL: "a membership or contract does not cover appeals for money",
        Contents.SERVICES: "a membership or contract does not cover promotions",
        Contents.GOODS: "a membership or contract does not cover promotions",
        Contents.CAMPAIGN: "a membership or contract does not cover campaigns",
        Contents.OTHERS: "a membership or contract does not cover promotions for somebody else",
    },
}


class Found(NamedTuple):
    """One part of an issue that has a kind of contents: what the part is called."""

    kind: Contents
    name: str


def why_not_covered(basis: Basis, kind: Contents) -> str:
    """Return why people on a lawful basis may not get a kind of contents, or an empty string if they may."""
    return _NOT_COVERED[basis].get(kind, "")


def contents_of(issue: Issue, day: date) -> list[Found]:
    """Return the parts of an issue that ask readers for something, as its email shows them on a day."""
    found = [Found(Contents(mark), name) for mark, name in _marked_articles(issue)]
    for block in blocks_of(issue):
        kind = _kind_of(block) if is_shown_on(block, day) else None
        if kind:
            found.append(Found(kind, str(block)))
    return found


def bases_not_covered(found: Iterable[Found]) -> dict[Basis, str]:
    """Return the lawful bases that do not cover all parts of an issue, each with the reason as a sentence."""
    parts = list(found)
    reasons: dict[Basis, str] = {}
    for basis in Basis:
        for why_not, names in _names_by_reason(basis, parts).items():
            shown = listed([f"“{few_words(name, at_most=LONGEST_NAME)}”" for name in names])
            sentence = f"This issue has {shown}, and {why_not}."
            reasons[basis] = f"{reasons[basis]} {sentence}" if basis in reasons else sentence
    return reasons


def marks_of(issue: Issue) -> list[str]:
    """Return what editors marked articles and blocks of an issue as promoting, which its email does not show.

    An approval freezes these marks with the audience.
    """
    standing = StandingBlock.objects.filter(publication=issue.publication_id, data__has_key="promotes")
    own = issue.blocks.filter(content__data__has_key="promotes")
    # One query: every page about sending asks this.
    found = (
        _printed_with_mark(issue)
        .values_list("article__terms_row__promotes")
        .union(
            standing.order_by().values_list(KT("data__promotes")),
            own.order_by().values_list(KT("content__data__promotes")),
        )
    )
    return sorted(mark for (mark,) in found)


def _names_by_reason(basis: Basis, parts: Iterable[Found]) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for part in parts:
        if why_not := why_not_covered(basis, part.kind):
            reasons.setdefault(why_not, []).append(part.name)
    return reasons


def _marked_articles(issue: Issue) -> list[tuple[str, str]]:
    """Return what the printed articles of an issue promote, with their headlines."""
    marked = _printed_with_mark(issue).order_by("position", "id")
    rows = marked.values_list("article__terms_row__promotes", "headline", "article__title")
    return [(mark, headline or title) for mark, headline, title in rows]


def _printed_with_mark(issue: Issue) -> QuerySet[Item]:
    printed = issue.items.filter(dropped=False, article__withdrawn_at=None, article__excluded=False)
    return printed.filter(article__terms_row__promotes__gt="").order_by()


def _kind_of(block: IssueBlock) -> Contents | None:
    match block.shown_kind:
        case Kind.APPEAL:
            return Contents.APPEAL
        case Kind.PROMOTION:
            return Contents(block.data.get("promotes") or Promotes.SERVICES)
        case _:
            return None

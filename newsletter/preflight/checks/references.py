"""Check whether the articles name what they rest on, if the publication demands that for their topics."""

from collections.abc import Iterable, Iterator, Mapping

from newsletter.articles.models import Reference
from newsletter.issues.models import Item
from newsletter.issues.topic_rules import rules_on
from newsletter.preflight.checked_issue import CheckedIssue, at_item, title_of
from newsletter.preflight.finding import Basis, Finding, Level, Rule, Thing

CHECK = "references"
MISSING = Rule(
    "references.missing",
    "An article on a topic that needs a reference has none",
    Level.ERROR,
    "Readers cannot check what the article says if they do not know what it rests on.",
    "Open the article under “Articles”, and add a study, report or guideline under “References”.",
    Basis(
        "The newsletter’s own rule for the topic, and the PIF TICK criteria",
        "https://pifonline.org.uk/pif-tick/about/",
        "November 2026",
    ),
)
RETRACTED = Rule(
    "references.retracted",
    "Something that an article rests on was retracted",
    Level.WARNING,
    "The publisher or the authors have withdrawn what the article rests on.",
    "Check that the article says so, or leave it out.",
    Basis("The references of the article"),
)
RULES = (MISSING, RETRACTED)
_RESTS_ON = (Reference.Kind.STUDY, Reference.Kind.REPORT, Reference.Kind.GUIDELINE)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Name the articles that need a reference and have none, and those that rest on something retracted."""
    kinds = _kinds_by_article(checked.items)
    lacking = [
        Thing(title_of(item), at_item(item), rules[0].topic)
        for item in checked.items
        if (rules := [each for each in rules_on([item], checked.topic_rules) if each.needs_reference])
        and not kinds.get(item.article_id, set()).intersection(_RESTS_ON)
    ]
    yield from MISSING.found_in_each(
        lacking,
        one="“{title}” needs a reference, because its topic is “{note}”, and has none.",
        several="{count} articles need a reference because of their topics, and have none.",
    )
    retracted = [
        Thing(title_of(item), at_item(item))
        for item in checked.items
        if Reference.Kind.RETRACTION in kinds.get(item.article_id, set())
    ]
    yield from RETRACTED.found_in_each(
        retracted,
        one="“{title}” rests on something that was retracted. Check that the article says so.",
        several="{count} articles rest on something that was retracted. Check that they say so.",
    )


def _kinds_by_article(items: Iterable[Item]) -> Mapping[int, set[str]]:
    found: dict[int, set[str]] = {}
    rows = Reference.objects.filter(article__in=[item.article_id for item in items], removed_at=None)
    for article, kind in rows.values_list("article", "kind"):
        found.setdefault(article, set()).add(kind)
    return found

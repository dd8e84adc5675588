"""Check whether the articles name what they rest on, if the publication demands that for their topics."""

from collections.abc import Iterator

from newsletter.issues.topic_rules import rules_on
from newsletter.preflight.checked_issue import CheckedIssue, at_item, title_of
from newsletter.preflight.finding import Basis, Finding, Level, Rule, Thing
from newsletter.rendering.email_contents import stories_of

CHECK = "references"
MISSING = Rule(
    "references.missing",
    "An article needs a reference because of its topic",
    Level.ERROR,
    "Readers cannot check what the article says if they do not know what it is based on.",
    "Open the article under “Articles”, and add a study, report or guideline under “References”.",
    Basis("The newsletter’s own rule for the topic"),
)
RETRACTED = Rule(
    "references.retracted",
    "An article is based on a retracted publication",
    Level.WARNING,
    "The publisher or the authors have withdrawn a publication on which the article is based.",
    "Check that the article says so, or leave it out.",
    Basis("The article’s references"),
)
RULES = (MISSING, RETRACTED)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Name the articles that need a reference and have none, and those that rest on something retracted."""
    stories = {story.number: story for story in stories_of(checked.contents)}
    printed = [(item, stories[item.article_id]) for item in checked.items if item.article_id in stories]
    lacking = [
        Thing(title_of(item), at_item(item), rules[0].topic)
        for item, story in printed
        if not story.based_on
        and (rules := [each for each in rules_on([item], checked.topic_rules) if each.needs_reference])
    ]
    yield from MISSING.found_in_each(
        lacking,
        one="“{title}” needs a reference, because its topic is “{note}”, but has none.",
        several="{count} articles need a reference because of their topics, but have none.",
    )
    retracted = [Thing(title_of(item), at_item(item)) for item, story in printed if story.retractions]
    yield from RETRACTED.found_in_each(
        retracted,
        one="“{title}” is based on a retracted publication. Check that the article says so.",
        several="{count} articles are based on retracted publications. Check that they say so.",
    )

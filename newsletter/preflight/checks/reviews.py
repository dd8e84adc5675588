"""Check whether the reviews of articles are overdue on the day of sending, and in which language notices are."""

from collections.abc import Iterator

from newsletter.issues.article_reviews import due_day, review_in
from newsletter.issues.topic_rules import has_notice_in, rules_on
from newsletter.preflight.checked_issue import CheckedIssue, at_item, title_of
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule, Thing
from subscribers.phrases import listed, written_day
from subscribers.translated_languages import language_name

CHECK = "reviews and notices"
OVERDUE = Rule(
    "reviews.overdue",
    "The review of an article is overdue",
    Level.ERROR,
    "The article may no longer agree with the evidence.",
    "Have the article reviewed, and enter the date on its page under “Review”. If the issue must include the article "
    "as it is, an approver can overrule this error and give the reason.",
    Basis("The newsletter’s own rule for the topic, or the date that somebody set for the article"),
)
NOTICE_LANGUAGE = Rule(
    "notices.language",
    "A notice about a topic is not in the language of the email",
    Level.WARNING,
    "Readers may not understand the notice.",
    "Write the notice in the language of the newsletter, under “Rules for topics” in its settings.",
    Basis("The newsletter’s own rule for the topic"),
)
RULES = (OVERDUE, NOTICE_LANGUAGE)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Name the articles whose review is overdue, and the notices in another language."""
    rules = checked.topic_rules
    overdue = [
        Thing(title_of(item), at_item(item), written_day(due))
        for item in checked.items
        if (due := due_day(item.article, review_in(item.article), rules, checked.publication))
        and due < checked.day
    ]
    yield from OVERDUE.found_in_each(
        overdue,
        one="The review of “{title}” was due on {note}.",
        several="The reviews of {count} articles are overdue.",
    )
    language = checked.publication.language
    foreign = [
        rule.topic
        for rule in rules_on(checked.items, rules)
        if rule.notice and not has_notice_in(rule, language)
    ]
    if foreign:
        topics = listed([f"“{topic}”" for topic in foreign])
        yield NOTICE_LANGUAGE.found(
            f"The notice about {topics} is not in {language_name(language)}, the language of this email.",
            Place("settings", "topics"),
        )

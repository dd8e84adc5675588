"""What a publication asks of articles on a topic (a reference, regular reviews), and the notices for their readers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from newsletter.accounts.actor import Role, require_role
from newsletter.articles.models import Article
from newsletter.articles.search_words import topic_key
from newsletter.errors import InvalidFields
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.change_locks import lock_publication, refuse_changed_settings
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Item, Publication, TopicRule
from newsletter.issues.models.topic_rule import MAX_REVIEW_MONTHS
from subscribers.clean_text import folded
from subscribers.whole_numbers import whole_number

ACT = "Changing the rules for topics"
MOST_RULES = 50
LONGEST_TOPIC, LONGEST_NUMBERS, LONGEST_NOTICE = 200, 100, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRule:
    """A rule as somebody typed it. `notice` is in the publication's language."""

    topic: str
    needs_reference: bool = False
    review_months: str = ""
    says_not_advice: bool = False
    emergency_numbers: str = ""
    notice: str = ""


def rules_of(publication: Publication) -> Sequence[TopicRule]:
    """Return the rules of a publication, by topic."""
    return list(TopicRule.objects.filter(publication=publication))


def rules_on(items: Iterable[Item], rules: Sequence[TopicRule]) -> list[TopicRule]:
    """Return those of the rules whose topic one of the articles has, in the order of the rules."""
    return rules_on_articles((item.article for item in items), rules) if rules else []


def rules_on_articles(articles: Iterable[Article], rules: Sequence[TopicRule]) -> list[TopicRule]:
    """Return the same for articles that need not be in an issue."""
    topics = {key for article in articles for key in topic_keys(article.topics)}
    return [rule for rule in rules if key_of_rule(rule) in topics]


def topic_keys(topics: Iterable[object]) -> set[str]:
    """Return the topics of an article as rules are compared with them: capitals and hyphens make no difference."""
    return {topic_key(folded(str(topic))) for topic in topics}


def key_of_rule(rule: TopicRule) -> str:
    """Return the topic of a rule as topics of articles are compared with it. Its stored key tells rules apart."""
    return topic_key(rule.topic)


def own_notice(rule: TopicRule, language: str) -> str:
    """Return the publication's own notice for a topic in a language, or in whatever language there is."""
    texts: dict[str, str] = rule.notice
    return texts.get(language) or _in_same_language(texts, language) or next(iter(texts.values()), "")


def has_notice_in(rule: TopicRule, language: str) -> bool:
    """Return whether the publication's own notice for a topic is there in a language, whatever its country."""
    return bool(_in_same_language(rule.notice, language))


def wanted_rules(publication: Publication) -> list[WantedRule]:
    """Return the rules of a publication as a form shows them."""
    return [
        WantedRule(
            topic=rule.topic,
            needs_reference=rule.needs_reference,
            review_months=str(rule.review_months or ""),
            says_not_advice=rule.says_not_advice,
            emergency_numbers=rule.emergency_numbers,
            notice=rule.notice.get(publication.language, ""),
        )
        for rule in rules_of(publication)
    ]


def rules_version(publication: Publication) -> str:
    """Return a digest of the rules, by which two versions are told apart."""
    return text_version(json.dumps([_values(rule) for rule in rules_of(publication)]))


def change_topic_rules(
    publication: Publication, wanted: Sequence[WantedRule], *, seen: str | None = None
) -> bool:
    """Store the rules of a publication. Return whether anything changed.

    `seen` is the `rules_version` that a form started from. Raises InvalidFields, and Refused unless an administrator
    does this, or if somebody else has changed the rules since.
    """
    require_role(Role.ADMINISTRATOR, ACT, publication=publication.pk)
    checked = _checked(wanted)
    with transaction.atomic():
        publication = lock_publication(publication)
        refuse_changed_settings(seen, rules_version(publication))
        before = {rule.key: rule for rule in rules_of(publication)}
        after = [_rule(publication, each, months, before) for each, months in checked]
        old, new = (sorted(_values(rule) for rule in rules) for rules in (before.values(), after))
        if old == new:
            return False
        TopicRule.objects.filter(publication=publication).delete()
        TopicRule.objects.bulk_create(after)
        record(
            "topic-rules",
            "Changed the rules for topics.",
            publication=publication,
            changes={"rules": [old, new]},
        )
    return True


def _in_same_language(texts: Mapping[str, str], language: str) -> str:
    main = language.split("-", maxsplit=1)[0]
    return next((text for tag, text in texts.items() if tag.split("-", maxsplit=1)[0] == main), "")


def _rule(
    publication: Publication, wanted: WantedRule, months: int | None, before: dict[str, TopicRule]
) -> TopicRule:
    topic = folded(wanted.topic)
    # Notices in other languages, from before the publication had another language, stay.
    known = before[topic.casefold()].notice if topic.casefold() in before else {}
    notice = {tag: text for tag, text in known.items() if tag != publication.language}
    if text := folded(wanted.notice):
        notice[publication.language] = text
    return TopicRule(
        publication=publication,
        topic=topic,
        key=topic.casefold(),
        needs_reference=wanted.needs_reference,
        review_months=months,
        says_not_advice=wanted.says_not_advice,
        emergency_numbers=folded(wanted.emergency_numbers),
        notice=notice,
    )


def _values(rule: TopicRule) -> list[str]:
    """Return a rule as texts, which can be compared and shown in the audit log."""
    return [
        rule.topic,
        "needs a reference" if rule.needs_reference else "",
        f"reviewed every {rule.review_months} months" if rule.review_months else "",
        "not advice" if rule.says_not_advice else "",
        rule.emergency_numbers,
        *(f"{tag}: {text}" for tag, text in sorted(rule.notice.items())),
    ]


def _checked(wanted: Sequence[WantedRule]) -> list[tuple[WantedRule, int | None]]:
    """Return each rule with its months as a number. Raises InvalidFields, by the number of the row."""
    if len(wanted) > MOST_RULES:
        raise InvalidFields({"topic-1": f"You can have rules for up to {MOST_RULES} topics."})
    wrong: dict[str, str] = {}
    seen: set[str] = set()
    found: list[tuple[WantedRule, int | None]] = []
    for number, each in enumerate(wanted, start=1):
        topic, typed = folded(each.topic), folded(each.review_months)
        months = whole_number(typed)
        if not topic or len(topic) > LONGEST_TOPIC:
            wrong[f"topic-{number}"] = f"Enter a topic of up to {LONGEST_TOPIC} characters."
        elif topic.casefold() in seen:
            wrong[f"topic-{number}"] = "A rule above already covers this topic. Combine the two rules."
        seen.add(topic.casefold())
        if typed and not 1 <= (months or 0) <= MAX_REVIEW_MONTHS:
            wrong[f"review_months-{number}"] = f"Enter a number of months from 1 to {MAX_REVIEW_MONTHS}."
        if len(folded(each.emergency_numbers)) > LONGEST_NUMBERS:
            wrong[f"emergency_numbers-{number}"] = f"Enter up to {LONGEST_NUMBERS} characters."
        if len(folded(each.notice)) > LONGEST_NOTICE:
            wrong[f"notice-{number}"] = f"Enter up to {LONGEST_NOTICE} characters."
        if not wrong:
            found.append((each, months))
    if wrong:
        raise InvalidFields(wrong)
    return found

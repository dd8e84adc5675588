"""Check whether the articles are still what they were when the issue was drafted, and differ from each other."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from newsletter.issues.models import Item
from newsletter.preflight.checked_issue import CheckedIssue, at_item, title_of
from newsletter.preflight.finding import Basis, Finding, Level, Rule, Thing
from newsletter.preflight.text_comparison import bare_words

CHECK = "articles"
SOURCE = Basis("The current version at the source")
WITHDRAWN = Rule(
    "articles.withdrawn",
    "An article was withdrawn at its source",
    Level.WARNING,
    "The newsletter should not contain articles that are no longer on the site that published them.",
    "Check that nothing else in the email refers to the article.",
    SOURCE,
)
EDITED_BESIDE_OUR_TEXT = Rule(
    "articles.edited-beside-own-text",
    "An article was edited, and the issue has its own text for it",
    Level.WARNING,
    "The text in this issue was written for an earlier version of the article.",
    "Read the article again, and correct the text in this issue if it no longer fits.",
    SOURCE,
)
EDITED = Rule(
    "articles.edited",
    "An article was edited after the issue was drafted",
    Level.ADVICE,
    "The email contains the new text, which your team may not have read yet.",
    "Read the article again.",
    SOURCE,
)
SAME_HEADLINE = Rule(
    "articles.same-headline",
    "Articles have the same headline",
    Level.WARNING,
    "Readers cannot tell the articles apart, and may think that one was included twice.",
    "Change one of the headlines, or remove the duplicate article.",
    Basis("The headlines in this issue"),
)
RULES = (WITHDRAWN, EDITED_BESIDE_OUR_TEXT, EDITED, SAME_HEADLINE)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Name the articles that were withdrawn or edited at their sources, and those with the same headline."""
    yield from WITHDRAWN.found_in_each(
        _things(item for item in checked.items_not_removed if item.article.withdrawn_at),
        one="“{title}” was withdrawn at its source, so the email leaves it out.",
        several="{count} articles were withdrawn at their sources, so the email leaves them out.",
    )
    edited = [
        item for item in checked.items if (at := item.article.edited_at) and at > checked.issue.composed_at
    ]
    one = "“{title}” was changed at its source after this issue was drafted."
    several = "{count} articles were changed at their sources after this issue was drafted."
    yield from EDITED_BESIDE_OUR_TEXT.found_in_each(
        _things(item for item in edited if item.headline or item.blurb),
        one=f"{one} Check that the text in this issue still fits.",
        several=f"{several} Check that the text for each of them in this issue still fits.",
    )
    yield from EDITED.found_in_each(
        _things(item for item in edited if not (item.headline or item.blurb)),
        one=f"{one} The email contains the new text. Read the article again.",
        several=f"{several} The email contains the new versions. Read the articles again.",
    )
    yield from _same_headlines(checked)


def _same_headlines(checked: CheckedIssue) -> Iterator[Finding]:
    by_words: dict[str, list[Item]] = defaultdict(list)
    for item in checked.items:
        by_words[bare_words(title_of(item))].append(item)
    for words, items in by_words.items():
        if words and len(items) > 1:
            what = f"{len(items)} articles have the headline “{title_of(items[0])}”."
            yield SAME_HEADLINE.found(what, at_item(items[0]), things=_things(items))


def _things(items: Iterable[Item]) -> list[Thing]:
    return [Thing(title_of(item), at_item(item)) for item in items]

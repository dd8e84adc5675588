"""Reads the contents of an email from an issue, or from a correction, with a bounded number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from newsletter.articles.article_terms import ArticleTerms
from newsletter.articles.models import Correction, Reference
from newsletter.issues.article_corrections import corrections_since_last_issue
from newsletter.issues.blocks_shown_in_email import Block
from newsletter.issues.item_order import sections_to_print
from newsletter.issues.models import Issue, IssueBlock, Item, Publication, StandingBlock, TopicRule
from newsletter.issues.notice_translations import confirmed_texts
from newsletter.issues.running_order import as_shown, blocks_of, is_shown_on, running_order
from newsletter.issues.topic_rules import rules_of, rules_on, rules_on_articles
from newsletter.rendering.block_notes import with_notes
from newsletter.rendering.choose_pictures import EmailPictures
from newsletter.rendering.email_contents import (
    EmailContents,
    Notice,
    NoticesInLanguage,
)
from newsletter.rendering.find_theme import Theme
from newsletter.rendering.fixed_words import words_in
from newsletter.rendering.localisation import long_date
from newsletter.rendering.theme_values import ThemeValues, local_day
from newsletter.rendering.topic_notices import in_other_languages, notices_of

_ALWAYS_SHOWN = (StandingBlock.Kind.SOCIAL, StandingBlock.Kind.COPYRIGHT, StandingBlock.Kind.CORRECTIONS)


def read_contents(
    issue: Issue,
    theme: Theme,
    day: date | None = None,
    *,
    dateline: str = "",
    items: Sequence[Item] | None = None,
    rules: Sequence[TopicRule] | None = None,
) -> EmailContents:
    """Read the contents of an issue for a day, with one query each for items, references, blocks and rules for topics.

    The default day is the day on which the issue was sent, or else composed. `dateline` replaces the date. `items` are
    those of `items_to_print`, and `rules` those of `rules_of`, if the caller has read them. Raises Invalid if a
    block's data is invalid.
    """
    publication = issue.publication
    zone = ZoneInfo(publication.zone)
    lead, sections = sections_to_print(issue, items)
    items = [*([lead] if lead else []), *(item for section in sections for item in section.items)]
    day = day or local_day(issue.sent_at or issue.composed_at, zone)
    placed, blocks = _blocks(issue, items, day, theme)
    pictures = EmailPictures(publication, items, blocks)
    reader = ThemeValues(
        publication,
        zone,
        theme,
        references=_references_of(items),
        pictures=pictures,
        placed=placed,
        terms=_terms_of(items),
    )
    asked = rules_on(items, rules_of(publication) if rules is None else rules)
    notices = notices_of(asked, publication.language, reader.words)
    return EmailContents(
        publication=reader.identity(),
        number=issue.number,
        date=dateline or long_date(day, publication.language),
        section=lead.section if lead else "",
        lead=reader.story(lead, "lead") if lead else None,
        sections=tuple(reader.section(section.title, section.items) for section in sections),
        blocks=tuple(blocks),
        corrections=tuple(
            reader.note(correction) for correction in corrections_since_last_issue(publication, before=issue)
        ),
        notices=notices,
        other_notices=_in_other_languages(notices, publication),
        pictures=pictures.promotions(),
    )


def read_correction(issue: Issue, correction: Correction, theme: Theme, day: date) -> EmailContents:
    """Read the contents of an email about one correction to an article of an issue, for a day.

    Of the publication's blocks, it has those that say who sends it and where to report an error. It has the notices
    about the topics of the article. Raises Invalid if a block's data is invalid.
    """
    publication = issue.publication
    blocks = [block for block in _blocks(issue, [], day, theme)[1] if block.kind in _ALWAYS_SHOWN]
    pictures = EmailPictures(publication, [], blocks)
    reader = ThemeValues(
        publication,
        ZoneInfo(publication.zone),
        theme,
        references={},
        pictures=pictures,
        placed={},
    )
    asked = rules_on_articles([correction.article], rules_of(publication))
    notices = notices_of(asked, publication.language, reader.words)
    return EmailContents(
        publication=reader.identity(),
        number=issue.number,
        date=long_date(day, publication.language),
        section="",
        lead=None,
        sections=(),
        blocks=tuple(blocks),
        corrections=(reader.note(correction),),
        notices=notices,
        other_notices=_in_other_languages(notices, publication),
    )


def _in_other_languages(notices: Sequence[Notice], publication: Publication) -> tuple[NoticesInLanguage, ...]:
    if not notices:
        return ()
    return in_other_languages(notices, confirmed_texts(publication), publication.language)


def _blocks(
    issue: Issue, items: Sequence[Item], day: date, theme: Theme
) -> tuple[Mapping[int, tuple[Block, ...]], list[Block]]:
    """Return the blocks that stand before an item, by the item's key, and all blocks in the running order."""
    publication = issue.publication
    words = words_in(publication.language, theme.words)

    def ready(block: IssueBlock, *, placed: bool = False) -> Block:
        return with_notes(
            as_shown(block, placed=placed), words, day, charity_number=publication.charity_number.strip()
        )

    shown = [block for block in blocks_of(issue) if is_shown_on(block, day)]
    placed: dict[int, tuple[Block, ...]] = {}
    found: list[Block] = []
    waiting: list[IssueBlock] = []
    for entry in running_order(items, shown):
        if isinstance(entry, IssueBlock):
            waiting.append(entry)
        elif waiting:
            placed[entry.pk] = tuple(ready(block, placed=True) for block in waiting)
            found += placed[entry.pk]
            waiting = []
    return placed, found + [ready(block) for block in waiting]


def _terms_of(items: Iterable[Item]) -> Mapping[int, ArticleTerms]:
    return ArticleTerms.objects.in_bulk([item.article_id for item in items])


def _references_of(items: Iterable[Item]) -> Mapping[int, list[Reference]]:
    """Group references by article. A prefetch would build a query set per article, which costs more than the query."""
    found: dict[int, list[Reference]] = defaultdict(list)
    for reference in Reference.objects.filter(
        article__in=[item.article_id for item in items], removed_at=None
    ):
        found[reference.article_id].append(reference)
    return found

"""Reads the contents of an email from an issue, or from a correction, with a bounded number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from newsletter.articles.article_terms import ArticleTerms
from newsletter.articles.html_and_text.first_sentences import whole_sentences
from newsletter.articles.models import Article, Correction, Reference
from newsletter.issues.article_corrections import corrections_since_last_issue
from newsletter.issues.article_reviews import review_in
from newsletter.issues.blocks_shown_in_email import Block
from newsletter.issues.item_order import sections_to_print
from newsletter.issues.models import Issue, IssueBlock, Item, Publication, StandingBlock, TopicRule
from newsletter.issues.notice_translations import confirmed_texts
from newsletter.issues.running_order import as_shown, blocks_of, is_shown_on, running_order
from newsletter.issues.topic_rules import rules_of, rules_on, rules_on_articles
from newsletter.rendering.block_notes import with_notes
from newsletter.rendering.choose_pictures import EmailPictures
from newsletter.rendering.email_contents import (
    CorrectionNote,
    EmailContents,
    Notice,
    NoticesInLanguage,
    PublicationDetails,
    Section,
    Story,
)
from newsletter.rendering.find_theme import Theme
from newsletter.rendering.fixed_words import words_in
from newsletter.rendering.localisation import long_date, long_duration
from newsletter.rendering.reading_time import minutes_to_read
from newsletter.rendering.references_and_terms import lines_of_terms, links_of
from newsletter.rendering.safe_urls import safe_web_url
from newsletter.rendering.topic_notices import in_other_languages, notices_of
from subscribers.bidi import isolated, main_direction
from subscribers.clean_text import printable
from subscribers.translated_languages import direction

_MAX_AUTHORS = 3
_ALWAYS_SHOWN = (StandingBlock.Kind.SOCIAL, StandingBlock.Kind.COPYRIGHT, StandingBlock.Kind.CORRECTIONS)
_BASED_ON = (Reference.Kind.STUDY, Reference.Kind.REPORT, Reference.Kind.GUIDELINE)


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
    day = day or _day(issue.sent_at or issue.composed_at, zone)
    placed, blocks = _blocks(issue, items, day, theme)
    pictures = EmailPictures(publication, items, blocks)
    reader = _Reader(
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
    reader = _Reader(
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


class _Reader:
    """Turns rows into the values that a theme shows, in one publication's language and time zone."""

    def __init__(
        self,
        publication: Publication,
        zone: ZoneInfo,
        theme: Theme,
        *,
        references: Mapping[int, list[Reference]],
        pictures: EmailPictures,
        placed: Mapping[int, tuple[Block, ...]],
        terms: Mapping[int, ArticleTerms] | None = None,
    ) -> None:
        self.publication = publication
        self.zone = zone
        self.references = references
        self.terms = terms or {}
        self.pictures = pictures
        self.placed = placed
        self.words = words_in(publication.language, theme.words)

    def identity(self) -> PublicationDetails:
        publication = self.publication
        return PublicationDetails(
            name=publication.name,
            tagline=publication.tagline,
            organisation=publication.organisation,
            website=safe_web_url(publication.website),
            postal_address=tuple(
                line.strip() for line in printable(publication.postal_address).splitlines() if line.strip()
            ),
            reason=printable(publication.reason).strip()
            or self.words.phrase(
                self.words["why"].replace("{list}", isolated(publication.mailing_list.name))
            ),
            logo=self.pictures.logo(),
        )

    def section(self, title: str, items: Sequence[Item]) -> Section:
        first, *others = items
        return Section(
            title=title,
            stories=(
                self.story(first, "thumbnail", before=False),
                *(self.story(item, "thumbnail") for item in others),
            ),
            before=self.placed.get(first.pk, ()),
        )

    def story(self, item: Item, place: str, *, before: bool = True) -> Story:
        article = item.article
        language = article.language if _differs(article.language, self.publication.language) else ""
        references = self.references.get(article.pk, [])
        picture = self.pictures.of_item(item, place)
        return Story(
            title=item.headline or article.title,
            url=safe_web_url(article.url),
            standfirst=item.blurb or whole_sentences(article.standfirst),
            byline=self._byline(article),
            language=language,
            direction=_direction(item.headline or article.title, language, self.publication.language),
            picture=picture,
            anchor=f"article-{article.pk}",
            number=article.pk,
            based_on=links_of(each for each in references if each.kind in _BASED_ON),
            responses=links_of(each for each in references if each.kind == Reference.Kind.RESPONSE),
            retractions=links_of(each for each in references if each.kind == Reference.Kind.RETRACTION),
            before=self.placed.get(item.pk, ()) if before else (),
            terms=tuple(
                lines_of_terms(
                    self.terms.get(article.pk),
                    self.words,
                    self.publication.organisation,
                    has_picture=bool(picture),
                )
            ),
        )

    def note(self, correction: Correction) -> CorrectionNote:
        return CorrectionNote(
            title=correction.article.title,
            url=safe_web_url(correction.article.url),
            date=long_date(correction.corrected_on, self.publication.language),
            text=correction.text,
            said=correction.said,
            why=correction.why,
            since=long_date(correction.wrong_since, self.publication.language)
            if correction.wrong_since
            else "",
        )

    def _byline(self, article: Article) -> str:
        language = self.publication.language
        parts = [self._authors([str(name) for name in article.authors if name])]
        if article.published_at:
            parts.append(isolated(long_date(_day(article.published_at, self.zone), language)))
        review = review_in(article)
        if review and review.reviewed_on:
            said = self.words["reviewed"].replace("{date}", isolated(long_date(review.reviewed_on, language)))
            parts.append(self.words.isolated(said))
        if article.duration_seconds:
            parts.append(isolated(long_duration(article.duration_seconds, language)))
        elif minutes := minutes_to_read(article.body_html):
            parts.append(self.words.isolated(self.words.counted("minutes", minutes)))
        return " · ".join(part for part in parts if part)

    def _authors(self, names: list[str]) -> str:
        if not names:
            return ""
        shown = self.words.names(map(isolated, names[:_MAX_AUTHORS]))
        if len(names) > _MAX_AUTHORS:
            shown = self.words["and_others"].replace("{authors}", shown)
        return self.words.phrase(self.words["by"].replace("{authors}", shown))


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


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _differs(language: str, other: str) -> bool:
    return bool(language) and _primary(language) != _primary(other)


def _direction(title: str, language: str, other: str) -> str:
    """Return the direction of an article in a language, or else of its title; empty if it is that of the other."""
    own = direction(language) if language else main_direction(title)
    return own if own != direction(other) else ""


def _primary(language: str) -> str:
    return language.split("-", maxsplit=1)[0].lower()

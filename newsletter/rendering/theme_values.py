"""Turns rows into the values that a theme shows, in one publication's language and time zone."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from newsletter.articles.article_terms import ArticleTerms
from newsletter.articles.html_and_text.first_sentences import whole_sentences
from newsletter.articles.models import Article, Correction, Reference
from newsletter.issues.article_reviews import review_in
from newsletter.issues.blocks_shown_in_email import Block
from newsletter.issues.models import Item, Publication
from newsletter.rendering.choose_pictures import EmailPictures
from newsletter.rendering.email_contents import (
    CorrectionNote,
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
from subscribers.bidi import isolated, main_direction
from subscribers.clean_text import printable
from subscribers.translated_languages import direction

_MAX_AUTHORS = 3
_BASED_ON = (Reference.Kind.STUDY, Reference.Kind.REPORT, Reference.Kind.GUIDELINE)


class ThemeValues:
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
        """Return who publishes the email."""
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
        """Return a section with its stories."""
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
        """Return an item as a story, with a picture for its place. Without `before`, no blocks stand before it."""
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
        """Return a correction as a note to readers."""
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
            parts.append(isolated(long_date(local_day(article.published_at, self.zone), language)))
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


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """Return the day of a moment in a time zone."""
    return moment.astimezone(zone).date()


def _differs(language: str, other: str) -> bool:
    return bool(language) and _primary(language) != _primary(other)


def _direction(title: str, language: str, other: str) -> str:
    """Return the direction of an article in a language, or else of its title; empty if it is that of the other."""
    own = direction(language) if language else main_direction(title)
    return own if own != direction(other) else ""


def _primary(language: str) -> str:
    return language.split("-", maxsplit=1)[0].lower()

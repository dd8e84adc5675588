"""The texts of an issue as readers see them, line by line, each with the place where it can be changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from newsletter.articles.models import Correction
from newsletter.issues.block_data import Appeal, Community, Promotion, Social
from newsletter.issues.blocks_shown_in_email import Block
from newsletter.issues.models import Issue, Item, Publication
from newsletter.issues.placeholders import NAMES, fill_placeholders
from newsletter.preflight.finding import Place
from newsletter.preflight.where_to_edit import INTRODUCTION, Places
from newsletter.rendering.email import Email
from newsletter.rendering.email_contents import EmailContents
from newsletter.rendering.render_markdown import markdown_parser

if TYPE_CHECKING:
    from markdown_it.token import Token

SUBJECT, PREHEADER = Place("details", "subject"), Place("details", "preheader")
SENDER = Place("settings", "sender")
NOTICES, OTHER_NOTICES = Place("settings", "topics"), Place("settings", "notices")
# Stands for what is not prose, such as code.
SKIPPED = "\ufffc"
# What we fill in, as a reader called Alexander would see it.
_FILLED = {**dict.fromkeys(NAMES, "https://example.org/"), "first_name": "Alexander"}


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, a heading or a list item. `prose` is the text without links and words in bold."""

    text: str
    prose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueText:
    """One text: its lines, its language, and where it can be changed. `position` is its rank in the email.

    An article's own text `is_article`, and was published at a time, if we know it.
    """

    place: Place
    lines: Sequence[Line]
    language: str
    position: int
    is_article: bool = False
    published_at: datetime | None = None


def read_texts(
    issue: Issue, items: Sequence[Item], blocks: Sequence[Block], places: Places
) -> Sequence[IssueText]:
    """Return the texts of an issue in the order of the email: its fields, articles, blocks and fixed texts."""
    language = issue.publication.language
    found: list[tuple[Place, Sequence[Line]]] = [
        (SUBJECT, _one_line(_filled(issue.subject, "Subject"))),
        (PREHEADER, _one_line(_filled(issue.preheader, "Preheader"))),
        (INTRODUCTION, markdown_lines(_filled(issue.opening, "Introduction"))),
    ]
    texts = [
        IssueText(place=place, lines=lines, language=language, position=position)
        for position, (place, lines) in enumerate(found)
    ]
    for item in items:
        texts += _of_article(item, language, len(texts))
    for block in blocks:
        lines = [*_one_line(block.title), *markdown_lines(block.body), *_of_data(block)]
        texts.append(
            IssueText(place=places.block(block), lines=lines, language=language, position=len(texts))
        )
    return [*texts, _fixed_texts(issue.publication, len(texts))]


def read_notices(contents: EmailContents, language: str, position: int) -> Iterator[IssueText]:
    """Yield the notices about topics that readers of an email in this language get, and those of other languages."""
    every = [*contents.notices, *(each for other in contents.other_notices for each in other.notices)]
    found = dict.fromkeys((str(each), each.language) for each in every)
    for number, (text, other) in enumerate(found, start=position):
        yield IssueText(
            place=OTHER_NOTICES if other else NOTICES,
            lines=_one_line(text),
            language=other or language,
            position=number,
        )


def read_correction_texts(
    publication: Publication, email: Email, correction: Correction
) -> Sequence[IssueText]:
    """Return the texts of an email about a correction. They are shown as they are: nothing in them is filled in."""
    language = publication.language
    of_correction = Place("contents", article=correction.article_id)
    found: list[tuple[Place, tuple[str, ...]]] = [
        (SUBJECT, (email.subject,)),
        (PREHEADER, (email.preheader,)),
        (of_correction, (correction.said, correction.text, correction.why)),
    ]
    texts = [
        IssueText(
            place=place,
            lines=[line for text in parts for line in _one_line(text)],
            language=language,
            position=position,
            # The subject and the preheader repeat its words.
            is_article=place is of_correction,
        )
        for position, (place, parts) in enumerate(found)
    ]
    return [*texts, _fixed_texts(publication, len(texts))]


def _fixed_texts(publication: Publication, position: int) -> IssueText:
    """Return what every email of a publication says about its sender."""
    fixed = (
        publication.sender_name,
        publication.name,
        publication.tagline,
        publication.organisation,
        publication.postal_address,
        publication.reason,
    )
    lines = [line for text in fixed for line in _one_line(text)]
    return IssueText(place=SENDER, lines=lines, language=publication.language, position=position)


def markdown_lines(source: str) -> list[Line]:
    """Return the paragraphs, headings and list items of a Markdown text, without code."""
    tokens = markdown_parser().parse(source)
    return [line for token in tokens if token.type == "inline" for line in _lines_of(token)]


def _of_article(item: Item, language: str, position: int) -> Iterator[IssueText]:
    """Yield the words that somebody wrote about an article for this issue, and the words of the article."""
    article, place = item.article, Place("contents", article=item.article_id)
    own = [line for text in (item.headline, item.blurb) for line in _one_line(text)]
    if own:
        yield IssueText(place=place, lines=own, language=article.language or language, position=position)
    titles = (
        *(() if item.headline else (article.title,)),
        *(() if item.blurb else (article.standfirst,)),
    )
    if lines := [line for text in titles for line in _one_line(text)]:
        yield IssueText(
            place=place,
            lines=lines,
            language=article.language or language,
            position=position,
            is_article=True,
            published_at=article.published_at,
        )


def _of_data(block: Block) -> Iterator[Line]:
    """Yield the texts in the data of a block."""
    match block.data:
        case Appeal() as appeal:
            texts = [appeal.button, appeal.tax_note, appeal.figures_source, appeal.second_purpose]
        case Promotion(button=button, price=price, date=day):
            texts = [button, price, day]
        case Community(links=links):
            texts = [link.label for link in links]
        case Social(links=networks):
            texts = [link.network for link in networks]
        case _:
            texts = []
    for text in texts:
        yield from _one_line(text)


def _one_line(text: str) -> list[Line]:
    return [Line(each, each) for line in text.splitlines() if (each := " ".join(line.split()))]


def _filled(text: str, field: str) -> str:
    return fill_placeholders(text, _FILLED, field)


def _lines_of(token: "Token") -> Iterator[Line]:
    """Yield the lines of a block: one, or several if somebody broke the lines."""
    texts, prose, depth = [""], [""], 0
    for each in token.children or ():
        if each.type in ("link_open", "strong_open"):
            depth += 1
        elif each.type in ("link_close", "strong_close"):
            depth -= 1
        elif each.type == "hardbreak":
            texts.append("")
            prose.append("")
        else:
            words = _words_of(each)
            texts[-1] += words
            prose[-1] += SKIPPED if depth and words.strip() else words
    for text, rest in zip(texts, prose, strict=True):
        if text.strip():
            yield Line(" ".join(text.split()), " ".join(rest.split()))


def _words_of(token: "Token") -> str:
    match token.type:
        case "text" | "html_inline" | "text_special":
            return token.content
        case "softbreak":
            return " "
        case "code_inline":
            return SKIPPED
        case _:
            return ""

"""Check promotions on the topics that a publication marks, such as cancer: whether they speak of a treatment."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import NamedTuple
from urllib.parse import unquote

from newsletter.issues.block_data import Appeal, Promotion
from newsletter.issues.blocks_shown_in_email import Block
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule
from newsletter.preflight.issue_texts import markdown_lines
from newsletter.preflight.treatment_words import TREATMENT as TREATMENT_WORDS
from newsletter.preflight.treatment_words import treatment_in
from newsletter.preflight.words_as_read import words_as_read

CHECK = "promoted treatments"
TREATMENT = Rule(
    "promotions.treatment",
    "A promotion mentions a treatment",
    Level.ERROR,
    "In Great Britain, it is an offence to take part in publishing an advertisement that offers to treat cancer, "
    "prescribes a remedy for it, or gives advice on its treatment.",
    "Remove the treatment from the promotion. If the promotion is lawful, an approver can overrule this error and give "
    "the reason.",
    Basis(
        "Cancer Act 1939, section 4, as explained by CNHC",
        "https://www.cnhc.org.uk/articles/cancer-act-1939",
        "November 2026",
    ),
)
RULES = (TREATMENT,)

_ADDRESS = re.compile(r"https?://[^\s/<>()]+(?P<path>/[^\s<>()]*)", re.IGNORECASE)

# Words by which a notice or another block advertises something.
_ADVERTISES = re.compile(
    rf"\b(?:buy|(?:book|order|get) (?:[\w’'-]+ )?{TREATMENT_WORDS}|book (?:now|a|an|your|our)|"
    r"order (?:now|a|an|your|our)|shop (?:now|for)|for sale|discounts?|"
    r"special offers?|half price|appointments? (?:now|from)|clinics? (?:offers?|has|have))\b|£\s?\d",
    re.IGNORECASE,
)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Look at blocks that promote something or read like an advertisement, and at articles that are marked."""
    topics = checked.chosen_settings.promotion_topics
    if not topics or checked.email is None:
        return
    for promotion in _promotions(checked):
        words = words_as_read("\n".join((promotion.words, *map(_words_of_addresses, promotion.links))))
        topic = next((each for each in topics if _names(words, each)), "")
        if topic and (treatment := treatment_in(words)):
            yield TREATMENT.found(
                f"“{promotion.name}” is a promotion on the topic “{topic}”, and mentions “{treatment}”.",
                promotion.place,
                # A link to another page can promote another product.
                judged="\n".join((words, *promotion.links)),
            )


class _Promotion(NamedTuple):
    """A promotion: its name, where it can be changed, its words with the topics of an article, and its links."""

    name: str
    place: Place
    words: str
    links: tuple[str, ...]


def _promotions(checked: CheckedIssue) -> Iterator[_Promotion]:
    for block in checked.blocks:
        words = _words_of(block)
        if isinstance(block.data, Promotion) or (
            _is_plain(block) and _ADVERTISES.search(words_as_read(words))
        ):
            links = (block.body, *_texts_in(asdict(block.data), are_addresses=True))
            yield _Promotion(block.title, checked.places.block(block), words, links)
    marked = checked.promoting_articles
    for item in checked.items:
        if item.article_id in marked:
            article = item.article
            words = "\n".join((str(item), item.blurb or article.standfirst, *article.topics))
            yield _Promotion(str(item), Place("contents", article=item.article_id), words, (article.url,))


def _words_of_addresses(text: str) -> str:
    """Return the words in the addresses of pages to which a text leads, such as “cancer treatment”."""
    paths = (unquote(found["path"]) for found in _ADDRESS.finditer(text))
    return " ".join(re.findall(r"[^\W\d_]+", " ".join(paths)))


def _is_plain(block: Block) -> bool:
    """Return whether a block has its own words, and is not for something else. Appeals are for gifts, not for sale."""
    return not isinstance(block.data, Promotion | Appeal)


def _words_of(block: Block) -> str:
    """Return everything that readers see of a block: its texts, without addresses of pages and pictures."""
    body = [line.text for line in markdown_lines(block.body)]
    return "\n".join([block.title, *body, *_texts_in(asdict(block.data))])


def _texts_in(value: object, name: str = "", *, are_addresses: bool = False) -> Iterator[str]:
    if isinstance(value, str) and name.endswith("url") == are_addresses:
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts_in(each, key, are_addresses=are_addresses)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts_in(each, name, are_addresses=are_addresses)


def _names(text: str, topic: str) -> bool:
    return re.search(rf"\b{re.escape(topic)}", text, re.IGNORECASE) is not None

"""Check promotions on the topics that a publication marks, such as cancer: whether they speak of a treatment."""

import re
from collections.abc import Iterator

from newsletter.issues.block_data import Promotion
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule

CHECK = "promoted treatments"
TREATMENT = Rule(
    "promotions.treatment",
    "A promotion mentions a treatment",
    Level.ERROR,
    "In Great Britain, it is an offence to take part in publishing an advertisement that offers to treat cancer, "
    "prescribes a remedy for it, or gives advice on its treatment.",
    "Take the treatment out of the promotion. If the promotion is allowed, an approver can overrule this and say why.",
    Basis(
        "Cancer Act 1939, section 4, as explained by CNHC",
        "https://www.cnhc.org.uk/articles/cancer-act-1939",
        "November 2026",
    ),
)
RULES = (TREATMENT,)

_TREATMENT = re.compile(
    r"\b(?:treat(?:s|ed|ing|ments?)?|cur(?:e[sd]?|ing)|remed(?:y|ies)|therap(?:y|ies|eutic)|chemotherap(?:y|ies)|"
    r"radiotherap(?:y|ies)|immunotherap(?:y|ies)|heal(?:s|ed|ing)?|triniaeth\w*)\b",
    re.IGNORECASE,
)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Look at blocks that promote something, and at articles that are marked as promotions."""
    topics = checked.chosen_settings.promotion_topics
    if not topics or checked.email is None:
        return
    for what, place, text in _promotions(checked):
        topic = next((each for each in topics if _names(text, each)), "")
        treatment = _TREATMENT.search(text)
        if topic and treatment:
            yield TREATMENT.found(
                f"“{what}” is a promotion on the topic “{topic}”, and mentions “{treatment[0]}”.", place
            )


def _promotions(checked: CheckedIssue) -> Iterator[tuple[str, Place, str]]:
    """Yield each promotion: what it is called, where it can be changed, and its words with the topics of an article."""
    for block in checked.blocks:
        if isinstance(block.data, Promotion):
            yield (
                block.title,
                checked.places.block(block),
                f"{block.title}\n{block.body}\n{block.data.image_alt}",
            )
    marked = checked.promoting_articles
    for item in checked.items:
        if item.article_id in marked:
            article = item.article
            words = (str(item), item.blurb or article.standfirst, *article.topics)
            yield str(item), Place("contents", article=item.article_id), "\n".join(words)


def _names(text: str, topic: str) -> bool:
    return re.search(rf"\b{re.escape(topic)}", text, re.IGNORECASE) is not None

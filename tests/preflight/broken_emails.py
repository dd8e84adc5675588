"""A good email broken in one known way each, and the rule that must find it, with a word of its sentence.

`change` breaks the issue, its publication or what is known of it, and gives nothing back. `html` and `text` break the
finished parts, as a theme could.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from newsletter.articles.models import Article
from newsletter.issues.models import Issue, Publication
from subscribers.models import Subscription


@dataclass(frozen=True)
class Broken:
    """One row of the table."""

    rule: str
    said: str
    change: Callable[[Issue], object] | None = None
    html: Callable[[str], str] | None = None
    text: Callable[[str], str] | None = None
    also: tuple[str, ...] = ()


def issue_has(**fields):
    return lambda issue: Issue.objects.filter(pk=issue.pk).update(**fields)


def publication_has(**fields):
    return lambda issue: Publication.objects.filter(pk=issue.publication_id).update(**fields)


def article_has(**fields):
    def change(issue):
        first = issue.items.order_by("position").first()
        Article.objects.filter(pk=first.article_id).update(**fields)

    return change


def item_has(**fields):
    def change(issue):
        first = issue.items.order_by("position").first()
        issue.items.filter(pk=first.pk).update(**fields)

    return change


def opening_says(text):
    return issue_has(opening=f"Dear {{{{ first_name }}}},\n\n{text}")


BROKEN = (
    Broken("email.not-created", "placeholder called nonsense", issue_has(opening="{{ nonsense }}")),
    Broken("audience.nobody", "no active subscribers", lambda _issue: Subscription.objects.all().delete()),
    Broken("fields.subject-empty", "subject is empty", issue_has(subject=" ")),
    Broken("fields.preheader-empty", "preheader is empty", issue_has(preheader="")),
    Broken("fields.introduction-empty", "introduction is empty", issue_has(opening="")),
    Broken("size.clipped", "100 KB or more", opening_says("word " * 22_000)),
    Broken("articles.edited", "was changed at its source", article_has(edited_at=timezone.now())),
    Broken("pictures.not-described", "has no description", article_has(image_alt="")),
    Broken("sender.words-missing", "We have no Hebrew words", publication_has(language="he")),
)

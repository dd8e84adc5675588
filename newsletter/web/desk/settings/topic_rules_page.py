"""What a publication asks of articles on a topic, and the notices that their readers get."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from newsletter.articles.search_articles import sentences_about_unused_topics, topics_in_use
from newsletter.errors import InvalidFields, NewsletterError
from newsletter.issues.models import Publication
from newsletter.issues.topic_rules import (
    MOST_RULES,
    WantedRule,
    change_topic_rules,
    rules_version,
    wanted_rules,
)
from newsletter.rendering.fixed_words import words_in
from newsletter.scheduling.approval import end_changed_approvals, sentence_about_reopened
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.form_error import status_of
from newsletter.web.desk.settings.publication_pages import administered_publication
from subscribers.translated_languages import language_name

EMPTY_ROWS = 2


@desk("GET", "HEAD", "POST")
def topic_rules(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the rules for topics, or save them."""
    publication = administered_publication(slug)
    if request.method != "POST":
        return _form(request, publication, wanted_rules(publication))
    typed = _typed(request.POST)
    try:
        changed = change_topic_rules(publication, typed, seen=request.POST.get("seen"))
    except NewsletterError as error:
        return _form(request, publication, typed, error=error)
    page = f"{reverse('desk:publication-settings', args=[slug])}#topics"
    said = "The rules for topics were saved." if changed else "Nothing was changed."
    unused = sentences_about_unused_topics(row.topic for row in typed)
    ended = sentence_about_reopened(end_changed_approvals(publication)) if changed else ""
    return done(request, " ".join(filter(None, [said, *unused.values(), ended])), page)


def _typed(form: QueryDict) -> list[WantedRule]:
    """Return the rows of the form that are not empty."""
    rows = [
        WantedRule(
            topic=form.get(f"topic-{number}", "").strip(),
            needs_reference=f"needs_reference-{number}" in form,
            review_months=form.get(f"review_months-{number}", "").strip(),
            says_not_advice=f"says_not_advice-{number}" in form,
            emergency_numbers=form.get(f"emergency_numbers-{number}", "").strip(),
            notice=form.get(f"notice-{number}", "").strip(),
        )
        for number in range(1, MOST_RULES + EMPTY_ROWS + 1)
    ]
    return [row for row in rows if row != WantedRule(topic="")]


def _form(
    request: HttpRequest,
    publication: Publication,
    rows: Sequence[WantedRule],
    *,
    error: NewsletterError | None = None,
) -> HttpResponse:
    errors = error.fields if isinstance(error, InvalidFields) else {}
    words = words_in(publication.language, {})
    return show(
        request,
        "settings/topic_rules",
        status=status_of(error) if error else 200,
        publication=publication,
        rows=list(enumerate([*rows, *[WantedRule(topic="")] * EMPTY_ROWS], start=1)),
        topics=topics_in_use(),
        unused=sentences_about_unused_topics(row.topic for row in rows),
        errors=errors,
        problem="" if error is None or errors else str(error),
        stored=wanted_rules(publication),
        seen=rules_version(publication),
        language=language_name(publication.language),
        not_advice=words["not_advice"],
        emergency=words["emergency"].replace("{numbers}", "999 or 112"),
    )

"""The checks before approval of a publication: how serious each rule is, and its own checklist."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.errors import InvalidFields, NewsletterError
from newsletter.issues.models import Publication
from newsletter.preflight.all_checks import CHECKS
from newsletter.preflight.change_preflight_settings import OFF, change_preflight, preflight_version
from newsletter.preflight.finding import Level, Rule
from newsletter.preflight.read_preflight_settings import checklist_of, levels_of, promotion_topics_of
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.form_error import status_of
from newsletter.web.desk.settings.publication_pages import administered_publication

LABELS: dict[str, str] = {
    Level.ERROR: "Error: blocks approval",
    Level.WARNING: "Warning",
    Level.ADVICE: "Advice",
    OFF: "Off",
}


@desk("GET", "HEAD", "POST")
def checks_before_approval(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how serious each rule is and the checklist, or save both."""
    publication = administered_publication(slug)
    levels, checklist = levels_of(publication), "\n".join(checklist_of(publication))
    topics = "\n".join(promotion_topics_of(publication))
    if request.method != "POST":
        return _form(request, publication, dict(levels), (checklist, topics))
    chosen = {rule.name: request.POST.get(f"level-{rule.name}", rule.level) for rule in _rules()}
    typed = request.POST.get("checklist", ""), request.POST.get("topics", topics)
    try:
        changed = change_preflight(
            publication, chosen, *(each.splitlines() for each in typed), seen=request.POST.get("seen")
        )
    except NewsletterError as error:
        return _form(request, publication, chosen, typed, error=error)
    page = f"{reverse('desk:publication-settings', args=[slug])}#checks"
    said = "The settings for the checks before approval were saved." if changed else "Nothing was changed."
    return done(request, said, page)


def _rules() -> list[Rule]:
    return [rule for check in CHECKS for rule in check.RULES]


def _choices(rule: Rule) -> list[tuple[str, str]]:
    return [
        (value, f"{label} (default)" if value == rule.level else label)
        for value, label in LABELS.items()
        if not (rule.never_blocks and value == Level.ERROR)
    ]


def _in_words(publication: Publication) -> list[tuple[str, str]]:
    """Return what is stored, as labels and values: the levels that differ from the usual ones, and the checklist."""
    titles = {rule.name: rule.title for rule in _rules()}
    chosen = [
        (titles[name], LABELS[level]) for name, level in levels_of(publication).items() if name in titles
    ]
    topics = ", ".join(promotion_topics_of(publication)) or "None"
    sentences = " ".join(checklist_of(publication)) or "None"
    return [*chosen, ("Checklist", sentences), ("Topics for promotions", topics)]


def _form(
    request: HttpRequest,
    publication: Publication,
    levels: dict[str, str],
    texts: tuple[str, str],
    *,
    error: NewsletterError | None = None,
) -> HttpResponse:
    fields = error.fields if isinstance(error, InvalidFields) else {}
    rows = [
        (
            check.CHECK.capitalize(),
            [(rule, _choices(rule), levels.get(rule.name, rule.level)) for rule in rules],
        )
        for check, rules in ((check, check.RULES) for check in CHECKS)
    ]
    return show(
        request,
        "settings/checks_before_approval",
        status=status_of(error) if error else 200,
        publication=publication,
        groups=rows,
        checklist=texts[0],
        topics=texts[1],
        errors=fields,
        problem="" if error is None or fields else str(error),
        stored=_in_words(publication),
        seen=preflight_version(publication),
    )

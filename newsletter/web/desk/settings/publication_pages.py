"""The settings of a publication: all parts on one page, and a form for each."""

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from newsletter.accounts.actor import Role, why_not_role
from newsletter.errors import Invalid, NewsletterError, refuse_if
from newsletter.issues.change_publications import why_not_remove_publication
from newsletter.issues.models import Publication
from newsletter.issues.publication_settings import (
    SettingsChangedError,
    approved_issues,
    change_settings,
    part_of,
    settings_version,
    undo_settings,
    why_not_change_settings,
)
from newsletter.issues.visible_to_actor import visible_publications, visible_with
from newsletter.rendering.choose_pictures import EmailPictures
from newsletter.scheduling.archive_publication import why_not_archive_publication
from newsletter.scheduling.models import Series
from newsletter.scheduling.series_dates import SeriesDate, describe_local_time, upcoming
from newsletter.scheduling.series_names import describe_series
from newsletter.sending.left_out_by_basis import CountedAudience
from newsletter.web.desk.audience.audience_form import audience_of_form, count_of, form_context, only_counts
from newsletter.web.desk.desk_page import Undo, desk, done, show
from newsletter.web.desk.find_by_url import publication_at
from newsletter.web.desk.form_error import FormError, errors_by_field, status_of
from newsletter.web.desk.settings import section_fields, selection_fields
from newsletter.web.desk.settings.publication_fields import FIELDS
from newsletter.web.desk.settings.publication_settings_parts import ALL_PARTS, Part
from subscribers.whole_numbers import whole_number

MAX_SERIES = 5
OWN_FORMS = {"look", "selection", "sections", "audience"}
NOT_SAVED = "The settings were not saved"


@desk("GET", "HEAD")
def settings_home(_request: HttpRequest) -> HttpResponse:
    """Lead to the first page of the settings."""
    return HttpResponseRedirect(reverse("desk:publications"), status=303)


@desk("GET", "HEAD")
def publications(request: HttpRequest) -> HttpResponse:
    """Show the publications that the actor administers."""
    found = visible_with(visible_publications(), Role.ADMINISTRATOR, "pk").select_related("mailing_list")
    if not found.exists():
        refuse_if(why_not_role(Role.ADMINISTRATOR, "Changing settings"))
    return show(
        request,
        "settings/publications",
        publications=list(found.filter(archived_at=None).order_by("name")),
        archived=list(found.exclude(archived_at=None).order_by("name")),
        why_not_new=why_not_role(Role.ADMINISTRATOR, "Creating a newsletter"),
    )


@desk("GET", "HEAD")
def publication_settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Show every part of the settings of a publication, each with a way to change it."""
    publication = administered_publication(slug)
    return show(
        request,
        "settings/publication",
        publication=publication,
        recurrences=_recurrences(publication),
        describe_local_time=describe_local_time,
        blocks=[str(block) for block in publication.blocks.all()],
        parts=[(part, part.now(publication)) for part in ALL_PARTS.values()],
        may_remove=not why_not_remove_publication(publication),
        why_not_archive=why_not_archive_publication(publication),
    )


def _recurrences(publication: Publication) -> list[tuple[Series, str, list[SeriesDate]]]:
    """Return the recurring issues, each in words and with its next five dates."""
    now = timezone.now()
    found = Series.objects.filter(publication=publication).select_related("publication")[:MAX_SERIES]
    return [(each, describe_series(each), upcoming(each, now=now)) for each in found]


@desk("GET", "HEAD", "POST")
def publication_part(request: HttpRequest, slug: str, part: str) -> HttpResponse:
    """Show the form of one part, or save it."""
    publication, of = administered_publication(slug), ALL_PARTS[part]
    if request.method != "POST":
        return show_part(request, publication, of, of.stored(publication))
    typed = of.typed(request.POST)
    if part == "sections" and section_fields.is_only_moving(request.POST):
        return show_part(request, publication, of, typed, seen=request.POST.get("seen", ""))
    if part == "audience" and only_counts(request):
        return _count_audience(request, publication, of, typed)
    return _save_part(request, publication, of, typed)


def _save_part(
    request: HttpRequest, publication: Publication, of: Part, typed: dict[str, Any]
) -> HttpResponse:
    slug, part = publication.slug, of.name
    try:
        with transaction.atomic():
            values = of.settings(request.POST, publication)
            entry = change_settings(publication, part, values, seen=request.POST.get("seen"))
    except Invalid as error:
        return show_part(request, publication, of, typed, error=error, seen=request.POST.get("seen", ""))
    except SettingsChangedError as error:
        return show_part(request, administered_publication(slug), of, typed, error=error)
    page = reverse("desk:publication-settings", args=[slug])
    if entry is None:
        return done(request, "Nothing was changed.", f"{page}#{part}")
    undo = Undo(reverse("desk:undo-publication-settings", args=[slug]), {"change": str(entry.pk)})
    return done(request, f"Your changes to “{of.title}” were saved.", f"{page}#{part}", undo=undo)


@desk("POST", page="publication-settings")
def undo_publication_settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Take one change of the settings back."""
    publication = administered_publication(slug)
    number = request.POST.get("change", "")
    restored = undo_settings(publication, whole_number(number) or 0)
    part = part_of(restored.changes) if restored else ""
    page = reverse("desk:publication-settings", args=[slug])
    return done(request, "The previous settings were restored.", f"{page}#{part}" if part else page)


def administered_publication(slug: str) -> Publication:
    """Return the publication with this slug. Raises NotFound, and Refused unless the actor administers it."""
    publication = publication_at(slug)
    refuse_if(why_not_change_settings(publication))
    return publication


def show_part(
    request: HttpRequest,
    publication: Publication,
    part: Part,
    typed: dict[str, Any],
    *,
    error: NewsletterError | None = None,
    seen: str = "",
    count: CountedAudience | None = None,
) -> HttpResponse:
    """Show the form of one part with what was typed, and with what was wrong, or what is saved now."""
    errors = errors_by_field(error)
    form_error = FormError(part.name, NOT_SAVED, status_of(error)) if error else None
    conflict = part.in_words(error.now, publication) if isinstance(error, SettingsChangedError) else []
    return show(
        request,
        f"settings/publication_{part.name if part.name in OWN_FORMS else 'part'}",
        status=form_error.status if form_error else 200,
        publication=publication,
        part=part,
        logo=_own_logo(publication) if part.name == "look" else "",
        fields=[
            (each, each.choices(publication) if each.choices else []) for each in FIELDS.get(part.name, ())
        ],
        typed=typed,
        seen=seen or settings_version(publication, part.name),
        approved=approved_issues(publication) if part.in_emails else [],
        form_error=form_error,
        errors=defaultdict(str, errors),
        summary=list(errors.items()),
        conflict=conflict,
        not_saved=NOT_SAVED,
        count=count,
        **_choices(publication, part, typed),
    )


def _own_logo(publication: Publication) -> str:
    """Return the path of our copy of the logo. The desk shows no pictures of other sites; the sample issue does."""
    found, root = EmailPictures(publication, [], []).logo(), settings.NEWSLETTER.root_url
    return found.url.removeprefix(root) if found and found.url.startswith(f"{root}/media/") else ""


def _count_audience(
    request: HttpRequest, publication: Publication, part: Part, typed: dict[str, Any]
) -> HttpResponse:
    """Show the form with the number of people whom the audience would give today."""
    seen = request.POST.get("seen", "")
    try:
        today = timezone.localdate(timezone=publication.tzinfo)
        count = count_of(audience_of_form(request.POST), publication, today)
    except Invalid as error:
        return show_part(request, publication, part, typed, error=error, seen=seen)
    return show_part(request, publication, part, typed, seen=seen, count=count)


def _choices(publication: Publication, part: Part, typed: dict[str, Any]) -> dict[str, Any]:
    if part.name == "audience":
        return form_context(publication, typed)
    if part.name == "selection":
        return {
            "sources": selection_fields.source_choices(typed["sources"]),
            "topics": selection_fields.topic_choices(typed["topics"]),
        }
    if part.name == "sections":
        chosen = [topic for row in typed["rows"] for topic in row["topics"]]
        return {"topics": selection_fields.topic_choices(chosen)}
    return {}

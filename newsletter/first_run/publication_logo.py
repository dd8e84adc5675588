"""Gives a publication an uploaded logo, which its emails show from our own copy, and takes its colour."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import ALL, Role, require_role
from newsletter.articles.pictures.fetch_picture import FetchedPicture
from newsletter.articles.pictures.limited_rewrite_process import OutOfTimeError, rewrite_apart
from newsletter.articles.pictures.models import OriginalPicture
from newsletter.articles.pictures.picture_versions import Rewritten, UnsuitableError
from newsletter.articles.pictures.store_pictures import file_name, store_fetched
from newsletter.errors import Invalid
from newsletter.first_run.brand_colours import accents, colour_of_logo
from newsletter.issues.change_publications import save_publication
from newsletter.issues.item_pictures import LARGEST_UPLOAD
from newsletter.issues.models import AuditEntry, Publication
from newsletter.issues.publication_settings import change_settings
from newsletter.rendering.choose_pictures import url_of

PLACE = "logo"


def read_logo(data: bytes, publication: Publication | None = None) -> Rewritten:
    """Return the logo in the size that emails need. Raises Invalid with a sentence if the file cannot be shown.

    Without a publication, the actor must administer all of them.
    """
    require_role(Role.ADMINISTRATOR, "Uploading a logo", publication=publication.pk if publication else ALL)
    if len(data) > LARGEST_UPLOAD:
        raise Invalid(
            f"The logo is larger than {LARGEST_UPLOAD // 1_000_000} MB. Make it smaller, then upload it again."
        )
    try:
        return rewrite_apart(data, {PLACE})
    except UnsuitableError as error:
        raise Invalid(f"We cannot use this logo. {error} Choose a PNG or JPEG file.") from error
    except OutOfTimeError as error:
        raise Invalid("We are still preparing other pictures. Try again in a minute.") from error


def replace_logo(
    publication: Publication, logo: Rewritten, *, take_colour: bool, seen: str | None = None
) -> AuditEntry | None:
    """Show this logo in the emails of a publication, and return the log entry, by which this can be undone.

    `seen` is the `settings_version` of the look that a form started from. Raises as `change_settings`.
    """
    [version] = [each for each in logo.versions if each.place == PLACE]
    url = url_of(file_name(version))
    values: dict[str, Any] = {"logo_url": url, "logo_alt": publication.logo_alt or publication.name}
    values |= dict.fromkeys(("logo_width", "logo_height"))
    if colours := accents(colour_of_logo(version.content) if take_colour else ""):
        values["accent_colour"], values["accent_colour_dark"] = colours
    with transaction.atomic():
        store_fetched(FetchedPicture(url, OriginalPicture.State.READY, made=logo), timezone.now())
        return change_settings(publication, "look", values, seen=seen)


def remove_logo(publication: Publication, *, seen: str | None = None) -> AuditEntry | None:
    """Show the name of a publication in place of its logo, and return the log entry. Raises as `replace_logo`."""
    values: dict[str, Any] = {"logo_url": "", "logo_width": None, "logo_height": None}
    return change_settings(publication, "look", values, seen=seen)


def give_logo(publication: Publication, logo: Rewritten, *, take_colour: bool) -> str:
    """Show this logo in the emails of a publication, and return the accent colour that was taken from it, if any."""
    [version] = [each for each in logo.versions if each.place == PLACE]
    url = url_of(file_name(version))
    colour = colour_of_logo(version.content) if take_colour else ""
    with transaction.atomic():
        store_fetched(FetchedPicture(url, OriginalPicture.State.READY, made=logo), timezone.now())
        publication.logo_url, publication.logo_alt = url, publication.name
        publication.logo_width = publication.logo_height = None
        changed = ["logo_url", "logo_alt", "logo_width", "logo_height"]
        if colours := accents(colour):
            publication.accent_colour, publication.accent_colour_dark = colours
            changed += ["accent_colour", "accent_colour_dark"]
        save_publication(publication, changed)
    return colours[0] if colours else ""

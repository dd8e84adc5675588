"""What the first run asks about a publication: saved as a new publication with its list, or as changes to one."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from newsletter.accounts.actor import Role, require_role
from newsletter.accounts.form_idempotency import once
from newsletter.errors import InvalidFields, NewsletterError, Refused
from newsletter.first_run.brand_colours import accents
from newsletter.http.web_addresses import normalise_url
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.change_locks import lock_publication
from newsletter.issues.change_publications import save_publication
from newsletter.issues.models import Publication
from newsletter.issues.validators import why_not_slug
from subscribers.clean_text import printable
from subscribers.lists import add_list
from subscribers.models import List

LONGEST_SLUG = 60
# Sentences for what is left out; for anything else, the sentence of the field's validator is shown.
MISSING: Mapping[str, str] = {
    "name": "Enter the name of your newsletter.",
    "organisation": "Enter the name of your organisation.",
    "website": "Enter the address of your website, such as www.example.org.",
    "sender_address": "Enter the email address that your newsletter is sent from.",
    "postal_address": "Enter your postal address. In many countries, every newsletter must include one by law.",
}


LABELS: Mapping[str, str] = {
    "organisation": "the organisation",
    "name": "the name",
    "website": "the website",
    "sender_address": "the sender’s address",
    "sender_name": "the sender’s name",
    "postal_address": "the postal address",
    "language": "the language",
    "zone": "the time zone",
    "accent_colour": "the colour",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationDetails:
    """The details of a publication as somebody typed them. Without a sender's name, it is the publication's name."""

    organisation: str
    name: str
    website: str
    sender_address: str
    sender_name: str
    postal_address: str
    language: str
    zone: str
    accent_colour: str


def details_version(publication: Publication) -> str:
    """Return a digest of the details of a publication, by which two versions of them are told apart."""
    return text_version("\0".join(str(getattr(publication, name)) for name in LABELS))


def save_details(
    details: PublicationDetails,
    publication: Publication | None = None,
    *,
    seen: str | None = None,
    form_key: str | None = None,
) -> Publication:
    """Make a publication with a mailing list of its name, or change one. Raises InvalidFields, and then saves nothing.

    The colour for dark mode is made from the other one. `seen` is the `details_version` that a form started from;
    without it, nothing is compared. Raises Refused if somebody else has changed the details since then.
    Raises AlreadyMadeError with the slug if the form with this key was saved before.
    """
    require_role(Role.ADMINISTRATOR, "Changing a publication")
    # Without characters that would turn round the words after a name, in emails and on pages.
    values = {name: _clean(value) for name, value in asdict(details).items()}
    values["sender_name"] = values["sender_name"] or values["name"]
    with transaction.atomic(), once(form_key) as form:
        if publication is not None:
            publication = lock_publication(publication)
            _require_as_seen(publication, values, seen)
        found = publication or Publication(slug=_free_slug(values["name"]))
        changed = _set(found, values)
        _check(found, values)
        if publication is None:
            found.mailing_list = _list_of(found)
        save_publication(found, changed)
        form.made = found.slug
    return found


def _clean(value: str) -> str:
    """Return a value as it is stored. Browsers send the lines of a field apart by two characters."""
    return printable(value.replace("\r\n", "\n")).strip()


def _require_as_seen(publication: Publication, values: Mapping[str, str], seen: str | None) -> None:
    if seen is None or seen == details_version(publication):
        return
    now = {name: str(getattr(publication, name)) for name in LABELS}
    differing = [f"{LABELS[name]} “{text}”" for name, text in now.items() if text != values[name]]
    if differing:
        raise Refused(
            "Somebody else has changed these details since you opened them. The saved details are now: "
            f"{', '.join(differing)}. The form still shows your details. To replace the saved details with "
            "yours, save again."
        )


def _set(publication: Publication, values: Mapping[str, str]) -> list[str]:
    """Set the fields, and return the names of those that differ."""
    new = dict(values)
    with suppress(NewsletterError):  # the validator of the field says what is wrong
        new["website"] = normalise_url(values["website"]) if values["website"] else ""
    if colours := accents(values["accent_colour"]):
        new["accent_colour"], new["accent_colour_dark"] = colours
    changed = [name for name, value in new.items() if getattr(publication, name) != value]
    for name, value in new.items():
        setattr(publication, name, value)
    return changed


def _check(publication: Publication, values: Mapping[str, str]) -> None:
    try:
        publication.clean_fields(exclude=["mailing_list"])
    except ValidationError as error:
        wrong = {
            name: MISSING[name] if name in MISSING and not values[name] else messages[0]
            for name, messages in error.message_dict.items()
        }
        if not values["sender_name"]:
            del wrong["sender_name"]  # the name is missing, which would be used instead
        # In the order of the fields in forms.
        raise InvalidFields({name: wrong[name] for name in (*LABELS, *wrong) if name in wrong}) from error


def _list_of(publication: Publication) -> List:
    return add_list(
        publication.slug,
        publication.name,
        language=publication.language,
        publisher=publication.organisation,
        sender_name=publication.sender_name,
        sender_address=publication.sender_address,
    )


def _free_slug(name: str) -> str:
    """Return a slug that no publication and no list has."""
    beginning = slugify(name)[:LONGEST_SLUG].strip("-") or "newsletter"
    if why_not_slug(beginning):
        beginning = f"{beginning}-newsletter"
    taken = {
        *Publication.objects.filter(slug__startswith=beginning).values_list("slug", flat=True),
        *List.objects.filter(slug__startswith=beginning).values_list("slug", flat=True),
    }
    slug, number = beginning, 2
    while slug in taken:
        slug, number = f"{beginning}-{number}", number + 1
    return slug

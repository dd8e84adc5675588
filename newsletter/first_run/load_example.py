"""Loads the example, the Harbour Letter: what `make demo` loads, by the same functions, as a draft to look around with.

It is for an installation that has nothing of its own yet and sends no real emails. remove_example.py removes it.
"""

import csv
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import Role, current_actor, require_role, why_not_role
from newsletter.articles.fetch_sources import fetch_sources
from newsletter.articles.pictures.fetch_picture import FetchedPicture
from newsletter.articles.pictures.models import OriginalPicture
from newsletter.articles.pictures.picture_versions import ARTICLE
from newsletter.articles.pictures.store_pictures import store_fetched
from newsletter.articles.sources import active_sources
from newsletter.errors import refuse_if
from newsletter.first_run.models import EXAMPLE_SOURCES, Example
from newsletter.issues.compose import draft_issue
from newsletter.issues.edit_issue_texts import set_opening
from newsletter.issues.load_publication import load_publication
from newsletter.issues.models import Issue, Publication
from newsletter.sending_settings.current import sending_settings
from subscribers.consent import PersonalDetails
from subscribers.consent_by_editor import add_by_editor
from subscribers.consent_log import ConsentSource
from subscribers.models import List, SourceKind

PACKAGE = Path(__file__).resolve().parents[1]
# The wheel carries the example inside the package; a checkout has it beside it.
FOLDER = next(
    (folder for folder in (PACKAGE / "examples", PACKAGE.parent / "examples") if folder.is_dir()),
    PACKAGE / "examples",
)
PICTURES = "https://example.org/images/"
CONSENT = "Sample subscriber in the example"


def why_not_load_example() -> str:
    """Return why the example cannot be loaded, or an empty string if it can."""
    if missing := why_not_role(Role.ADMINISTRATOR, "Loading the example"):
        return missing
    if Example.objects.exists():
        return "The example is already loaded."
    if Publication.objects.exists():
        return "You already have a newsletter, so you can no longer load the example."
    if sending_settings().transport != "maildir":
        return (
            "You cannot load the example, because its subscribers are made up and this installation "
            "sends real emails."
        )
    if not (FOLDER / "publication.toml").exists():
        return "This installation does not contain the example."
    return ""


def load_example() -> Issue:
    """Load the publication, its articles and sample people, and compose an issue. Raises Refused if it cannot be."""
    require_role(Role.ADMINISTRATOR, "Loading the example")
    refuse_if(why_not_load_example())
    publication = load_publication(FOLDER / "publication.toml")
    Example.objects.create(publication=publication, loaded_at=timezone.now())
    store_pictures()
    fetch_sources(list(active_sources().filter(name__in=EXAMPLE_SOURCES)), force=True)
    with transaction.atomic():
        add_people(publication.mailing_list)
        issue = draft_issue(publication)
        set_opening(issue, (FOLDER / "opening.md").read_text(encoding="utf-8"))
    return issue


def store_pictures() -> None:
    """Store the pictures of the example's site, which example.org does not serve.

    They are our own files, so they are rewritten in this process, which is quicker.
    """
    from newsletter.articles.pictures.rewrite_picture import rewrite

    now = timezone.now()
    for path in sorted((FOLDER / "site" / "images").glob("*.png")):
        made = rewrite(path.read_bytes(), _places_of(path.stem))
        url = f"{PICTURES}{path.name}"
        store_fetched(FetchedPicture(url, OriginalPicture.State.READY, made=made), now)


def sample_people() -> list[dict[str, str]]:
    """Return the sample people, with address, first_name and last_name."""
    with (FOLDER / "subscribers.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def add_people(mailing_list: List) -> None:
    """Add the sample people to the list of the example."""
    source = ConsentSource(SourceKind.EDITOR, current_actor().name)
    for person in sample_people():
        details = PersonalDetails(first_name=person["first_name"], last_name=person["last_name"])
        add_by_editor(mailing_list, person["address"], source, consent=CONSENT, person=details)


def _places_of(name: str) -> frozenset[str]:
    return {"logo": frozenset({"logo"}), "leaflet": frozenset({"promotion"})}.get(name, ARTICLE)

"""Adding, renaming and archiving lists, and their topics: for administrators.

Each list and topic that is saved is in the audit log already (audit_subscribers.py). What only moves or archives them
is written here.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from newsletter.accounts import audit_log
from newsletter.accounts.actor import Role, require_role, why_not_role
from newsletter.accounts.form_idempotency import once
from newsletter.errors import Invalid, Refused, refuse_if
from newsletter.issues.models import Publication
from subscribers import lists
from subscribers.models import List, Topic

CHANGING = "Changing lists"
LONGEST_SLUG = 70
MOST_TRIED = 1_000


def why_not_change_lists() -> str:
    """Return why the actor may not change lists, or an empty string."""
    return why_not_role(Role.ADMINISTRATOR, CHANGING)


def publications_of(mailing_list: List) -> QuerySet[Publication]:
    """Return the publications that use a list."""
    return Publication.objects.filter(mailing_list=mailing_list).order_by("name")


def add_list(name: str, *, form: str = "") -> List:
    """Add a list, with an address made of its name. Raises Invalid, and AlreadyMadeError for the same form."""
    require_role(Role.ADMINISTRATOR, CHANGING)
    _require_name(name)
    with transaction.atomic(), once(form) as made:
        if List.objects.filter(name=name.strip()).exists():
            raise Invalid(f"A list called “{name.strip()}” already exists. Choose a different name.")
        found = lists.add_list(
            _free_slug(name, set(List.objects.values_list("slug", flat=True)), "list"), name
        )
        made.made = found.slug
    return found


@transaction.atomic
def rename_list(mailing_list: List, name: str, *, seen: str) -> bool:
    """Rename a list, and return whether the name changed. `seen` is the name that the change started from.

    Raises Refused if it has changed since.
    """
    require_role(Role.ADMINISTRATOR, CHANGING)
    _require_name(name)
    now = List.objects.select_for_update().get(pk=mailing_list.pk)
    _refuse_unseen(now.name, seen)
    return lists.edit_list(now, name=name.strip())


def why_not_archive(mailing_list: List) -> str:
    """Return why a list cannot be archived, or an empty string."""
    going = publications_of(mailing_list).filter(archived_at=None)
    names = ", ".join(going.values_list("name", flat=True)[:5])
    if names:
        return f"This list is used by {names}. First choose a different list in those newsletters’ settings."
    return why_not_change_lists()


@transaction.atomic
def archive_list(mailing_list: List) -> None:
    """Let nobody join a list any more. Raises Refused while a publication uses it."""
    refuse_if(why_not_archive(mailing_list))
    if lists.archive_list(mailing_list):
        _log(f"Archived the list “{mailing_list.name}”.", mailing_list)


@transaction.atomic
def restore_list(mailing_list: List) -> None:
    """Let people join an archived list again."""
    require_role(Role.ADMINISTRATOR, CHANGING)
    if lists.restore_list(mailing_list):
        _log(f"Restored the list “{mailing_list.name}”.", mailing_list)


@transaction.atomic
def add_topic(mailing_list: List, name: str) -> Topic:
    """Add a topic after the others. Raises Invalid for a name that is empty or taken."""
    require_role(Role.ADMINISTRATOR, CHANGING)
    _require_topic_name(mailing_list, name)
    taken = set(mailing_list.topics.values_list("slug", flat=True))
    return lists.add_topic(mailing_list, _free_slug(name, taken, "topic"), name)


@transaction.atomic
def rename_topic(topic: Topic, name: str, *, seen: str) -> bool:
    """Rename a topic, and return whether the name changed, as `rename_list` does."""
    require_role(Role.ADMINISTRATOR, CHANGING)
    now = Topic.objects.select_for_update().get(pk=topic.pk)
    _refuse_unseen(now.name, seen)
    if name.strip() != now.name:
        _require_topic_name(now.list, name)
    return lists.rename_topic(now, name)


def move_topic(topic: Topic, *, up: bool) -> bool:
    """Move a topic one place up or down, and return whether it was not at the end already."""
    require_role(Role.ADMINISTRATOR, CHANGING)
    moved = lists.move_topic(topic, up=up)
    if moved:
        _log(f"Moved the topic “{topic.name}” {'up' if up else 'down'}.", topic.list)
    return moved


def _require_name(name: str) -> None:
    if not name.strip():
        raise Invalid("Enter a name.")


def _require_topic_name(mailing_list: List, name: str) -> None:
    _require_name(name)
    if mailing_list.topics.filter(name=name.strip()).exists():
        raise Invalid(f"The list already has a topic called “{name.strip()}”. Choose a different name.")


def _refuse_unseen(now: str, seen: str) -> None:
    if now != seen:
        raise Refused(
            f"Somebody else has changed the name to “{now}” since you opened the page. To replace this name "
            "with yours, save again."
        )


def _free_slug(name: str, taken: set[str], fallback: str) -> str:
    first = slugify(name)[:LONGEST_SLUG].strip("-") or fallback
    tried = (first, *(f"{first}-{number}" for number in range(2, MOST_TRIED)))
    return next(slug for slug in tried if slug not in taken)


def _log(sentence: str, mailing_list: List) -> None:
    audit_log.write("subscriber", sentence, thing=f"list {mailing_list.pk}")

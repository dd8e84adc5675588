"""Create and find lists and topics, and find the people on them."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone

from subscribers import app_settings, consent_wordings, suppression
from subscribers.email_addresses import fold
from subscribers.errors import Invalid, InvalidFields, NotFound, Refused
from subscribers.language_tags import why_not_language_tag
from subscribers.models import List, Subscriber, Subscription, Topic

HAS_TEXTS = "The sign-up form has already been translated into this language. Remove the translation first."


class WrongListField(InvalidFields):
    """A field of a list cannot be used. A command’s user needs the name of the field before the sentence."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__({field: sentence})

    def __str__(self) -> str:
        return " ".join(f"{field}: {sentence}" for field, sentence in self.fields.items())


class ArchivedList(Refused):
    """Nobody can join the list any more."""


@transaction.atomic
def add_list(slug: str, name: str, *, topics: Mapping[str, str] | None = None, **fields: str | bool) -> List:
    """Create a list. `topics` are names by slug, `fields` any other fields of List.

    Raises WrongListField for an invalid value or a slug that is taken.
    """
    mailing_list = List(slug=slug.strip(), name=name.strip(), **fields)
    _require_language(mailing_list.language)
    _save(mailing_list)
    for topic_slug, topic_name in (topics or {}).items():
        add_topic(mailing_list, topic_slug, topic_name)
    return mailing_list


@transaction.atomic
def edit_list(mailing_list: List, **fields: str | bool) -> bool:
    """Edit fields of a list, and return whether anything changed. Raises WrongListField."""
    changed = {name: value for name, value in fields.items() if getattr(mailing_list, name) != value}
    for name, value in changed.items():
        setattr(mailing_list, name, value)
    if "language" in changed:
        _require_language(mailing_list.language)
    if changed:
        _save(mailing_list)
    return bool(changed)


def _require_language(tag: str) -> None:
    if wrong := why_not_language_tag(tag):
        raise WrongListField("language", wrong)


def _save(mailing_list: List) -> None:
    if mailing_list.pk and mailing_list.sign_up_texts.filter(language__iexact=mailing_list.language).exists():
        raise WrongListField("language", HAS_TEXTS)
    try:
        mailing_list.full_clean()
    except ValidationError as error:
        raise wrong_list_field(error) from None
    mailing_list.save()
    # Stored from the start, so that looking at the sign-up page writes nothing.
    consent_wordings.keep_wording(mailing_list)


def add_topic(mailing_list: List, slug: str, name: str) -> Topic:
    """Add a topic after the others. Raises Invalid for an invalid slug or one that is taken."""
    topic = Topic(
        list=mailing_list, slug=slug.strip(), name=name.strip(), position=mailing_list.topics.count()
    )
    _save_topic(topic)
    return topic


def archive_list(mailing_list: List) -> bool:
    """Let nobody join the list any more, and return whether it was not archived before. The people on it stay."""
    found = List.objects.filter(pk=mailing_list.pk, archived_at=None)
    return bool(found.update(archived_at=timezone.now()))


def restore_list(mailing_list: List) -> bool:
    """Let people join an archived list again, and return whether it was archived."""
    return bool(List.objects.filter(pk=mailing_list.pk).exclude(archived_at=None).update(archived_at=None))


def open_lists() -> QuerySet[List]:
    """Return the lists that people can join, by their names."""
    return List.objects.filter(archived_at=None).order_by("name")


def refuse_archived(mailing_list: List) -> None:
    """Raise ArchivedList if nobody can join the list any more."""
    if List.objects.filter(pk=mailing_list.pk).exclude(archived_at=None).exists():
        raise ArchivedList(f"The list {mailing_list.name} is archived, so you cannot add anyone to it.")


def rename_topic(topic: Topic, name: str) -> bool:
    """Rename a topic, and return whether the name changed. Raises Invalid."""
    if topic.name == name.strip():
        return False
    topic.name = name.strip()
    _save_topic(topic)
    return True


@transaction.atomic
def move_topic(topic: Topic, *, up: bool) -> bool:
    """Move a topic one place up or down in the order that people see. Return whether it was not at the end already."""
    topics = list(Topic.objects.select_for_update().filter(list=topic.list_id))
    at = topics.index(topic)
    other = at - 1 if up else at + 1
    if not 0 <= other < len(topics):
        return False
    topics[at], topics[other] = topics[other], topics[at]
    for position, each in enumerate(topics):
        each.position = position
    Topic.objects.bulk_update(topics, ["position"])
    return True


def _save_topic(topic: Topic) -> None:
    try:
        topic.full_clean()
    except ValidationError as error:
        raise Invalid(f"Topic {wrong_list_field(error)}") from None
    topic.save()


def find_list(slug: str) -> List:
    """Return the list with this slug. Raises NotFound, naming the existing lists."""
    found = List.objects.filter(slug=slug).first()
    if found is None:
        there = ", ".join(List.objects.values_list("slug", flat=True)[:20])
        raise NotFound(
            f"The list {slug!r} does not exist. Your lists are: {there}."
            if there
            else "You have no lists yet."
        )
    return found


def sign_up_url(slug: str, language: str = "") -> str:
    """Return the address of the page where people sign up to a list, in this language if one is named."""
    query = f"?{urlencode({'lang': language})}" if language else ""
    return app_settings.base_url() + reverse("subscribers:sign-up", args=[slug]) + query


def find_subscriber(address: str) -> Subscriber:
    """Return the person at an address, however it is spelt. Raises NotFound, or Invalid for an invalid address."""
    key = fold(address)
    found = Subscriber.objects.filter(address_key=key).first()
    if found is None:
        if reasons := ", ".join(sorted(suppression.reasons(key))):
            raise NotFound(
                f"We could not find anyone with this address. The address is suppressed: {reasons}."
            )
        raise NotFound("We could not find anyone with this address.")
    return found


def figures(mailing_list: List) -> dict[str, int]:
    """Return how many subscriptions of a list are in each state, including empty ones."""
    counted = mailing_list.subscriptions.order_by().values_list("state").annotate(Count("pk"))
    return dict.fromkeys(Subscription.State.values, 0) | dict(counted)


def wrong_list_field(error: ValidationError) -> Invalid:
    """Return what Django found wrong first, as an error about its field, or about none."""
    field, messages = next(iter(error.message_dict.items()))
    return Invalid(messages[0]) if field == NON_FIELD_ERRORS else WrongListField(field, messages[0])


def subscription_to(mailing_list: List, address: str) -> Subscription | None:
    """Return the subscription of an address to a list, or None. Raises Invalid for an invalid address."""
    found = Subscription.objects.filter(list=mailing_list, subscriber__address_key=fold(address))
    return found.first()

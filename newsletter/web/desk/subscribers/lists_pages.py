"""Lists: all of them, and one with its name, its topics, the publications that use it, and its growth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.db.models import BooleanField, Count, ExpressionWrapper, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.accounts.role_checked_subscriber_acts import why_not_look
from newsletter.errors import NewsletterError, NotFound, refuse_if
from newsletter.issues import administer_lists_and_topics
from newsletter.issues.administer_lists_and_topics import (
    publications_of,
    why_not_archive,
    why_not_change_lists,
)
from newsletter.issues.models import Publication
from newsletter.issues.remove_topic import topics_being_removed
from newsletter.web.desk.creation_form_keys import form_key
from newsletter.web.desk.desk_page import Undo, desk, desk_fragment, done, is_htmx, show
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.numbered_page import numbered_page, page_number
from newsletter.web.desk.search_box import search_list
from subscribers.list_growth_by_period import weeks_of
from subscribers.lists import figures
from subscribers.models import List, Topic
from subscribers.topic_removal import find_topic

LISTS_PER_PAGE = TOPICS_PER_PAGE = 50
TOPICS = "topics"


@dataclass(frozen=True, slots=True)
class ListRow:
    """A list as the page of all lists shows it."""

    mailing_list: List
    topics: int
    publications: list[str]


@desk("GET", "HEAD", "POST")
def lists(request: HttpRequest) -> HttpResponse:
    """Show all lists, or add one."""
    refuse_if(why_not_look())
    form_error = None
    if request.method == "POST":
        name = request.POST.get("name", "")
        try:
            added = administer_lists_and_topics.add_list(name, form=form_key(request))
            return done(request, f"The list “{added.name}” was added.", page_of_list(added.slug))
        except AlreadyMadeError as earlier:
            return HttpResponseRedirect(page_of_list(earlier.made), status=303)
        except NewsletterError as error:
            form_error = FormError.of(error, "add-list", {"name": name})
    users: dict[int, list[str]] = {}
    for number, name in Publication.objects.order_by("name").values_list("mailing_list_id", "name"):
        users.setdefault(number, []).append(name)
    is_archived = ExpressionWrapper(Q(archived_at__isnull=False), BooleanField())
    ordered = List.objects.annotate(topic_count=Count("topics"), is_archived=is_archived)
    matching, search = search_list(request, ordered.order_by("is_archived", "name", "pk"), ("name",))
    found, links = numbered_page(request, matching, per_page=LISTS_PER_PAGE, kept=search.kept)
    rows = [ListRow(each, each.topic_count, users.get(each.pk, [])) for each in found]
    return show(
        request,
        "subscribers/lists",
        status=form_error.status if form_error else 200,
        rows=[each for each in rows if not each.mailing_list.archived_at],
        archived=[each for each in rows if each.mailing_list.archived_at],
        links=links,
        search=search,
        why_not=why_not_change_lists(),
        form_error=form_error,
    )


@desk("GET", "HEAD", "POST")
def one_list(request: HttpRequest, mailing_list: str) -> HttpResponse:
    """Show one list, or change its name or its topics, archive it or restore it."""
    refuse_if(why_not_look())
    found = list_at(mailing_list)
    form_error = None
    if request.method == "POST":
        act = request.POST.get("act", "")
        try:
            if act not in ACTS:
                raise NotFound("You cannot do this with a list.")
            sentence, undo = ACTS[act](request.POST.dict(), found)
            page = _same_page_of_topics(request, found, anchor=_anchor_of(act, request.POST.get("topic", "")))
            return done(request, sentence, page, undo=undo)
        except NewsletterError as error:
            place = f"{act}-{request.POST['topic']}" if request.POST.get("topic") else act
            form_error = FormError.of(error, place, request.POST.dict())
            found = list_at(mailing_list)
    topics, links = numbered_page(
        request, found.topics.all(), per_page=TOPICS_PER_PAGE, name=TOPICS, part=TOPICS
    )
    return show(
        request,
        "subscribers/list",
        status=form_error.status if form_error else 200,
        list=found,
        topics=topics,
        links=links,
        here_again=_same_page_of_topics(request, found),
        removing=topics_being_removed(found),
        publications=list(publications_of(found)),
        why_not=why_not_change_lists(),
        why_not_archive=why_not_archive(found),
        form_error=form_error,
        **_growth_of(request, found),
    )


@desk("GET", "HEAD", page="mailing-lists")
def growth(request: HttpRequest, mailing_list: str) -> HttpResponse:
    """Count the people of a list and their movements, for htmx; a browser without scripts gets the whole page."""
    refuse_if(why_not_look())
    found = list_at(mailing_list)
    if not is_htmx(request):
        return HttpResponseRedirect(f"{page_of_list(found.slug)}?count=yes#growth", status=303)
    return desk_fragment(request, "subscribers/list_growth", list=found, **_counted(found))


def _same_page_of_topics(request: HttpRequest, mailing_list: List, *, anchor: str = "") -> str:
    page = page_number(request.GET.get(TOPICS, ""))
    anchor = anchor or (TOPICS if page > 1 else "")
    query = f"?{TOPICS}={page}" if page > 1 else ""
    return f"{page_of_list(mailing_list.slug)}{query}{f'#{anchor}' if anchor else ''}"


def _anchor_of(act: str, topic: str) -> str:
    """Return where the focus goes after an act: to the field for the next topic, or to the topic that was changed."""
    if act == "add-topic":
        return "new-topic"
    return f"topic-{quote(topic)}" if act in {"move-topic", "rename-topic"} else ""


def _growth_of(request: HttpRequest, mailing_list: List) -> dict[str, Any]:
    return _counted(mailing_list) if request.GET.get("count") else {"weeks": None}


def _counted(mailing_list: List) -> dict[str, Any]:
    """Return how many people are in each state, how many chose each topic, and the last weeks."""
    through = Topic.subscriptions.through.objects
    chosen = through.filter(topic__list=mailing_list, subscription__state="active")
    counts = dict(chosen.order_by().values_list("topic").annotate(Count("pk")))
    return {
        "weeks": weeks_of(mailing_list, timezone.now()),
        "figures": figures(mailing_list),
        "chosen": [(topic.name, counts.get(topic.pk, 0)) for topic in mailing_list.topics.all()],
    }


Typed = Mapping[str, str]


def _rename(typed: Typed, mailing_list: List) -> tuple[str, Undo | None]:
    name, seen = typed.get("name", "").strip(), typed.get("seen", "")
    administer_lists_and_topics.rename_list(mailing_list, name, seen=seen)
    fields = {"act": "rename", "name": seen, "seen": name}
    return f"The list is now called “{name}”.", Undo(page_of_list(mailing_list.slug), fields)


def _archive(_typed: Typed, mailing_list: List) -> tuple[str, Undo | None]:
    administer_lists_and_topics.archive_list(mailing_list)
    undo = Undo(page_of_list(mailing_list.slug), {"act": "restore"})
    return "The list was archived. The people on it stay subscribed.", undo


def _restore(_typed: Typed, mailing_list: List) -> tuple[str, Undo | None]:
    administer_lists_and_topics.restore_list(mailing_list)
    return "People can join the list again.", None


def _add_topic(typed: Typed, mailing_list: List) -> tuple[str, Undo | None]:
    topic = administer_lists_and_topics.add_topic(mailing_list, typed.get("name", ""))
    return f"The topic “{topic.name}” was added.", None


def _rename_topic(typed: Typed, mailing_list: List) -> tuple[str, Undo | None]:
    topic = find_topic(mailing_list, typed.get("topic", ""))
    name, seen = typed.get("name", "").strip(), typed.get("seen", "")
    administer_lists_and_topics.rename_topic(topic, name, seen=seen)
    fields = {"act": "rename-topic", "topic": topic.slug, "name": seen, "seen": name}
    return f"The topic is now called “{name}”.", Undo(page_of_list(mailing_list.slug), fields)


def _move_topic(typed: Typed, mailing_list: List) -> tuple[str, Undo | None]:
    topic = find_topic(mailing_list, typed.get("topic", ""))
    up = typed.get("to") == "up"
    if not administer_lists_and_topics.move_topic(topic, up=up):
        return f"“{topic.name}” is already {'first' if up else 'last'}.", None
    fields = {"act": "move-topic", "topic": topic.slug, "to": "down" if up else "up"}
    return f"“{topic.name}” was moved {'up' if up else 'down'}.", Undo(
        page_of_list(mailing_list.slug), fields
    )


ACTS: Mapping[str, Callable[[Typed, List], tuple[str, Undo | None]]] = {
    "rename": _rename,
    "archive": _archive,
    "restore": _restore,
    "add-topic": _add_topic,
    "rename-topic": _rename_topic,
    "move-topic": _move_topic,
}


def page_of_list(slug: str) -> str:
    return reverse("desk:mailing-list", args=[slug])


def list_at(slug: str) -> List:
    found = List.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound("We could not find this list.")
    return found

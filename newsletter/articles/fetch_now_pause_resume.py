"""What an editor does with a source in the desk: fetch it now, pause it, resume it."""

from django.db import transaction
from django.utils import timezone

from newsletter.accounts import audit_log
from newsletter.accounts.actor import ANY, Role, require_role
from newsletter.articles.models import Source
from newsletter.articles.sources import active_sources, locked_source
from newsletter.errors import NotFound, Refused


def source_to_act_on(number: int) -> Source:
    """Return the source with this number that can be fetched. Raises NotFound."""
    source = active_sources().filter(pk=number).first()
    if source is None:
        raise NotFound("We could not find this source. Somebody may have removed it.")
    return source


def ask_to_fetch(source: Source) -> None:
    """Have the scheduler fetch a source next, even if it is paused or failed a moment ago. Raises Refused."""
    require_role(Role.EDITOR, "Fetching a source", publication=ANY)
    with transaction.atomic():
        current = locked_source(source)
        if current.fetch_asked_at is None:
            Source.objects.filter(pk=source.pk).update(fetch_asked_at=timezone.now(), next_attempt_at=None)
            audit_log.write("fetch", f"Requested a fetch of {current}.", thing=f"source {source.pk}")


def pause_source(source: Source) -> None:
    """Fetch a source no more until it is resumed. Issues can still use its articles. Raises Refused."""
    _set_paused(source, paused=True)


def resume_source(source: Source) -> None:
    """Fetch a paused source again."""
    _set_paused(source, paused=False)


def _set_paused(source: Source, *, paused: bool) -> None:
    require_role(Role.EDITOR, "Pausing a source", publication=ANY)
    with transaction.atomic():
        current = locked_source(source)
        if (current.paused_at is not None) is paused:
            raise Refused(f"{current} is {'already paused' if paused else 'not paused'}.")
        at = timezone.now() if paused else None
        Source.objects.filter(pk=source.pk).update(paused_at=at, fetch_asked_at=None)
        audit_log.write(
            "source",
            f"{'Paused' if paused else 'Resumed'} the source {current.name}.",
            thing=f"source {source.pk}",
            changes={"paused": [not paused, paused]},
        )

"""The errors of a source with their dates, from which an editor sees what is wrong with it."""

from datetime import datetime

from newsletter.articles.models import Source, SourceFailure

KEPT = 20


def note_failure(source: Source, sentence: str, at: datetime) -> None:
    """Note an error of a fetch. The same error again, without a good fetch between, counts as one that lasts.

    The newest 20 of a source are kept.
    """
    last = SourceFailure.objects.filter(source=source).first()
    if last and last.sentence == sentence and source.failing_since and last.last_at >= source.failing_since:
        last.last_at, last.times = at, last.times + 1
        last.save(update_fields=("last_at", "times"))
        return
    SourceFailure.objects.create(source=source, sentence=sentence, first_at=at, last_at=at)
    kept = SourceFailure.objects.filter(source=source).values_list("pk", flat=True)[:KEPT]
    SourceFailure.objects.filter(source=source, pk__lt=min(kept)).delete()


def failures_of(source: Source) -> list[SourceFailure]:
    """Return the noted errors of a source, the newest first."""
    return list(SourceFailure.objects.filter(source=source)[:KEPT])

"""Collects the metrics for Prometheus from the database. They contain no personal data."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, QuerySet, TextChoices
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from newsletter import __version__
from newsletter.articles.models import Source
from newsletter.instance import process_heartbeats
from newsletter.instance.guard import instance_status
from newsletter.issues.models import Issue
from newsletter.notifications.models import NotificationMail, State, WebhookDelivery
from newsletter.scheduling.models import Schedule
from newsletter.sending.due_batches import due_batches
from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.tracking.process_events import waiting_posts
from subscribers.models import QueuedMail

OPEN = (Batch.State.WAITING, Batch.State.POSTING, Batch.State.UNKNOWN)
NOT_SENT = (Issue.State.DRAFT, Issue.State.SCHEDULED)


def current_metrics() -> bytes:
    """Read the metrics from the database, and return them in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(NewsletterCollector())
    return generate_latest(registry)


class NewsletterCollector(Collector):
    """Collects every metric, in the order of the pipeline."""

    def collect(self) -> Iterable[Metric]:
        """Read the metrics from the database."""
        now = timezone.now()
        yield InfoMetricFamily("newsletter", "Version of this software.", {"version": __version__})
        yield from _articles()
        yield from _issues(now)
        yield from _sending(now)
        yield from _around(now)

    def describe(self) -> Iterable[Metric]:
        """Describe nothing, because that would need the database."""
        return ()


def _articles() -> Iterator[Metric]:
    failing = Source.objects.filter(active=True).exclude(failing_since=None)
    yield _figure("sources_failing", "Number of active sources whose last fetch failed.", failing.count())
    changed = Source.objects.filter(active=True).exclude(changed_since=None)
    yield _figure(
        "sources_changed",
        "Number of active sources whose new articles are waiting for a person to check them.",
        changed.count(),
    )


def _issues(now: datetime) -> Iterator[Metric]:
    yield _by_state("issues", "Number of issues by state.", Issue.State, Issue.objects.all())
    overdue = Schedule.objects.filter(due_at__lt=now, issue__state__in=NOT_SENT)
    yield _figure(
        "schedules_overdue",
        "Number of issues that are overdue to be sent.",
        overdue.count(),
    )


def _sending(now: datetime) -> Iterator[Metric]:
    yield _by_state("mailings", "Number of mailings by state.", Mailing.State, Mailing.objects.all())
    yield _by_state("batches", "Number of batches by state.", Batch.State, Batch.objects.all())
    undecided = Recipient.objects.filter(batch__state__in=OPEN, batch__mailing__finished_at=None)
    yield _by_state(
        "open_recipients", "Number of recipients in unfinished batches, by state.", Recipient.State, undecided
    )
    oldest = due_batches().aggregate(oldest=Min("mailing__planned_at"))["oldest"]
    yield _figure(
        "oldest_due_batch_seconds",
        (
            "Age in seconds of the oldest mailing with a batch that is overdue. 0 means that no batch "
            "is overdue."
        ),
        (now - oldest).total_seconds() if oldest else 0,
    )


def _around(now: datetime) -> Iterator[Metric]:
    yield _figure(
        "webhook_posts_waiting",
        "Number of webhook posts from SendGrid that have not been processed yet.",
        waiting_posts(),
    )
    due = QueuedMail.objects.filter(due_at__lte=now)
    yield _figure(
        "sign_up_mails_waiting", "Number of sign-up emails that are due but have not been sent.", due.count()
    )
    retried = [
        each.objects.filter(state=State.WAITING, attempts__gt=0).count()
        for each in (NotificationMail, WebhookDelivery)
    ]
    yield _figure(
        "notifications_failing",
        "Number of notifications (emails and webhook posts) that failed and will be tried again.",
        sum(retried),
    )
    status = instance_status()
    yield _figure(
        "may_send",
        (
            "1 if this installation can send emails. 0 if its database was copied or restored and an "
            "administrator has to allow sending."
        ),
        int(not status.problem),
    )
    yield _last_tick()
    yield _last_read()


def _last_tick() -> Metric:
    """Return no sample if the scheduler has never run. `absent()` finds that, and no number is mistaken for a time."""
    family = GaugeMetricFamily(
        "newsletter_scheduler_last_heartbeat_timestamp_seconds", "When the scheduler last ran, in Unix time."
    )
    ticked = process_heartbeats.last_heartbeat()
    if ticked is not None:
        family.add_metric([], ticked.timestamp())
    return family


def _last_read() -> Metric:
    """Return no sample if bounces have never been read."""
    family = GaugeMetricFamily(
        "newsletter_bounces_last_read_timestamp_seconds",
        "When the bounce mailbox was last read, in Unix time.",
    )
    read = process_heartbeats.last_heartbeat(process_heartbeats.BOUNCES)
    if read is not None:
        family.add_metric([], read.timestamp())
    return family


def _by_state(name: str, words: str, states: Iterable[TextChoices], rows: QuerySet[Any]) -> Metric:
    counted = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    family = GaugeMetricFamily(f"newsletter_{name}", words, labels=["state"])
    for state in states:
        family.add_metric([str(state.value)], counted.get(state, 0))
    return family


def _figure(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"newsletter_{name}", words, value=value)

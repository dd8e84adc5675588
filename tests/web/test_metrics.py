"""Prometheus is told how the press stands, by figures alone, and nobody else is told anything."""

import math
import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from newsletter.articles.models import Source
from newsletter.instance import guard
from newsletter.instance.models import Heartbeat
from newsletter.scheduling.models import Schedule
from tests.sending.planned_mailing import planned_mailing

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parents[2]


@pytest.fixture
def configure(settings):
    """Other settings: `configure(proxy_count=1)`."""

    def change(**fields):
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update=fields)

    return change


@pytest.fixture
def figures(client):
    """The figures by name and state."""

    def read():
        families = text_string_to_metric_families(client.get("/metrics").content.decode())
        return {
            (sample.name.removeprefix("newsletter_"), *sample.labels.values()): sample.value
            for family in families
            for sample in family.samples
        }

    return read


def test_a_mailing_is_seen_in_the_figures(figures, draft, amara):
    planned_mailing(draft)
    found = figures()
    assert found["mailings", "sending"] == 1
    assert found["batches", "waiting"] == 1
    assert found["open_recipients", "waiting"] == 1
    assert found["issues", "sending"] == 1
    assert found["oldest_due_batch_seconds",] >= 0
    assert found["may_send",] == 1


def test_what_should_wake_somebody_is_in_the_figures(figures, draft):
    now = timezone.now()
    Source.objects.update(failing_since=now)
    Schedule.objects.create(
        issue=draft, local_time="2026-11-23T07:30", zone="Europe/London", due_at=now - timedelta(hours=2),
        scheduled_at=now,
    )  # fmt: skip
    guard.require_adoption()
    Heartbeat.objects.create(name="scheduler", at=now - timedelta(hours=1))
    found = figures()
    guard.clear_cached_status()
    assert found["sources_failing",] == Source.objects.count() > 0
    assert found["sources_changed",] == 0
    assert found["schedules_overdue",] == 1
    assert found["may_send",] == 0
    assert found["scheduler_last_heartbeat_timestamp_seconds",] == (now - timedelta(hours=1)).timestamp()


def documented_alarm():
    """The rule of docs/operations/monitoring.md, as `fires(now=…, ticked=…)`: it happens to be Python as well."""
    page = (ROOT / "docs" / "operations" / "monitoring.md").read_text(encoding="utf-8")
    [example] = [each for each in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "alert:" in each]
    [group] = yaml.safe_load(example)["groups"]
    [rule] = group["rules"]

    def fires(*, now, ticked):
        names = {
            "newsletter_scheduler_last_heartbeat_timestamp_seconds": math.nan if ticked is None else ticked,
            "time": lambda: now,
            "abs": abs,
            "absent": math.isnan,
        }
        return bool(eval(rule["expr"], {"__builtins__": {}}, names))

    return fires


@pytest.mark.parametrize(
    ("ago", "alarm"), [(0, False), (50, False), (-50, False), (70, True), (-3_600, True), (None, True)]
)
def test_the_documented_alarm_fires_for_a_last_tick_that_is_old_or_in_the_future_or_missing(
    figures, ago, alarm
):
    now = timezone.now()
    if ago is not None:
        Heartbeat.objects.create(name="scheduler", at=now - timedelta(seconds=ago))
    ticked = figures().get(("scheduler_last_heartbeat_timestamp_seconds",))
    assert documented_alarm()(now=now.timestamp(), ticked=ticked) is alarm


def test_nothing_personal_is_in_them(client, sent_issue, amara):
    page = client.get("/metrics").content.decode()
    assert "newsletter_mailings" in page
    for personal in (amara.address, sent_issue.subject, sent_issue.publication.name):
        assert personal not in page


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.4", "", "nonsense"])
def test_from_elsewhere_there_is_no_such_page(client, address):
    assert client.get("/metrics", REMOTE_ADDR=address).status_code == 404


def test_behind_a_proxy_nobody_is_near(client, configure):
    configure(proxy_count=1)
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-proto"])
def test_behind_a_proxy_that_the_settings_do_not_tell_of_nobody_is_near(client, header):
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", headers={header: "192.0.2.7"}).status_code == 404


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Bearer let-me-see", 200),
        ("bearer let-me-see", 200),
        ("Bearer wrong", 404),
        ("let-me-see", 404),
        ("Bearer ", 404),
    ],
)
def test_whoever_has_the_token_reads_from_anywhere(client, configure, header, status):
    configure(metrics_token=SecretStr("let-me-see"), proxy_count=1)
    answer = client.get("/metrics", REMOTE_ADDR="192.0.2.7", headers={"authorization": header})
    assert answer.status_code == status


def test_without_a_token_an_empty_one_opens_nothing(client, configure):
    configure(proxy_count=1)
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


def test_figures_are_only_read(client):
    assert client.post("/metrics").status_code == 405

"""Each figure of a report equals a count of rows that a different, plainer query makes."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.errors import Refused
from newsletter.issues.models import AuditEntry, Issue, Item
from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Recipient
from newsletter.tracking import stored_figures
from newsletter.tracking.compare_issues import compare
from newsletter.tracking.export_report import PEOPLE_COLUMNS, rows_of_links, rows_of_people
from newsletter.tracking.figures_beside_links import links_of
from newsletter.tracking.list_growth import count_growth, growth_from_json, growth_to_json
from newsletter.tracking.mailing_report import MailingReport, count_mailing
from newsletter.tracking.models import Event, StoredFigures
from newsletter.tracking.stored_figures import (
    count_next_figures,
    report_of,
    store_report,
    stored_growth,
    stored_report,
)
from subscribers import consent
from subscribers.consent_log import ConsentSource
from subscribers.models import ConsentEntry, SourceKind, Subscription
from tests.sending.planned_mailing import planned_mailing
from tests.tracking.conftest import PEOPLE
from tests.tracking.sendgrid_events import Teller

Kind = Event.Kind
pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    """It is Monday noon; `clock.shift` moves it."""
    with time_machine.travel(datetime(2026, 11, 30, 12, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def busy(sent, tell, fold):
    """A mailing to which people reacted in every way."""
    fold([tell(name, "delivered") for name in PEOPLE])
    fold(
        tell("ana", "open", after=60),
        tell("ana", "open", after=7_200),
        tell("ben", "open", after=90),
        tell("cem", "open", sg_machine_open=True),
        tell.click("ana", "a", after=100),
        tell.click("ana", "a", after=200),
        tell.click("ben", "a", after=300),
        tell.click("ben", "b", after=4_000),
        tell("dora", "bounce", type="bounce", bounce_classification="Invalid Address"),
        tell("eve", "spamreport"),
        tell("hugo", "deferred"),
        tell("ida", "bounce", type="blocked", bounce_classification="Reputation"),
        tell("jo", "dropped", reason="Spam Content"),
    )
    fold([tell.click("finn", link, after=3) for link in ("a", "b", "c")])
    subscription = Subscription.objects.get(subscriber__first_name="Gwen")
    consent.unsubscribe(subscription, ConsentSource(SourceKind.EMAIL_LINK))
    return sent


def people_with(mailing, kind):
    return Event.objects.filter(mailing=mailing, kind=kind).values("recipient").distinct().count()


def test_the_states_of_the_ledger_add_up_to_the_audience(busy):
    found = count_mailing(busy).recipients
    for state in Recipient.State.values:
        assert getattr(found, state) == Recipient.objects.filter(issue=busy.issue, state=state).count()
    assert found.add_up
    assert found.audience == len(PEOPLE)


@pytest.mark.parametrize(
    ("figure", "kind"),
    [
        ("delivered", Kind.DELIVERED),
        ("opened", Kind.OPENED),
        ("bounced", Kind.BOUNCED),
        ("complained", Kind.COMPLAINED),
        ("blocked", Kind.BLOCKED),
        ("deferred", Kind.DEFERRED),
        ("dropped", Kind.DROPPED),
    ],
)
def test_a_reported_figure_counts_the_people_who_have_such_an_event(busy, figure, kind):
    assert getattr(count_mailing(busy).counts, figure) == people_with(busy, kind) > 0


def test_opens_by_machines_are_the_people_who_have_no_other_open(busy):
    opened = set(Event.objects.filter(kind=Kind.OPENED).values_list("recipient", flat=True))
    by_machine = set(Event.objects.filter(kind=Kind.MACHINE_OPENED).values_list("recipient", flat=True))
    assert count_mailing(busy).counts.opened_by_machine_only == len(by_machine - opened) == 1


def test_people_and_clicks_are_different_figures_and_scanners_are_in_neither(busy):
    report = count_mailing(busy)
    clickers = Event.objects.filter(kind=Kind.CLICKED).exclude(recipient__subscriber__first_name="Finn")
    assert report.counts.clicked == clickers.values("recipient").distinct().count() == 2
    assert report.clicks == clickers.count() == 4
    assert report.counts.clicked_by_scanner_only == 1
    for url, counts in report.links.items():
        theirs = clickers.filter(link__url=url)
        assert (counts.clicked, counts.clicks) == (
            theirs.values("recipient").distinct().count(),
            theirs.count(),
        )


def test_unsubscribed_people_are_those_of_the_consent_log(busy):
    left = ConsentEntry.objects.filter(act=ConsentEntry.Act.LEFT).values("subscriber").distinct().count()
    assert count_mailing(busy).counts.unsubscribed == left == 1


def test_hours_have_the_people_of_each_hour(busy):
    report = count_mailing(busy)
    for hour in report.hours:
        within = {"at__gte": hour.begins, "at__lt": hour.begins + timedelta(hours=1)}
        opened = Event.objects.filter(kind=Kind.OPENED, **within)
        assert hour.opened == opened.values("recipient").distinct().count()
    assert sum(each.opened for each in report.hours) == 3


def test_a_report_is_stored_and_read_back_unchanged(busy):
    report = count_mailing(busy)
    assert MailingReport.from_dict(report.to_dict()) == report
    store_report(busy)
    stored = stored_report(busy)
    assert (stored.recipients, stored.counts, stored.links, stored.hours) == (
        report.recipients,
        report.counts,
        report.links,
        report.hours,
    )


def test_a_small_mailing_is_counted_now_and_a_large_one_says_when_it_was_counted(
    busy, tell, fold, monkeypatch, django_assert_max_num_queries
):
    while count_next_figures():
        pass
    fold(tell("hugo", "open", after=60))
    assert report_of(busy).counts.opened == 3
    monkeypatch.setattr(stored_figures, "LIVE_AUDIENCE", 5)
    with django_assert_max_num_queries(1):
        assert report_of(busy).counts.opened == 2


def test_figures_are_counted_again_when_events_have_come_in_but_not_all_the_time(clock, sent, tell, fold):
    while count_next_figures():
        pass
    clock.shift(timedelta(minutes=2))
    assert not count_next_figures()
    fold(tell("ana", "open"))
    assert StoredFigures.objects.get(mailing=sent).is_stale
    assert count_next_figures()
    assert stored_report(sent).counts.opened == 1
    fold(tell("ben", "open"))
    assert not count_next_figures()
    clock.shift(timedelta(minutes=2))
    assert count_next_figures()
    assert stored_report(sent).counts.opened == 2
    assert not count_next_figures()


def test_unsubscribes_without_an_event_are_counted_within_the_hour_for_a_month(clock, sent):
    while count_next_figures():
        pass
    subscription = Subscription.objects.get(subscriber__first_name="Gwen")
    consent.unsubscribe(subscription, ConsentSource(SourceKind.EMAIL_LINK))
    clock.shift(timedelta(minutes=61))
    while count_next_figures():
        pass
    assert stored_report(sent).counts.unsubscribed == 1
    clock.shift(timedelta(days=40))
    StoredFigures.objects.filter(list__isnull=False).update(not_before=timezone.now() + timedelta(days=1))
    assert not count_next_figures()


def test_links_stand_in_the_order_of_the_email_with_the_figures_of_their_address(busy):
    report = count_mailing(busy)
    links = links_of(busy, busy.issue, report.links)
    inside = [each for each in links if each.number]
    assert [each.number for each in inside] == list(range(1, len(inside) + 1))
    [article] = [each for each in inside if each.text == "Tides explained"]
    assert article.url == "https://harbour.example.org/a"
    assert (article.counts.clicked, article.counts.clicks) == (2, 3)
    assert [each.url for each in links if not each.places] == [
        "https://harbour.example.org/b",
        "https://harbour.example.org/c",
    ]
    assert all("…" in each.url for each in inside if each.text == "Unsubscribe")


def test_a_spreadsheet_computes_no_cell_of_the_links(busy):
    item = Item.objects.get()
    assert item.article.title == "Tides explained"
    links = links_of(busy, busy.issue, count_mailing(busy).links)
    rows = list(rows_of_links([each for each in links if each.text == "Tides explained"]))
    assert rows[1][1:] == ["Tides explained", "https://harbour.example.org/a", "2", "1", "3", "1"]
    [_heading, row] = rows_of_links([replace(links[0], text="=cmd|' /C calc'!A0")])
    assert row[1] == "'=cmd|' /C calc'!A0"


def test_people_are_exported_with_what_each_of_them_did(busy):
    rows = list(rows_of_people(busy.issue, busy))
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    people = {row["email"]: row for row in csv.DictReader(io.StringIO(file.getvalue()))}
    assert len(people) == len(PEOPLE)
    done = {
        name: {act for act in PEOPLE_COLUMNS[3:] if people[f"{name}@example.org"][act]} for name in PEOPLE
    }
    assert done["ana"] == {"delivered", "opened", "clicked"}
    assert done["cem"] == {"delivered", "opened by a machine"}
    assert done["dora"] == {"delivered", "bounced"}
    assert done["finn"] == {"delivered", "clicked by a scanner"}
    assert done["gwen"] == {"delivered", "unsubscribed"}
    assert done["jo"] == {"delivered"}
    assert AuditEntry.objects.get(act="export").sentence == "Exported the people in the report, 10 in total."


def test_only_an_administrator_exports_people(busy):
    omar = Actor("omar", frozenset({Role.EDITOR, Role.APPROVER, Role.SENDER}), 1)
    with acting_as(omar), pytest.raises(Refused, match="Only an administrator"):
        rows_of_people(busy.issue, busy)
    assert not AuditEntry.objects.filter(act="export").exists()


def test_an_issue_is_compared_with_the_median_of_those_before_it(busy, fold, publication, way_out):
    opened = [0, 10, 40]
    for number, percent in enumerate(opened, start=2):
        issue = Issue.objects.create(
            publication=publication, number=number, subject=f"No. {number}", composed_at=timezone.now()
        )
        Item.objects.create(issue=issue, article=Item.objects.first().article, lead=True)
        mailing = planned_mailing(issue)
        while send_next_batch():
            pass
        tell = Teller(mailing, int(timezone.now().timestamp()))
        names = [name for name in PEOPLE if name not in {"dora", "eve", "gwen"}][: percent // 10]
        fold(*[tell(name, "open", sg_event_id=f"{number}-{name}") for name in names])
    last = Issue.objects.latest("number")
    assert compare(last, count_mailing(mailing)).issues == 0
    while count_next_figures():
        pass
    found = compare(last, count_mailing(mailing))
    assert found.issues == 3
    [of_opens] = [each for each in found.rates if each.name == "opened"]
    assert round(of_opens.percent, 1) == round(100 * 4 / count_mailing(mailing).accepted, 1)
    assert round(of_opens.median, 1) == round(100 * 1 / count_mailing(mailing).accepted, 1)


def test_the_growth_of_a_list_ends_with_the_people_who_are_on_it_now(busy):
    subscription = Subscription.objects.get(subscriber__first_name="Hugo")
    consent.unsubscribe(subscription, ConsentSource(SourceKind.EMAIL_LINK))
    months = count_growth(busy.mailing_list, timezone.now())
    active = Subscription.objects.filter(list=busy.mailing_list, state=Subscription.State.ACTIVE).count()
    assert len(months) == 12
    assert months[-1].active == active
    assert months[-1].left == ConsentEntry.objects.filter(moved=-1).count() == len(PEOPLE) - active
    assert months[-2].active == months[-1].active - months[-1].joined + months[-1].left
    assert growth_from_json(growth_to_json(months)) == months
    assert stored_growth(busy.mailing_list) is None
    while count_next_figures():
        pass
    assert stored_growth(busy.mailing_list) == months

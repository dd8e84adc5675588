"""Each figure that pages show about a mailing equals a count of rows that a different, plainer query makes."""

import re

import lxml.html
import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from newsletter.accounts.actor import Role
from newsletter.accounts.users import add_user
from newsletter.articles.models import Article
from newsletter.instance.guard import quarantine
from newsletter.sending.models import Batch, Recipient
from newsletter.tracking.models import Event
from newsletter.tracking.stored_figures import store_report
from subscribers.models import Subscription, Suppression
from tests.tracking.conftest import PEOPLE
from tests.tracking.test_mailing_report import busy

__all__ = ["busy"]
Kind, State = Event.Kind, Recipient.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db, settings):
    add_user("ada", password="ebb and flow at the quay", roles=[Role.ADMINISTRATOR])
    client = Client()
    client.force_login(get_user_model().objects.get(username="ada"))
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"transport": "sendgrid"})
    return client


def page_at(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return lxml.html.document_fromstring(answer.content.decode())


def rows_of(page, caption):
    """The rows of the table with this caption: the own words of each heading, and the cells."""
    [table] = [
        each for each in page.cssselect("table") if caption in each.cssselect("caption")[0].text_content()
    ]
    return {
        row.cssselect("th")[0].xpath("string((.//text()[normalize-space()])[1])").strip(): [
            " ".join(cell.text_content().split()) for cell in row.cssselect("td")
        ]
        for row in table.cssselect("tbody tr, tfoot tr")
    }


def said(page):
    return " ".join(page.text_content().split())


def people_with(mailing, *kinds):
    return len(set(Event.objects.filter(mailing=mailing, kind__in=kinds).values_list("recipient", flat=True)))


def who_left_themselves():
    """How many unsubscribed. Bounces and complaints end subscriptions by a suppression."""
    gone = Subscription.objects.filter(state=Subscription.State.UNSUBSCRIBED)
    suppressed = set(Suppression.objects.values_list("subscriber", flat=True))
    return len(set(gone.values_list("subscriber", flat=True)) - suppressed)


def report_path(mailing):
    issue = mailing.issue
    return f"/desk/issues/{issue.publication.slug}/{issue.number}/report/"


def test_the_report_of_an_issue(busy, ada):
    Recipient.objects.filter(subscriber__first_name="Jo").update(state=State.REJECTED)
    store_report(busy)
    page = page_at(ada, report_path(busy))

    outcomes = rows_of(page, "What happened to each person’s email")
    states = list(Recipient.objects.filter(issue=busy.issue).values_list("state", flat=True))
    shown = {label: int(cells[0]) for label, cells in outcomes.items()}
    assert shown.pop("Audience") == sum(shown.values()) == len(PEOPLE)
    assert (shown["Accepted"], shown["Rejected"]) == (states.count("accepted"), states.count("rejected"))

    acts = rows_of(page, "What people did with the email")
    accepted = states.count("accepted")
    # Clicks by Finn follow within seconds on all links, as a scanner does.
    clicked = {
        each.recipient_id
        for each in Event.objects.filter(mailing=busy, kind=Kind.CLICKED).select_related(
            "recipient__subscriber"
        )
        if each.recipient.subscriber.first_name != "Finn"
    }
    left = who_left_themselves()
    for label, count in {
        "Opened": people_with(busy, Kind.OPENED),
        "Clicked": len(clicked),
        "Unsubscribed": left,
        "Bounced": people_with(busy, Kind.BOUNCED),
    }.items():
        assert acts[label][0] == str(count), label
        assert acts[label][1].startswith(f"{100 * count / accepted:.1f}"), label

    hours = rows_of(page, "People by hour")
    of_hours = {
        (each.recipient_id, each.at.replace(minute=0, second=0, microsecond=0))
        for each in Event.objects.filter(mailing=busy, kind=Kind.OPENED)
    }
    assert sum(int(cells[0]) for cells in hours.values()) == len(of_hours)


def test_the_list_of_reports(busy, ada):
    store_report(busy)
    [cells] = rows_of(page_at(ada, "/desk/reports/"), "Issues that were sent").values()
    opened, bounced = people_with(busy, Kind.OPENED), people_with(busy, Kind.BOUNCED)
    accepted = Recipient.objects.filter(issue=busy.issue, state=State.ACCEPTED).count()
    left = who_left_themselves()
    assert cells[0] == str(accepted)
    assert cells[1].startswith(f"{100 * opened / accepted:.1f}")
    assert cells[3:] == [str(left), str(bounced)]


def test_the_clicks_on_an_article(busy, ada):
    article = Article.objects.get(pk=busy.issue.items.earliest("position").article_id)
    url = Event.objects.filter(mailing=busy, kind=Kind.CLICKED).earliest("pk").link.url
    Article.objects.filter(pk=article.pk).update(url=url)
    store_report(busy)
    people = {
        each.recipient.subscriber.first_name
        for each in Event.objects.filter(mailing=busy, kind=Kind.CLICKED, link__url=url)
    } - {"Finn"}
    assert len(people) > 1
    path = f"/desk/articles/{article.pk}/clicks/"
    assert f"No. {busy.issue.number}: {len(people)} people clicked it" in said(page_at(ada, path))


def test_people_of_whom_nobody_knows(busy, ada):
    batch = Batch.objects.filter(mailing=busy).earliest("pk")
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.UNKNOWN)
    Recipient.objects.filter(batch=batch).update(state=State.UNKNOWN)
    type(busy).objects.update(state=busy.State.SENDING, finished_at=None)
    issue = busy.issue
    type(issue).objects.filter(pk=issue.pk).update(state=issue.State.SENDING)
    page = page_at(ada, report_path(busy).replace("report/", "mailing/unconfirmed/"))
    [part] = page.cssselect("div.unconfirmed")
    names = [each.text_content() for each in part.cssselect("ul.names li")]
    count = Recipient.objects.filter(state=State.UNKNOWN).count()
    assert said(part).startswith(f"{count} people")
    assert len(names) == count > 1


def test_what_would_be_sent_by_a_restored_database(planned, ada):
    quarantine("This database was restored.")
    page = said(page_at(ada, "/desk/settings/system/sending/"))
    waiting = Recipient.objects.filter(issue=planned.issue, state=State.WAITING).count()
    assert re.search(rf"{planned} ?{waiting} people · at once", page), page

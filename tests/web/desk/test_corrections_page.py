"""The list of corrections: which ones are shown to whom, filters by newsletter, state and words, and its pages."""

from datetime import timedelta

import pytest
from django.utils import timezone
from lxml import html

from newsletter.accounts.actor import Role
from newsletter.accounts.users import add_user
from newsletter.articles.models import Article, Correction
from newsletter.corrections.approve_notice import approve_notice, render_notice
from newsletter.corrections.models import CorrectionNotice, NoticeMailing
from newsletter.corrections.send_notice import send_notice
from newsletter.issues.correct_article import CorrectionText, make_correction
from newsletter.issues.models import Issue, Item, Publication
from newsletter.sending.models import Mailing
from subscribers.models import List
from tests.sending.conftest import way_out  # noqa: F401 - a fixture of a stage before

pytestmark = pytest.mark.django_db
HERE = "/desk/corrections/"
State = CorrectionNotice.State


@pytest.fixture
def article(sent_issue, people):
    return sent_issue.items.filter(dropped=False).first().article


@pytest.fixture
def serious(article):
    return make_correction(article.pk, CorrectionText(right="It was 12, not 21.", severity="serious"))


@pytest.fixture
def minor(article):
    return make_correction(article.pk, CorrectionText(right="His name is Jo.", severity="minor"))


@pytest.fixture
def other_publication(article):
    """Another newsletter, which has sent the same article."""
    mailing_list = List.objects.create(slug="evening", name="Evening")
    found = Publication.objects.create(
        name="The Evening Letter", slug="evening", mailing_list=mailing_list, sender_address="e@example.org"
    )
    now = timezone.now()
    issue = Issue.objects.create(
        publication=found, number=1, subject="Evening", composed_at=now, sent_at=now, state="sent"
    )
    Item.objects.create(issue=issue, article=article, lead=True)
    return found


def texts(client, query=""):
    """Return what the rows of the list say, each on one line."""
    answer = client.get(HERE + query)
    assert answer.status_code == 200
    rows = html.fromstring(answer.content).cssselect("main tbody tr")
    return [" ".join(row.text_content().split()) for row in rows]


def approved(correction, publication):
    return approve_notice(correction.pk, publication, seen=render_notice(correction, publication).digest)


def test_nothing_was_corrected_yet(desk_of, sent_issue, people):
    page = desk_of("ruth").get(HERE).content.decode()
    assert "No corrections yet" in page
    assert 'class="filters"' not in page


def test_every_role_sees_what_was_corrected_and_what_became_of_the_email(desk_of, serious, minor, sent_issue):
    latest, first = texts(desk_of("ruth"))
    assert "His name is Jo." in latest
    assert "Minor" in latest
    assert "Not needed" in latest
    assert "It was 12, not 21." in first
    assert "Serious" in first
    assert "Needs approval" in first


@pytest.mark.usefixtures("way_out")
@pytest.mark.parametrize(
    ("state", "mailing", "shown", "stage"),
    [
        (None, "", "Needs approval", "unapproved"),
        (State.APPROVED, "", "Approved", "unsent"),
        (State.SCHEDULED, "", "Sending soon", "unsent"),
        (State.BLOCKED, "", "Blocked", "unsent"),
        (State.PLANNED, Mailing.State.SENDING, "Sending", "sent"),
        (State.PLANNED, Mailing.State.PAUSED, "Paused", "sent"),
        (State.PLANNED, Mailing.State.STOPPED, "Stopped", "sent"),
        (State.PLANNED, Mailing.State.SENT, "Sent", "sent"),
    ],
)
def test_each_state_of_an_email_is_shown_and_found(
    desk_of,
    ada,
    serious,
    minor,
    sent_issue,
    state,
    mailing,
    shown,
    stage,
):
    if state:
        notice = approved(serious, sent_issue.publication)
        if state == State.PLANNED:
            send_notice(notice, without_undo=True)
            Mailing.objects.filter(pk__in=NoticeMailing.objects.values("mailing")).update(state=mailing)
        CorrectionNotice.objects.update(state=state)
    found = {each: texts(ada, f"?email={each}") for each in ("unapproved", "unsent", "sent", "no-email")}
    assert [len(rows) for each, rows in found.items() if each not in {stage, "no-email"}] == [0, 0]
    [row] = found[stage]
    assert f"about correction {serious.pk} {shown}" in row
    [other] = found["no-email"]
    assert "His name is Jo." in other


def test_each_newsletter_that_sent_the_article_has_its_own_email(ada, serious, sent_issue, other_publication):
    approved(serious, sent_issue.publication)
    [row] = texts(ada)
    assert "The Evening Letter about correction" in row
    assert "Needs approval" in row
    assert "Approved" in row
    [row] = texts(ada, "?publication=evening&email=unapproved")
    assert "Needs approval" in row
    assert "Approved" not in row
    assert texts(ada, f"?publication={sent_issue.publication.slug}&email=unapproved") == []


def test_nothing_is_asked_about_the_email_of_an_archived_newsletter(
    ada, serious, other_publication, sent_issue
):
    approved(serious, sent_issue.publication)
    Publication.objects.filter(pk=other_publication.pk).update(archived_at=timezone.now())
    assert texts(ada, "?email=unapproved") == []
    assert "Not sent" in texts(ada, "?publication=evening")[0]


def test_who_has_a_role_for_another_newsletter_only_sees_its_corrections(
    desk_of, serious, other_publication, sent_issue
):
    add_user(
        "eve", password="ebb and flow", roles=[], publication_roles=[(other_publication.pk, Role.EDITOR)]
    )
    [row] = texts(desk_of("eve"), f"?publication={sent_issue.publication.slug}")
    assert "Email about correction" in row
    assert sent_issue.publication.name not in row
    Item.objects.filter(issue__publication=other_publication).update(dropped=True)
    assert texts(desk_of("eve")) == []


def test_words_find_the_headline_and_the_correction(ada, serious, minor, article):
    assert len(texts(ada, "?q=12+21")) == 1
    assert len(texts(ada, f"?q={article.title.split()[0]}")) == 2
    page = ada.get(f"{HERE}?q=nothing+like+this").content.decode()
    assert "No corrections found" in page
    assert "Show all corrections" in page


def test_a_correction_whose_day_is_to_come_is_not_shown(ada, article):
    day = timezone.localdate() + timedelta(days=3)
    Correction.objects.create(article=article, text="Of its source.", corrected_on=day)
    assert texts(ada) == []
    Correction.objects.update(corrected_on=timezone.localdate())
    assert "From its source" in texts(ada)[0]


def test_an_article_that_was_not_sent_is_not_in_the_list(ada, article):
    unsent = Article.objects.create(
        source=article.source,
        url="https://example.org/unsent",
        title="Unsent",
        identity="unsent",
        found_at=timezone.now(),
    )
    Correction.objects.create(article=unsent, text="Never sent.", corrected_on=timezone.localdate())
    assert texts(ada) == []


def test_every_correction_can_be_reached_page_by_page_with_the_filters_kept(ada, article):
    Correction.objects.bulk_create(
        Correction(
            article=article, text=f"Number {each:03}.", corrected_on=timezone.localdate(), severity="minor"
        )
        for each in range(70)
    )
    seen, query = [], "?email=no-email&q=number"
    for _page in range(5):
        page = html.fromstring(ada.get(HERE + query).content)
        seen += [row.text_content().split("Number ")[1][:3] for row in page.cssselect("main tbody tr")]
        following = page.xpath("//a[@rel='next']/@href")
        if not following:
            break
        query = following[0]
        assert "email=no-email" in query
    assert sorted(seen) == [f"{each:03}" for each in range(70)]


@pytest.mark.parametrize("path", ["/desk/articles/", "/desk/questions/"])
def test_the_list_is_linked_from_articles_and_questions(ada, sent_issue, path):
    assert f'href="{HERE}"' in ada.get(path).content.decode()


def test_a_page_takes_few_queries(ada, article, django_assert_max_num_queries):
    for number in range(5):
        make_correction(article.pk, CorrectionText(right=f"It was {number}.", severity="serious"))
    ada.get(HERE)
    with django_assert_max_num_queries(20):
        assert len(texts(ada)) == 5

"""Every page of the desk can be used by everybody: axe-core finds nothing, in both themes and at both widths."""

import pytest
from django.contrib.auth import get_user_model

from newsletter.accounts.forgotten_password import new_password_path
from newsletter.articles.formats.opml import ListedFeed, written_list
from newsletter.articles.models import Article, Reference, Source
from newsletter.background_jobs.run_jobs import run_next_job
from newsletter.backups.models import StoredBackup
from newsletter.issues.models import Issue, Publication
from newsletter.issues.saved_segments import add_segment
from newsletter.issues.topic_rules import WantedRule, change_topic_rules, wanted_rules
from newsletter.notifications.models import Webhook
from newsletter.preflight.rehearsal.ask_for_rehearsal import ask_for_rehearsal
from newsletter.scheduler import JOBS
from newsletter.scheduling.add_or_change_series import add_series
from subscribers.lists import add_topic
from subscribers.models import Subscriber, Subscription
from subscribers.sign_up_texts import set_texts
from tests.journeys.text_contrast import smallest_contrast
from tests.web.desk.valid_forms import add_posted_webhook, add_stored_backup, question

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]

ISSUE = "issues/harbour-letter/1/"
PAGES = (
    "audit/",
    "find/?q=biopsy",
    "find/?q=nothing+like+this",
    "shortcuts/",
    "publications/harbour-letter/series/?phrase=every+Friday+at+9:00",
    "publications/harbour-letter/series/weekly/change/",
    f"{ISSUE}review/",
    f"{ISSUE}review/audience/choose/",
    f"{ISSUE}review/differences/?with=site",
    f"{ISSUE}review/rehearsal/",
    f"{ISSUE}review/rehearsal/people/language/",
    f"{ISSUE}review/proof/",
    "settings/publications/harbour-letter/signatures/",
    "settings/publications/harbour-letter/topics/",
    "settings/publications/harbour-letter/topics/notices/",
    "settings/publications/harbour-letter/topics/notices/ar/",
    "settings/publications/harbour-letter/audience/",
    "settings/publications/harbour-letter/checks/",
    "settings/publications/harbour-letter/sign-up/",
    "settings/publications/harbour-letter/sign-up/in/de/",
    "settings/publications/harbour-letter/sign-up/share/?lang=de",
    f"{ISSUE}send/",
    f"{ISSUE}preview/",
    f"{ISSUE}preview/program/?client=outlook%2Fwindows&dark=forced",
    f"{ISSUE}versions/",
    f"{ISSUE}send/now/",
    f"{ISSUE}cancel/",
    f"{ISSUE}versions/1/",
    "articles/",
    "articles/?q=nothing+like+this",
    "articles/{article}/",
    "articles/{article}/correct/",
    "articles/{article}/references/add/",
    "articles/{article}/references/add/?find=PMID+22863786",
    "articles/{article}/references/{reference}/",
    "articles/reviews/",
    "corrections/",
    "corrections/?q=nothing+like+this",
    "articles/add/",
    "articles/write/",
    "sources/",
    "sources/{source}/",
    "sources/{source}/remove/",
    "account/address/",
    "settings/notifications/",
    "settings/notifications/people/{person}/events/",
    "settings/system/",
    "settings/system/backups/",
    "settings/system/backups/{backup}/remove/",
    "settings/system/sending/",
    "settings/webhooks/add/",
    "settings/webhooks/{webhook}/",
    "settings/webhooks/{webhook}/secret/",
    "settings/webhooks/{webhook}/remove/",
    "subscribers/",
    "subscribers/?q=nothing+like+this",
    "subscribers/act/",
    "subscribers/lists/",
    "subscribers/lists/harbour-letter/?count=yes",
    "subscribers/lists/harbour-letter/topics/tides/remove/",
    "subscribers/{subscriber}/",
    "subscribers/{subscriber}/address/",
    "subscribers/{subscriber}/basis/?list=harbour-letter",
    "subscribers/{subscriber}/details/",
    "subscribers/{subscriber}/erase/",
    "subscribers/{subscriber}/subscribe/",
    "subscribers/segments/",
    "subscribers/segments/new/",
    "subscribers/segments/{segment}/",
    "subscribers/segments/{segment}/people/",
    "subscribers/segments/{segment}/remove/",
    "subscribers/add/",
    "subscribers/paste/",
    "subscribers/import/",
    "subscribers/export/",
    "nothing/here/",
)
# The journeys about these pages look at them in the same way.
OTHER_PAGES = (
    "",
    "issues/",
    "issues/new/",
    "questions/",
    "questions/{case}/",
    "settings/publications/harbour-letter/questions/",
    "reports/",
    ISSUE,
    f"{ISSUE}details/",
)


def fits(page):
    for width in (320, 390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)


def rehearse_with_a_problem():
    """Rehearse the mailing of the draft to somebody who reads another language."""
    Subscriber.objects.update(locale="cy")
    ask_for_rehearsal(Issue.objects.get(number=1))
    assert run_next_job(JOBS)


@pytest.mark.parametrize("pages", [PAGES, pytest.param(OTHER_PAGES, marks=pytest.mark.full)], ids=len)
def test_every_page_can_be_used_by_everybody(desk_page, desk_url, axe, pages):
    add_series(Publication.objects.get(), "every Tuesday and Thursday at 07:30", name="weekly")
    article, source = Article.objects.earliest("pk").pk, Source.objects.earliest("pk").pk
    subscriber = Subscriber.objects.earliest("pk").pk
    tides = add_topic(Publication.objects.get().mailing_list, "tides", "Tides")
    Subscription.objects.earliest("pk").topics.add(tides)
    add_posted_webhook()
    add_stored_backup()
    set_texts(Publication.objects.get().mailing_list, "de", {"sign_up_heading": "Lesen Sie mit"})
    publication = Publication.objects.get()
    call = WantedRule(topic="Rock pools", emergency_numbers="999 or 112")
    change_topic_rules(publication, [*wanted_rules(publication), call])
    cited = Reference.objects.create(article_id=article, citation="Smith A. A study. 2026.", doi="10.1234/5")
    named = {
        "reference": cited.pk,
        "article": article,
        "case": question()["case"],
        "source": source,
        "subscriber": subscriber,
        "segment": add_segment(Publication.objects.get().mailing_list, "New", "joined in last 90 days").pk,
        "person": get_user_model().objects.earliest("pk").pk,
        "webhook": Webhook.objects.earliest("pk").pk,
        "backup": StoredBackup.objects.earliest("pk").pk,
    }
    rehearse_with_a_problem()
    page = desk_page()
    for path in (each.format(**named) for each in pages):
        page.goto(desk_url + path)
        page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true })")
        axe(page)
        fits(page)
        assert page.locator("main h1").count() == 1, path
        assert path == "nothing/here/" or "not found" not in page.title(), path
    page.goto(f"{desk_url}sources/")
    page.locator("#add-many summary").click()
    feeds = [ListedFeed(f"https://example.org/{number}.xml", f"Feed {number}") for number in range(3)]
    page.fill("#list", written_list("Feeds", feeds))
    page.get_by_role("button", name="Show the feeds").click()
    page.get_by_role("heading", name="Choose the feeds to add").wait_for()
    page.get_by_role("button", name="Tick none").click()
    assert page.locator("input[name=feed]:checked").count() == 0
    axe(page)
    fits(page)
    assert [each for each in page.complaints if "404" not in each] == []


def test_pages_for_people_who_are_not_logged_in_can_be_used_by_everybody(desk_url, open_page, axe):
    page = open_page(f"{desk_url}log-in/?next=/desk/audit/&ended=yes")
    axe(page)
    page.fill("#username", "ruth")
    page.fill("#password", "guess")
    with page.expect_navigation():
        page.press("#password", "Enter")
    assert page.title().startswith("Error: ")
    page.locator(".error-summary:focus").wait_for()
    axe(page)
    fits(page)
    link = new_password_path(get_user_model().objects.get(username="ruth"))
    for path in (
        "/desk/forgotten-password/",
        "/desk/forgotten-password/sent/",
        link,
        "/desk/confirm-address/",
    ):
        page.goto(desk_url.removesuffix("/desk/") + path)
        axe(page)
        fits(page)
        assert page.locator("main h1").count() == 1, path


def test_every_component_can_be_used_by_everybody_also_when_it_is_open(desk_page, axe, settings):
    settings.DEBUG = True
    page = desk_page("components/")
    axe(page)
    fits(page)
    page.get_by_role("button", name="Show a toast").click()
    page.get_by_text("Move or remove").click()
    axe(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Open a dialog").click()
    axe(page)
    assert page.locator("#sample-dialog").get_by_label("Place").is_visible()
    page.keyboard.press("Escape")
    for dark in (False, True):
        page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        assert smallest_contrast(page) >= 4.5
    assert page.complaints == []

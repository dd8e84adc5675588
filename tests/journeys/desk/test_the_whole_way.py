"""The whole way in a real browser: from the one-time address of an empty installation to the report of a sent issue.

By keyboard alone on a dark phone; the other combinations, and those by mouse, run with the full tests. Every page on
the way is looked at with axe.
"""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from newsletter.accounts.first_account_link import new_setup_token
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Issue, Publication
from newsletter.scheduling.models import Schedule
from newsletter.scheduling.release import release_next_issue
from newsletter.sending import transports
from newsletter.sending.batches import send_next_batch
from newsletter.sending.plan import plan_next_mailing
from subscribers.consent_by_editor import add_by_editor
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind
from tests.articles.pictures.drawing import photo, saved
from tests.fakes.source import feed, item
from tests.journeys.desk.hands import look_of, ways
from tests.sending.scripted_transport import ScriptedTransport

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]

PASSWORD = "ebb and flow at the quay"
HOME_PAGE = b"""<!doctype html><html><head><title>Charity</title>
<link rel="alternate" type="application/rss+xml" title="News" href="/news.xml"></head>
<body><p>Hello.</p></body></html>"""
WAIT = 30_000


@pytest.fixture
def transport(monkeypatch):
    """The scripted transport instead of the Maildir."""
    scripted = ScriptedTransport()
    monkeypatch.setitem(transports.TRANSPORTS, "maildir", lambda _environment: scripted)
    transports._set_up.cache_clear()
    yield scripted
    transports._set_up.cache_clear()


@pytest.fixture
def website(site):
    """The site of a charity: its home page, which names a feed, and the feed."""
    site.serve("/", HOME_PAGE, headers={"Content-Type": "text/html"})
    site.serve("/news.xml", feed([item(number) for number in range(1, 6)]))
    return site.url("/")


@pytest.fixture
def first_link(live_server, home, settings):
    """The address that the server of an empty installation prints once."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return f"{live_server.url}/desk/start/?token={new_setup_token()}"


@ways("keyboard, 390 px, dark")
def test_from_the_first_address_to_the_report(  # noqa: PLR0915 - one way, told in its order
    first_link, website, transport, open_page, axe, way, width, theme
):
    page = open_page(first_link, width=width, dark=theme == "dark")
    page.set_default_timeout(WAIT)
    hands, look, problems = way(page), look_of(page, axe, width, theme), []
    page.on("pageerror", lambda error: problems.append(str(error)))

    # The first run.
    look("Create my account")
    hands.write("name", "ruth")
    hands.write("address", "ruth@example.org")
    hands.write("password", PASSWORD)
    hands.press("Create my account")
    look("Newsletter name")
    hands.write("organisation", "Harbour")
    hands.write("name", "Harbour News")
    hands.write("website", website)
    hands.write("sender_address", "news@example.org")
    hands.write("postal_address", "1 Example Quay")
    hands.press("Save and continue")
    look("Where are your articles?")
    hands.press("Find my articles")
    look("Piece 1")
    hands.press("Use these articles")
    look("5 articles are ready.")
    hands.press("Create my first issue")
    page.wait_for_url(re.compile("/desk/issues/harbour-news/1/"))
    look("Piece 2")

    # Arrange, edit in place, upload.
    issue = Issue.objects.get()
    first, second, third = (each.article.title for each in items_to_print(issue)[:3])
    hands.move_down(second, third)
    row = page.locator(f".entry[data-title='{second}']")
    expect(row.locator(".said")).to_contain_text("is now in position 3")
    hands.in_menu(second, "Edit for this issue")
    look("Picture description")
    hands.write("edit-headline", "What the tide brought")
    # The row has the new headline as soon as it was saved.
    row = page.locator(".entry[data-title='What the tide brought']")
    expect(row.locator("[data-save-mark$=headline]")).to_contain_text("Saved ")
    picture = {"name": "quay.jpg", "mimeType": "image/jpeg", "buffer": saved(photo(900, 600))}
    hands.choose_file("picture-file", picture)
    hands.write("edit-alt", "The quay in fog")
    hands.press("Save")
    expect(row.locator(".said")).to_contain_text("was saved for this issue")
    edited = issue.items.get(headline="What the tide brought")
    assert (edited.picture_alt, bool(edited.uploaded_picture)) == ("The quay in fog", True)
    assert [each.article.title for each in items_to_print(issue)[:3]] == [first, third, second]

    # Write, preview, review.
    hands.press("Details")
    look("Introduction")
    hands.write("subject", "News from the harbour")
    expect(page.locator("[data-save-mark=subject]")).to_contain_text("Saved ")
    if width < 1000:
        hands.press("Email")
    expect(
        page.frame_locator(".frame-html:visible").get_by_role("heading", name="What the tide brought").first
    ).to_be_visible()
    look("News from the harbour")
    add_by_editor(
        Publication.objects.get().mailing_list,
        "amara@example.com",
        ConsentSource(SourceKind.EDITOR, "Ruth"),
        consent="She asked at the open day.",
    )
    hands.press("Review")
    look("1 person")

    # Test, approve, send, undo, send.
    hands.press("Send")
    look("Send a test")
    hands.write("to", "edda@desk.example.net")
    hands.press("Send test")
    look("The test email to edda@desk.example.net was saved")
    hands.press("Approve this issue")
    look("Approved by ruth")
    hands.press("Send now…")
    look("Send this issue to 1 person?")
    hands.press("Send the issue")
    look("Undo send")
    hands.press("Undo send")
    look("Nothing will be sent until somebody sends or schedules this issue.")
    hands.press("Send now…")
    hands.press("Send the issue")
    expect(page.get_by_role("timer")).to_be_visible()
    Schedule.objects.update(due_at=timezone.now())
    assert release_next_issue()
    mailing = plan_next_mailing()
    expect(page.locator("main")).to_contain_text("Everybody is counted once.", timeout=WAIT)
    while send_next_batch(mailing.pk):
        pass
    look("This issue was sent")
    assert [each.email.subject for each in transport.posts] == [
        "[Test] News from the harbour",
        "News from the harbour",
    ]

    # What came of it.
    hands.press("View the report")
    page.wait_for_url(re.compile("/report/"))
    look("News from the harbour")
    assert problems == []

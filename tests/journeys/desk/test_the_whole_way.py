"""The whole way in a real browser: from the one-time address of an empty installation to the report of a sent issue.

By keyboard alone on a dark phone; the other combinations, and those by mouse, run with the full tests. Every page on
the way is looked at with axe.
"""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Error, expect

from newsletter.accounts.first_account_link import new_setup_token
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Issue, Publication
from newsletter.scheduling.models import Schedule
from newsletter.scheduling.release import release_next_issue
from newsletter.sending import transports
from newsletter.sending.batches import send_next_batch
from newsletter.sending.plan import plan_next_mailing
from subscribers.consent import add_by_editor
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind
from tests.articles.pictures.drawing import photo, saved
from tests.fakes.source import feed, item
from tests.sending.scripted_transport import ScriptedTransport

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]

PASSWORD = "ebb and flow at the quay"
HOME_PAGE = b"""<!doctype html><html><head><title>Charity</title>
<link rel="alternate" type="application/rss+xml" title="News" href="/news.xml"></head>
<body><p>Hello.</p></body></html>"""
WAIT = 30_000
MAX_TABS = 120
# The name of what has the focus, as a screen reader begins to say it, or the id of a field.
FOCUSED = """() => {
  const focused = document.activeElement;
  return [focused.id, focused.textContent.trim().replace(/\\s+/g, " ")];
}"""


class Mouse:
    """Somebody who points and clicks."""

    def __init__(self, page):
        self.page = page

    def write(self, field, text):
        self.page.locator(f"#{field}").click()
        self.page.locator(f"#{field}").fill(text)

    def press(self, words):
        pattern = re.compile(rf"^\s*{re.escape(words)}")
        self.page.locator("a:visible, button:visible").filter(has_text=pattern).first.click()

    def in_menu(self, title, words):
        self.page.locator(f".entry[data-title='{title}'] [data-menu] summary").click()
        self.page.locator(f".entry[data-title='{title}'] .menu-item", has_text=words).click()

    def move_down(self, title, below):
        page, row = self.page, self.page.locator(f".entry[data-title='{below}']")
        page.locator(f".entry[data-title='{title}'] [data-grip]").hover()
        page.mouse.down()
        for _ in range(50):
            box = row.bounding_box()
            page.mouse.move(box["x"] + 20, box["y"] + box["height"] - 4, steps=4)
            if row.evaluate("entry => entry.nextElementSibling.dataset.title") == title:
                break
        page.mouse.up()

    def choose_file(self, field, file):
        with self.page.expect_file_chooser() as chooser:
            self.page.locator(f"#{field}").click()
        chooser.value.set_files(file)


class Keyboard:
    """Somebody who has no mouse."""

    def __init__(self, page):
        self.page = page

    def to(self, words):
        """Press Tab until a field with this id, or what begins with these words, has the focus and shows it."""
        for _ in range(MAX_TABS):
            self.page.keyboard.press("Tab")
            try:
                name, text = self.page.evaluate(FOCUSED)
            except Error:  # the page that an earlier act leads to has come just now
                continue
            if name == words or text.startswith(words):
                shown = "getComputedStyle(document.activeElement).outlineStyle"
                assert self.page.evaluate(shown) != "none", words
                return
        pytest.fail(f"Nothing called “{words}” can be reached by the keyboard on {self.page.url}.")

    def write(self, field, text):
        self.to(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def press(self, words):
        self.to(words)
        self.page.keyboard.press("Enter")

    def in_menu(self, title, words):
        self.to(f"More: {title}")
        self.page.keyboard.press("Enter")
        for _ in range(10):
            self.page.keyboard.press("ArrowDown")
            if self.page.evaluate(FOCUSED)[1].startswith(words):
                self.page.keyboard.press("Enter")
                return
        pytest.fail(f"The menu of “{title}” has no “{words}”.")

    def move_down(self, title, below):
        self.to(f"Move {title}")
        self.page.keyboard.press("Alt+ArrowDown")

    def choose_file(self, field, file):
        self.to(field)
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Space")
        chooser.value.set_files(file)


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


WAYS = [
    pytest.param(Keyboard, 390, "dark", id="keyboard, 390 px, dark"),
    *(
        pytest.param(
            hands, width, theme, id=f"{hands.__name__.lower()}, {width} px, {theme}", marks=pytest.mark.full
        )
        for hands in (Mouse, Keyboard)
        for width in (390, 1280)
        for theme in ("light", "dark")
        if (hands, width, theme) != (Keyboard, 390, "dark")
    ),
]


@pytest.mark.parametrize(("way", "width", "theme"), WAYS)
def test_from_the_first_address_to_the_report(  # noqa: PLR0915 - one way, told in its order
    first_link, website, transport, open_page, axe, way, width, theme
):
    page = open_page(first_link, width=width, dark=theme == "dark")
    page.set_default_timeout(WAIT)
    hands, problems = way(page), []
    page.on("pageerror", lambda error: problems.append(str(error)))

    def look(words):
        """Wait for the page that has these words, and see that everybody can use it."""
        expect(page.locator("main")).to_contain_text(words, timeout=WAIT)
        axe(page, widths=(width,), themes=(theme,))
        page.emulate_media(color_scheme=theme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url

    # The first run.
    look("Create my account")
    hands.write("name", "ruth")
    hands.write("address", "ruth@example.org")
    hands.write("password", PASSWORD)
    hands.press("Create my account")
    look("Name of the newsletter")
    hands.write("organisation", "Harbour")
    hands.write("name", "Harbour News")
    hands.write("website", website)
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
    look("The test email was sent to edda@desk.example.net.")
    hands.press("Approve this issue")
    look("Approved by ruth")
    hands.press("Send now…")
    look("Send this issue to 1 person?")
    hands.press("Send the issue")
    look("Undo send")
    hands.press("Undo send")
    look("Nothing happens until somebody sends or schedules this issue.")
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

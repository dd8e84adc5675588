"""An editor at the desk in a real browser, by keyboard alone: approve, schedule, send, and take it back."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from newsletter.accounts.actor import Role, acting_as
from newsletter.accounts.change_users import set_roles
from newsletter.accounts.users import actor_of, add_user
from newsletter.articles.fetch_sources import fetch_sources
from newsletter.articles.sources import active_sources
from newsletter.issues.compose import compose
from newsletter.issues.load_publication import load_publication
from newsletter.issues.models import Issue, Publication
from newsletter.scheduling.add_or_change_series import add_series
from newsletter.scheduling.models import Schedule
from subscribers.consent_by_editor import add_by_editor
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind
from tests.journeys.conftest import is_local
from tests.journeys.text_contrast import smallest_contrast

EXAMPLE = Path(__file__).parents[2] / "examples" / "publication.toml"
PASSWORD = "ebb and flow at the quay"
MAX_TABS = 60
LOOKS = [
    pytest.param(390, False, id="390-light"),
    pytest.param(1280, True, id="1280-dark"),
    pytest.param(390, True, id="390-dark", marks=pytest.mark.full),
    pytest.param(1280, False, id="1280-light", marks=pytest.mark.full),
]
FOCUSED = "(document.activeElement.innerText || document.activeElement.id || '').trim()"

# What a page reads in either database, tests/web/desk tries.
pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]


@pytest.fixture
def desk(live_server, home, settings):
    """A press with one draft that Ruth composed, and Amir who approves; returns where its desk is."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with time_machine.travel(datetime(2026, 11, 23, 9, 0, tzinfo=UTC)):
        publication = load_publication(EXAMPLE)
        # Nothing is fetched from example.org.
        publication.hotlink_pictures = True
        publication.save()
        fetch_sources(list(active_sources()))
        by = ConsentSource(SourceKind.EDITOR, "Ruth")
        add_by_editor(publication.mailing_list, "amara@example.com", by, consent="She asked at the open day.")
        add_user("amir", password=PASSWORD, roles=[Role.EDITOR, Role.APPROVER, Role.SENDER])
        ruth = actor_of(add_user("ruth", password=PASSWORD, roles=[Role.EDITOR]))
        with acting_as(ruth):
            compose(publication)
        yield f"{live_server.url}/desk/"


class Hands:
    """Somebody who uses the keyboard, and looks at each page that comes."""

    def __init__(self, page, width, *, looks=True):
        self.page, self.width, self.looks, self.errors = page, width, looks, []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._listen)

    def _listen(self, message):
        if message.type == "error" and is_local(message.location["url"]):
            self.errors.append(message.text)

    def to(self, words):
        """Press Tab until what begins with these words has the focus, and see that this can be seen."""
        for _ in range(MAX_TABS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(FOCUSED).startswith(words):
                outline = "getComputedStyle(document.activeElement).outlineStyle"
                assert self.page.evaluate(outline) != "none", words
                return
        pytest.fail(f"Nothing that begins with “{words}” can be reached by the keyboard.")

    def press(self, words):
        """Go to a link or button and press it; then look at the page that follows."""
        self.to(words)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.look()

    def write(self, field, text):
        self.to(field)
        self.page.keyboard.type(text)

    def look(self):
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.width
        if self.looks:
            assert smallest_contrast(self.page, of_at_least=5) >= 4.5
        assert self.page.locator("main h1").count() == 1
        assert self.errors == []

    def shows(self, words):
        self.page.get_by_text(words).first.wait_for()

    def reads(self, words):
        assert words in self.page.locator("main").inner_text()


def log_in(hands):
    hands.look()
    hands.page.locator("#username").focus()
    hands.page.keyboard.type("amir")
    hands.write("password", PASSWORD)
    with hands.page.expect_navigation():
        hands.page.keyboard.press("Enter")
    hands.look()


def come_in(page):
    page.fill("#username", "amir")
    page.fill("#password", PASSWORD)
    with page.expect_navigation():
        page.press("#password", "Enter")


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_an_issue_is_approved_scheduled_sent_and_taken_back_by_keyboard(desk, open_page, width, dark):
    hands = Hands(open_page(desk, width=width, dark=dark), width)
    log_in(hands)
    hands.reads("One thing needs your attention.")
    hands.press(Issue.objects.get().subject)
    hands.press("Send")
    hands.press("Approve this issue")
    hands.reads("Approved by amir")
    hands.write("at", "Friday 07:30")
    with hands.page.expect_navigation():
        hands.page.keyboard.press("Enter")
    hands.look()
    hands.reads(
        "This issue will be sent to 1 person (this is the first issue) on Friday 27 November at 07:30 GMT "
        "(Europe/London). We will send exactly the approved version."
    )
    hands.press("Send now…")
    hands.reads("Send this issue to 1 person?")
    hands.press("Send the issue")
    hands.page.get_by_role("timer").get_by_text("4:5").wait_for()
    hands.press("Undo send")
    hands.shows("“Send” was undone. The issue will not be sent.")
    assert Issue.objects.get().state == "approved"
    assert not Schedule.objects.exists()


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_every_other_page_fits_and_can_be_read(desk, open_page, width, dark):
    set_roles("amir", [Role.ADMINISTRATOR])
    add_series(Publication.objects.get(), "every Tuesday and Thursday at 07:30")
    hands = Hands(open_page(desk, width=width, dark=dark), width)
    log_in(hands)
    rhythm = "publications/harbour-letter/series/"
    for page in (
        "audit/",
        rhythm,
        f"{rhythm}?phrase=every+Friday+at+9:00",
        "issues/harbour-letter/1/",
        "issues/harbour-letter/1/details/",
        "issues/harbour-letter/1/review/",
        "issues/harbour-letter/1/preview/",
        "issues/harbour-letter/1/send/now/",
        "issues/harbour-letter/1/cancel/",
    ):
        hands.page.goto(desk + page)
        hands.page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        hands.look()


def test_the_letter_is_looked_at_wide_narrow_and_as_text_without_a_script(desk, open_page):
    page = open_page(desk, script=False)
    come_in(page)
    page.goto(f"{desk}issues/harbour-letter/1/")
    frame = page.locator(".frame-html")
    assert 500 < frame.bounding_box()["width"] <= 680
    page.click("label[for=view-phone]")
    assert frame.bounding_box()["width"] == 390
    page.click("label[for=view-text]")
    assert not frame.is_visible()
    assert "The Harbour Letter" in page.frame_locator(".frame-text").locator("body").inner_text()
    assert page.frame_locator(".frame-html").locator("table").count() > 0
    page.click("label[for=view-no-pictures]")
    assert page.locator(".frame-bare").is_visible()


def test_without_a_script_the_minutes_are_there_and_one_button_takes_it_back(desk, open_page):
    page = open_page(desk, width=390, script=False)
    come_in(page)
    page.goto(f"{desk}issues/harbour-letter/1/send/")
    page.click("text=Approve this issue")
    page.click("text=Send now…")
    page.click("text=Send the issue")
    assert "Sending in" in page.locator("h2").first.inner_text()
    page.get_by_role("button", name="Undo send").click()
    page.get_by_text("“Send” was undone. The issue will not be sent.").wait_for()
    assert not Schedule.objects.exists()


def test_a_page_follows_what_happens_by_itself(desk, open_page):
    from newsletter.scheduling.release import release_next_issue
    from newsletter.sending.batches import send_next_batch
    from newsletter.sending.plan import plan_next_mailing

    hands = Hands(open_page(desk), 1280)
    log_in(hands)
    hands.page.goto(f"{desk}issues/harbour-letter/1/send/")
    for act in ("Approve this issue", "Send now…", "Send the issue"):
        hands.press(act)
    Schedule.objects.update(due_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    assert release_next_issue()
    hands.page.wait_for_selector("text=Sending will start shortly.")
    mailing = plan_next_mailing()
    hands.page.wait_for_selector("text=Everybody is counted once.")
    while send_next_batch(mailing.pk):
        pass
    hands.page.wait_for_selector("text=This issue was sent on Monday 23 November")
    hands.look()

"""From an empty database to a composed issue in a real browser, with `newsletter serve` and a site as processes."""

import re
import signal

import pytest

from tests.fakes.source import feed, item, running
from tests.journeys.installation import Press
from tests.journeys.test_desk import Hands
from tests.journeys.test_setup_link import LINK, printed_until

pytestmark = [pytest.mark.browser, pytest.mark.kill, pytest.mark.enable_socket]

PASSWORD = "ebb and flow at the quay"
PAGE = b"""<!doctype html><html><head><title>Charity</title>
<link rel="alternate" type="application/rss+xml" title="News" href="/news.xml">
<link rel="alternate" type="application/rss+xml" title="Stories" href="/stories.xml">
</head><body><p>Hello.</p></body></html>"""
LOOKING = 30_000


@pytest.fixture
def website():
    """The site of a charity, with two feeds."""
    with running() as server:
        server.answers.serve("/", PAGE, headers={"Content-Type": "text/html"})
        server.answers.serve("/news.xml", feed([item(number) for number in range(1, 9)]))
        server.answers.serve(
            "/stories.xml", feed([item(number) for number in range(20, 23)], title="Stories")
        )
        yield server


@pytest.fixture
def link(tmp_path, website):
    """The link that `newsletter serve` prints on an empty database."""
    press = Press(tmp_path, NEWSLETTER_FETCH_ALLOW_HOSTS=f"127.0.0.1:{website.port}")
    serving = press.start("serve", "--port", "0")
    yield LINK.search(printed_until(serving, "?token="))[1]
    serving.send_signal(signal.SIGTERM)
    serving.communicate(timeout=60)


def press_button(page, words):
    page.get_by_role("button", name=words).click()


def test_by_mouse_from_the_link_to_the_issue_and_every_page_can_be_used_by_everybody(
    link, website, open_page, axe
):
    page = open_page(link)
    axe(page)
    page.get_by_label("Username").fill("Ruth Okafor")
    press_button(page, "Create my account")
    page.get_by_role("alert").wait_for()
    assert page.title().startswith("Error: ")
    axe(page)
    page.get_by_label("Username").fill("ruth")
    page.get_by_label("Email address").fill("ruth@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    press_button(page, "Create my account")
    page.get_by_role("heading", name="Your newsletter").wait_for()
    axe(page)
    page.get_by_label("Organisation").fill("Harbour")
    page.get_by_label("Newsletter name").fill("Harbour News")
    page.get_by_label("Website").fill(f"http://127.0.0.1:{website.port}/")
    page.get_by_label("Sent from").fill("news@example.org")
    page.get_by_label("Postal address").fill("1 Example Quay")
    press_button(page, "Save and continue")
    page.get_by_role("heading", name="Where are your articles?").wait_for()
    assert page.get_by_label("Website address").input_value() == f"http://127.0.0.1:{website.port}/"
    press_button(page, "Find my articles")
    page.get_by_text("Piece 1", exact=True).wait_for(timeout=LOOKING)
    axe(page)
    # Back works, and so does going on from there.
    page.get_by_role("link", name="Newsletter", exact=True).click()
    assert page.get_by_label("Newsletter name").input_value() == "Harbour News"
    press_button(page, "Save and continue")
    press_button(page, "Find my articles")
    page.get_by_label("Stories").check(timeout=LOOKING)
    press_button(page, "Use the selected feeds")
    page.locator("main").get_by_text("11 articles are ready.").wait_for(timeout=LOOKING)
    axe(page)
    press_button(page, "Create my first issue")
    page.wait_for_url(re.compile("/desk/issues/harbour-news/1/"), timeout=LOOKING)
    assert "Piece 1" in page.locator("main").inner_text()
    page.goto(page.url.partition("/desk/")[0] + "/desk/")
    page.get_by_role("heading", name="First steps").wait_for()
    axe(page)


def test_by_keyboard_alone_on_a_phone(link, website, open_page):
    hands = Hands(open_page(link, width=390), 390)
    hands.look()
    hands.write("name", "ruth")
    hands.write("address", "ruth@example.org")
    hands.write("password", PASSWORD)
    hands.press("Create my account")
    hands.write("organisation", "Harbour")
    hands.write("name", "Harbour News")
    hands.write("website", f"http://127.0.0.1:{website.port}/news.xml")
    hands.write("sender_address", "news@example.org")
    hands.write("postal_address", "1 Example Quay")
    hands.press("Save and continue")
    hands.press("Find my articles")
    hands.page.get_by_text("Piece 1", exact=True).wait_for(timeout=LOOKING)
    hands.press("Use these articles")
    hands.page.locator("main").get_by_text("8 articles are ready.").wait_for(timeout=LOOKING)
    hands.looks = False  # at the issue, other tests look
    hands.press("Create my first issue")
    hands.page.wait_for_url(re.compile("/desk/issues/harbour-news/1/"), timeout=LOOKING)


def test_of_two_browsers_with_the_same_link_one_wins(link, open_page):
    first, second = open_page(link), open_page(link)
    for page, name in ((first, "ruth"), (second, "eve")):
        page.get_by_label("Username").fill(name)
        page.get_by_label("Email address").fill(f"{name}@example.org")
        page.get_by_label("Password").fill(PASSWORD)
    for page in (first, second):
        page.evaluate("document.querySelector('main form').requestSubmit()")
    for page in (first, second):
        page.locator("h1", has_text=re.compile("Your newsletter|This link does not work")).wait_for()
    headings = sorted(page.locator("h1").inner_text() for page in (first, second))
    assert headings == ["This link does not work", "Your newsletter"]

"""Acting on several people by the keyboard alone: it is undone, and done once after a lost connection."""

import pytest
from playwright.sync_api import expect

from newsletter.issues.models import Publication
from subscribers.consent import ConsentSource
from subscribers.consent_by_editor import add_by_editor
from subscribers.lists import add_topic
from subscribers.models import SourceKind, Subscription
from subscribers.search.keep_search_index import index_people
from tests.journeys.desk.hands import Keyboard, look_of

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]

EDITOR = ConsentSource(SourceKind.EDITOR, "Ruth")
SIZES = pytest.mark.parametrize(
    ("width", "theme"), [(390, "dark"), pytest.param(1280, "light", marks=pytest.mark.full)]
)


@pytest.fixture
def mailing_list(desk_url):
    return Publication.objects.get().mailing_list


@pytest.fixture
def people(mailing_list):
    """Three people who chose the topic of tides, besides Amara."""
    for topic in ("tides", "ships"):
        add_topic(mailing_list, topic, topic.title())
    for number in range(3):
        address = f"harbour{number}@example.org"
        add_by_editor(mailing_list, address, EDITOR, consent="Open day", topics=["tides"])
    index_people()


def without_connection(page, act):
    """Send a form while no request reaches the server."""
    page.context.set_offline(True)
    with page.expect_event("requestfailed"):
        act()
    page.context.set_offline(False)


def chose_ships():
    return Subscription.objects.filter(topics__slug="ships").count()


def begin_act(page, hands, look, kind):
    """Tick everybody on the page, and choose what to do."""
    label = page.locator(f"#act option[value='{kind}']").inner_text()
    hands.to("Tick everybody")
    page.keyboard.press("Space")
    expect(page.locator("[data-ticked]")).to_contain_text("4 people")
    hands.choose("act", label)
    look("Subscribers")
    hands.press("Continue…")


@SIZES
def test_several_people_get_a_topic_and_it_is_taken_back(desk_page, people, axe, width, theme):
    page = desk_page("subscribers/", width=width, dark=theme == "dark")
    hands, look = Keyboard(page), look_of(page, axe, width, theme)
    begin_act(page, hands, look, "add-topic")
    hands.choose("to_topic", page.locator("#to_topic option", has_text="Ships").inner_text())
    look("You can undo this for a few days.")
    hands.press("Add the topic")
    expect(page.locator("main .actions button, .toast button").filter(has_text="Undo").first).to_be_visible()
    look("3 people")
    assert chose_ships() == 3
    hands.press("Undo")
    look("The topic was removed for 3 people")
    assert chose_ships() == 0
    assert page.complaints == []


@SIZES
def test_an_act_on_people_that_the_server_never_got_is_done_once(
    desk_page, mailing_list, people, axe, width, theme
):
    page = desk_page("subscribers/", width=width, dark=theme == "dark")
    hands, look = Keyboard(page), look_of(page, axe, width, theme)
    begin_act(page, hands, look, "unsubscribe")
    look("Unsubscribe 4 people?")
    hands.write("reason", "They asked at the open day.")
    without_connection(page, lambda: hands.press("Unsubscribe", exact=False))
    assert mailing_list.subscriptions.filter(state="unsubscribed").count() == 0
    page.reload()  # the browser sends the same form again
    expect(page.locator("body")).to_contain_text("4 people were unsubscribed")
    assert mailing_list.subscriptions.filter(state="unsubscribed").count() == 4
    look("4 people were unsubscribed", within="body")

"""Adele gives a newsletter its logo, look, a block and a sign-up form, which a reader then uses on another website."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from django.core import mail

from newsletter.issues.models import Publication
from subscribers.models import ConsentEntry, Subscription
from tests.first_run.test_publication_details import logo
from tests.journeys.desk.test_every_page import fits

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]

HERE = "settings/publications/harbour-letter/"
AGREED = "Yes, write to me about the harbour."
ALONE = "<!doctype html><html lang=en><title>A village</title><h1>A village</h1>{form}</html>"


@pytest.fixture
def village():
    """A website of somebody else, with one page: `village(html)` gives its address."""
    pages = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(pages[-1].encode())

        def log_message(self, *_arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def publish(html):
        pages.append(html)
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield publish
    server.shutdown()
    server.server_close()
    thread.join(10)


def press(page, name, *, keyboard):
    """Press a button or follow a link by its name, with the mouse or with Enter."""
    found = page.get_by_role("button", name=name, exact=True).or_(
        page.get_by_role("link", name=name, exact=True)
    )
    if keyboard:
        found.first.focus()
        page.keyboard.press("Enter")
    else:
        found.first.click()


def give_look_and_block(page, desk_url, *, keyboard):
    page.goto(f"{desk_url}{HERE}look/")
    page.set_input_files("#logo", {"name": "logo.png", "mimeType": "image/png", "buffer": logo()})
    press(page, "Save the logo", keyboard=keyboard)
    page.get_by_text("The logo was saved.").wait_for()
    page.get_by_label("Theme", exact=True).select_option("plain")
    press(page, "Save", keyboard=keyboard)
    page.get_by_text("Your changes to “Look” were saved.").wait_for()
    page.goto(f"{desk_url}{HERE}blocks/add/?kind=notice")
    page.get_by_label("Title").fill("The pier is closed")
    page.get_by_label("Text", exact=True).fill("Until spring.")
    press(page, "Add the block", keyboard=keyboard)
    page.get_by_text("was added to every issue").wait_for()


def write_form(page, desk_url, *, keyboard, look_at):
    """Write the sign-up form, and return the code for another website."""
    page.complaints.clear()  # the sample issue has its logo at the public address, where nothing listens here
    page.goto(f"{desk_url}{HERE}sign-up/")
    page.get_by_label("Heading").fill("Read with us")
    page.frame_locator("#sample").get_by_role("heading", name="Read with us").wait_for()
    page.get_by_role("textbox", name="Consent wording").fill(AGREED)
    page.get_by_label("What happens next").fill("The next issue comes on Tuesday.")
    look_at(page)
    press(page, "Save", keyboard=keyboard)
    page.get_by_text("The sign-up form was saved.").wait_for()
    press(page, "Link, QR code and code for your website", keyboard=keyboard)
    page.get_by_role("heading", name="A form on your website").wait_for()
    look_at(page)
    assert page.locator(".qr img").evaluate("picture => picture.naturalWidth") > 0
    assert page.complaints == []
    return page.locator("#code").input_value()


@pytest.mark.parametrize(
    ("width", "dark", "keyboard"),
    [(1280, False, False), pytest.param(390, True, True, marks=pytest.mark.full)],
    ids=["mouse", "keyboard"],
)
def test_a_reader_signs_up_on_another_site_confirms_changes_and_leaves(
    desk_page, desk_url, open_page, village, settings, axe, width, dark, keyboard
):
    root = settings.SUBSCRIBERS_BASE_URL = desk_url.removesuffix("/desk/")
    mail.outbox.clear()

    def look_at(page):
        axe(page)
        fits(page)
        page.set_viewport_size({"width": width, "height": 900})

    page = desk_page("", width=width, dark=dark)
    give_look_and_block(page, desk_url, keyboard=keyboard)
    code = write_form(page, desk_url, keyboard=keyboard, look_at=look_at)

    reader = open_page(village(ALONE.format(form=code)), width=width, dark=dark, script=False)
    reader.get_by_label("Your email address").fill("bea@example.org")
    press(reader, "Sign up for The Harbour Letter", keyboard=keyboard)
    reader.get_by_role("heading", name="Check your inbox").wait_for()
    reader.get_by_text("The next issue comes on Tuesday.").wait_for()
    assert reader.url.startswith(root)
    agreed = ConsentEntry.objects.get(act="signed up")
    assert agreed.wording.text == AGREED
    assert agreed.source_name.startswith("http://127.0.0.1:")

    (email,) = mail.outbox
    assert email.to == ["bea@example.org"]
    reader.goto(root + urlsplit(re.search(r"http\S+/confirm/\S+", email.body)[0]).path)
    press(reader, "Yes, subscribe me", keyboard=keyboard)
    reader.get_by_role("heading", name="You are subscribed").wait_for()
    bea = Subscription.objects.get(subscriber__address="bea@example.org")
    assert bea.state == "active"
    press(reader, "Change your preferences", keyboard=keyboard)
    reader.get_by_label("First name").fill("Bea")
    reader.locator("section[aria-labelledby=you] button").click()
    reader.get_by_text("Saved.").wait_for()
    press(reader, "Unsubscribe from this list", keyboard=keyboard)
    reader.get_by_role("heading", name="Unsubscribe from").wait_for()
    press(reader, "Unsubscribe", keyboard=keyboard)
    reader.get_by_role("heading", name="You have unsubscribed").wait_for()
    bea.refresh_from_db()
    assert (bea.state, bea.subscriber.first_name) == ("unsubscribed", "Bea")
    assert reader.context.cookies() == []
    assert Publication.objects.get().blocks.filter(title="The pier is closed").exists()

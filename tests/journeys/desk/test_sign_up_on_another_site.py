"""Adele gives a newsletter its logo, look, a block and a sign-up form, which a reader then uses on another website."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from django.core import mail
from playwright.sync_api import expect

from newsletter.issues.models import Publication
from subscribers.embed_code import embed_code
from subscribers.models import ConsentEntry, Subscription
from subscribers.sign_up_texts import set_texts, shown_in
from tests.first_run.test_publication_details import logo
from tests.journeys.desk.hands import Keyboard, Mouse, look_of, ways

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]

HERE = "settings/publications/harbour-letter/"
AGREED = "Yes, write to me about the harbour."
GERMAN = "Ja, schreiben Sie mir über den Hafen."
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


def give_look_and_block(page, hands, look, desk_url):
    page.goto(f"{desk_url}{HERE}look/")
    hands.choose_file("logo", {"name": "logo.png", "mimeType": "image/png", "buffer": logo()})
    hands.press("Save the logo")
    look("The logo was saved.", within="body")
    hands.choose("theme", "Plain")
    hands.press("Save", exact=True)
    look("Your changes to “Look” were saved.", within="body")
    page.goto(f"{desk_url}{HERE}blocks/add/?kind=notice")
    hands.write("title", "The pier is closed")
    hands.write("body", "Until spring.")
    look("Add the block")
    hands.press("Add the block")
    look("was added to every issue", within="body")


def write_form(page, hands, look, desk_url):
    """Write the sign-up form, and return the code for another website."""
    page.complaints.clear()  # the sample issue has its logo at the public address, where nothing listens here
    page.goto(f"{desk_url}{HERE}sign-up/")
    hands.write("sign_up_heading", "Read with us")
    page.frame_locator("#sample").get_by_role("heading", name="Read with us").wait_for()
    hands.write("after_sign_up", "The next issue comes on Tuesday.")
    hands.write("consent_wording", AGREED)
    look("Sign-up form")
    hands.press("Save", exact=True)
    look("The sign-up form was saved.", within="body")
    return code_for_a_website(page, hands, look)


def code_for_a_website(page, hands, look):
    hands.press("Link, QR code and code for your website")
    look("A form on your website")
    assert page.locator(".qr img").evaluate("picture => picture.naturalWidth") > 0
    return page.locator("#code").input_value()


def add_german(page, hands, look, desk_url):
    """Add the texts in German, and return the code of the form in German."""
    page.goto(f"{desk_url}{HERE}sign-up/")
    hands.press("German", exact=True)
    look("Sign-up form in German")
    hands.write("sign_up_heading", "Lesen Sie mit")
    page.frame_locator("#sample").get_by_role("heading", name="Lesen Sie mit").wait_for()
    hands.write("after_sign_up", "Am Dienstag geht es los.")
    hands.write("consent_wording", GERMAN)
    hands.press("Save", exact=True)
    look("The sign-up form in German was saved.", within="body")
    code_for_a_website(page, hands, look)
    hands.press("German")
    page.wait_for_url(re.compile("lang=de"))
    look("A form on your website")
    return page.locator("#code").input_value()


def confirmed_by_link(reader, hands, look, root, button):
    (email,) = mail.outbox
    assert email.to == ["bea@example.org"]
    reader.goto(root + urlsplit(re.search(r"http\S+/confirm/\S+", email.body)[0]).path)
    look(button)
    hands.press(button)


@ways("mouse, 1280 px, light")
def test_a_reader_signs_up_on_another_site_confirms_changes_and_leaves(
    desk_page,
    desk_url,
    open_page,
    village,
    settings,
    axe,
    way,
    width,
    theme,
):
    root = settings.SUBSCRIBERS_BASE_URL = desk_url.removesuffix("/desk/")
    mail.outbox.clear()
    page = desk_page("", width=width, dark=theme == "dark")
    hands, look = way(page), look_of(page, axe, width, theme)
    give_look_and_block(page, hands, look, desk_url)
    code = write_form(page, hands, look, desk_url)
    assert page.complaints == []

    script = way is Keyboard  # by mouse, the reader’s browser runs no scripts
    reader = open_page(village(ALONE.format(form=code)), width=width, dark=theme == "dark", script=script)
    hands, look = way(reader), look_of(reader, axe if script else None, width, theme)
    hands.write("address", "bea@example.org")
    hands.press("Sign up for The Harbour Letter")
    look("Check your inbox")
    look("The next issue comes on Tuesday.")
    assert reader.url.startswith(root)
    agreed = ConsentEntry.objects.get(act="signed up")
    assert agreed.wording.text == AGREED
    assert agreed.source_name.startswith("http://127.0.0.1:")

    confirmed_by_link(reader, hands, look, root, "Yes, subscribe me")
    look("You are subscribed")
    bea = Subscription.objects.get(subscriber__address="bea@example.org")
    assert bea.state == "active"
    hands.press("Change your preferences")
    look("First name")
    hands.write("first_name", "Bea")
    reader.keyboard.press("Enter")
    look("Saved.")
    hands.press("Unsubscribe from this list")
    look("Unsubscribe from")
    hands.press("Unsubscribe", exact=True)
    look("You have unsubscribed")
    bea.refresh_from_db()
    assert (bea.state, bea.subscriber.first_name) == ("unsubscribed", "Bea")
    assert reader.context.cookies() == []
    assert Publication.objects.get().blocks.filter(title="The pier is closed").exists()


@ways("keyboard, 390 px, dark")
def test_a_reader_signs_up_in_german_on_another_site_and_is_answered_in_german(
    desk_page,
    desk_url,
    open_page,
    village,
    settings,
    axe,
    way,
    width,
    theme,
):
    root = settings.SUBSCRIBERS_BASE_URL = desk_url.removesuffix("/desk/")
    mail.outbox.clear()
    page = desk_page("", width=width, dark=theme == "dark")
    code = add_german(page, way(page), look_of(page, axe, width, theme), desk_url)
    assert page.complaints == []

    # The browser prefers English, and here it may run scripts.
    reader = open_page(village(ALONE.format(form=code)), width=width, dark=theme == "dark")
    hands, look = way(reader), look_of(reader, axe, width, theme)
    hands.write("address", "bea@example.org")
    hands.press("The Harbour Letter abonnieren")
    look("Am Dienstag geht es los.")
    assert reader.locator("html").get_attribute("lang") == "de"
    agreed = ConsentEntry.objects.get(act="signed up")
    assert (agreed.wording.text, agreed.wording.language) == (GERMAN, "de")

    (email,) = mail.outbox
    reader.goto(root + urlsplit(re.search(r"http\S+/confirm/\S+", email.body)[0]).path)
    button = reader.locator("main form button").inner_text()
    look(button)
    hands.press(button)
    expect(reader.locator("html")).to_have_attribute("lang", "de")
    look("The Harbour Letter", within="body")
    assert Subscription.objects.get(subscriber__address="bea@example.org").state == "active"


@pytest.mark.parametrize("script", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("way", [Mouse, Keyboard])
def test_what_is_wrong_on_another_site_is_said_on_our_page_and_what_was_typed_stays(
    desk_url,
    open_page,
    village,
    settings,
    axe,
    way,
    script,
):
    settings.SUBSCRIBERS_BASE_URL = desk_url.removesuffix("/desk/")
    mailing_list = Publication.objects.get().mailing_list
    set_texts(mailing_list, "de", {"sign_up_heading": "Lesen Sie mit"})
    code = embed_code(shown_in(mailing_list, "de")[0], names_language=True)
    reader = open_page(village(ALONE.format(form=code)), width=390, script=script)
    hands, look = way(reader), look_of(reader, axe if script else None, 390, "light")
    hands.write("address", "bea@example")  # which a browser accepts, but no mailbox can have it
    hands.press("The Harbour Letter abonnieren")
    reader.locator("[role=alert]").wait_for()
    look("Lesen Sie mit")
    assert reader.locator("#address").input_value() == "bea@example"
    settings.SUBSCRIBERS_FORM_SECONDS = 0
    hands.write("address", "bea@example.org")
    hands.press("Anmelden")
    expect(reader).to_have_url(re.compile(r"check-your-mail/\?lang=de$"))
    assert ConsentEntry.objects.get(act="signed up").wording.language == "de"

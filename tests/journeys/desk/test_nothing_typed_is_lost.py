"""Two editors type in real browsers while servers die, sessions end and lines break: nothing typed is lost."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import expect

from newsletter.accounts.actor import Role, acting_as
from newsletter.accounts.users import actor_of, add_user
from newsletter.articles.models import Article, Source
from newsletter.issues.compose import compose
from newsletter.issues.issue_version_models import IssueVersion
from newsletter.issues.models import Issue, Publication
from newsletter.scheduling import approval
from subscribers.models import List
from tests.journeys.desk.breakable_proxy import BreakableProxy

PASSWORD = "ebb and flow at the quay"
DETAILS = "/desk/issues/harbour-letter/1/details/"
WAIT = 20_000
KEPT = "Object.keys(localStorage).filter(key => key.startsWith('desk-kept:')).length"

# What the functions do in either database, tests/issues tries.
pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]


@pytest.fixture
def server(live_server):
    """A web server that can be killed and started again."""
    proxy = BreakableProxy(live_server.thread.port)
    yield proxy
    proxy.kill()


@pytest.fixture
def people(live_server, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    roles = {"ruth": [Role.EDITOR], "amir": [Role.EDITOR, Role.APPROVER, Role.SENDER]}
    return {name: actor_of(add_user(name, password=PASSWORD, roles=given)) for name, given in roles.items()}


@pytest.fixture
def issue(live_server, home, people):
    """A draft of one article that the system composed."""
    at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    source = Source.objects.create(name="site", location="https://example.org/feed", kind=Source.Kind.FEED)
    Article.objects.create(
        source=source,
        title="Ten years of listening",
        standfirst="What we learnt at the quay.",
        url="https://example.org/1",
        identity="1",
        content_hash="1",
        published_at=at,
        found_at=at,
    )
    publication = Publication.objects.create(
        slug="harbour-letter",
        name="The Harbour Letter",
        organisation="Harbour",
        website="https://example.org/",
        sender_name="Harbour",
        sender_address="letter@example.org",
        postal_address="1 Quay",
        mailing_list=List.objects.create(slug="readers", name="Readers"),
    )
    return compose(publication)


@pytest.fixture
def browser_of(chromium, issue, people, server, requests_end):
    """A browser of somebody who is logged in; gives its page with the details of the issue."""
    contexts = []

    def open_it(name, *, path=DETAILS, script=True):
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=script)
        context.set_default_timeout(WAIT)
        contexts.append(context)
        client = Client()
        client.force_login(get_user_model().objects.get(username=name))
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])
        page = context.new_page()
        page.goto(server.url + path)
        return page

    yield open_it
    for context in contexts:
        context.close()


def mark(page, field="opening"):
    return page.locator(f"[data-save-mark={field}]")


def reads(page, words, field="opening"):
    expect(mark(page, field)).to_contain_text(words, timeout=WAIT)


def is_saved(page, field="opening"):
    reads(page, "Saved ", field)


def stored(field="opening"):
    return Issue.objects.values_list(field, flat=True).get()


def type_into(page, text, field="opening"):
    page.locator(f"#{field}").focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def test_what_is_typed_is_saved_without_a_button_and_each_text_says_so(browser_of):
    ruth = browser_of("ruth")
    type_into(ruth, "Dear reader,")
    is_saved(ruth)
    assert stored() == "Dear reader,"
    assert ruth.evaluate(KEPT) == 0
    type_into(ruth, " hello.")
    is_saved(ruth)
    expect(ruth.locator("input[name=version-opening]")).not_to_have_value("")
    ruth.locator("#subject").fill("")
    is_saved(ruth, "subject")
    ruth.locator("#preheader").focus()
    # The suggestion comes back once the field is left.
    expect(ruth.locator("#subject")).to_have_value(stored("subject"))
    assert stored("subject")


def test_a_killed_server_loses_nothing_and_the_text_is_saved_when_it_is_back(browser_of, server):
    ruth = browser_of("ruth")
    server.kill()
    type_into(ruth, "Typed while nobody answers.")
    reads(ruth, "Not saved: the server does not answer; kept in this browser")
    assert stored() == ""
    server.start()
    is_saved(ruth)
    assert stored() == "Typed while nobody answers."


@pytest.mark.full
def test_a_save_whose_answer_is_lost_is_no_conflict_with_oneself(browser_of, server):
    ruth = browser_of("ruth")
    server.loses_answers = True
    type_into(ruth, "The server has it,")
    assert server.lost.wait(20)
    reads(ruth, "Not saved: the server does not answer")
    type_into(ruth, " and nobody heard.")
    server.loses_answers = False
    is_saved(ruth)
    assert stored() == "The server has it, and nobody heard."
    expect(ruth.locator(".text-choice")).to_have_count(0)


def test_an_ended_session_keeps_the_text_and_logging_in_leads_back_to_it(browser_of):
    ruth = browser_of("ruth")
    Session.objects.all().delete()
    type_into(ruth, "Typed without a session.")
    reads(ruth, "Not saved: you are logged out; kept in this browser")
    mark(ruth).get_by_role("link", name="Log in again").click()
    ruth.fill("#username", "ruth")
    ruth.fill("#password", PASSWORD)
    ruth.press("#password", "Enter")
    ruth.wait_for_url("**/details/#opening")
    is_saved(ruth)
    expect(ruth.locator("#opening")).to_have_value("Typed without a session.")
    expect(ruth.locator("#opening")).to_be_focused()
    assert stored() == "Typed without a session."


@pytest.mark.full
def test_logging_in_beside_the_page_saves_the_text_in_place(browser_of, server):
    ruth = browser_of("ruth")
    Session.objects.all().delete()
    type_into(ruth, "Typed without a session.")
    reads(ruth, "Not saved: you are logged out")
    beside = ruth.context.new_page()
    beside.goto(server.url + "/desk/log-in/")
    beside.fill("#username", "ruth")
    beside.fill("#password", PASSWORD)
    beside.press("#password", "Enter")
    is_saved(ruth)
    assert stored() == "Typed without a session."


@pytest.mark.full
def test_a_colleague_who_logs_in_on_the_same_computer_never_sees_the_text(browser_of, server):
    ruth = browser_of("ruth")
    Session.objects.all().delete()
    type_into(ruth, "Ruth’s secret text.")
    reads(ruth, "kept in this browser")
    amir = ruth.context.new_page()
    amir.goto(f"{server.url}/desk/log-in/?next={DETAILS}")
    amir.fill("#username", "amir")
    amir.fill("#password", PASSWORD)
    amir.press("#password", "Enter")
    amir.wait_for_url("**/details/")
    expect(amir.locator("#opening")).to_have_value("")
    expect(amir.locator(".kept-text")).to_have_count(0)
    # Nor is it saved in Amir’s name.
    ruth.evaluate("window.dispatchEvent(new Event('focus'))")
    reads(ruth, "You are now logged in as amir")
    assert stored() == ""


def test_logging_out_asks_and_then_removes_what_is_kept(browser_of):
    ruth = browser_of("ruth")
    type_into(ruth, "Dear {{first_name")
    reads(ruth, "Your text is kept in this browser.")
    assert ruth.evaluate(KEPT) == 1
    asked = []
    ruth.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    ruth.locator("details.menu summary", has_text="ruth").click()
    ruth.get_by_role("button", name="Log out").click()
    ruth.wait_for_url("**/log-in/")
    assert "Introduction" in asked[0]
    assert ruth.evaluate(KEPT) == 0


def test_offline_the_text_is_kept_and_saved_once_the_line_is_back(browser_of):
    ruth = browser_of("ruth")
    ruth.context.set_offline(True)
    type_into(ruth, "Typed offline.")
    reads(ruth, "Not saved: you are offline; kept in this browser")
    ruth.context.set_offline(False)
    is_saved(ruth)
    assert stored() == "Typed offline."


def test_a_form_token_that_is_too_old_is_renewed_unnoticed(browser_of):
    ruth = browser_of("ruth")
    ruth.context.clear_cookies(name="csrftoken")
    type_into(ruth, "Typed with an old token.")
    is_saved(ruth)
    assert stored() == "Typed with an old token."


def test_a_closed_tab_gives_its_text_back(browser_of, server):
    ruth = browser_of("ruth")
    server.kill()
    type_into(ruth, "Typed, then closed.")
    reads(ruth, "kept in this browser")
    ruth.close()
    server.start()
    again = ruth.context.new_page()
    again.goto(server.url + DETAILS)
    is_saved(again)
    reads(again, "We restored")
    expect(again.locator("#opening")).to_have_value("Typed, then closed.")
    assert stored() == "Typed, then closed."
    # What was typed since is not the text that was put back.
    type_into(again, " And more.")
    expect(mark(again)).to_have_text(re.compile("^Saved [0-9:]+$"), timeout=WAIT)


def test_the_same_text_of_two_people_is_shown_twice_and_neither_is_lost(browser_of, axe):
    ruth, amir = browser_of("ruth"), browser_of("amir")
    type_into(amir, "Amir’s introduction.")
    is_saved(amir)
    type_into(ruth, "Ruth’s introduction.")
    reads(ruth, "Not saved: choose an option below; kept in this browser")
    assert stored() == "Amir’s introduction."
    choice = ruth.locator(".text-choice")
    expect(choice).to_be_focused()
    expect(choice).to_be_in_viewport()
    expect(choice).to_contain_text("amir has changed the introduction since you opened it")
    expect(choice.locator("textarea")).to_have_value("Amir’s introduction.")
    expect(ruth.locator("#opening")).to_have_value("Ruth’s introduction.")
    choice.locator("summary").click()
    axe(ruth)
    # Nothing is approved while the text waits for a choice, on no page of the issue.
    ruth.goto(ruth.url.replace("details", "send"))
    expect(ruth.locator(".kept-text")).to_contain_text(
        "Introduction is not saved. Your text is kept in this browser."
    )
    ruth.get_by_role("link", name="Go to this text").click()
    choice.get_by_role("button", name="Keep my text").click()
    is_saved(ruth)
    assert stored() == "Ruth’s introduction."
    # Amir’s open page says that his text is no longer the newest one.
    reads(amir, "Somebody has changed this text. You will see the new text when you leave the field.")
    amir.locator("#subject").focus()
    reads(amir, "Somebody has changed this text. This is the new text.")
    expect(amir.locator("#opening")).to_have_value("Ruth’s introduction.")
    texts = [version.snapshot["texts"]["opening"] for version in IssueVersion.objects.all()]
    assert "Amir’s introduction." in texts


@pytest.mark.full
def test_of_two_texts_that_of_the_colleague_can_stay(browser_of):
    ruth, amir = browser_of("ruth"), browser_of("amir")
    type_into(amir, "Amir’s introduction.")
    is_saved(amir)
    type_into(ruth, "Ruth’s introduction.")
    ruth.get_by_role("button", name="Use the other text").click()
    expect(ruth.locator("#opening")).to_have_value("Amir’s introduction.")
    assert ruth.evaluate(KEPT) == 0
    type_into(ruth, " And Ruth’s sentence.")
    is_saved(ruth)
    assert stored() == "Amir’s introduction. And Ruth’s sentence."


def test_a_field_that_is_replaced_on_the_page_takes_its_text_over(browser_of, server):
    ruth = browser_of("ruth")
    server.kill()
    type_into(ruth, "Typed before the part was replaced.")
    reads(ruth, "Not saved")
    # As htmx does: the same part again, with the text that the server had.
    ruth.evaluate("""
        const field = document.getElementById("opening").cloneNode();
        field.removeAttribute("data-autosave-started");
        document.getElementById("opening").replaceWith(field);
    """)
    expect(ruth.locator("#opening")).to_have_value("Typed before the part was replaced.")
    type_into(ruth, " And after.")
    server.start()
    is_saved(ruth)
    assert stored() == "Typed before the part was replaced. And after."
    assert ruth.evaluate(KEPT) == 0


def test_different_texts_of_two_people_are_both_saved(browser_of):
    ruth, amir = browser_of("ruth"), browser_of("amir")
    amir.locator("#subject").fill("Amir’s subject")
    is_saved(amir, "subject")
    type_into(ruth, "Ruth’s introduction.")
    is_saved(ruth)
    assert (stored("subject"), stored()) == ("Amir’s subject", "Ruth’s introduction.")
    # Her page still shows the old subject. Its button saves only what she changed.
    ruth.get_by_role("button", name="Save", exact=True).click()
    assert stored("subject") == "Amir’s subject"


def test_an_issue_that_is_approved_under_the_page_stays_approved_until_the_editor_agrees(
    browser_of, issue, people
):
    ruth = browser_of("ruth")
    with acting_as(people["amir"]):
        approval.approve(issue)
    type_into(ruth, "One more word.")
    choice = ruth.locator(".text-choice")
    expect(choice).to_contain_text("amir has approved this issue")
    reads(ruth, "Not saved")
    assert (stored(), stored("state")) == ("", "approved")
    choice.get_by_role("button", name="Save and withdraw the approval").click()
    is_saved(ruth)
    assert (stored(), stored("state")) == ("One more word.", "draft")


def test_an_issue_that_is_sent_under_the_page_refuses_and_keeps_the_text(browser_of, issue):
    ruth = browser_of("ruth")
    Issue.objects.update(state=Issue.State.SENT)
    type_into(ruth, "Too late.")
    reads(ruth, "Not saved: Issue 1 of The Harbour Letter has been sent.")
    ruth.reload()
    kept = ruth.locator(".kept-text")
    expect(kept.locator("textarea")).to_have_value("Too late.")
    kept.get_by_role("button", name="Remove it").click()
    assert ruth.evaluate(KEPT) == 0


def test_nothing_is_approved_while_a_text_of_the_issue_is_not_saved(browser_of, server):
    amir = browser_of("amir")
    type_into(amir, "Dear {{first_name")
    reads(amir, "Your text is kept in this browser.")
    amir.goto(server.url + DETAILS.replace("details", "send"))
    amir.get_by_role("button", name="Approve this issue").click()
    expect(amir.locator(".toast")).to_contain_text("Save or remove your unsaved text first: Introduction.")
    assert stored("state") == "draft"
    amir.get_by_role("link", name="Go to this text").click()
    type_into(amir, "}},")
    is_saved(amir)
    amir.goto(server.url + DETAILS.replace("details", "send"))
    amir.get_by_role("button", name="Approve this issue").click()
    expect(amir.locator("main")).to_contain_text("Approved by amir")
    assert stored("state") == "approved"


@pytest.mark.full
def test_a_refused_text_says_why_and_is_saved_once_it_is_right(browser_of):
    ruth = browser_of("ruth")
    type_into(ruth, "Dear {{first_name")
    reads(ruth, "Not saved: Introduction: the braces are incomplete")
    type_into(ruth, "}},")
    is_saved(ruth)
    assert stored() == "Dear {{first_name}},"


def test_without_scripts_an_ended_session_keeps_what_was_typed(browser_of):
    ruth = browser_of("ruth", script=False)
    ruth.fill("#opening", "Typed without a session.")
    Session.objects.all().delete()
    ruth.get_by_role("button", name="Save", exact=True).click()
    ruth.fill("#username", "ruth")
    ruth.fill("#password", PASSWORD)
    ruth.press("#password", "Enter")
    expect(ruth.get_by_text("Typed without a session.")).to_be_visible()
    ruth.locator("main").get_by_role("button").last.click()
    expect(ruth.locator(".toast")).to_contain_text("Your changes were saved: introduction.")
    assert stored() == "Typed without a session."


def test_without_scripts_the_form_shows_both_texts_and_asks(browser_of, people, issue):
    ruth = browser_of("ruth", script=False)
    amir = browser_of("amir")
    type_into(amir, "Amir’s introduction.")
    is_saved(amir)
    ruth.fill("#opening", "Ruth’s introduction.")
    ruth.fill("#subject", "Ruth’s subject")
    ruth.get_by_role("button", name="Save", exact=True).click()
    expect(ruth.locator(".error-summary")).to_contain_text("Your other changes were saved: subject.")
    expect(ruth.locator("#opening")).to_have_value("Ruth’s introduction.")
    expect(ruth.get_by_role("textbox", name="The other text")).to_have_value("Amir’s introduction.")
    # Without a choice, nothing is overwritten.
    ruth.get_by_role("button", name="Save", exact=True).click()
    assert (stored(), stored("subject")) == ("Amir’s introduction.", "Ruth’s subject")
    ruth.check("#choice-opening-mine")
    ruth.get_by_role("button", name="Save", exact=True).click()
    expect(ruth.locator(".toast")).to_contain_text("Your changes were saved: introduction.")
    assert stored() == "Ruth’s introduction."
    ruth.locator(".toast").get_by_role("button", name="Undo").click()
    expect(ruth.locator("#opening")).to_have_value("Amir’s introduction.")
    assert stored() == "Amir’s introduction."

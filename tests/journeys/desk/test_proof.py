"""A reviewer without an account reads an issue by a proof link in a browser, and an editor uses suggested words."""

import pytest

from newsletter.issues.models import Issue
from newsletter.proof.comments import WrittenComment, comment_by_link
from newsletter.proof.models import ProofComment, Signature
from newsletter.proof.proof_links import make_proof_link
from newsletter.proof.sentences import sentences_of
from newsletter.proof.signature_demands import WantedDemand, change_signature_demands

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]
ISSUE = "issues/harbour-letter/1/"


@pytest.fixture
def link(desk_url):
    return make_proof_link(Issue.objects.get(number=1), "Dr Okafor").link


@pytest.fixture
def address(link, live_server):
    return f"{live_server.url}/proof/{link.token}/"


def suggest(link, **about):
    written = WrittenComment(part="first-lines", field="subject", **about)
    return comment_by_link(link.token, written, network="192.0.2.7")


def fits(page):
    for width in (320, 390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)


@pytest.mark.parametrize("script", [True, False])
def test_a_reviewer_suggests_words_and_signs_by_keyboard_with_and_without_scripts(open_page, address, script):
    page = open_page(address, width=390, script=script)
    part = page.get_by_role("article").filter(has=page.get_by_role("heading", name="Subject and preheader"))
    with page.expect_navigation():
        part.get_by_role("link").first.press("Enter")
    page.get_by_label("Your comment").fill("Too long.")
    page.get_by_label("Suggested words").fill("High water")
    with page.expect_navigation():
        page.get_by_role("button", name="Save comment").press("Enter")
    assert "Your comment was saved" in page.get_by_role("status").inner_text()
    row = ProofComment.objects.get()
    assert (row.suggestion, row.quote) == ("High water", Issue.objects.get(number=1).subject)
    with page.expect_navigation():
        page.get_by_role("button", name="I stand by this").first.press("Enter")
    assert Signature.objects.get().part == "email"
    assert page.get_by_text("You signed this part").count() == 1


def test_every_state_of_the_page_can_be_used_by_everybody(open_page, address, link, axe):
    issue = Issue.objects.get(number=1)
    [quote] = sentences_of(issue.subject)
    row = suggest(link, text="Too long.", quote=quote, suggestion="High water")
    comment_by_link(link.token, WrittenComment(text="And dull.", reply_to=row.pk), network="192.0.2.7")
    states = (
        "",
        "?part=email",
        "?part=first-lines&field=subject&sentence=1",
        f"?reply_to={row.pk}",
        "?done=sign",
        "?done=sign&at=email",
    )
    page = open_page(address)
    for state in states:
        page.goto(address + state)
        axe(page)
        fits(page)
        assert page.locator("main h1").count() == 1
    page.goto(address.replace(link.token, "A" * 44))
    axe(page)
    assert page.get_by_role("heading", level=1).inner_text() == "This link does not work"


def test_the_email_is_shown_in_its_frame(open_page, address):
    page = open_page(address)
    frame = page.frame_locator("iframe")
    frame.locator("h1, h2").first.wait_for()
    assert frame.locator("body").inner_text().strip()


def test_an_editor_uses_the_suggested_words_and_the_page_can_be_used_by_everybody(
    desk_page, desk_url, link, axe
):
    issue = Issue.objects.get(number=1)
    [quote] = sentences_of(issue.subject)
    suggest(link, text="Too long.", quote=quote, suggestion="High water")
    suggest(link, text="Is this true?")
    wanted = [WantedDemand("Tides", "Dr Okafor", "okafor@example.org")]
    change_signature_demands(issue.publication, wanted)
    page = desk_page(f"{ISSUE}review/proof/")
    page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true })")
    axe(page)
    fits(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    with page.expect_navigation():
        page.get_by_role("button", name="Use these words").click()
    page.get_by_role("heading", level=1, name="High water").wait_for()
    assert Issue.objects.get(number=1).subject == "High water"
    page.get_by_label("Person’s name").fill("Max")
    page.get_by_role("button", name="Create the link").click()
    page.get_by_role("heading", level=1, name="The proof link for Max is ready").wait_for()
    axe(page)
    fits(page)
    page.goto(f"{desk_url}settings/publications/harbour-letter/signatures/")
    axe(page)
    fits(page)
    assert page.complaints == []

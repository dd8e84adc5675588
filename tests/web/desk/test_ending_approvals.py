"""An act of the desk ends an approval only after its person agreed, whatever the act is."""

import lxml.html
import pytest

from newsletter.accounts.actor import acting_as
from newsletter.articles.models import Article
from newsletter.issues.edit_issue_articles import drop, pin
from newsletter.issues.issue_versions import newest_version
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Issue, StandingBlock
from newsletter.scheduling.approval import approve

HERE = "/desk/issues/harbour-letter/1/"


@pytest.fixture
def approved(ruths_draft):
    """Ruth's issue with its last article left out, approved and scheduled."""
    drop(ruths_draft, order(ruths_draft)[-1])
    approve(ruths_draft)
    Issue.objects.filter(pk=ruths_draft.pk).update(state=Issue.State.SCHEDULED)
    return ruths_draft


def order(issue):
    return [item.article_id for item in items_to_print(Issue.objects.get(pk=issue.pk))]


def state(issue):
    found = Issue.objects.get(pk=issue.pk)
    return found.state, found.approvals.filter(withdrawn_at=None).count(), newest_version(issue)


def answer_yes(client, asked, **headers):
    """Send the form of the page that asks."""
    form = lxml.html.document_fromstring(asked.content.decode()).cssselect("#main form")[0]
    fields: dict[str, list[str]] = {}
    for field in form.cssselect("input[name]"):
        fields.setdefault(field.get("name"), []).append(field.get("value"))
    return client.post(form.get("action"), fields, headers=headers)


def acts(issue):
    """Acts of the contents that change the email: the path and the fields of each."""
    first, second = order(issue)[:2]
    left_out = issue.items.get(dropped=True).article_id
    block = StandingBlock.objects.filter(publication=issue.publication).first().name
    return {
        "move": ("move/", {"key": f"article:{second}", "place": "1"}),
        "drop": (f"articles/{first}/", {"act": "drop"}),
        "exclude": (f"articles/{first}/", {"act": "exclude"}),
        "edit a block": (f"blocks/{block}/edit/", {"title": "New", "body": "Two\nlines"}),
        "add a block": ("add-block/", {"kind": "notice", "title": "Ours", "body": "Words"}),
        "add": ("add/", {"article": str(left_out)}),
        "write": ("add/write/", {"title": "Written here", "markdown": "Words.", "standfirst": "", "url": ""}),
        "choose again": ("again/", {}),
        "undo": (f"versions/{newest_version(issue)}/undo/", {"page": "issue"}),
    }


ACTS = (
    "move",
    "drop",
    "exclude",
    "edit a block",
    "add a block",
    "add",
    "write",
    "choose again",
    "undo",
)


@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_changes_an_approved_email_asks_first_and_is_done_once_after_yes(ruth, approved, name):
    path, fields = acts(approved)[name]
    before, articles = state(approved), Article.objects.count()
    asked = ruth.post(f"{HERE}{path}", fields)
    assert asked.status_code == 409
    assert "only send the issue at its scheduled time if somebody approves it again" in asked.content.decode()
    assert (state(approved), Article.objects.count()) == (before, articles)
    assert answer_yes(ruth, asked).status_code == 303
    assert state(approved) == (Issue.State.DRAFT, 0, before[2] + 1)
    assert Article.objects.count() == articles + (name == "write")


def test_htmx_shows_the_question_in_place_of_the_page(ruth, approved):
    path, fields = acts(approved)["move"]
    asked = ruth.post(f"{HERE}{path}", fields, headers={"HX-Request": "true"})
    assert (asked.status_code, asked["HX-Retarget"], asked["HX-Reselect"]) == (409, "#main", "#main")
    assert answer_yes(ruth, asked).status_code == 303


def test_a_pin_changes_no_email_and_keeps_the_approval(ruth, approved):
    before = state(approved)
    second = order(approved)[1]
    assert ruth.post(f"{HERE}articles/{second}/", {"act": "pin"}).status_code == 303
    assert approved.items.get(article=second).pinned
    assert state(approved)[:2] == before[:2]
    assert ruth.post(f"{HERE}articles/{second}/", {"act": "unpin"}).status_code == 303
    assert state(approved)[:2] == before[:2]


def test_agreeing_to_end_one_approval_does_not_end_a_later_one(ruth, approved, people):
    path, fields = acts(approved)["drop"]
    asked = ruth.post(f"{HERE}{path}", fields)
    with acting_as(people["amir"]):
        approve(approved)
    again = answer_yes(ruth, asked)
    assert again.status_code == 409
    assert "amir has approved this issue" in again.content.decode()
    assert answer_yes(ruth, again).status_code == 303


def test_the_picture_of_a_row_is_changed_only_after_the_editor_agreed(ruth, approved):
    first = order(approved)[0]
    before = state(approved)
    answer = ruth.post(f"{HERE}articles/{first}/edit/", {"picture": "none", "agreed": ""})
    assert answer.status_code == 409
    assert "If you save again, the issue will no longer be approved." in answer.content.decode()
    assert state(approved) == before


def test_a_command_ends_an_approval_without_a_question(approved):
    drop(approved, order(approved)[0])
    assert state(approved)[:2] == (Issue.State.DRAFT, 0)


def test_a_pinned_article_that_replaces_nothing_keeps_the_approval_for_a_command_too(approved):
    pin(approved, order(approved)[1])
    assert state(approved)[:2] == (Issue.State.SCHEDULED, 1)

"""Names, titles and texts that are scripts stay text on every page of the desk and of the public."""

import re

import lxml.html
import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from newsletter.articles.models import Article, Source
from newsletter.feedback.models import ReaderCase
from newsletter.issues.edit_issue_blocks import add_block
from newsletter.issues.models import Issue, Item, Publication, SavedSegment
from newsletter.notifications.models import Notification, Webhook, WebhookDelivery
from newsletter.proof.comments import WrittenComment, comment
from newsletter.proof.models import ProofComment
from subscribers.models import ImportRecord, List, Subscriber, Topic, Wording
from tests.web.desk import valid_forms
from tests.web.desk.second_factors import just_now
from tests.web.desk.test_permissions import ALL, ROUTES, ask, browser, own, path_in, sent_and_sending

__all__ = ["own", "sent_and_sending"]
HOSTILE = """<script>alert(9)</script><img src=x onerror=alert(9)>"'><b onmouseover=alert(9)>x</b>"""
# What an element of the page would be if one of them were read as a tag, or ended an attribute.
RUNS = "//script[contains(., 'alert(9)')] | //*[@onerror or @onmouseover]"


def fill(model, *names, **values):
    """Give these texts of each row a script."""
    assert model.objects.update(**dict.fromkeys(names, HOSTILE), **values), model


@pytest.fixture
def hostile(own, sent_and_sending):
    """Everything that people can name or write, as scripts."""
    draft = Issue.objects.get(number=valid_forms.DRAFT)
    comment(draft, WrittenComment(text="Why?", part="email"))
    add_block(draft, "notice", title=HOSTILE, body=HOSTILE, data={})
    valid_forms.question()
    Topic.objects.create(list=own.mailing_list, slug="tides", name="Tides")
    SavedSegment.objects.create(mailing_list=own.mailing_list, name="New", text="country is France")
    ImportRecord.objects.create(
        list=own.mailing_list,
        wording=Wording.objects.create(list=own.mailing_list, version=99, text="Open day"),
        name="people.csv",
        state=ImportRecord.State.FINISHED,
        began_at=timezone.now(),
    )
    fill(Subscriber, "first_name", "last_name", attributes={HOSTILE: HOSTILE})
    fill(List, "name", "description", "consent_wording", "sign_up_heading", "after_sign_up")
    fill(Topic, "name", "description")
    fill(Publication, "name", "tagline", "organisation", "sender_name", "postal_address", "reason")
    fill(Issue, "subject", "preheader", "opening", "blocked_reason")
    fill(Item, "section", "headline", "blurb", "picture_alt")
    fill(Article, "title", "standfirst", "image_alt", authors=[HOSTILE], topics=[HOSTILE])
    fill(Source, "title", "error", "change")
    fill(SavedSegment, "name", text=f'first name is "{HOSTILE.replace(chr(34), "")}"')
    fill(ImportRecord, "name", "imported_by")
    fill(ReaderCase, "text", "article_title", "answer")
    fill(ProofComment, "text", "author", "part_title")
    fill(Notification, "subject", "text")
    fill(Webhook, "error")
    fill(WebhookDelivery, "answer")
    fill(get_user_model(), "first_name", "last_name")
    return own


def test_scripts_are_only_text_on_every_page(hostile):
    client, shown, wrong = browser(ALL), [], []
    just_now(client)
    parts = {
        "subscriber": Subscriber.objects.get().pk,
        "mailing_list": hostile.mailing_list.slug,
        "topic": "tides",
        "case": ReaderCase.objects.get().pk,
        "person": get_user_model().objects.get(username="editor").pk,
    }
    numbers = {
        "desk/subscribers/segments/": SavedSegment.objects.get().pk,
        "desk/subscribers/imports/": ImportRecord.objects.get().pk,
    }
    for route in ROUTES:
        number = next((pk for beginning, pk in numbers.items() if route.startswith(beginning)), None)
        path = path_in(route, hostile, **parts, **({"number": number} if number else {}))
        answer, body = ask(client, "GET", path)
        assert answer.status_code < 500, path
        if answer.headers.get("Content-Type", "").startswith("text/html") and body.strip():
            shown += [path] if "alert(9)" in body else []
            found = lxml.html.document_fromstring(body).xpath(RUNS)
            wrong += [(path, lxml.html.tostring(each)[:200]) for each in found]
    assert not wrong, "\n".join(map(str, wrong))
    # The test would prove nothing if the pages did not show these texts.
    pages = " ".join(shown)
    for place in ("/desk/ ", "articles/", "subscribers/", "issues/", "reports/", "questions/", "settings/"):
        assert re.search(re.escape(place), pages), place
    assert len(shown) > 60

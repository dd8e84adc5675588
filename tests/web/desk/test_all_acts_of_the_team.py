"""Everything that a newsletter team does can be done in the desk: each act, the page that offers it, and its addresses.

A page that does not exist, or that offers the act no more, fails here. Who may do what is in
docs/reference/permissions.md, and the tests of each page try what an act does.
"""

import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from newsletter.accounts.actor import acting_as
from newsletter.articles.models import Source
from newsletter.notifications.models import Webhook
from newsletter.notifications.sign_webhook_posts import new_secret
from newsletter.notifications.webhook_secrets import encrypt_secret
from newsletter.scheduling.add_or_change_series import add_series
from newsletter.scheduling.approval import approve
from subscribers.models import Subscriber
from tests.sending.planned_mailing import planned_mailing

# The act: the page that offers it, and the addresses that the page leads to. `{}` stands for the number or the name.
ACTS = {
    "log in and out": ("dashboard", ["log-out"]),
    "add a source": ("sources", ["find-sources", "read-source-list", "export-sources"]),
    "fetch now, test, pause, and see errors": ("source", ["fetch-source", "try-source", "pause-source"]),
    "browse and search articles": ("articles", ["article"]),
    "compose an issue": ("new-issue", ["new-issue"]),
    "add a further article to an issue": ("add-to-issue", ["add-link", "write-in-issue"]),
    "reorder": ("issue", ["move-entry"]),
    "leave out, take back, pin and unpin": ("issue", ["arrange"]),
    "hold an article back for good": ("article", ["act-on-articles"]),
    "change section, headline and blurb": ("edit-in-issue", ["edit-in-issue"]),
    "write subject, preheader and introduction": ("details", ["texts", "save-field"]),
    "choose the articles again": ("issue", ["choose-again"]),
    "preview on a computer, a phone and as text": ("preview", ["email", "email-text"]),
    "preview dark": ("preview", ["email"]),
    "preview as a subscriber": ("preview", ["find-reader"]),
    "send a test": ("send", ["test"]),
    "approve": ("send", ["approve"]),
    "schedule, and send now": ("send", ["schedule"]),
    "cancel": ("send", ["cancel"]),
    "add recurring issues": ("series?phrase=every+Friday+at+9:00", ["series"]),
    "skip, move and pause recurring issues": ("series", ["skip", "move", "pause-series"]),
    "change and remove recurring issues": ("series", ["change-series", "remove-series"]),
    "see what was delivered, opened and clicked, and who left": ("reports", []),
    "list past issues": ("issues", ["issue"]),
    "look at subscribers": ("subscribers", ["subscriber"]),
    "add, unsubscribe, erase and lift": (
        "subscriber",
        ["subscriber-details", "unsubscribe", "suppress", "erase-subscriber"],
    ),
    "add a subscriber": ("subscribers", ["add-subscriber"]),
    "import and export": ("subscribers", ["import", "export-people"]),
    "keep lists, topics and segments, and see how a list grows": (
        "mailing-lists",
        ["mailing-list", "segments"],
    ),
    "see the growth of a list": ("mailing-list", ["list-growth"]),
    "write the texts of a list and its consent wording": ("sign-up-form", ["sign-up-form", "share-sign-up"]),
    "change a publication and its look": (
        "publication-settings",
        ["publication-identity", "publication-sender", "publication-look", "publication-sections"],
    ),
    "change blocks": ("standing-blocks", ["add-standing-block", "standing-block", "move-standing-block"]),
    "upload a logo": ("publication-look", ["publication-logo"]),
    "make a publication": ("publications", ["new-publication"]),
    "invite a colleague": ("people", ["invite"]),
    "give roles, block and remove a person": ("person", ["change-roles", "deactivate-person"]),
    "see webhooks": ("notifications", ["add-webhook", "webhook"]),
    "run the checks": ("system", ["run-checks"]),
    "back up": ("backups", ["back-up-now", "change-backup-plan"]),
}
OF_AN_APPROVED_ISSUE = {
    "withdraw an approval": ("send", ["withdraw"]),
    "send now": ("send", ["send-now"]),
}
OF_A_MAILING = {
    "pause and stop a mailing": ("send", ["pause", "stop"]),
    "see the figures of a mailing": ("send", ["figures"]),
}


@pytest.fixture
def numbers(ruths_draft, people):
    """What the addresses name: an issue with its articles, a recurring issue, a source, a person, a webhook."""
    publication = ruths_draft.publication
    add_series(publication, "every Tuesday at 07:30", name="weekly")
    webhook = Webhook.objects.create(
        url="https://example.org/", secret=encrypt_secret(new_secret()), created_at=timezone.now()
    )
    return {
        "slug": publication.slug,
        "number": ruths_draft.number,
        "list": publication.mailing_list.slug,
        "article": ruths_draft.items.first().article_id,
        "source": Source.objects.first().pk,
        "subscriber": Subscriber.objects.first().pk,
        "person": people["ruth"].account,
        "webhook": webhook.pk,
    }


NAMED = {
    **dict.fromkeys(("series",), ("slug",)),
    **dict.fromkeys(("skip", "move", "pause-series", "change-series", "remove-series"), ("slug", "series")),
    **dict.fromkeys(("standing-block", "move-standing-block"), ("slug", "block")),
    **dict.fromkeys(("article",), ("article",)),
    **dict.fromkeys(("arrange", "edit-in-issue"), ("slug", "number", "article")),
    **dict.fromkeys(("source", "fetch-source", "try-source", "pause-source"), ("source",)),
    **dict.fromkeys(
        ("subscriber", "subscriber-details", "unsubscribe", "suppress", "erase-subscriber"), ("subscriber",)
    ),
    **dict.fromkeys(("person", "change-roles", "deactivate-person"), ("person",)),
    **dict.fromkeys(("mailing-list", "list-growth"), ("list",)),
    "webhook": ("webhook",),
}
OF_A_PUBLICATION = ("publication-", "sign-up-", "share-sign-up", "standing-blocks", "add-standing-block")
OF_AN_ISSUE = {
    *("issue", "add-to-issue", "add-link", "write-in-issue", "move-entry", "details", "texts", "save-field"),
    *(
        "choose-again",
        "preview",
        "email",
        "email-text",
        "find-reader",
        "review",
        "test",
        "approve",
        "withdraw",
    ),
    *("send", "schedule", "send-now", "cancel", "pause", "stop", "figures"),
}


def address(name, numbers):
    if name in OF_AN_ISSUE:
        wanted = ("slug", "number")
    elif name.startswith(OF_A_PUBLICATION):
        wanted = ("slug",)
    else:
        wanted = NAMED.get(name, ())
    values = numbers | {"series": "weekly"}
    return reverse(f"desk:{name}", args=[values[each] for each in wanted])


def check(client, acts, numbers):
    missing = []
    for act, (page, offered) in acts.items():
        name, _mark, query = page.partition("?")
        answer = client.get(f"{address(name, numbers)}?{query}", follow=True)
        if answer.status_code != 200:
            missing.append((act, page, answer.status_code))
            continue
        shown = html.unescape(answer.content.decode())
        for name in offered:
            path = address(name, numbers)
            found = re.search(rf'"({re.escape(path)}(?:[?#][^"]*)?)"', shown)
            if found is None:
                missing.append((act, f"{page} does not lead to {name}"))
                continue
            led_to = client.get(found[1])
            if led_to.status_code >= 400:
                missing.append((act, name, led_to.status_code))
    assert missing == [], "\n".join(map(str, missing))


def test_each_act_of_the_team_has_a_page_in_the_desk_that_offers_it(desk_of, numbers, publication):
    numbers["block"] = publication.blocks.first().name
    check(desk_of("ada"), ACTS, numbers)


def test_an_approved_issue_offers_what_comes_next(desk_of, numbers, people, ruths_draft):
    with acting_as(people["amir"]):
        approve(ruths_draft)
    check(desk_of("ada"), OF_AN_APPROVED_ISSUE, numbers)


def test_an_issue_that_is_being_sent_offers_to_pause_and_stop_it(desk_of, numbers, people, ruths_draft):
    planned_mailing(ruths_draft)
    check(desk_of("ada"), OF_A_MAILING, numbers)

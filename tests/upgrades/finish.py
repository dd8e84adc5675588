"""Upgrades a database that an earlier version made, sends what it left unsent, and prints what came of it as JSON.

`python -m tests.upgrades.finish SENT`: SENT is what SendGrid had taken by then.
"""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path

import django
import time_machine

from tests.fakes.sendgrid import FakeSendGrid
from tests.upgrades.installation import MADE_AT


def main(sent):
    with FakeSendGrid() as sendgrid, time_machine.travel(MADE_AT + timedelta(hours=1), tick=True):
        taken_before = json.loads(Path(sent).read_text(encoding="utf-8"))
        sendgrid.log += [(set(categories), address) for categories, address in taken_before]
        os.environ["NEWSLETTER_SENDGRID_HOST"] = sendgrid.url
        django.setup()
        from newsletter.accounts.actor import Actor, Role, acting_as
        from newsletter.instance import guard
        from newsletter.schema_check import make_tables, why_not_usable

        make_tables()
        with acting_as(Actor("edda", frozenset(Role))):
            # On the machine of the test, which is another one.
            guard.adopt()
            finish_mailings()
            after = state() | {"approvals ended": end_changed_approvals()}
        taken_now = [
            [sorted(categories), address] for categories, address in sendgrid.log[len(taken_before) :]
        ]
        print(json.dumps({"usable": why_not_usable(), "taken now": taken_now} | after))


def finish_mailings():
    from newsletter.sending.engines.local import LocalEngine
    from newsletter.sending.models import Mailing
    from newsletter.sending.reconcile_unknown_recipients import reconcile_mailings

    reconcile_mailings()
    for mailing in Mailing.objects.filter(finished_at=None):
        LocalEngine(mailing.pk, threads=1).run()


def end_changed_approvals():
    """Look at approved issues as the scheduler does. Return why each unsent issue lost its approval."""
    from newsletter.issues.models import Approval
    from newsletter.scheduling.approval import check_next_approval

    for _ in range(100):
        if not check_next_approval():
            break
    ended = Approval.objects.exclude(withdrawn_at=None)
    return {each.issue.number: [each.issue.state, each.withdrawn_reason] for each in ended}


def _is_found(article):
    """Whether a search for its title finds an article that was stored before there was an index of words."""
    from newsletter.articles.search_articles import ArticleSearch, search_articles

    return article in search_articles(ArticleSearch(text=article.title)).articles


def state():
    """What is in the database, as far as an upgrade must keep it."""
    from newsletter.articles.models import Article
    from newsletter.issues.models import AuditEntry, Issue
    from newsletter.scheduling.models import Series
    from newsletter.sending.models import Mailing, Recipient
    from subscribers.models import ConsentEntry, Subscription, Suppression, Topic
    from subscribers.verify_consent_log import differences

    return {
        "differences": [each.sentence for each in differences()],
        "issues": dict(Issue.objects.order_by("number").values_list("number", "state")),
        "mailings": {
            each.issue.number: [
                each.state,
                each.audience,
                Recipient.objects.filter(batch__mailing=each, state="accepted").count(),
            ]
            for each in Mailing.objects.all()
        },
        "active": sorted(
            Subscription.objects.filter(state="active").values_list("subscriber__address", flat=True)
        ),
        "consent entries": ConsentEntry.objects.count(),
        "suppressions": Suppression.objects.count(),
        "articles found": [_is_found(article) for article in Article.objects.all()],
        "topics": sorted(Topic.objects.values_list("slug", flat=True)),
        "readers of tides": Subscription.objects.filter(topics__slug="tides").count(),
        "series": [each.zone for each in Series.objects.all()],
        "audit entries": AuditEntry.objects.exists(),
    }


if __name__ == "__main__":
    main(sys.argv[1])

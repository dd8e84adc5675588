"""Every button of the desk that changes something is in the audit log under the name of whoever pressed it."""

import re
from zoneinfo import ZoneInfo

import pytest
from django.urls import get_resolver
from django.utils import timezone

from newsletter.articles.models import Article
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.issue_audit import record
from newsletter.issues.models import AuditEntry
from tests.sending.planned_mailing import planned_mailing

HERE = "/desk/issues/harbour-letter/1/"
RHYTHM = "/desk/publications/harbour-letter/series/"
# What changes nothing that the log could show.
LOOKS = {
    "dashboard",
    "log-in",
    "log-out",
    "audit",
    "choose-publication",
    "find",
    "find-list",
    "shortcuts",
    "components",
    "issue",
    "details",
    "review",
    "send",
    "preview",
    "email",
    "pictures",
    "add-introduction-picture",
    "versions",
    "version",
}
SAVED = {
    "field": "opening",
    "text": "Dear reader, hello.",
    "started_from": text_version("Dear reader"),
    "account": "{account}",
}
UNWRITTEN = text_version("")
# Adding by a link and choosing again, tests/web/desk/test_contents.py tries.
CONTENTS = {"add-link", "choose-again", "write-in-issue"}
LOOKS_OF_LISTS = {"issues", "new-issue-articles"}
# What each of its steps writes down, tests/first_run and test_setup_link.py try.
FIRST_RUN = {
    *(
        "start",
        "start-account",
        "start-publication",
        "start-source",
        "start-find",
        "start-add",
        "start-articles",
    ),
    *("start-fetch", "start-fetch-again", "start-issue", "start-example", "remove-example"),
}
# What the parts Review and Send show; “settle” is tested with the people whose outcome is unknown.
OF_SEND = {
    *("audience", "issue-audience", "people", "figures", "understood", "test", "unconfirmed", "settle"),
    *(
        "email-text",
        "email-facts",
        "find-reader",
        "random-reader",
        "mail-program",
        "differences",
        "email-in-program",
        "issue-state",
    ),
}
# What these acts write down, tests/issues/test_change_articles_for_all_issues.py, test_change_references.py,
# test_article_reviews.py and
# tests/sending/test_web_page_changes.py try.
OF_ARTICLES = {
    *("articles", "article", "article-clicks", "sources", "source", "source-state", "find-sources"),
    *("act-on-articles", "add-article", "write-article", "edit-article", "change-article"),
    *("put-back-article", "article-picture", "article-terms", "fetch-article-picture"),
    *("corrections", "correct-article", "change-correction", "remove-correction"),
    *("correction-email", "correction-preview", "correction-left-out", "correction-mailing"),
    *("correction-unconfirmed", "settle-correction"),
    *("approve-correction", "send-correction", "undo-correction", "withdraw-correction"),
    *(
        "add-source",
        "fetch-source",
        "try-source",
        "export-sources",
        "pause-source",
        "resume-source",
        "describe-source",
    ),
    *("accept-source", "remove-source", "read-source-list", "add-source-list"),
    *("add-reference", "change-reference", "remove-reference", "restore-reference"),
    *("review-article", "article-reviews"),
}
OF_REPORTS = {
    *("reports", "report", "report-links", "report-people"),
    *("web-page", "correct-web-page", "withdraw-web-page", "undo-web-page-change"),
}
# What these acts write down, tests/accounts, tests/web/desk/test_people.py and test_single_sign_on.py try.
OF_ACCOUNTS = {
    *("account", "account-address", "account-cancel-address", "account-password", "confirm-address"),
    *(
        "account-end-session",
        "account-end-other-sessions",
        "account-unlink",
        "forgotten-password",
        "forgotten-password-sent",
    ),
    *("new-password", "person", "invite", "invitation", "send-invitation-again", "withdraw-invitation"),
    *("activate-person", "deactivate-person", "change-roles", "reset-second-factor", "unlink-person"),
    *("single-sign-on", "single-sign-on-answer", "single-sign-on-link"),
}
# What these acts write down, tests/web/desk/test_subscribers.py tries.
OF_SUBSCRIBERS = {
    *(
        "subscribers",
        "count-subscribers",
        "act-on-people",
        "people-act",
        "cancel-people-act",
        "undo-people-act",
        "mailing-lists",
        "mailing-list",
        "list-growth",
        "remove-topic",
        "subscriber",
        "add-subscriber",
        "paste-subscribers",
        "undo-import",
        "subscriber-address",
        "subscriber-basis",
        "subscriber-details",
    ),
    *(
        "pause-subscriber",
        "subscribe",
        "unsubscribe",
        "suppress",
        "lift-suppression",
        "export-subscriber",
        "erase-subscriber",
    ),
}
# What these acts write down, test_imports.py tries.
OF_IMPORTS = {
    *("import", "imported-file", "import-part", "import-columns", "check-import", "cancel-import"),
    *("import-left-out", "export-people", "people-export", "download-export", "cancel-export"),
}
# What these acts write down, test_segment_pages.py tries.
OF_SEGMENTS = {"segments", "new-segment", "segment", "segment-people", "remove-segment"}
# What these acts write down, test_publication_settings.py, test_publication_look.py, test_standing_block_pages.py,
# test_notice_language_pages.py and test_sign_up_form.py try.
OF_SETTINGS = {
    *("settings", "publications", "publication-settings", "new-publication", "publication-identity"),
    *("publication-sender", "publication-look", "publication-sample", "publication-logo"),
    *("remove-publication-logo", "publication-selection", "publication-sections", "publication-approval"),
    *("sending", "sending-checks", "sending-transport", "sending-sendgrid", "sending-smtp", "sending-limits"),
    *("sending-webhook", "sending-domain", "sending-suppressions", "sending-suppressions-daily"),
    *("sending-test", "undo-sending"),
    *("publication-audience", "publication-topics", "publication-questions"),
    *("publication-notices", "notices-in-language", "remove-notices-in-language"),
    *("undo-publication-settings", "standing-blocks", "standing-block", "add-standing-block"),
    *("move-standing-block", "remove-standing-block", "remove-publication"),
    *("archive-publication", "restore-publication"),
    *("sign-up-form", "undo-sign-up-form", "sign-up-sample", "share-sign-up"),
    *("sign-up-qr-svg", "sign-up-qr-png"),
    *("sign-up-translation", "remove-sign-up-translation", "undo-sign-up-translation"),
}
# What these acts write down, test_notifications_page.py and test_webhook_pages.py try.
OF_NOTIFICATIONS = {
    *(
        "notifications",
        "notification-mail",
        "notification-kinds",
        "webhook",
        "add-webhook",
        "change-webhook-secret",
    ),
    *("test-webhook", "remove-webhook", "send-webhook-again"),
}
# What these acts write down, tests/backups/test_stored_backups.py and test_system_pages.py try.
OF_THE_SYSTEM = {
    *("system", "run-checks", "adopt-instance", "backups", "back-up-now", "change-backup-plan"),
    *("download-backup", "remove-backup"),
}
# What these acts write down, tests/web/desk/test_preflight_pages.py tries.
OF_PREFLIGHT = {"overrule", "mend", "check-links", "tick-checklist", "publication-checks"}
# What these acts write down, tests/web/desk/test_rehearsal_pages.py tries.
OF_REHEARSALS = {"rehearsal", "rehearse", "cancel-rehearsal", "rehearsal-people"}
# What these acts write down, tests/proof, tests/scheduling/test_refuse_approval.py and test_proof_pages.py try.
OF_PROOF = {
    *("proof", "proof-links", "proof-link", "proof-comments", "proof-comment", "proof-sign"),
    *("publication-signatures", "ask-for-approval", "refuse-approval"),
}
# What these acts write down, tests/feedback/test_board_acts.py tries.
OF_QUESTIONS = {
    *("questions", "question", "acknowledge-question", "decide-question"),
    *("junk-question", "restore-question", "erase-question", "hand-over-question"),
}
# In an order in which each is possible: the name of the address, its path, and what is sent.
BEFORE = [
    ("texts", f"{HERE}texts/", {"opening": "Dear reader"}),
    ("restore-version", f"{HERE}versions/1/restore/", {}),
    ("undo", f"{HERE}versions/3/undo/", {}),
    ("save-field", f"{HERE}field/", SAVED),
    (
        "edit-in-issue",
        f"{HERE}articles/{{article}}/edit/",
        {"headline": "Ebb", "version-headline": UNWRITTEN},
    ),
    ("move-entry", f"{HERE}move/", {"key": "article:{article}", "place": "2"}),
    ("arrange-block", f"{HERE}blocks/taking-part/", {"act": "hide"}),
    ("edit-block", f"{HERE}blocks/copyright-and-reuse/edit/", {"title": "Ebb", "body": ""}),
    ("add-block", f"{HERE}add-block/", {"kind": "notice", "title": "Closed", "body": ""}),
    ("arrange", f"{HERE}articles/{{article}}/", {"act": "drop"}),
    ("add-to-issue", f"{HERE}add/", {"article": "{article}"}),
    ("approve", f"{HERE}approve/", {}),
    ("schedule", f"{HERE}schedule/", {"at": "tomorrow 07:30"}),
    ("unschedule", f"{HERE}unschedule/", {}),
    ("send-now", f"{HERE}send/now/", {}),
    ("withdraw", f"{HERE}withdraw/", {}),
    ("save-proof-group", f"{HERE}test/group/", {"name": "Trustees", "addresses": "tom@example.net"}),
    ("remove-proof-group", f"{HERE}test/group/remove/", {"name": "Trustees"}),
    ("series", RHYTHM, {"phrase": "every Tuesday at 07:30", "mode": "approve", "add": "yes"}),
    ("skip", f"{RHYTHM}{{series}}/skip/", {}),
    ("restore-date", f"{RHYTHM}{{series}}/restore/", {"date": "2026-11-24"}),
    ("change-series", f"{RHYTHM}{{series}}/change/", {"phrase": "every Friday at 07:30", "mode": "send"}),
    ("move", f"{RHYTHM}{{series}}/move/", {"to": "2099-01-01 09:00"}),
    ("pause-series", f"{RHYTHM}{{series}}/pause/", {}),
    ("resume-series", f"{RHYTHM}{{series}}/resume/", {}),
    ("remove-series", f"{RHYTHM}{{series}}/remove/", {}),
]
OF_A_MAILING = [
    ("pause", f"{HERE}mailing/pause/", {"why": "A doubt"}),
    ("resume", f"{HERE}mailing/resume/", {}),
    ("stop", f"{HERE}mailing/stop/", {}),
    ("retry", f"{HERE}mailing/retry/", {}),
]
OTHERS = [
    ("new-issue", "/desk/issues/new/", {"how": "latest"}),
    ("cancel", "/desk/issues/harbour-letter/2/cancel/", {}),
]


def test_every_address_of_the_desk_is_known():
    names = {name for name in get_resolver("newsletter.web.desk.urls").reverse_dict if isinstance(name, str)}
    tried_here = {name for name, _path, _data in BEFORE + OF_A_MAILING + OTHERS}
    issues = LOOKS | CONTENTS | OF_SEND | LOOKS_OF_LISTS | FIRST_RUN | tried_here
    assert (
        names
        == issues
        | OF_ARTICLES
        | OF_REPORTS
        | OF_ACCOUNTS
        | OF_SUBSCRIBERS
        | OF_IMPORTS
        | OF_SETTINGS
        | OF_SEGMENTS
        | OF_NOTIFICATIONS
        | OF_THE_SYSTEM
        | OF_PREFLIGHT
        | OF_REHEARSALS
        | OF_PROOF
        | OF_QUESTIONS
    )


def press(browser, steps, **words):
    for name, path, data in steps:
        last = AuditEntry.objects.order_by("pk").values_list("pk", flat=True).last() or 0
        sent = {field: value.format(**words) for field, value in data.items()}
        answer = browser.post(path.format(**words), sent)
        shown = re.sub(r"<[^>]+>", " ", answer.content.decode())
        new = AuditEntry.objects.filter(pk__gt=last, actor="ada")
        assert new.exists(), (name, answer.status_code, " ".join(shown.split())[:2_000])
        changed = [change for entry in new for change in entry.changes.values()]
        assert any(old != after for old, after in changed), (name, changed)


def test_the_page_names_issues_and_shows_times_in_the_zone_of_the_publication(desk_of, people, ruths_draft):
    publication = ruths_draft.publication
    type(publication).objects.update(zone="Asia/Tokyo")
    record("test", "Looked at it.", issue=ruths_draft)
    entry = AuditEntry.objects.latest("pk")
    page = desk_of("ada").get("/desk/audit/").content.decode()
    assert f"{entry.at.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M}</time>" in page
    assert "UTC" not in page
    assert f"<bdi>{publication.name} · No. 1</bdi>" in page
    assert "harbour-letter/1</bdi>" not in page


@pytest.mark.full
def test_every_button_is_written_down_with_old_and_new_values(desk_of, people, ruths_draft):
    ada = desk_of("ada")
    article = ruths_draft.items.last().article_id
    press(ada, BEFORE, article=article, series="harbour-letter", account=people["ada"].account)
    planned_mailing(ruths_draft)
    press(ada, OF_A_MAILING)
    known = ruths_draft.items.first().article
    for number in range(5):
        Article.objects.create(
            source=known.source,
            identity=f"new-{number}",
            url=f"https://example.org/{number}",
            title=f"New {number}",
            topics=known.topics,
            found_at=timezone.now(),
            published_at=timezone.now(),
        )
    press(ada, OTHERS)

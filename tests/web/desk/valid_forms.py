"""For the addresses whose empty form is refused before the role is asked about: a form that is complete.

Each entry prepares what the act needs, as the system, and returns the fields. The number of the issue is that of
`Numbers`: a draft, an issue that was sent, one that is being sent, and one that is paused.
"""

from datetime import UTC, datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from newsletter.articles.models import Article, Correction, Source
from newsletter.articles.references.reference_form import ReferenceFields
from newsletter.articles.write_article_in_desk import WrittenText, text_version, write_article
from newsletter.backups.models import StoredBackup
from newsletter.corrections.approve_notice import approve_notice, render_notice
from newsletter.corrections.models import CorrectionNotice
from newsletter.corrections.send_notice import mailings_of, send_notice
from newsletter.feedback.models import ReaderCase
from newsletter.issues import autosaved_texts, edit_issue_articles, edit_issue_blocks, edit_issue_texts
from newsletter.issues.change_articles_for_all_issues import change_article, text_seen, texts_version
from newsletter.issues.change_references import add_reference, remove_reference
from newsletter.issues.correct_article import CorrectionText, make_correction
from newsletter.issues.models import Issue
from newsletter.notifications.models import Notification, State, Webhook, WebhookDelivery
from newsletter.notifications.sign_webhook_posts import new_secret
from newsletter.notifications.webhook_secrets import encrypt_secret
from newsletter.proof.comments import WrittenComment, comment
from newsletter.proof.parts_now import parts_now
from newsletter.proof.proof_links import make_proof_link
from newsletter.scheduling.approval import approve
from newsletter.scheduling.occurrence_overrides import skip_date
from newsletter.scheduling.pause_or_remove_series import pause_series
from newsletter.scheduling.schedule import schedule_at
from newsletter.scheduling.series_names import find_series
from newsletter.sending.mailing_controls import pause_mailing, resume_mailing
from newsletter.sending.models import Mailing
from newsletter.sending.proof_groups import save_proof_group
from newsletter.sending.web_page_changes import withdraw_web_page
from subscribers.models import List
from subscribers.sign_up_texts import set_texts
from tests.articles.pictures.drawing import photo, saved

ISSUE = "desk/issues/<slug:slug>/<int:number>/"
SERIES = "desk/publications/<slug:slug>/series/"
SETTINGS = "desk/settings/publications/<slug:slug>/"
READERS = "desk/corrections/<int:correction>/readers/<slug:slug>/"
TUESDAY = "2026-11-24"
DRAFT, SENT, MAILING = 1, 2, 3
OPML = '<opml version="2.0"><body><outline type="rss" xmlUrl="https://example.org/f"/></body></opml>'


def correction_form():
    """Return the form for a correction to an article that was sent."""
    return {"right": "It was 12, not 21.", "severity": "serious", "article": sent_article().pk}


def sent_article():
    return sent().items.first().article


def reworded():
    return corrected() | {"right": "It was 13, not 21.", "severity": "serious"}


def corrected():
    text = CorrectionText(right="It was 12, not 21.", severity="serious")
    return {"correction": make_correction(sent_article().pk, text).pk}


def email_to_approve():
    made = Correction.objects.get(pk=corrected()["correction"])
    return {"correction": made.pk, "seen": render_notice(made, sent().publication).digest}


def email_approved():
    Mailing.objects.filter(issue__number=MAILING).update(state=Mailing.State.STOPPED)
    form = email_to_approve()
    approve_notice(form["correction"], sent().publication, seen=form["seen"])
    return form


def email_scheduled():
    form = email_approved()
    send_notice(CorrectionNotice.objects.get())
    return form


def email_planned():
    form = email_approved()
    notice = send_notice(CorrectionNotice.objects.get(), without_undo=True)
    return form | {"mailing": mailings_of(notice)[0].pk, "act": "pause"}


def picture():
    return SimpleUploadedFile("harbour.jpg", saved(photo(), "JPEG"), "image/jpeg")


def draft():
    return Issue.objects.get(number=DRAFT)


def sent():
    return Issue.objects.get(number=SENT)


def first_article():
    return Article.objects.first()


def in_draft():
    return draft().items.first().article


def new_headline():
    item = draft().items.first()
    version = autosaved_texts.text_version(item.headline)
    return {"article": item.article_id, "headline": f"{item.headline} again", "version-headline": version}


def not_in_draft():
    item = draft().items.last()
    edit_issue_articles.drop(draft(), item.article_id)
    return item.article_id


def put_back():
    article = first_article()
    change_article(article.pk, {"title": "Ours"}, seen=texts_version(article))
    article.refresh_from_db()
    return {"field": "title", "seen": text_seen(article, "title")}


def written():
    text = WrittenText(title="Open day", markdown="Come.")
    article = write_article(text)
    return {
        "title": "Closed day",
        "markdown": "Do not.",
        "seen": text_version(article),
        "article": article.pk,
    }


def approved():
    approve(draft())
    return {"at": "2026-12-01 09:00"}


def scheduled():
    approve(draft())
    schedule_at(draft(), datetime(2026, 12, 1, 9, 0, tzinfo=UTC))
    return {}


def own_block():
    key = edit_issue_blocks.add_block(draft(), "notice", title="Help", body="We need a boat.", data={})
    return {"key": key, "act": "remove", "title": "Boat", "body": "We have a boat."}


def paused():
    pause_mailing(Mailing.objects.get(issue__number=MAILING).pk, "Wait.")
    return {}


def running():
    mailing = Mailing.objects.get(issue__number=MAILING)
    if mailing.state == Mailing.State.PAUSED:
        resume_mailing(mailing.pk)
    return {}


def withdrawn():
    return {"change": withdraw_web_page(sent(), "Wrong").pk}


def series():
    return find_series("harbour-letter/weekly")


def skipped():
    skip_date(series(), TUESDAY)
    return {"date": TUESDAY}


def series_paused():
    pause_series(series())
    return {}


def further_language():
    set_texts(List.objects.earliest("pk"), "de", {"sign_up_heading": "Lesen Sie mit"})
    return {}


def source_paused():
    Source.objects.update(paused_at=datetime(2026, 11, 22, tzinfo=UTC))
    return {}


def changed():
    edit_issue_texts.set_subject(draft(), "Before")
    return {"version": draft().versions.count()}


def group():
    save_proof_group(draft().publication, "Trustees", ["tess@example.org"])
    return {"name": "Trustees"}


def add_posted_webhook():
    """Add a webhook for all events, to which one was posted. Its address is refused before anything is sent."""
    webhook = Webhook.objects.create(
        url="https://127.0.0.1/", secret=encrypt_secret(new_secret()), created_at=timezone.now()
    )
    notification = Notification.objects.create(
        key="a test", kind=Notification.Kind.BLOCKED, subject="Blocked", link="/desk/", made_at=timezone.now()
    )
    WebhookDelivery.objects.create(
        webhook=webhook, notification=notification, body="{}", state=State.DONE, due_at=timezone.now()
    )


def add_stored_backup():
    """Add a backup whose file is not on this machine."""
    StoredBackup.objects.create(
        name="newsletter-2026-11-22-030000.tar.gz",
        machine="another",
        reason=StoredBackup.Reason.NIGHTLY,
        made_at=timezone.now(),
        bytes=12_345_678,
        tried_at=timezone.now(),
        subscribers=1_204,
        issues=41,
    )


def shared():
    return {"link": make_proof_link(draft(), "Dr Okafor").link.pk, "act": "revoke"}


def commented():
    return {"comment": comment(draft(), WrittenComment(text="Why?", part="email")).pk, "act": "resolve"}


def cited():
    article = first_article()
    reference = add_reference(article.pk, ReferenceFields(title=f"A study {article.references.count()}"))
    return {"article": article.pk, "reference": reference.pk, "kind": "study", "title": "Another study"}


def uncited():
    known = cited()
    remove_reference(known["article"], known["reference"])
    return known


def question(state="received"):
    """A complaint in this state, for the publication of the draft."""
    case = ReaderCase.objects.create(
        publication=draft().publication,
        kind=ReaderCase.Kind.COMPLAINT,
        text="You wrote to my old address.",
        state=state,
        received_at=timezone.now(),
        acknowledge_by="2026-12-24",
        answer_by="2026-12-24",
    )
    return {"case": case.pk}


FORMS = {
    "desk/articles/<int:article>/references/<int:reference>/": cited,
    "desk/articles/<int:article>/references/<int:reference>/remove/": cited,
    "desk/articles/<int:article>/references/<int:reference>/restore/": uncited,
    "desk/articles/<int:article>/references/add/": lambda: {"kind": "study", "title": "A new study"},
    "desk/articles/<int:article>/change/": lambda: {"title": "Ours", "seen": texts_version(first_article())},
    "desk/articles/<int:article>/correct/": correction_form,
    "desk/articles/<int:article>/edit/": written,
    "desk/articles/<int:article>/picture/": lambda: {"picture": picture(), "picture_alt": "A harbour"},
    "desk/articles/<int:article>/put-back/": put_back,
    "desk/articles/act/": lambda: {"one": f"exclude:{first_article().pk}"},
    "desk/articles/write/": lambda: {"title": "Open day", "markdown": "Come."},
    "desk/corrections/<int:correction>/change/": reworded,
    "desk/corrections/<int:correction>/remove/": corrected,
    "desk/questions/<int:case>/acknowledge/": question,
    "desk/questions/<int:case>/decide/": lambda: {
        **question(),
        "outcome": "answered",
        "text": "We removed it.",
    },
    "desk/questions/<int:case>/erase/": lambda: question("declined"),
    "desk/questions/<int:case>/hand-over/": lambda: {**question(), "to": ""},
    "desk/questions/<int:case>/junk/": question,
    "desk/questions/<int:case>/restore/": lambda: question("junk"),
    f"{READERS}approve/": email_to_approve,
    f"{READERS}mailing/": email_planned,
    f"{READERS}send/": email_approved,
    f"{READERS}settle/": lambda: email_planned() | {"batch": "1", "sent": "yes", "sure": "on"},
    f"{READERS}undo/": email_scheduled,
    f"{READERS}withdraw/": email_approved,
    f"{ISSUE}add-block/": lambda: {"kind": "notice", "title": "Help", "body": "We need a boat."},
    f"{ISSUE}add/": lambda: {"article": not_in_draft()},
    f"{ISSUE}add/link/": lambda: {"address": Article.objects.get(pk=not_in_draft()).url},
    f"{ISSUE}add/write/": lambda: {"title": "Open day", "markdown": "Come."},
    f"{ISSUE}articles/<int:article>/": lambda: {"article": in_draft().pk, "act": "pin"},
    f"{ISSUE}articles/<int:article>/edit/": new_headline,
    f"{ISSUE}blocks/<str:key>/": own_block,
    f"{ISSUE}blocks/<str:key>/edit/": own_block,
    f"{ISSUE}details/picture/": lambda: {
        "add_picture": "on",
        "picture": picture(),
        "picture_description": "A harbour",
    },
    f"{ISSUE}field/": lambda: {"field": "subject", "text": "Ours"},
    f"{ISSUE}texts/": lambda: {"subject": "Ours"},
    f"{ISSUE}mailing/pause/": running,
    f"{ISSUE}mailing/resume/": paused,
    f"{ISSUE}mailing/settle/": lambda: {"batch": "1", "sent": "yes", "sure": "on"},
    f"{ISSUE}mailing/stop/": running,
    f"{ISSUE}mailing/retry/": running,
    f"{ISSUE}move/": lambda: {"key": f"article:{in_draft().pk}", "by": "down"},
    f"{ISSUE}report/web-page/correct/": lambda: {"note": "A name was wrong.", "old": "", "new": ""},
    f"{ISSUE}report/web-page/withdraw/": lambda: {"why": "It was wrong."},
    f"{ISSUE}report/web-page/undo/": withdrawn,
    f"{ISSUE}approve/refuse/": lambda: {"reason": "The appeal is wrong."},
    f"{ISSUE}review/proof/links/": lambda: {"name": "Dr Okafor", "days": "7"},
    f"{ISSUE}review/proof/links/<int:link>/": shared,
    f"{ISSUE}review/proof/comments/": lambda: {"about": "email", "text": "Why?"},
    f"{ISSUE}review/proof/comments/<int:comment>/": commented,
    f"{ISSUE}review/proof/sign/": lambda: {"part": f"email {parts_now(draft()).digest('email')}"},
    f"{ISSUE}schedule/": approved,
    f"{ISSUE}send/now/": approved,
    f"{ISSUE}withdraw/": approved,
    f"{ISSUE}unschedule/": scheduled,
    f"{ISSUE}test/": lambda: {"to": "tess@example.org"},
    f"{ISSUE}test/group/": lambda: {"name": "Trustees", "addresses": "tess@example.org"},
    f"{ISSUE}test/group/remove/": group,
    f"{ISSUE}versions/<int:version>/undo/": changed,
    "desk/issues/new/": lambda: {"how": "empty"},
    SERIES: lambda: {"phrase": "every Friday at 09:00"},
    f"{SERIES}<slug:name>/change/": lambda: {"phrase": "every Friday at 09:00"},
    f"{SERIES}<slug:name>/move/": lambda: {"date": TUESDAY, "to": "2026-11-25 10:00"},
    f"{SERIES}<slug:name>/skip/": lambda: {"date": TUESDAY},
    f"{SERIES}<slug:name>/restore/": skipped,
    f"{SERIES}<slug:name>/resume/": series_paused,
    "desk/sources/<int:source>/resume/": source_paused,
    "desk/sources/add/": lambda: {"address": "https://example.org/", "source": "https://example.org/f"},
    "desk/sources/list/": lambda: {"list": OPML},
    "desk/sources/list/add/": lambda: {"feed": "https://example.org/f"},
    "desk/settings/system/backups/plan/": lambda: {"nightly": "yes", "hour": "3", "keep": "14"},
    "desk/settings/system/sending/": lambda: {"understood": "yes"},
    f"{SETTINGS}sign-up/": lambda: {"sign_up_heading": "Read with us"},
    f"{SETTINGS}sign-up/in/<str:language>/": lambda: {"sign_up_heading": "Lesen Sie mit"},
    f"{SETTINGS}sign-up/in/<str:language>/remove/": further_language,
    "desk/subscribers/segments/new/": lambda: {"name": "New", "by": "text", "text": "joined in last 90 days"},
    "desk/settings/webhooks/add/": lambda: {
        "address": "https://hooks.example.org/",
        "publication": "harbour-letter",
    },
}
NUMBERS = {f"{ISSUE}mailing/": MAILING, f"{ISSUE}report/": SENT}
# Their forms cannot succeed here: a site would have to answer, or the state is one that no test of roles needs.
WITHOUT_SUCCESS = {
    "desk/articles/<int:article>/fetch-picture/",
    "desk/articles/add/",
    "desk/sources/add/",
    "desk/sources/find/",
    "desk/sources/list/add/",
    "desk/sources/<int:source>/accept/",
    "desk/sources/<int:source>/try/",
    f"{ISSUE}pictures/",
    f"{ISSUE}mailing/settle/",
    f"{ISSUE}mailing/retry/",
    f"{READERS}settle/",
}

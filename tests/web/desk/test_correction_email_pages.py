"""The page of an email about a correction: two presses from the mistake to the readers, undo, and who sees what."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from newsletter.accounts.actor import Role
from newsletter.accounts.users import add_user
from newsletter.articles.models import Article, Correction
from newsletter.corrections.models import CorrectionNotice, NoticeMailing
from newsletter.corrections.send_notice import mailings_of, plan_next_notice
from newsletter.issues.correct_article import CorrectionText, make_correction
from newsletter.issues.models import AuditEntry, Publication
from newsletter.issues.notice_translations import WantedText, change_notices_in
from newsletter.issues.topic_rules import WantedRule, change_topic_rules
from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Mailing, Recipient
from newsletter.sending.outcomes import NoTrace, Unknown
from newsletter.sending.saved_not_sent import SAVED_NOT_SENT
from newsletter.tracking.stored_figures import count_next_figures
from subscribers.models import Subscription
from tests.sending.conftest import way_out  # noqa: F401 - a fixture of a stage before
from tests.sending.scripted_transport import answering
from tests.web.desk.test_one_form_makes_one_thing import form_with

pytestmark = pytest.mark.django_db
State = CorrectionNotice.State


@pytest.fixture
def article(sent_issue, people):
    return sent_issue.items.filter(dropped=False).first().article


@pytest.fixture
def correction(article):
    return make_correction(article.pk, CorrectionText(right="It was 12, not 21.", severity="serious"))


@pytest.fixture
def page(correction, sent_issue):
    return f"/desk/corrections/{correction.pk}/readers/{sent_issue.publication.slug}/"


def read(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def seen_on(client, page):
    return re.search(r'name="seen" value="(\w{64})"', read(client, page))[1]


def test_the_email_can_be_read_for_each_language_of_its_notices(desk_of, article, sent_issue, page):
    call, polish = "In an emergency, call 999.", "W nagłym wypadku zadzwoń pod numer 999."
    Article.objects.filter(pk=article.pk).update(topics=["Cancer"])
    publication = sent_issue.publication
    change_topic_rules(publication, [WantedRule(topic="Cancer", emergency_numbers="999")])
    ada = desk_of("ada")
    assert "everybody else" not in read(ada, page)
    change_notices_in(publication, "pl", [WantedText(notice=call, text=polish, confirmed=True)])
    shown = read(ada, page)
    assert "<b>everybody else</b>" in shown
    assert f'href="{page}?language=pl#email-title">Polish</a>' in shown
    shown = read(ada, f"{page}?language=pl")
    assert "<b>Polish</b>" in shown
    [framed] = re.findall(r'<iframe src="([^"]+)"', shown)
    assert polish in read(ada, framed)
    assert call in read(ada, framed.partition("?")[0])


def test_two_presses_lead_from_the_mistake_to_the_readers_and_one_undoes_it(desk_of, article, sent_issue):
    ada = desk_of("ada")
    fields = {"right": "It was 12, not 21.", "severity": "serious"}
    action, sent = form_with(ada.get(f"/desk/articles/{article.pk}/correct/"), {"severity": "significant"})
    first = ada.post(action, sent | fields)
    made = Correction.objects.exclude(made_at=None).get()
    page = f"/desk/corrections/{made.pk}/readers/{sent_issue.publication.slug}/"
    assert first.url == ada.post(action, sent | fields).url == page
    shown = read(ada, page)
    assert "Approve and send to 1 person" in shown
    assert SAVED_NOT_SENT in shown
    assert "Nobody received the article, because sending was not set up." in shown
    assert "Nobody who received the article is left out." in shown
    answer = ada.post(f"{page}approve/", {"seen": seen_on(ada, page), "then": "send"}, follow=True)
    shown = answer.content.decode()
    assert "The email will be sent in" in shown
    assert f"minutes. {SAVED_NOT_SENT}" in shown
    assert "You can undo this until then." in shown
    notice = CorrectionNotice.objects.get()
    assert (notice.state, notice.approved_by, notice.sent_by) == (State.SCHEDULED, "ada", "ada")
    assert "The email will not be sent." in ada.post(f"{page}undo/", follow=True).content.decode()
    assert "The email will be sent in" in ada.post(f"{page}send/", follow=True).content.decode()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert plan_next_notice() == notice
        while send_next_batch():
            pass
        shown = read(ada, page)
    assert "What was sent" in shown
    (mailing,) = mailings_of(notice)
    assert (mailing.audience, mailing.state) == (1, "sent")
    assert AuditEntry.objects.filter(act="correction-email").count() == 4


def test_the_report_of_the_issue_names_the_emails_about_its_articles(desk_of, page, sent_issue):
    ada = desk_of("ada")
    report = f"/desk/issues/harbour-letter/{sent_issue.number}/report/"
    assert count_next_figures()
    assert "Emails about corrections" not in read(ada, report)
    Publication.objects.update(undo_minutes=0)
    ada.post(f"{page}approve/", {"seen": seen_on(ada, page), "then": "send"})
    assert "Emails about corrections" not in read(ada, report)
    assert plan_next_notice()
    section = read(ada, report).partition('id="corrections"')[2].partition("</section>")[0]
    assert f'href="{page}"' in section
    assert re.findall(r'<td class="number"[^>]*>(\d+)</td>', section) == ["1", "0"]


def test_the_email_is_shown_as_readers_see_it(desk_of, page):
    answer = desk_of("ada").get(f"{page}email/")
    assert "It was 12, not 21." in answer.content.decode()
    assert "*|" not in answer.content.decode()
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_the_people_left_out_are_named_to_those_who_may_see_people(desk_of, page, people):
    Subscription.objects.update(state=Subscription.State.UNSUBSCRIBED, left_at=timezone.now())
    ada = desk_of("ada")
    shown = read(ada, page)
    assert "Unsubscribed: <a" in shown
    person = Subscription.objects.first().subscriber
    assert person.address in read(ada, f"{page}left-out/?reason=unsubscribed")
    assert "Nobody is left out for this reason." in read(ada, f"{page}left-out/?reason=paused&after=nonsense")
    assert ada.get(f"{page}left-out/?reason=bored").status_code == 404
    assert person.address not in shown


def test_a_great_many_readers_are_counted_after_the_page_is_shown(desk_of, page):
    Mailing.objects.update(audience=20_001)
    ada = desk_of("ada")
    shown = read(ada, page)
    assert "Counting…" in shown
    assert ">Approve and send</button>" in shown
    assert "1 person will get the email." in read(ada, f"{page}?count=yes")


def test_an_approval_of_what_was_not_seen_is_refused_beside_the_button(desk_of, page, article):
    ada = desk_of("ada")
    seen = seen_on(ada, page)
    article.title = "Another title"
    article.save()
    answer = ada.post(f"{page}approve/", {"seen": seen, "then": "send"})
    assert answer.status_code == 409
    assert 'role="alert"' in answer.content.decode()
    assert "was changed after you opened it" in answer.content.decode()
    assert not CorrectionNotice.objects.exists()


def test_an_approval_alone_can_be_withdrawn_and_an_editor_can_do_neither(desk_of, page):
    ada, ruth = desk_of("ada"), desk_of("ruth")
    assert "Only an approver" in read(ruth, page)
    assert "Approve and send" not in read(ruth, page)
    assert ruth.post(f"{page}approve/", {"seen": seen_on(ada, page)}).status_code == 409
    ada.post(f"{page}approve/", {"seen": seen_on(ada, page)})
    assert "Only a sender" in read(ruth, page)
    assert f'action="{page}send/"' not in read(ruth, page)
    assert ruth.post(f"{page}send/").status_code == 409
    assert CorrectionNotice.objects.get().state == State.APPROVED
    assert "The approval was withdrawn." in ada.post(f"{page}withdraw/", follow=True).content.decode()
    assert not CorrectionNotice.objects.exists()


def test_what_the_checks_find_is_shown_and_an_error_needs_a_reason(desk_of, article, sent_issue):
    made = make_correction(article.pk, CorrectionText(right="It was [insert figure].", severity="serious"))
    page = f"/desk/corrections/{made.pk}/readers/{sent_issue.publication.slug}/"
    ada = desk_of("ada")
    shown = read(ada, page)
    assert "“[insert figure]”" in shown
    assert 'name="overruled_because"' in shown
    form = {"seen": seen_on(ada, page), "overruled_because": " "}
    answer = ada.post(f"{page}approve/", form)
    assert (answer.status_code, "To approve the email anyway" in answer.content.decode()) == (422, True)
    assert not CorrectionNotice.objects.exists()
    assert ada.post(f"{page}approve/", form | {"overruled_because": "It is a quotation."}).status_code == 303
    assert AuditEntry.objects.filter(sentence__contains="Reason: It is a quotation.").count() == 1
    assert 'name="overruled_because"' not in read(ada, page)


def test_a_link_that_readers_cannot_follow_is_named_at_the_form(desk_of, article):
    ada = desk_of("ada")
    path = f"/desk/articles/{article.pk}/correct/"
    action, sent = form_with(ada.get(path), {"severity": "minor"})
    answer = ada.post(action, sent | {"right": "See http://intranet/x.", "severity": "minor"})
    assert answer.status_code == 422
    assert "because it is on a private network" in answer.content.decode()
    assert not Correction.objects.exclude(made_at=None).exists()


def test_who_can_only_approve_is_offered_no_more(desk_of, page, people):
    user = add_user("omar", password="a long password for omar", roles=[Role.APPROVER])
    omar = Client()
    omar.force_login(user)
    shown = read(omar, page)
    assert ">Approve</button>" in shown
    Subscription.objects.update(state=Subscription.State.UNSUBSCRIBED, left_at=timezone.now())
    assert "left-out/?reason=unsubscribed" in read(omar, page)
    member = Client()
    member.force_login(add_user("beth", password="a long password for beth", roles=[Role.BOARD]))
    assert "Unsubscribed: 1 person" in read(member, page)
    Subscription.objects.update(state=Subscription.State.ACTIVE, left_at=None)
    assert "Approve and send" not in shown
    assert "Only a sender" in shown
    form = {"seen": seen_on(omar, page), "then": "send"}
    assert omar.post(f"{page}approve/", form).status_code == 409
    assert not CorrectionNotice.objects.exists()
    assert omar.post(f"{page}approve/", form | {"then": ""}).status_code == 303
    assert CorrectionNotice.objects.get().approved_by == "omar"


def test_its_mailing_is_paused_resumed_and_stopped_here(desk_of, page):
    ada = desk_of("ada")
    Publication.objects.update(undo_minutes=0)
    ada.post(f"{page}approve/", {"seen": seen_on(ada, page), "then": "send"})
    assert plan_next_notice()
    (mailing,) = mailings_of(CorrectionNotice.objects.get())
    for act, state in (("pause", "paused"), ("resume", "sending"), ("stop", "stopped")):
        ada.post(f"{page}mailing/", {"mailing": mailing.pk, "act": act})
        mailing.refresh_from_db()
        assert mailing.state == state
        assert mailing.get_state_display() in read(ada, page)
    assert ada.post(f"{page}mailing/", {"mailing": mailing.pk, "act": "dance"}).status_code == 422
    other = Mailing.objects.exclude(pk=mailing.pk).first()
    assert ada.post(f"{page}mailing/", {"mailing": other.pk, "act": "stop"}).status_code == 404
    assert Mailing.objects.get(issue=other.issue, purpose="issue").state == "sent"


def test_people_in_doubt_are_shown_by_name_and_settled_by_a_sender(desk_of, page, way_out):  # noqa: F811
    ada, ruth = desk_of("ada"), desk_of("ruth")
    Publication.objects.update(undo_minutes=0)
    ada.post(f"{page}approve/", {"seen": seen_on(ada, page), "then": "send"})
    assert plan_next_notice()
    (mailing,) = mailings_of(CorrectionNotice.objects.get())
    batch = mailing.batches.get()
    assert "Everybody is accounted for" in read(ada, f"{page}unconfirmed/")
    way_out.plan = answering(Unknown("The answer was lost."))
    way_out.books = lambda _trace, _recipients: [NoTrace("There is no record of this email.")]
    assert send_next_batch(mailing.pk)
    assert f'href="{page}unconfirmed/"' in read(ada, page)
    person = Recipient.objects.get(batch=batch).subscriber
    form = {"mailing": mailing.pk, "batch": batch.pk}
    for client in (ada, ruth):
        assert person.address in read(client, f"{page}unconfirmed/")
    assert "Only a sender" in read(ruth, f"{page}unconfirmed/")
    assert ruth.post(f"{page}settle/", form | {"sent": "yes", "sure": "on"}).status_code == 409
    for sent in ("yes", "no"):
        unsure = ada.post(f"{page}settle/", form | {"sent": sent})
        assert (unsure.status_code, "Tick the box to confirm" in unsure.content.decode()) == (422, True)
    form["sure"] = "on"
    other = Mailing.objects.exclude(pk=mailing.pk).first()
    assert ada.post(f"{page}settle/", form | {"mailing": other.pk, "sent": "yes"}).status_code == 404
    assert Recipient.objects.get(batch=batch).state == Recipient.State.UNKNOWN
    answer = ada.post(f"{page}settle/", form | {"sent": "yes"}, follow=True)
    assert "We recorded that 1 person received the email." in answer.content.decode()
    assert Recipient.objects.get(batch=batch).state == Recipient.State.ACCEPTED


def test_home_says_what_waits_and_leads_to_the_page(desk_of, page):
    ada = desk_of("ada")
    ada.post(f"{page}approve/", {"seen": seen_on(ada, page)})
    assert f'href="{page}"' in read(ada, "/desk/")
    Publication.objects.update(undo_minutes=0)
    ada.post(f"{page}send/")
    assert plan_next_notice()
    (mailing,) = mailings_of(CorrectionNotice.objects.get())
    ada.post(f"{page}mailing/", {"mailing": mailing.pk, "act": "pause"})
    home = read(ada, "/desk/")
    assert f'href="{page}"' in home
    assert "Paused by ada." in home


def test_minor_corrections_say_why_there_is_no_email(desk_of, article, sent_issue):
    made = make_correction(article.pk, CorrectionText(right="A name.", severity="minor"))
    page = f"/desk/corrections/{made.pk}/readers/{sent_issue.publication.slug}/"
    assert "We only email readers about serious corrections." in read(desk_of("ada"), page)
    assert desk_of("ada").get(f"{page}email/").status_code == 409


@pytest.mark.parametrize("missing", ["999999999/readers/harbour-letter", "{}/readers/no-such-newsletter"])
def test_what_does_not_exist_is_not_found(desk_of, correction, missing):
    read(desk_of("ada"), f"/desk/corrections/{missing.format(correction.pk)}/", 404)


@pytest.mark.usefixtures("transactional_db")
def test_two_presses_at_the_same_moment_approve_and_send_once(desk_of, page):
    browsers = [desk_of("ada"), desk_of("amir")]
    form = {"seen": seen_on(browsers[0], page), "then": "send"}
    gate = Barrier(2, timeout=60)

    def press(client):
        try:
            gate.wait()
            return client.post(f"{page}approve/", form).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        statuses = sorted(threads.map(press, browsers))
    assert statuses == [303, 409]
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert plan_next_notice()
        assert plan_next_notice() is None
    assert (CorrectionNotice.objects.count(), NoticeMailing.objects.count()) == (1, 1)

"""A newsletter that ends is archived: it leaves the choices, and what was sent of it stays."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.accounts.actor import acting_as
from newsletter.errors import Refused
from newsletter.issues.compose import compose
from newsletter.issues.models import AuditEntry, Issue, Publication
from newsletter.scheduling.add_or_change_series import add_series
from newsletter.scheduling.approval import approve
from newsletter.scheduling.archive_publication import archive_publication, why_not_archive_publication
from newsletter.scheduling.pause_or_remove_series import pause_series, resume_series
from newsletter.scheduling.schedule import schedule_at, unschedule, why_not_schedule
from newsletter.sending.send_now import send_now
from tests.sending.planned_mailing import planned_mailing

PAGE = "/desk/settings/publications/harbour-letter/"


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def test_what_would_still_be_sent_is_named_and_stands_in_the_way(ada, ruths_draft, publication):
    schedule_at(ruths_draft, timezone.now() + timedelta(days=1))
    weekly = add_series(publication, "every Tuesday at 07:30", name="weekly")
    page = text(ada.get(PAGE))
    assert "Issue 1 of The Harbour Letter is scheduled for" in page
    assert "Unschedule or cancel it first." in page
    assert "The recurring issue “weekly” still drafts issues. Pause or remove it first." in page
    assert ada.post(f"{PAGE}archive/").status_code == 409
    unschedule(ruths_draft)
    pause_series(weekly)
    assert ada.post(f"{PAGE}archive/").status_code == 303
    assert Publication.objects.get().archived_at


def test_an_issue_that_is_being_sent_stands_in_the_way(ruths_draft, publication):
    planned_mailing(ruths_draft)
    assert "Issue 1 of The Harbour Letter is being sent." in why_not_archive_publication(publication)
    with pytest.raises(Refused, match="being sent"):
        archive_publication(publication)


def test_an_archived_newsletter_makes_and_sends_nothing_until_it_is_restored(ada, ruths_draft, publication):
    weekly = add_series(publication, "every Tuesday at 07:30", name="weekly")
    pause_series(weekly)
    approve(ruths_draft)
    needs_attention = "This issue has no send time yet."
    assert needs_attention in text(ada.get("/desk/"))
    answer = text(ada.post(f"{PAGE}archive/", follow=True))
    assert needs_attention not in text(ada.get("/desk/"))
    assert "The Harbour Letter was archived. Its issues and web pages were kept." in answer
    assert f'action="{PAGE}restore/"' in answer
    assert "All your newsletters are archived." in answer
    assert 'value="harbour-letter"' not in text(ada.get("/desk/issues/new/"))
    assert ada.get("/desk/issues/harbour-letter/1/").status_code == 200
    publication.refresh_from_db()
    for act in (
        lambda: compose(publication, again=True),
        lambda: send_now(Issue.objects.get()),
        lambda: send_now(Issue.objects.get(), without_undo=True),
        lambda: resume_series(weekly),
        lambda: add_series(publication, "every Friday at 07:30"),
    ):
        with pytest.raises(Refused, match="The Harbour Letter is archived"):
            act()
    assert "is archived" in why_not_schedule(Issue.objects.select_related("publication").get())
    assert ada.post(f"{PAGE}archive/").status_code == 409
    assert ada.post(f"{PAGE}restore/").status_code == 303
    publication.refresh_from_db()
    assert not why_not_schedule(Issue.objects.get())
    assert not Publication.objects.get().archived_at
    acts = AuditEntry.objects.filter(act="publication").order_by("pk").values_list("sentence", flat=True)
    assert list(acts)[-2:] == [
        "Archived the publication The Harbour Letter.",
        "Restored the publication The Harbour Letter.",
    ]


def test_the_pages_and_the_list_of_an_archived_newsletter_stay(ada, client, ruths_draft, publication):
    archive_publication(publication)
    mailing_list = publication.mailing_list
    assert client.get(f"/lists/{mailing_list.slug}/").status_code == 200
    assert client.get("/harbour-letter/").status_code == 200
    assert ada.post(f"/desk/subscribers/lists/{mailing_list.slug}/", {"act": "archive"}).status_code == 303
    answer = ada.post(f"{PAGE}restore/")
    assert answer.status_code == 409
    assert "Restore the list first." in text(answer)


def test_only_an_administrator_archives_a_newsletter(desk_of, people, publication):
    assert desk_of("ruth").post(f"{PAGE}archive/").status_code == 409
    with acting_as(people["ruth"]), pytest.raises(Refused, match="Only an administrator"):
        archive_publication(publication)


def test_on_the_command_line_a_newsletter_is_archived_and_restored(cli, publication):
    assert "was archived" in cli("publications", "archive", "harbour-letter").out
    assert f"{timezone.now():%Y-}" in cli("publications", "list").out
    assert cli("publications", "archive", "harbour-letter").code == 1
    assert "was restored" in cli("publications", "restore", "harbour-letter").out

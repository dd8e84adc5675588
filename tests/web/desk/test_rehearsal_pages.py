"""The page of the rehearsal: started from Review, followed, cancelled, and read by those who may see people."""

import re

from newsletter.accounts.actor import Role
from newsletter.accounts.users import add_user
from newsletter.background_jobs.models import BackgroundJob
from newsletter.background_jobs.run_jobs import run_next_job
from newsletter.issues.models import AuditEntry, Issue
from newsletter.preflight.rehearsal_models import Rehearsal, RehearsalProblem
from newsletter.scheduler import JOBS
from subscribers.models import Subscriber, Subscription

HERE = "/desk/issues/harbour-letter/1/"
PAGE = f"{HERE}review/rehearsal/"


def text(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_a_rehearsal_is_started_from_review_and_its_result_is_kept(ruth):
    review = ruth.get(f"{HERE}review/")
    assert "Nobody has rehearsed this mailing yet." in text(review)
    assert f'href="{PAGE}"' in review.content.decode()
    assert f'href="{PAGE}"' in ruth.get(f"{HERE}send/").content.decode()
    assert ruth.post(f"{PAGE}start/").url == PAGE
    assert "Waiting for the scheduler" in text(ruth.get(PAGE))
    assert run_next_job(JOBS)
    BackgroundJob.objects.all().delete()  # as after some days
    page = text(ruth.get(PAGE))
    assert "We built 1 email" in page
    assert "We found no problems." in page
    readers = Subscription.objects.filter(state=Subscription.State.ACTIVE).values("subscriber").distinct()
    assert f"{readers.count()} person in the audience" in page
    assert "Started by ruth" in page
    assert "We built 1 email" in text(ruth.get(f"{HERE}review/"))
    entry = AuditEntry.objects.get(act="rehearse")
    assert (entry.actor, entry.issue_id) == ("ruth", Issue.objects.get().pk)


def test_two_people_who_start_it_at_once_get_one_rehearsal(ruth, desk_of):
    ruth.post(f"{PAGE}start/")
    desk_of("amir").post(f"{PAGE}start/")
    assert (Rehearsal.objects.count(), BackgroundJob.objects.count()) == (1, 1)


def test_people_with_a_problem_are_named_page_by_page_to_those_who_may_see_them(ruth, desk_of):
    Subscriber.objects.update(locale="de")
    ruth.post(f"{PAGE}start/")
    assert run_next_job(JOBS)
    row = RehearsalProblem.objects.get()
    person = row.subscriber
    RehearsalProblem.objects.bulk_create(
        RehearsalProblem(rehearsal=row.rehearsal, subscriber=person, kind=row.kind, sentence=f"No. {n}.")
        for n in range(60)
    )
    assert f'href="{PAGE}people/language/"' in ruth.get(PAGE).content.decode()
    first = ruth.get(f"{PAGE}people/language/")
    assert person.address in text(first)
    assert "No. 48." in text(first)
    assert "No. 49." not in text(first)
    more = re.search(r'hx-get="([^"]+)"', first.content.decode())[1]
    assert "No. 59." in text(ruth.get(more, headers={"HX-Request": "true"}))
    assert ruth.get(f"{PAGE}people/nothing/").status_code == 404
    add_user("vera", password="ebb and flow", roles=[Role.AUTHOR])
    vera = desk_of("vera")
    assert "In another language" in text(vera.get(PAGE))
    assert "people/language" not in vera.get(PAGE).content.decode()
    refused = vera.get(f"{PAGE}people/language/")
    assert refused.status_code == 409
    assert person.address not in refused.content.decode()
    assert vera.post(f"{PAGE}start/").status_code == 409


def test_people_without_a_first_name_are_named(ruth, desk_of):
    Subscriber.objects.update(first_name="")
    Issue.objects.update(opening="Dear {{ first_name }}")
    ruth.post(f"{PAGE}start/")
    assert run_next_job(JOBS)
    assert f'href="{PAGE}people/no-first-name/">Show who' in ruth.get(PAGE).content.decode()
    person = Subscriber.objects.get()
    named = ruth.get(f"{PAGE}people/no-first-name/").content.decode()
    assert f'href="/desk/subscribers/{person.pk}/">{person.address}' in named
    Subscriber.objects.update(first_name="Amara")
    assert person.address not in ruth.get(f"{PAGE}people/no-first-name/").content.decode()
    add_user("vera", password="ebb and flow", roles=[Role.AUTHOR])
    assert "Show who" not in desk_of("vera").get(PAGE).content.decode()
    assert desk_of("vera").get(f"{PAGE}people/no-first-name/").status_code == 409


def test_a_result_is_shown_as_out_of_date_after_a_change(ruth):
    ruth.post(f"{PAGE}start/")
    assert run_next_job(JOBS)
    Issue.objects.update(subject="Ebb")
    assert "out of date. The email has changed since the rehearsal." in text(ruth.get(PAGE))
    assert "The email has changed since the rehearsal." in text(ruth.get(f"{HERE}review/"))


def test_a_rehearsal_can_be_cancelled_and_started_again(ruth):
    ruth.post(f"{PAGE}start/")
    assert ruth.post(f"{PAGE}cancel/").url == PAGE
    assert "was cancelled before it was finished" in text(ruth.get(PAGE))
    assert ruth.post(f"{PAGE}cancel/").status_code == 409
    ruth.post(f"{PAGE}start/")
    assert run_next_job(JOBS)
    assert "We built 1 email" in text(ruth.get(PAGE))


def test_an_email_that_cannot_be_built_is_said_with_its_reason(ruth):
    ruth.post(f"{PAGE}start/")
    Issue.objects.update(opening="{{ nothing }}")
    assert run_next_job(JOBS)
    page = text(ruth.get(PAGE))
    assert "We could not finish the rehearsal." in page
    assert "Introduction" in page


def test_a_cancelled_issue_can_no_longer_be_rehearsed(ruth):
    Issue.objects.update(state=Issue.State.CANCELLED)
    refused = ruth.post(f"{PAGE}start/")
    assert refused.status_code == 409
    assert "can no longer be rehearsed" in text(refused)
    assert not BackgroundJob.objects.exists()

"""The activity page: who did what, by person, by what was done, by publication and by days."""

import ast
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth import get_user_model
from lxml import html

import newsletter
from newsletter.accounts.actor import Role, acting_as
from newsletter.accounts.role_checked_subscriber_acts import add_person, erase, unsubscribe
from newsletter.accounts.users import actor_of, add_user
from newsletter.issues import edit_issue_texts
from newsletter.issues.issue_audit import record
from newsletter.issues.models import AuditEntry, Publication
from newsletter.issues.publication_settings import change_settings
from newsletter.issues.search_audit import ACTS, ENTRIES_PER_PAGE
from newsletter.scheduling.models import Occurrence
from newsletter.sending.models import Decision

PAGE = "/desk/audit/"


def text(answer):
    return answer.content.decode()


def sentences(answer):
    return [
        each.text_content()
        for each in html.fromstring(answer.content).cssselect(".history li > p:nth-child(2)")
    ]


def written(name, act, sentence, at, **more):
    with time_machine.travel(at, tick=False), acting_as(name):
        record(act, sentence, **more)


def test_the_log_is_read_page_by_page_and_no_entry_is_missed_or_shown_twice(desk_of, people, ruths_draft):
    with acting_as(people["ruth"]):
        for number in range(ENTRIES_PER_PAGE + 10):
            edit_issue_texts.set_subject(ruths_draft, f"Subject {number}")
    ruth = desk_of("ruth")
    shown, address = [], f"{PAGE}?publication=harbour-letter"
    for _page in range(5):
        answer = ruth.get(address)
        shown += sentences(answer)
        older = html.fromstring(answer.content).cssselect(".pager a[rel=next]")
        if not older:
            break
        address = older[0].get("href")
        assert "publication=harbour-letter" in address
        # What is written meanwhile does not move what the next page shows.
        record("edit", "Written meanwhile.", issue=ruths_draft)
    stored = AuditEntry.objects.filter(publication__slug="harbour-letter").exclude(
        sentence="Written meanwhile."
    )
    assert shown == list(stored.order_by("-pk").values_list("sentence", flat=True))
    assert any("Composed the issue from" in each for each in shown[ENTRIES_PER_PAGE:])
    assert ruth.get(f"{PAGE}?publication=nothing").status_code == 404


def test_entries_are_found_by_person_by_what_was_done_and_by_both(desk_of, people, ruths_draft):
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    written(people["amir"], "approve", "Approved it.", now, issue=ruths_draft)
    written(people["amir"], "webhook-add", "Added a webhook.", now)
    written(people["ruth"], "webhook-remove", "Removed a webhook.", now)
    ada = desk_of("ada")
    assert sentences(ada.get(f"{PAGE}?person=amir")) == ["Added a webhook.", "Approved it."]
    assert sentences(ada.get(f"{PAGE}?topic=settings"))[:2] == ["Removed a webhook.", "Added a webhook."]
    assert sentences(ada.get(f"{PAGE}?topic=settings&person=amir")) == ["Added a webhook."]
    nobody = ada.get(f"{PAGE}?person=nobody")
    assert "Nothing matches" in text(nobody)
    # The name of somebody leads to what they did.
    links = html.fromstring(ada.get(PAGE).content).cssselect(".history a.by")
    assert {each.get("href") for each in links} >= {f"{PAGE}?person=amir", f"{PAGE}?person=ruth"}


def test_a_day_is_as_long_as_in_the_zone_of_the_publication(desk_of, people, ruths_draft):
    Publication.objects.update(zone="America/New_York")
    ours = ZoneInfo("America/New_York")
    for at in (
        datetime(2026, 10, 31, 23, 59, tzinfo=ours),
        # This day has 25 hours there.
        datetime(2026, 11, 1, 0, 0, tzinfo=ours),
        datetime(2026, 11, 1, 23, 59, tzinfo=ours),
        datetime(2026, 11, 2, 0, 0, tzinfo=ours),
    ):
        written(people["amir"], "edit", f"At {at:%d %H:%M}.", at, issue=ruths_draft)
    found = desk_of("ruth").get(f"{PAGE}?from=2026-11-01&to=2026-11-01&publication=harbour-letter")
    assert sentences(found) == ["At 01 23:59.", "At 01 00:00."]


@pytest.mark.parametrize("day", ["yesterday", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_that_cannot_be_read_is_said_beside_its_field(desk_of, people, ruths_draft, day):
    for field in ("from", "to"):
        answer = desk_of("ruth").get(f"{PAGE}?{field}={day}")
        assert answer.status_code == 200
        assert text(answer).count("Enter a date ") == 1
        assert f'id="{field}-error"' in text(answer)


def test_the_entries_of_several_days_are_found_from_one_day_to_another(desk_of, people, ruths_draft):
    for day in range(1, 8):
        at = datetime(2026, 11, day, 12, tzinfo=UTC)
        written(people["amir"], "edit", f"On {day}.", at, issue=ruths_draft)
    ruth, amir = desk_of("ruth"), f"{PAGE}?person=amir"
    assert sentences(ruth.get(f"{amir}&from=2026-11-03&to=2026-11-05")) == ["On 5.", "On 4.", "On 3."]
    assert sentences(ruth.get(f"{amir}&from=2026-11-06")) == ["On 7.", "On 6."]
    assert sentences(ruth.get(f"{amir}&to=2026-11-01")) == ["On 1."]
    assert "“From” is after “To”." in text(ruth.get(f"{amir}&from=2026-11-05&to=2026-11-03"))


def test_an_act_on_a_subscriber_names_the_list_and_leads_to_the_person(desk_of, people, ruths_draft):
    mailing_list = ruths_draft.publication.mailing_list
    with acting_as(people["ada"]):
        added = add_person(mailing_list, "mair@example.org", statement="She asked.")
        person = added.subscriber
        assert (
            AuditEntry.objects.latest("pk").sentence == f"Added subscriber {person.pk} to “{mailing_list}”."
        )
        unsubscribe(added, reason="")
    [entry, _added] = html.fromstring(desk_of("ada").get(f"{PAGE}?topic=subscribers").content).cssselect(
        ".history li"
    )[:2]
    assert f"Unsubscribed subscriber {person.pk} from “{mailing_list}”." in entry.text_content()
    [link] = entry.cssselect(f"a[href='/desk/subscribers/{person.pk}/']")
    assert link.text_content() == "mair@example.org"


def test_an_erasure_is_one_entry_that_leads_nowhere(desk_of, people, ruths_draft):
    with acting_as(people["ada"]):
        person = add_person(
            ruths_draft.publication.mailing_list, "mair@example.org", statement="She asked."
        ).subscriber
        number, before = person.pk, AuditEntry.objects.latest("pk").pk
        erase(person, typed="mair@example.org")
    [entry] = AuditEntry.objects.filter(pk__gt=before)
    assert (entry.act, entry.thing) == ("erase", f"subscriber {number}")
    assert entry.sentence == f"Erased subscriber {number} and everything stored about them."
    page = text(desk_of("ada").get(f"{PAGE}?topic=subscribers"))
    assert entry.sentence in page
    assert f"/desk/subscribers/{number}/" not in page
    assert "mair" not in page


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "٣"])
def test_a_cursor_that_nobody_gave_is_harmless(desk_of, people, ruths_draft, after):
    assert desk_of("ruth").get(f"{PAGE}?after={after}").status_code == 200


def test_a_person_of_one_publication_sees_neither_the_rest_nor_other_names(desk_of, people, ruths_draft):
    publication = ruths_draft.publication
    guest = add_user(
        "gus", password="ebb and flow", roles=[], publication_roles=[(publication.pk, Role.EDITOR)]
    )
    other = Publication.objects.get(pk=publication.pk)
    other.pk, other.slug, other.name = None, "other", "The Other Letter"
    other.save()
    record("edit", "A secret of the other letter.", publication=other)
    record("user", "A secret about an account.")
    client = desk_of("gus")
    page = text(client.get(PAGE))
    assert actor_of(guest).name == "gus"
    assert "secret" not in page
    assert 'value="amir"' not in page
    assert "secret" not in text(client.get(f"{PAGE}?topic=accounts"))
    assert client.get(f"{PAGE}?publication=other").status_code == 404
    assert 'value="amir"' in text(desk_of("ada").get(PAGE))


def test_a_name_full_of_script_does_nothing(desk_of, people, ruths_draft):
    get_user_model().objects.filter(username="ruth").update(username="<script>alert(1)</script>")
    AuditEntry.objects.filter(actor="ruth").update(actor="<script>alert(1)</script>")
    page = desk_of("ada").get(f"{PAGE}?person=%3Cscript%3Ealert(1)%3C/script%3E").content
    assert b"<script>alert" not in page


@pytest.mark.parametrize("number", [1, 120])
def test_the_page_asks_the_database_a_few_questions_however_long_the_log(
    desk_of, people, ruths_draft, number, django_assert_max_num_queries
):
    with acting_as(people["ruth"]):
        for each in range(number):
            record("edit", f"Change {each}.", issue=ruths_draft)
    ada = desk_of("ada")
    with django_assert_max_num_queries(15):
        ada.get(f"{PAGE}?topic=issues&person=ruth")


def acts_written():
    """Yield the acts that modules outside the accounts write into the log, where a module names one as it is."""
    package = Path(newsletter.__file__).parent
    for path in package.rglob("*.py"):
        if {"accounts", "account", "single_sign_on", "migrations"} & set(path.relative_to(package).parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if name in {"record", "audit_log.write"} and node.args and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


def test_every_act_outside_the_accounts_belongs_to_one_topic():
    known = [act for acts in ACTS.values() for act in acts]
    assert len(known) == len(set(known))
    decided = {f"mailing-{act}" for act in Decision.Act.values}
    dates = {Occurrence.State.SKIPPED.value, Occurrence.State.MISSED.value, Occurrence.State.DRAFTED.value}
    # Turning the emails of a person on and off is about an account.
    assert (set(acts_written()) | decided | dates) - {"user"} <= set(known)


def undo_forms(answer):
    return [each for each in html.fromstring(answer.content).forms if (each.action or "").endswith("/undo/")]


def test_a_change_of_settings_is_undone_from_the_log_while_it_stands(desk_of, publication, people):
    ada, ruth = desk_of("ada"), desk_of("ruth")
    for number in ("1", "2"):
        with acting_as(people["ada"]):
            change_settings(publication, "sender", {"charity_number": number})
    [form] = undo_forms(ada.get(PAGE))
    assert undo_forms(ruth.get(PAGE)) == []
    answer = ada.post(form.action, dict(form.form_values()))
    assert answer["Location"].endswith("#sender")
    publication.refresh_from_db()
    assert publication.charity_number == "1"

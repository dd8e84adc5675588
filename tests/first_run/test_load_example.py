"""The example to look around with, and that nothing of it stays once it is removed."""

import tomllib

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.articles.models import Source
from newsletter.errors import Refused
from newsletter.first_run.first_steps import Step, first_steps
from newsletter.first_run.load_example import FOLDER, load_example, why_not_load_example
from newsletter.first_run.models import EXAMPLE_SOURCES
from newsletter.first_run.publication_details import save_details
from newsletter.first_run.remove_example import remove_example
from newsletter.instance.guard import require_may_send
from newsletter.issues.compose import compose
from newsletter.issues.draft_new_issue import draft_empty
from newsletter.issues.edit_issue_articles import drop
from newsletter.issues.edit_issue_texts import set_subject
from newsletter.rendering.render_email import render_email
from newsletter.scheduling.add_or_change_series import add_series
from newsletter.scheduling.approval import approve
from newsletter.sending.batches import send_next_batch
from subscribers import consent_guard
from subscribers.consent import unsubscribe_from_all
from subscribers.consent_by_editor import add_by_editor
from subscribers.consent_log import ConsentSource
from subscribers.lists import add_list
from subscribers.models import ConsentEntry, SourceKind, Subscriber
from tests.first_run.typed import details
from tests.sending.planned_mailing import planned_mailing

pytestmark = pytest.mark.django_db
BY = ConsentSource(SourceKind.EDITOR, "Ruth")
RUTH = Actor("ruth", frozenset({Role.EDITOR}))


@pytest.fixture
def guarded(transactional_db):
    """The consent log is guarded by the database, as in a real installation."""
    consent_guard.install()
    yield
    consent_guard.remove()


def every_table():
    """Every row of every table, by table."""
    names = sorted(model._meta.db_table for model in apps.get_models(include_auto_created=True))
    with connection.cursor() as cursor:
        found = {}
        for name in names:
            cursor.execute(f'SELECT * FROM "{name}"')
            found[name] = sorted(map(repr, cursor.fetchall()))
    return found


def test_the_example_is_the_harbour_letter_as_a_draft_and_counts_for_no_step(home):
    issue = load_example()
    assert (issue.publication.name, issue.items.count()) == ("The Harbour Letter", 12)
    assert issue.opening
    assert Subscriber.objects.count() == 5
    html = render_email(issue).html
    assert "example.org/images/" not in html
    assert html.count("/media/") > 5
    assert first_steps().next_step is Step.PUBLICATION
    assert why_not_load_example() == "The example is already loaded."


def test_the_names_of_its_sources_are_those_of_its_file():
    file = tomllib.loads((FOLDER / "publication.toml").read_text(encoding="utf-8"))
    assert tuple(source["name"] for source in file["sources"]) == EXAMPLE_SOURCES


def test_nothing_of_the_example_stays_in_any_table_and_the_consent_log_is_guarded_again(home, guarded):
    require_may_send()  # the database knows from now on where it is
    staff = add_list("staff", "Staff")
    for address in ("ruth@example.org", "zoe@example.com"):
        add_by_editor(staff, address, BY, consent="She works here.")
    before = every_table()
    issue = load_example()
    publication = issue.publication
    set_subject(issue, "Another subject")
    drop(issue, issue.items.first().article_id)
    add_series(publication, "every Tuesday at 07:30")
    approve(issue)
    mailing = planned_mailing(issue)
    while send_next_batch(mailing.pk):
        pass
    draft_empty(publication)
    unsubscribe_from_all(Subscriber.objects.get(address="amara@example.com"), BY)
    during = every_table()
    assert during["newsletter_recipient"]
    assert during["subscribers_suppression"]
    remove_example()
    assert every_table() == before
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsentEntry.objects.all()._raw_delete("default")


def test_it_is_removed_only_by_an_administrator_and_not_while_another_issue_has_its_articles(home):
    load_example()
    with acting_as(RUTH), pytest.raises(Refused, match="administrator"):
        remove_example()
    compose(save_details(details()))
    with pytest.raises(Refused, match="Harbour News 1 contains articles from the example"):
        remove_example()
    assert Source.objects.count() == len(EXAMPLE_SOURCES)


def test_it_is_not_loaded_beside_something_of_ones_own(home):
    save_details(details())
    with pytest.raises(Refused, match="already have a newsletter"):
        load_example()


def test_it_is_not_loaded_where_emails_are_really_sent(home, configured):
    configured(transport="smtp")
    with pytest.raises(Refused, match="sends real emails"):
        load_example()


def test_an_editor_does_not_load_it(home):
    with acting_as(RUTH), pytest.raises(Refused, match="administrator"):
        load_example()

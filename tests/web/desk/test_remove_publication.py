"""A newsletter without issues is removed in the settings, after a question; one with issues stays."""

import pytest

from newsletter.accounts.actor import Role
from newsletter.accounts.users import add_user
from newsletter.issues.models import AuditEntry, Publication
from newsletter.scheduling.add_or_change_series import add_series


@pytest.fixture
def other(ruths_draft):
    """A newsletter without issues, with a recurring issue, for the same list."""
    found = Publication.objects.get()
    found.pk, found.slug, found.name = None, "other", "The Other Letter"
    found.save()
    add_series(found, "every Tuesday at 07:30")
    return found


def page_of(publication):
    return f"/desk/settings/publications/{publication.slug}/"


def test_a_newsletter_without_issues_is_removed_after_a_question(desk_of, people, other):
    ada, people_of_list = desk_of("ada"), other.mailing_list.subscriptions.count()
    assert f"{page_of(other)}remove/" in ada.get(page_of(other)).content.decode()
    assert "You cannot undo the removal" in ada.get(f"{page_of(other)}remove/").content.decode()
    answer = ada.post(f"{page_of(other)}remove/", follow=True)
    assert "The Other Letter was removed." in answer.content.decode()
    assert not Publication.objects.filter(slug="other").exists()
    assert other.mailing_list.subscriptions.count() == people_of_list
    assert AuditEntry.objects.filter(
        actor="ada", sentence="Removed the publication The Other Letter."
    ).exists()


def test_a_newsletter_with_issues_stays_and_its_page_offers_no_way_to_remove_it(desk_of, people, ruths_draft):
    ada, page = desk_of("ada"), page_of(ruths_draft.publication)
    assert f"{page}remove/" not in ada.get(page).content.decode()
    assert "because it has issues" in ada.get(f"{page}remove/").content.decode()
    assert ada.post(f"{page}remove/").status_code == 409
    assert Publication.objects.count() == 1


def test_the_administrator_of_one_newsletter_does_not_remove_it(desk_of, people, other):
    add_user("gus", password="ebb and flow", roles=[], publication_roles=[(other.pk, Role.ADMINISTRATOR)])
    assert desk_of("gus").post(f"{page_of(other)}remove/").status_code == 409
    assert Publication.objects.filter(slug="other").exists()

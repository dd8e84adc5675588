"""The admin obeys the rules of the stage."""

import pytest

from newsletter.issues.cancel_issue import cancel_issue
from newsletter.issues.compose import compose
from newsletter.issues.models import Issue, Publication

pytestmark = pytest.mark.django_db


@pytest.fixture
def form(admin_client, weekly):
    """The publication's form as the page gives it, to be posted with changes."""
    page = admin_client.get(f"/admin/newsletter/publication/{weekly.pk}/change/")
    fields = page.context["adminform"].form.initial
    fields = {name: "" if value is None else value for name, value in fields.items()}
    inline = page.context["inline_admin_formsets"][0].formset.prefix
    management = {f"{inline}-{name}": value for name, value in {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}.items()}
    return fields | management | {"selection": "{}", "sections": "[]"}


def post(admin_client, publication, form):
    return admin_client.post(f"/admin/newsletter/publication/{publication.pk}/change/", form)


def test_a_publication_is_changed(admin_client, weekly, form):
    assert post(admin_client, weekly, form | {"tagline": "Hello"}).status_code == 302
    assert Publication.objects.get().tagline == "Hello"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("zone", "Mars/Base", "not an IANA time zone"),
        ("accent_colour", "red", "6 hexadecimal digits"),
        ("selection", '{"at_mots": 1}', "selection.at_mots is not a valid key"),
    ],
)
def test_what_the_file_may_not_say_the_form_may_not_say_either(
    admin_client, weekly, form, field, value, said
):
    page = post(admin_client, weekly, form | {field: value})
    assert page.status_code == 200
    assert said in page.content.decode()


@pytest.mark.parametrize("page", ["publication", "source", "article", "issue"])
def test_every_list_opens(admin_client, weekly, write, noon, page):
    write()
    compose(weekly, now=noon)
    assert admin_client.get(f"/admin/newsletter/{page}/").status_code == 200


def test_an_issue_is_composed_and_written_until_it_is_cancelled(admin_client, weekly, write):
    write("First")
    act = {"action": "compose_next", "_selected_action": [weekly.pk]}
    admin_client.post("/admin/newsletter/publication/", act)
    issue = Issue.objects.get()
    items = {"items-TOTAL_FORMS": 0, "items-INITIAL_FORMS": 0}
    words = {"subject": "Mine", "preheader": issue.preheader, "opening": ""}
    admin_client.post(f"/admin/newsletter/issue/{issue.pk}/change/", words | items)
    issue.refresh_from_db()
    assert issue.subject == "Mine"
    cancel_issue(issue)
    assert admin_client.post(f"/admin/newsletter/issue/{issue.pk}/change/", words | items).status_code == 403


def test_a_refused_compose_is_a_message(admin_client, weekly):
    act = {"action": "compose_next", "_selected_action": [weekly.pk]}
    page = admin_client.post("/admin/newsletter/publication/", act, follow=True)
    assert "You have no articles yet" in page.content.decode()

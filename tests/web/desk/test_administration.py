"""The administration goes by the functions of the stages: their roles, their rules, their audit log."""

import re
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import Group, Permission

from newsletter.accounts.actor import Role
from newsletter.accounts.change_users import set_roles, set_superuser
from newsletter.accounts.role_assignments import roles_of
from newsletter.accounts.users import all_users
from newsletter.articles.models import Article, Source
from newsletter.issues import edit_issue_texts
from newsletter.issues.models import AuditEntry, Issue, Publication
from tests.web.desk.second_factors import just_now

USERS = "/admin/auth/user/"
NEW = {
    "username": "newbie",
    "email": "",
    "password1": "slack water at noon",
    "password2": "slack water at noon",
}
BEYOND = {
    "is_superuser": "on",
    "is_staff": "on",
    "user_permissions": ["1", "2", "3"],
    "groups": ["1"],
    "roles": ["administrator"],
}


@pytest.fixture
def ada(desk_of):
    """A superuser in the browser: nobody else can open the administration."""
    set_superuser("ada", superuser=True)
    return just_now(desk_of("ada"))


def user(name):
    return get_user_model().objects.get(username=name)


def form_of(client, address):
    """Everything that a page's form would send as it stands."""
    page = client.get(address)
    assert page.status_code == 200
    sent = fields_of(page.context["adminform"].form)
    for inline in page.context["inline_admin_formsets"]:
        forms = inline.formset.initial_forms
        for each in (inline.formset.management_form, *forms):
            sent |= fields_of(each)
        sent[inline.formset.management_form.add_prefix("TOTAL_FORMS")] = len(forms)
    return sent


def fields_of(form):
    fields = {form[name].html_name: form[name].value() for name in form.fields}
    # A field with a default of its own sends along what it showed.
    shown = {form[name].html_initial_name for name in form.fields if form[name].field.show_hidden_initial}
    fields |= {name: fields[name.replace("initial-", "", 1)] for name in shown}
    return {name: value for name, value in fields.items() if value is not None and value is not False}


class TestUsers:
    def test_a_user_is_made_with_the_roles_of_an_editor_or_approver(self, ada):
        answer = ada.post(f"{USERS}add/", NEW | {"roles": ["editor", "approver"]})
        assert answer.status_code == 302
        assert roles_of(user("newbie")) == {Role.EDITOR, Role.APPROVER}
        assert authenticate(username="newbie", password=NEW["password1"])

    def test_a_user_needs_a_role_and_the_form_says_so_and_keeps_what_was_typed(self, ada):
        page = ada.post(f"{USERS}add/", NEW).content.decode()
        assert "at least one role" in page
        assert 'value="newbie"' in page
        assert not get_user_model().objects.filter(username="newbie").exists()

    @pytest.mark.parametrize("about", ["newbie", "ruth", "ada"])
    def test_no_form_however_it_is_crafted_makes_an_administrator_or_gives_a_permission(self, ada, about):
        if about == "newbie":
            ada.post(f"{USERS}add/", NEW | BEYOND)
            ada.post(f"{USERS}add/", NEW | BEYOND | {"roles": ["editor"]})
        else:
            address = f"{USERS}{user(about).pk}/change/"
            ada.post(address, {"username": about, "is_active": "on"} | BEYOND)
            ada.post(address, {"username": about, "is_active": "on"} | BEYOND | {"roles": ["editor"]})
        found = user(about)
        assert found.is_superuser == (about == "ada")
        assert not found.user_permissions.exists()
        assert roles_of(found) == {Role.ADMINISTRATOR if about == "ada" else Role.EDITOR}

    def test_a_page_of_users_offers_no_permission_and_no_flag(self, ada):
        for page in (f"{USERS}add/", f"{USERS}{user('ruth').pk}/change/", f"{USERS}{user('ada').pk}/change/"):
            text = ada.get(page).content.decode()
            for name in BEYOND.keys() - {"roles"}:
                assert f'name="{name}"' not in text
            assert 'value="administrator"' not in text

    def test_roles_names_and_state_are_changed(self, ada):
        address = f"{USERS}{user('ruth').pk}/change/"
        form = form_of(ada, address) | {"roles": ["approver"], "email": "ruth@example.org"}
        assert ada.post(address, form).status_code == 302
        assert (roles_of(user("ruth")), user("ruth").email) == ({Role.APPROVER}, "ruth@example.org")
        form.pop("is_active")
        assert ada.post(address, form).status_code == 302
        assert roles_of(user("ruth")) == frozenset()

    def test_an_administrator_is_neither_removed_nor_switched_off_by_another(self, ada):
        set_roles("amir", [Role.ADMINISTRATOR])
        address = f"{USERS}{user('amir').pk}"
        assert ada.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
        ada.post(f"{address}/change/", {"username": "amir"})
        assert user("amir").is_active
        ada.post(USERS, {"action": "delete_selected", "_selected_action": [user("amir").pk], "post": "yes"})
        assert {each["username"] for each in all_users()} == {"ada", "amir", "ruth", "sam"}

    def test_another_user_is_removed_after_a_page_that_asks(self, ada):
        address = f"{USERS}{user('sam').pk}/delete/"
        assert "Are you sure" in ada.get(address).content.decode()
        assert ada.post(address, {"post": "yes"}).status_code == 302
        assert not get_user_model().objects.filter(username="sam").exists()

    def test_another_password_opens_the_door_also_after_many_wrong_ones(self, ada, client):
        for _ in range(6):
            client.post("/desk/log-in/", {"username": "ruth", "password": "guess"})
        words = {
            "password1": "slack water at noon",
            "password2": "slack water at noon",
            "set-password": "Change",
        }
        assert ada.post(f"{USERS}{user('ruth').pk}/password/", words).status_code == 302
        answer = client.post("/desk/log-in/", {"username": "ruth", "password": "slack water at noon"})
        assert answer.status_code == 302

    def test_a_permission_to_change_users_makes_nobody_an_administrator(self, desk_of, people):
        ruth = user("ruth")
        ruth.user_permissions.set(Permission.objects.filter(content_type__app_label="auth"))
        client = desk_of("ruth")
        assert client.get(USERS).status_code == 403
        assert client.post(f"{USERS}{ruth.pk}/change/", {"username": "ruth"} | BEYOND).status_code == 403
        assert client.post(f"{USERS}{user('ada').pk}/password/", NEW).status_code == 403
        assert client.post(f"{USERS}add/", NEW | BEYOND).status_code == 403
        assert not user("ruth").is_superuser

    def test_groups_have_no_page(self, ada):
        group = Group.objects.create(name="editors")
        assert ada.get("/admin/auth/group/").status_code == 404
        assert ada.post(f"/admin/auth/group/{group.pk}/change/", {"name": "x"}).status_code == 404


class TestIssues:
    @pytest.fixture
    def address(self, ruths_draft):
        return f"/admin/newsletter/issue/{ruths_draft.pk}/change/"

    def test_words_are_saved_all_or_none_and_nothing_typed_is_lost(self, ada, address, ruths_draft):
        form = form_of(ada, address) | {"subject": "A fine subject", "opening": "x" * 60_000}
        answer = ada.post(address, form)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "at most 50,000 characters" in page
        assert 'value="A fine subject"' in page
        assert "x" * 60_000 in page
        before = ruths_draft.subject
        ruths_draft.refresh_from_db()
        assert (ruths_draft.subject, ruths_draft.opening) == (before, "")
        assert not LogEntry.objects.exists()

    def test_words_that_somebody_else_wrote_since_are_not_overwritten(self, ada, address, ruths_draft):
        form = form_of(ada, address) | {"subject": "Mine"}
        edit_issue_texts.set_opening(ruths_draft, "Theirs.")
        page = ada.post(address, form).content.decode()
        assert "Somebody else has changed these texts" in page
        ruths_draft.refresh_from_db()
        assert (ruths_draft.subject == "Mine", ruths_draft.opening) == (False, "Theirs.")


class TestPublications:
    @pytest.fixture
    def address(self, publication, people):
        return f"/admin/newsletter/publication/{publication.pk}/change/"

    def acts(self):
        return [(each.act, each.actor, each.sentence) for each in AuditEntry.objects.filter(actor="ada")]

    def test_a_block_that_is_changed_added_or_removed_is_in_the_audit_log_by_its_name(
        self, ada, address, publication
    ):
        block, *_rest, last = publication.blocks.all()
        form = form_of(ada, address) | {
            "blocks-0-title": "Another title",
            f"blocks-{publication.blocks.count() - 1}-DELETE": "on",
        }
        assert ada.post(address, form).status_code == 302
        assert sorted(self.acts()) == [
            ("block", "ada", f"Changed the block {block.name}: title."),
            ("block", "ada", f"Removed the block {last.name}."),
        ]
        block.refresh_from_db()
        assert block.title == "Another title"

    def test_saving_a_form_as_it_was_is_no_act(self, ada, address):
        assert ada.post(address, form_of(ada, address)).status_code == 302
        assert self.acts() == []

    def test_a_field_that_is_changed_is_in_the_audit_log(self, ada, address):
        form = form_of(ada, address)
        assert ada.post(address, form | {"tagline": "Another"}).status_code == 302
        assert self.acts() == [("publication", "ada", "Changed tagline.")]

    def test_what_is_refused_for_a_block_saves_nothing(self, ada, address, publication):
        publication.four_eyes = True
        publication.save()
        form = form_of(ada, address) | {"tagline": "Another", "blocks-0-data": '{"nonsense": 1}'}
        assert ada.post(address, form).status_code == 200
        assert Publication.objects.get().tagline != "Another"

    def test_only_a_publication_without_issues_is_removed(self, ada, address, publication, ruths_draft):
        delete = address.replace("change", "delete")
        assert ada.post(delete, {"post": "yes"}).status_code == 403
        Issue.objects.all().delete()
        assert ada.post(delete, {"post": "yes"}).status_code == 302
        assert not Publication.objects.exists()
        assert self.acts()[-1] == ("publication", "ada", f"Removed the publication {publication.name}.")


class TestArticlesAndSources:
    def test_articles_are_held_back_and_released_by_the_function_that_asks_for_the_role(
        self, desk_of, ada, publication
    ):
        article = Article.objects.first()
        act = {"action": "exclude_articles", "_selected_action": [article.pk]}
        for name, excluded in (("sam", False), ("ruth", False), ("ada", True)):
            (ada if name == "ada" else desk_of(name)).post("/admin/newsletter/article/", act)
            article.refresh_from_db()
            assert article.excluded is excluded
        ada.post("/admin/newsletter/article/", act | {"action": "include_articles"})
        article.refresh_from_db()
        assert not article.excluded
        assert (
            ada.post(f"/admin/newsletter/article/{article.pk}/change/", {"excluded": "on"}).status_code == 302
        )
        article.refresh_from_db()
        assert article.excluded

    def test_the_list_of_articles_saves_nothing_by_itself(self, ada, publication):
        assert 'name="form-0-excluded"' not in ada.get("/admin/newsletter/article/").content.decode()

    def test_a_source_is_described(self, ada, publication):
        source = Source.objects.first()
        address = f"/admin/newsletter/source/{source.pk}/change/"
        assert ada.post(address, {"title": "Its name", "language": "cy"}).status_code == 302
        source.refresh_from_db()
        assert (source.title, source.language) == ("Its name", "cy")


@pytest.mark.parametrize("name", ["аmir", "Amir", "amіr", "ADA"])
def test_nobody_is_renamed_to_what_looks_like_the_name_of_somebody_else(ada, name):
    sam = {"username": name, "roles": ["editor"], "is_active": "on"}
    said = " ".join(ada.post(f"{USERS}{user('sam').pk}/change/", sam).content.decode().split())
    assert "This name is too similar to" in said or "letters from one alphabet only" in said
    assert user("sam").username == "sam"


def test_a_person_may_be_renamed_to_another_spelling_of_their_own_name(ada):
    number = user("ruth").pk
    ada.post(f"{USERS}{number}/change/", {"username": "Ruth", "roles": ["editor"], "is_active": "on"})
    assert get_user_model().objects.get(pk=number).username == "Ruth"


def test_no_page_of_the_desk_leads_to_the_administration():
    """It is for superusers in emergencies, who know its address."""
    templates = Path(__file__).parents[3] / "templates"
    leading = {
        str(path.relative_to(templates))
        for path in templates.rglob("*.html")
        if re.search(r"admin:|/admin/", path.read_text(encoding="utf-8"))
    }
    assert leading == set()

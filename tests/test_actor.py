"""Who acts, with what right, at every door."""

import io
from threading import Thread

import pytest

from newsletter.accounts.actor import SYSTEM, Actor, Role, acting_as, current_actor, require_role
from newsletter.accounts.change_users import set_roles, set_superuser
from newsletter.accounts.role_assignments import roles_of
from newsletter.accounts.users import actor_of, add_user, all_users, authenticate_actor, find_user
from newsletter.errors import Invalid, NotFound, Refused

GOOD = "ebb and flow at the quay"
RUTH = Actor("ruth", frozenset({Role.EDITOR}), 1)


@pytest.mark.parametrize(
    ("has", "may"),
    [
        ({Role.AUTHOR}, {Role.AUTHOR}),
        ({Role.EDITOR}, {Role.AUTHOR, Role.EDITOR}),
        ({Role.APPROVER}, {Role.APPROVER}),
        ({Role.SENDER}, {Role.SENDER}),
        ({Role.ADMINISTRATOR}, set(Role)),
        (set(), set()),
    ],
)
def test_a_role_brings_along_what_it_implies(has, may):
    actor = Actor("ruth", frozenset(has))
    assert {role for role in Role if actor.may(role)} == may


@pytest.mark.django_db
def test_whoever_acts_is_known_while_they_act():
    assert current_actor() == SYSTEM
    with acting_as(RUTH):
        assert current_actor() == RUTH
        assert require_role(Role.EDITOR, "Editing") == RUTH
        with pytest.raises(Refused, match="Only an approver can approve"):
            require_role(Role.APPROVER, "Approving")
    assert current_actor() == SYSTEM


def test_a_thread_of_the_press_is_the_press_whoever_started_it():
    seen = []
    with acting_as(RUTH):
        thread = Thread(target=lambda: seen.append(current_actor()))
        thread.start()
        thread.join()
    assert seen == [SYSTEM]


@pytest.mark.django_db
class TestUsers:
    def test_a_user_has_the_roles_they_were_given(self):
        add_user("ruth", password=GOOD, roles=[Role.EDITOR])
        assert authenticate_actor("ruth", GOOD).roles == {Role.EDITOR}
        add_user("ada", password=GOOD)
        set_roles("ruth", [Role.EDITOR, Role.APPROVER])
        assert {user["username"]: user["roles"] for user in all_users()} == {
            "ada": ["administrator"],
            "ruth": ["approver", "editor"],
        }

    def test_no_role_and_no_user_are_refused(self):
        with pytest.raises(Invalid, match="at least one role"):
            add_user("ada", password=GOOD, roles=[])
        assert all_users() == []
        with pytest.raises(NotFound, match="users list"):
            set_roles("nobody", [Role.EDITOR])

    def test_the_last_administrator_stays(self):
        add_user("ada", password=GOOD)
        with pytest.raises(Refused, match="only administrator"):
            set_roles("ada", [Role.EDITOR])

    def test_a_wrong_password_proves_nothing(self):
        add_user("ruth", password=GOOD)
        for name, password in (("ruth", "wrong"), ("nobody", GOOD)):
            with pytest.raises(Refused, match="could not log in"):
                authenticate_actor(name, password)

    def test_only_an_administrator_makes_users(self):
        with acting_as(RUTH), pytest.raises(Refused, match="administrator role"):
            add_user("eve", password=GOOD)

    def test_no_role_opens_the_administration(self, client):
        for role in Role:
            add_user(f"the-{role}", password=GOOD, roles=[role])
            assert client.login(username=f"the-{role}", password=GOOD)
            for address in ("", "newsletter/issue/", "newsletter/publication/add/", "auth/user/"):
                assert client.get(f"/admin/{address}").status_code == 403, (role, address)

    def test_a_superuser_is_made_on_the_machine_and_never_by_a_signed_in_person(self, client):
        ada = add_user("ada", password=GOOD)
        with acting_as(actor_of(ada)), pytest.raises(Refused, match="on the server itself"):
            set_superuser("ada", superuser=True)
        set_superuser("ada", superuser=True)
        assert client.login(username="ada", password=GOOD)
        assert client.get("/admin/").status_code == 200
        set_superuser("ada", superuser=False)
        assert client.get("/admin/").status_code == 403
        assert roles_of(find_user("ada")) == {Role.ADMINISTRATOR}


@pytest.mark.django_db
class TestTheCommandLine:
    @pytest.fixture
    def ruth(self):
        return add_user("ruth", password=GOOD, roles=[Role.EDITOR])

    def test_whoever_has_the_shell_may_do_everything(self, cli, ruth):
        assert cli("users", "roles", "ruth", "approver").code == 0

    def test_as_a_user_only_what_they_may(self, cli, ruth, monkeypatch):
        monkeypatch.setenv("NEWSLETTER_PASSWORD", GOOD)
        refused = cli("--as", "ruth", "users", "roles", "ruth", "administrator")
        assert refused.code == 1
        assert "Only an administrator can change roles" in refused.err

    @pytest.mark.parametrize(
        ("words", "role"),
        [
            ("subscribers add ana@example.org --list news --consent Form", Role.EDITOR),
            ("subscribers list", Role.EDITOR),
            ("subscribers show ana@example.org", Role.EDITOR),
            ("subscribers edit ana@example.org --first-name Ana", Role.EDITOR),
            ("subscribers change-address ana@example.org --to ana@example.com", Role.EDITOR),
            ("subscribers suppress ana@example.org", Role.EDITOR),
            ("subscribers count", Role.EDITOR),
            ("subscribers imports", Role.EDITOR),
            ("subscribers unsuppress ana@example.org --why asked", Role.ADMINISTRATOR),
            ("subscribers erase ana@example.org --yes", Role.ADMINISTRATOR),
            ("subscribers export --list news", Role.ADMINISTRATOR),
            ("subscribers import people.csv --list news --consent Form", Role.ADMINISTRATOR),
            ("subscribers undo-import 1 --yes", Role.ADMINISTRATOR),
            ("segments list", Role.EDITOR),
            ("segments show 1", Role.EDITOR),
            ("segments count 1", Role.EDITOR),
            ("segments add New joined --list news", Role.EDITOR),
            ("segments change 1 --name New", Role.EDITOR),
            ("segments remove 1", Role.EDITOR),
            ("lists list", Role.EDITOR),
            ("lists show news", Role.EDITOR),
            ("lists add events --name Events", Role.ADMINISTRATOR),
            ("lists remove-topic news boats", Role.ADMINISTRATOR),
            ("suppressions pull", Role.SENDER),
            ("suppressions push", Role.SENDER),
            ("bounces", Role.SENDER),
        ],
    )
    def test_people_and_lists_need_a_role_for_all_publications(self, cli, monkeypatch, words, role):
        has = Role.APPROVER if role is Role.EDITOR else Role.EDITOR
        add_user("eve", password=GOOD, roles=[has])
        monkeypatch.setenv("NEWSLETTER_PASSWORD", GOOD)
        refused = cli("--as", "eve", *words.split())
        assert refused.code == 1
        assert f" {role} can " in refused.err
        assert f"You are an {has}." in refused.err
        set_roles("eve", [role])
        assert f" {role} can " not in cli("--as", "eve", *words.split()).err

    def test_the_password_may_be_piped_in(self, cli, ruth, monkeypatch):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{GOOD}\n"))
        assert "administrator role" in cli("--as", "ruth", "users", "roles", "ruth", "editor").err

    def test_a_wrong_one_is_refused_and_not_repeated(self, cli, ruth, monkeypatch):
        monkeypatch.setenv("NEWSLETTER_PASSWORD", "wrong and long")
        refused = cli("--as", "ruth", "users", "list")
        assert refused.code == 1
        assert "could not log in" in refused.err
        assert "wrong and long" not in refused.err

    def test_afterwards_nobody_acts(self, cli, ruth, monkeypatch):
        monkeypatch.setenv("NEWSLETTER_PASSWORD", GOOD)
        assert "Only an administrator can list users" in cli("--as", "ruth", "users", "list").err
        assert current_actor() == SYSTEM

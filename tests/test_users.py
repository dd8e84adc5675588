import pytest
from django.contrib.auth import authenticate, get_user_model

from newsletter.accounts.users import add_user, all_users, change_password
from newsletter.errors import Invalid, NotFound, Refused

GOOD = "ebb and flow at the quay"

pytestmark = pytest.mark.django_db


def test_a_user_may_open_the_desk(client):
    add_user("ruth", password=GOOD, address="ruth@example.org")
    assert client.login(username="ruth", password=GOOD)
    assert client.get("/desk/").status_code == 200
    assert [user["username"] for user in all_users()] == ["ruth"]


def test_nobody_else_may(client):
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("password", ["", "ruth", "12345678901", "password"])
def test_a_weak_password_is_refused_and_leaves_no_user(password):
    with pytest.raises(Invalid, match="too weak"):
        add_user("ruth", password=password)
    assert all_users() == []


def test_a_name_is_taken_once():
    add_user("ruth", password=GOOD)
    with pytest.raises(Refused, match="ruth"):
        add_user("ruth", password=GOOD)


def test_a_name_with_strange_signs_is_refused():
    with pytest.raises(Invalid):
        add_user("ruth / <b>", password=GOOD)


def test_a_password_can_be_changed():
    add_user("ruth", password=GOOD)
    change_password("ruth", password="slack water at noon")
    assert authenticate(username="ruth", password=GOOD) is None
    assert authenticate(username="ruth", password="slack water at noon")


def test_the_password_of_nobody_can_not():
    with pytest.raises(NotFound, match="users list"):
        change_password("ruth", password=GOOD)


def test_a_program_gives_the_password_on_standard_input(cli, monkeypatch):
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(f"{GOOD}\n"))
    assert cli("users", "add", "ruth").code == 0
    listed = cli("users", "list")
    assert "ruth" in listed.out
    assert GOOD not in listed.out


def test_no_password_is_wrong_use(cli, monkeypatch):
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert cli("users", "add", "ruth").code == 2


class ShutsTheUserOut:
    """A password validator during which an administrator shuts the user out."""

    def validate(self, password, user=None):
        get_user_model().objects.filter(pk=user.pk).update(is_active=False)


def test_a_user_shut_out_while_a_password_is_changed_stays_shut_out(settings):
    add_user("ruth", password=GOOD)
    settings.AUTH_PASSWORD_VALIDATORS = [{"NAME": "tests.test_users.ShutsTheUserOut"}]
    change_password("ruth", password="slack water at noon")
    ruth = get_user_model().objects.get(username="ruth")
    assert not ruth.is_active
    assert ruth.check_password("slack water at noon")

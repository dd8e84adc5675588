"""`newsletter hooks`, `newsletter notices` and `newsletter users tell`, as a person and a program use them."""

import json

import pytest

from newsletter.notifications.models import Hook, NoMail

pytestmark = pytest.mark.django_db


def test_a_secret_is_printed_when_a_hook_is_added_and_never_again(cli, listener):
    added = cli("hooks", "add", listener.url("/news"))
    secret = Hook.objects.get().secret
    assert secret in added.out
    for command in (["list"], ["list", "--json"], ["test", Hook.objects.get().pk]):
        printed = cli("hooks", *command)
        assert printed.code == 0
        assert secret.removeprefix("whsec_") not in printed.out + printed.err


def test_a_program_reads_the_secret_as_json(cli, listener, publication):
    added = json.loads(cli("hooks", "add", listener.url(), "--publication", "harbour", "--json").out)
    assert added["secret"] == Hook.objects.get().secret
    assert added["publication"] == "harbour"


def test_a_test_says_what_came_back(cli, listener, hook):
    good = cli("hooks", "test", hook.pk)
    assert (good.code, "127.0.0.1 answered 204 No Content." in good.out) == (0, True)
    listener.plan = [410]
    bad = cli("hooks", "test", hook.pk)
    assert (bad.code, "127.0.0.1 answered 410 Gone." in bad.err) == (1, True)
    listener.plan = [500]
    assert json.loads(cli("hooks", "test", hook.pk, "--json").out)["status"] == 500


def test_the_list_shows_how_the_last_post_went(cli, listener, hook, happen, send):
    listener.plan = [500]
    happen("the pier is closed")
    send()
    assert "failing: 127.0.0.1 answered 500 Internal Server Error." in cli("hooks", "list").out
    assert cli("hooks", "remove", hook.pk).code == 0
    assert "There are no hooks" in cli("hooks", "list").out


def test_notices_are_listed_with_what_became_of_them(cli, people, hook, happen, send):
    assert "Nothing was told yet" in cli("notices", "list").out
    happen("one")
    happen("two")
    send()
    shown = cli("notices", "list", "--last", 1).out
    assert "Held: two" in shown
    assert "Held: one" not in shown
    assert "3 done" in shown
    newest = json.loads(cli("notices", "list", "--json").out)[0]
    assert (newest["subject"], newest["mails"]["done"], newest["posts"]["done"]) == ("Held: two", 3, 1)


def test_somebody_is_no_longer_mailed(cli, people):
    assert "is not mailed" in cli("users", "tell", "ruth", "--no-mail").out
    assert NoMail.objects.get().user.username == "ruth"
    assert json.loads(cli("users", "tell", "ruth", "--mail", "--json").out) == {"name": "ruth", "mail": True}
    assert not NoMail.objects.exists()
    assert cli("users", "tell", "nobody", "--mail").code == 1

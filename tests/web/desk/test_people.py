"""The pages about people: who sees them, what the forms do, and what an invited person meets."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from newsletter.accounts.account_mails import AccountMail
from newsletter.accounts.actor import SYSTEM, Role, acting_as
from newsletter.accounts.invitation_model import Invitation
from newsletter.accounts.invitations import invite, withdraw
from newsletter.accounts.role_assignments import publication_roles_assigned, roles_assigned
from newsletter.accounts.users import add_user
from tests.web.desk.conftest import PASSWORD

PEOPLE = "/desk/settings/people/"
INVITE = f"{PEOPLE}invite/"
NEW = "slack water at noon"


@pytest.fixture
def ada(just_logged_in):
    return just_logged_in("ada")


def key(name):
    return get_user_model().objects.get(username=name).pk


def user(name):
    return get_user_model().objects.get(username=name)


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def invitation(people):
    with acting_as(people["ada"]):
        return invite("jo@example.org", [Role.EDITOR])


def every_address(number=1):
    return [
        reverse("desk:settings"),
        PEOPLE,
        INVITE,
        *(reverse(f"desk:{name}", args=[number]) for name in (
            "person", "change-roles", "deactivate-person",
            "reset-second-factor", "unlink-person", "activate-person", "send-invitation-again",
            "withdraw-invitation",
        )),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["ruth", "amir", "sam", ""])
def test_only_administrators_see_or_change_people(desk_of, people, invitation, name):
    client = desk_of(name)
    before = list(get_user_model().objects.values()), list(Invitation.objects.values())
    for number in (invitation.pk, people["ada"].account, people["ruth"].account):
        for address in every_address(number):
            for answer in (
                client.get(address, follow=True),
                client.post(address, {"roles": "editor"}, follow=True),
            ):
                page = text(answer)
                assert "jo@example.org" not in page
                assert "Invite a person" not in page
    after = list(get_user_model().objects.values()), list(Invitation.objects.values())
    assert [strip(each) for each in before] == [strip(each) for each in after]
    assert AccountMail.objects.count() == 1


def strip(rows):
    return [{name: value for name, value in row.items() if name != "last_login"} for row in rows]


def test_an_editor_is_told_who_can_and_sees_no_settings(desk_of):
    client = desk_of("ruth")
    assert "Only an administrator" in text(client.get(PEOPLE))
    assert "Settings" not in text(client.get("/desk/"))
    assert "Settings" in text(desk_of("ada").get("/desk/"))


def test_the_page_shows_everybody_and_advises_a_second_administrator(ada):
    page = text(ada.get(PEOPLE))
    for name in ("ada", "amir", "ruth", "sam"):
        assert f">{name}</a>" in page
    assert "There is only one administrator" in page
    assert "Invited</h2>" not in page
    with acting_as(SYSTEM):
        add_user("adele", password=PASSWORD)
    assert "There is only one administrator" not in text(ada.get(PEOPLE))


def test_invitations_say_where_they_lie_if_no_email_leaves_the_server(ada, invitation, settings):
    assert "outbox-system" not in text(ada.get(reverse("desk:people")))
    settings.EMAIL_BACKEND = "newsletter.sending.django_mail_backends.MaildirBackend"
    assert "invitations are saved in the server’s “outbox-system” folder" in text(
        ada.get(reverse("desk:people"))
    )


def test_an_invitation_by_the_form_is_listed_sent_again_and_withdrawn(ada):
    answer = ada.post(INVITE, {"address": " jo@example.org ", "roles": ["editor", "approver"]}, follow=True)
    assert "We are sending the invitation to jo@example.org." in text(answer)
    assert "Approver, Editor · invited by ada" in text(answer)
    made = Invitation.objects.get()
    again = ada.post(reverse("desk:send-invitation-again", args=[made.pk]), follow=True)
    assert "The earlier link no longer works" in text(again)
    gone = ada.post(reverse("desk:withdraw-invitation", args=[made.pk]), follow=True)
    assert "was withdrawn" in text(gone)
    assert "Invited</h2>" not in text(gone)
    twice = ada.post(reverse("desk:withdraw-invitation", args=[made.pk]))
    assert twice.status_code == 409
    assert "has been withdrawn" in text(twice)


def test_a_form_that_arrives_twice_invites_once_and_says_the_same(ada):
    form = {"address": "jo@example.org", "roles": "editor", "form_key": "a" * 32}
    pages = [text(ada.post(INVITE, form, follow=True)) for _ in range(2)]
    assert all("We are sending the invitation to jo@example.org." in page for page in pages)
    assert Invitation.objects.count() == 1


def test_a_person_is_invited_to_one_of_several_newsletters(ada, publication):
    assert 'name="publication"' not in text(ada.get(INVITE))
    publication.pk, publication.slug, publication.name = None, "tides", "The Tides"
    publication.save()
    assert '<option value="tides"' in text(ada.get(INVITE))
    form = {"address": "jo@example.org", "roles": "editor", "publication": "tides"}
    assert "Editor of The Tides" in text(ada.post(INVITE, form, follow=True))
    assert "editor of The Tides" in text(
        Client().get("/desk/invitation/", {"token": Invitation.objects.get().token})
    )
    assert "Error" in text(ada.post(INVITE, form | {"address": "ben@example.org", "publication": "nothing"}))
    token = Invitation.objects.get().token
    assert (
        Client().post("/desk/invitation/", {"token": token, "name": "jo", "password": NEW}).status_code == 302
    )
    assert roles_assigned(user("jo")) == set()
    assert publication_roles_assigned(user("jo")) == {(publication.pk, Role.EDITOR)}


def test_an_email_that_could_not_be_delivered_is_said_beside_the_invitation(ada, invitation):
    assert "Email waiting" in text(ada.get(PEOPLE))
    AccountMail.objects.update(state="given up")
    assert "We could not deliver the email" in text(ada.get(PEOPLE))
    Invitation.objects.update(expires_at=invitation.made_at)
    assert "Expired" in text(ada.get(PEOPLE))


def test_what_was_wrong_stands_beside_its_field_and_what_was_typed_stays(ada, people):
    user_ruth = user("ruth")
    user_ruth.email = "ruth@example.org"
    user_ruth.save()
    for address, sentence in (
        ("ruth@", "Error"),
        ("ruth@example.org", "ruth already has an account with this address"),
    ):
        page = text(answer := ada.post(INVITE, {"address": address, "roles": "approver"}))
        assert answer.status_code == 422
        assert sentence in page
        assert f'value="{address}"' in page
        assert 'value="approver" checked' in page
        assert "<title>Error: " in page
    assert "Choose at least one role" in text(
        ada.post(INVITE, {"address": "jo@example.org", "roles": "king"})
    )
    assert not Invitation.objects.exists()


def test_who_may_come_in_is_changed_only_after_a_recent_sign_in_and_then_goes_on(desk_of, people, invitation):
    client, ruth = desk_of("ada"), people["ruth"].account
    before = list(get_user_model().objects.values("username", "is_active"))
    for address, fields in (
        (INVITE, {"address": "ben@example.org", "roles": "editor"}),
        (reverse("desk:send-invitation-again", args=[invitation.pk]), {}),
        (reverse("desk:change-roles", args=[ruth]), {"roles": "administrator"}),
        (reverse("desk:deactivate-person", args=[ruth]), {}),
        (reverse("desk:activate-person", args=[ruth]), {}),
    ):
        answer = client.post(address, fields)
        assert "/account/confirm/" in answer["Location"], address
    assert list(get_user_model().objects.values("username", "is_active")) == before
    assert AccountMail.objects.count() == 1
    asked = client.post(INVITE, {"address": "ben@example.org", "roles": ["administrator"]})
    page = client.post(asked["Location"], {"password": PASSWORD}, follow=True)
    assert "We are sending the invitation to ben@example.org." in text(page)


def test_roles_are_changed_on_the_page_of_a_person(ada):
    person = reverse("desk:person", args=[key("ruth")])
    change = reverse("desk:change-roles", args=[key("ruth")])
    assert 'value="editor" checked' in text(ada.get(person))
    answer = ada.post(change, {"roles": ["approver"]}, follow=True)
    assert "ruth now has the role Approver." in text(answer)
    assert "Nothing was changed." in text(ada.post(change, {"roles": ["approver"]}, follow=True))
    assert "Give the user at least one role" in text(ada.post(change, {}))
    ada.post(change, {"roles": ["administrator"]})
    assert roles_assigned(user("ruth")) == {Role.ADMINISTRATOR}


def test_roles_for_single_newsletters_are_changed_on_the_page_of_a_person(ada, publication):
    person = reverse("desk:person", args=[key("ruth")])
    change = reverse("desk:change-roles", args=[key("ruth")])
    harbour = publication.slug
    assert "For single newsletters" not in text(ada.get(person))
    publication.pk, publication.slug, publication.name = None, "tides", "The Tides"
    publication.save()
    page = text(ada.get(person))
    assert f'name="newsletters" value="{harbour}"' in page
    seen = re.search(r'name="seen" value="([^"]*)"', page)[1]
    form = {"roles": "editor", "newsletters": [harbour, "tides"], "roles-tides": ["approver", "king"]}
    answer = text(ada.post(change, form | {"seen": seen}, follow=True))
    assert "ruth now has the roles Editor and Approver of The Tides." in answer
    assert publication_roles_assigned(user("ruth")) == {(publication.pk, Role.APPROVER)}
    assert 'name="roles-tides" value="approver" checked' in answer
    assert "Somebody has changed the roles of ruth" in text(
        ada.post(change, {"roles": "author", "seen": seen})
    )
    # Those for a newsletter that the form did not show stay.
    ada.post(change, {"roles": "author", "newsletters": harbour})
    assert publication_roles_assigned(user("ruth")) == {(publication.pk, Role.APPROVER)}
    refused = text(ada.post(change, {"newsletters": [harbour, "tides"]}))
    assert "Give the user at least one role" in refused
    assert 'name="roles-tides" value="approver" checked' not in refused
    ada.post(change, {"newsletters": [harbour, "tides"], "roles-tides": "sender"})
    assert roles_assigned(user("ruth")) == set()
    assert publication_roles_assigned(user("ruth")) == {(publication.pk, Role.SENDER)}


def test_roles_that_a_colleague_changed_are_not_overwritten_unseen(ada):
    person, change = (reverse(f"desk:{name}", args=[key("ruth")]) for name in ("person", "change-roles"))
    seen = re.search(r'name="seen" value="([^"]*)"', text(ada.get(person)))[1]
    ada.post(change, {"roles": ["approver"], "seen": seen})
    late = ada.post(change, {"roles": ["administrator"], "seen": seen})
    assert late.status_code == 409
    assert "Somebody has changed the roles of ruth" in text(late)
    assert 'value="approver" checked' in text(late)
    assert roles_assigned(user("ruth")) == {Role.APPROVER}
    seen = re.search(r'name="seen" value="([^"]*)"', text(late))[1]
    assert ada.post(change, {"roles": ["editor"], "seen": seen}).status_code == 303


def test_a_person_is_deactivated_with_undo_and_logged_out_at_once(ada, desk_of):
    ruths = desk_of("ruth")
    address = reverse("desk:deactivate-person", args=[key("ruth")])
    assert "logged out everywhere" in text(ada.get(address))
    page = text(ada.post(address, follow=True))
    assert "ruth’s account is deactivated" in page
    undo = reverse("desk:activate-person", args=[key("ruth")])
    assert f'action="{undo}"' in page
    assert ruths.get("/desk/").status_code == 302
    assert "ruth can log in again." in text(ada.post(undo, follow=True))
    assert ruths.get("/desk/").status_code == 302
    assert user("ruth").is_active


def test_an_administrator_is_deactivated_and_activated_by_another(ada, people):
    with acting_as(SYSTEM):
        add_user("adele", password=PASSWORD)
    for name, active in (("deactivate-person", False), ("activate-person", True)):
        ada.post(reverse(f"desk:{name}", args=[key("adele")]))
        assert user("adele").is_active is active


def test_nobody_deactivates_themselves_or_the_last_administrator(ada):
    address = reverse("desk:deactivate-person", args=[key("ada")])
    assert "You cannot deactivate your own account" in text(ada.get(address))
    assert "You cannot deactivate your own account" in text(ada.post(address))
    assert user("ada").is_active


def test_a_person_or_invitation_that_is_not_there_is_a_page(ada):
    for address in every_address(999_999)[3:]:
        for answer in (ada.get(address, follow=True), ada.post(address)):
            assert answer.status_code in {200, 404, 405}
    assert ada.post(reverse("desk:withdraw-invitation", args=[999_999])).status_code == 404


@pytest.mark.parametrize("many", [1, 150])
def test_the_page_asks_the_database_as_often_for_one_as_for_many(
    ada, people, many, django_assert_max_num_queries
):
    get_user_model().objects.bulk_create(
        get_user_model()(username=f"person-{number:03}") for number in range(many)
    )
    with acting_as(people["ada"]):
        for number in range(min(many, 20)):
            invite(f"jo{number}@example.org", [Role.EDITOR])
    with django_assert_max_num_queries(14):
        page = text(ada.get(PEOPLE))
    assert ("Next page" in page) == (many > 100)
    if many > 100:
        older = re.search(r'rel="next" href="([^"]+)"', page)[1]
        rest = text(ada.get(older))
        assert "person-149" in rest
        assert ">ada</a>" not in rest


class TestAccepting:
    def page(self, invitation):
        return Client().get("/desk/invitation/", {"token": invitation.token})

    def post(self, invitation, client=None, **fields):
        typed = {"token": invitation.token, "name": "jo", "password": NEW} | fields
        return (client or Client()).post("/desk/invitation/", typed)

    def test_the_invited_person_chooses_name_and_password_and_is_at_home(self, invitation):
        page = self.page(invitation)
        assert "ada has invited you to work on the newsletter. Your role will be: editor." in text(page)
        assert page["Cache-Control"].startswith("max-age=0, no-cache, no-store")
        assert page["Referrer-Policy"] == "same-origin"
        client = Client()
        answer = self.post(invitation, client)
        assert (answer.status_code, answer["Location"]) == (302, "/desk/")
        assert "Welcome, jo." in text(client.get("/desk/"))
        assert user("jo").email == "jo@example.org"

    def test_the_session_is_a_new_one(self, invitation):
        client = Client()
        session = client.session
        session["fixed"] = "by a stranger"
        session.save()
        before = client.cookies["sessionid"].value if "sessionid" in client.cookies else session.session_key
        self.post(invitation, client)
        assert client.cookies["sessionid"].value != before

    def test_what_cannot_be_used_is_said_beside_its_field(self, invitation):
        page = text(answer := self.post(invitation, name="ada"))
        assert answer.status_code == 422
        assert "Another person already has this name" in page
        assert "too short" in text(self.post(invitation, password="x"))
        assert NEW not in page
        assert "&lt;b&gt;" in text(self.post(invitation, name="<b>"))
        assert self.post(invitation, name="jo\x00").status_code == 302

    @pytest.mark.parametrize(
        ("name", "says"),
        [
            ("\u0430dministrator", "letters from one alphabet only"),
            ("\u0430\u0501\u0430", "This name is too similar to “ada”"),
            ("ADA", "This name is too similar to “ada”"),
        ],
    )
    def test_a_name_that_looks_like_that_of_somebody_else_is_not_used(self, invitation, name, says):
        assert says in text(self.post(invitation, name=name))
        assert not get_user_model().objects.filter(username=name).exists()

    def test_a_name_in_another_alphabet_is_used(self, invitation):
        assert self.post(invitation, name="\u0432\u0435\u0440\u0430").status_code == 302

    def test_a_used_withdrawn_expired_or_unknown_link_is_a_plain_page(self, invitation, people):
        with acting_as(people["ada"]):
            gone = invite("ben@example.org", [Role.EDITOR])
            withdraw(gone.pk)
            late = invite("cal@example.org", [Role.EDITOR])
        Invitation.objects.filter(pk=late.pk).update(expires_at=late.made_at)
        self.post(invitation)
        for each, sentence in (
            (invitation, "already been accepted"),
            (gone, "has been withdrawn"),
            (late, "expired on"),
            (Invitation(nonce="x"), "does not work"),
        ):
            # To reload it is no guess.
            for answer in (self.page(each), self.page(each), self.post(each, name="eve")):
                assert answer.status_code in {404, 409}
                assert sentence in text(answer)
                assert "Log in" in text(answer)
        assert not get_user_model().objects.filter(username="eve").exists()

    def test_a_link_is_compared_whole(self, invitation):
        for number, changed in enumerate(("{}\0", "\0{}", "{} ", "{}&token=", "0{}")):
            token = changed.format(invitation.token)
            elsewhere = Client(REMOTE_ADDR=f"203.0.{number}.7")
            assert elsewhere.get("/desk/invitation/", {"token": token}).status_code == 404, changed
            typed = {"token": token, "name": "jo", "password": NEW}
            assert elsewhere.post("/desk/invitation/", typed).status_code == 404, changed
        assert Client().get(f"/desk/invitation/?token={invitation.token}%%0000").status_code == 404
        assert not get_user_model().objects.filter(username="jo").exists()

    def test_guesses_of_links_have_to_wait_and_other_networks_do_not(self, invitation):
        client = Client()
        for _ in range(5):
            assert client.get("/desk/invitation/", {"token": "guess"}).status_code == 404
        assert client.get("/desk/invitation/", {"token": "guess"}).status_code == 429
        assert client.get("/desk/invitation/", {"token": invitation.token}).status_code == 200
        elsewhere = Client(REMOTE_ADDR="203.0.113.7")
        assert elsewhere.get("/desk/invitation/", {"token": invitation.token}).status_code == 200

    def test_a_form_from_another_site_makes_no_account(self, invitation):
        client = Client(enforce_csrf_checks=True)
        assert self.post(invitation, client).status_code == 403
        assert not get_user_model().objects.filter(username="jo").exists()

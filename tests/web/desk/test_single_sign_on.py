"""Logging in by an OpenID Connect provider, against a real one on this machine that can lie."""

import time

import pytest
from django.contrib.auth import get_user_model
from django.core import signing
from django.test import Client

from newsletter.accounts.account_mails import AccountMail
from newsletter.accounts.actor import SYSTEM, Role, acting_as
from newsletter.accounts.invitation_model import Invitation
from newsletter.accounts.invitations import invite, open_invitations
from newsletter.accounts.role_assignments import publication_roles_assigned, roles_assigned
from newsletter.accounts.users import authenticate_actor, find_user
from newsletter.errors import Refused
from newsletter.issues.models import AuditEntry
from newsletter.single_sign_on.find_or_make_account import link
from tests.fakes.openid_provider import SECRET
from tests.web.desk.provider_log_ins import (
    ANSWER,
    BEGIN,
    LINK,
    at_provider,
    log_in_there,
    subjects,
    text_of,
    use,
)
from tests.web.desk.second_factors import PASSWORD, give_app, is_in, just_now, log_in


def test_somebody_with_a_role_at_the_provider_gets_an_account_and_is_in(provider):
    page = text_of(Client().get("/desk/log-in/"))
    assert "Log in with Acme" in page
    client, answer = log_in_there(provider, begin=f"{BEGIN}?next=/desk/issues/")
    assert (answer.status_code, answer.url) == (302, "/desk/issues/")
    assert is_in(client)
    nina = find_user("nina")
    assert roles_assigned(nina) == {Role.EDITOR}
    assert not nina.has_usable_password()
    assert subjects() == {"u-1": "nina"}
    assert AuditEntry.objects.filter(actor="Acme", sentence="Added the user nina.").exists()
    query = provider.queries[-1]
    assert query["redirect_uri"] == "http://localhost:8000/desk/log-in/provider/answer/"
    assert {query["code_challenge_method"], query["response_type"]} == {"S256", "code"}


def test_a_new_account_never_has_a_name_that_looks_like_another(provider):
    get_user_model().objects.create_user("Nina")
    get_user_model().objects.create_user("nіna2")
    log_in_there(provider)
    assert subjects() == {"u-1": "nina3"}


def test_roles_are_those_of_the_claim_at_each_log_in(provider):
    log_in_there(provider)
    provider.claims["roles"] = ["chiefs", "unknown"]
    log_in_there(provider)
    assert roles_assigned(find_user("nina")) == {Role.ADMINISTRATOR}
    assert get_user_model().objects.filter(username__startswith="nina").count() == 1
    entry = AuditEntry.objects.filter(actor="Acme", sentence="Changed the roles of the user nina.").get()
    assert entry.changes["roles"] == [["editor"], ["administrator"]]


def test_nobody_without_a_role_gets_in_and_whoever_loses_theirs_is_out(provider):
    client, _answer = log_in_there(provider)
    provider.claims["roles"] = []
    other, answer = log_in_there(provider)
    assert answer.status_code == 403
    assert "Acme recognises you, but you have no role" in text_of(answer)
    assert not is_in(other)
    assert not is_in(client)
    assert roles_assigned(find_user("nina")) == set()
    provider.claims = {"sub": "u-2", "preferred_username": "otto"}
    assert log_in_there(provider)[1].status_code == 403
    assert not get_user_model().objects.filter(username="otto").exists()


def test_roles_for_one_publication_come_from_the_table(provider, settings, publication):
    use(settings, oidc_roles=(("weekly", "approver", publication.slug), ("weekly", "sender", "gone")))
    provider.claims["roles"] = "weekly"
    client, _answer = log_in_there(provider)
    assert publication_roles_assigned(find_user("nina")) == {(publication.pk, Role.APPROVER)}
    assert is_in(client)


def test_the_claim_may_be_inside_another_or_come_from_userinfo(provider, settings):
    use(settings, oidc_roles_claim="realm_access.roles")
    provider.claims["realm_access"] = {"roles": ["news-editors"]}
    assert is_in(log_in_there(provider)[0])
    use(settings, oidc_roles_claim="groups")
    provider.userinfo = {"sub": "u-1", "groups": ["news-editors"]}
    assert is_in(log_in_there(provider)[0])


def test_an_address_gives_a_role_only_if_it_is_verified(provider, settings):
    use(settings, oidc_roles_claim="email", oidc_roles=(("nina@example.org", "editor", ""),))
    provider.claims["email"] = "nina@example.org"
    assert not is_in(log_in_there(provider)[0])
    provider.claims["email_verified"] = True
    assert is_in(log_in_there(provider)[0])
    assert find_user("nina").email == "nina@example.org"


def test_the_only_administrator_keeps_the_role_and_logs_in_by_password(provider):
    link(find_user("ada"), "u-9")
    provider.claims = {"sub": "u-9", "roles": ["news-editors"]}
    client, answer = log_in_there(provider)
    assert answer.status_code == 403
    assert "ada is the only administrator" in text_of(answer)
    assert not is_in(client)
    assert roles_assigned(find_user("ada")) == {Role.ADMINISTRATOR}


def with_address(name, address="ruth@example.org"):
    get_user_model().objects.filter(username=name).update(email=address)
    return find_user(name)


def test_an_account_with_the_same_address_is_linked_only_after_a_log_in_to_it(provider):
    with_address("ruth")
    provider.claims |= {"email": "RUTH@example.org", "email_verified": True}
    client, answer = log_in_there(provider)
    assert answer.url == LINK
    assert "There is already an account here with your email address" in text_of(client.get(LINK))
    client.post(LINK)
    assert subjects() == {}
    log_in("amir", client=client)
    client.post(LINK)
    assert subjects() == {}
    client, answer = log_in_there(provider)
    log_in(client=client)
    assert "You are logged in as ruth" in text_of(client.get(LINK))
    answer = client.post(LINK)
    assert answer.url.startswith("/desk/log-in/?next=")
    assert "Your account is linked. Log in with Acme" in text_of(client.get(answer.url))
    assert subjects() == {"u-1": "ruth"}
    assert AccountMail.objects.filter(kind="single-sign-on-linked", address="ruth@example.org").exists()
    assert is_in(log_in_there(provider, client)[0])
    assert AuditEntry.objects.filter(actor="ruth", sentence="Linked ruth’s account to Acme.").exists()


def test_a_second_person_with_the_same_address_does_not_replace_the_first_link(provider):
    with_address("ruth")
    link(find_user("ruth"), "u-1")
    provider.claims |= {"sub": "u-2", "email": "ruth@example.org", "email_verified": True}
    client, answer = log_in_there(provider)
    assert answer.status_code == 403
    assert "is already linked to another Acme account. Ask an administrator" in text_of(answer)
    # A log-in to the account here changes nothing about that.
    log_in(client=client)
    client.post(LINK)
    assert subjects() == {"u-1": "ruth"}
    # The administrator ends the old link, and then the new one can be made.
    page = f"/desk/settings/people/{find_user('ruth').pk}/"
    assert confirmed("ada").post(f"{page}unlink/").status_code == 303
    client, answer = log_in_there(provider)
    assert answer.url == LINK
    log_in(client=client)
    client.post(LINK)
    assert subjects() == {"u-2": "ruth"}


def test_a_link_made_while_somebody_else_proves_the_account_stays(provider):
    with_address("ruth")
    provider.claims |= {"sub": "u-2", "email": "ruth@example.org", "email_verified": True}
    client, _answer = log_in_there(provider)
    log_in(client=client)
    link(find_user("ruth"), "u-1")
    answer = client.post(LINK)
    assert answer.status_code == 409
    assert "is already linked to another Acme account" in text_of(answer)
    assert subjects() == {"u-1": "ruth"}
    assert AccountMail.objects.filter(kind="single-sign-on-linked").count() == 1


def test_linking_the_same_person_twice_tells_the_owner_once(provider):
    with_address("ruth")
    link(find_user("ruth"), "u-1")
    link(find_user("ruth"), "u-1")
    assert subjects() == {"u-1": "ruth"}
    assert AccountMail.objects.filter(kind="single-sign-on-linked").count() == 1


def test_an_address_that_is_not_verified_finds_no_account(provider):
    with_address("ruth")
    provider.claims |= {"email": "ruth@example.org", "email_verified": False}
    client, _answer = log_in_there(provider)
    assert is_in(client)
    assert subjects() == {"u-1": "nina"}
    assert find_user("nina").email == ""


def test_a_deactivated_account_stays_out(provider):
    log_in_there(provider)
    get_user_model().objects.filter(username="nina").update(is_active=False)
    client, answer = log_in_there(provider)
    assert "Your account is deactivated" in text_of(answer)
    assert not is_in(client)


def test_our_second_factor_is_asked_for_unless_the_provider_is_trusted_with_it(provider, settings):
    log_in_there(provider)
    give_app(find_user("nina"))
    client, answer = log_in_there(provider)
    assert answer.url == "/desk/log-in/code/"
    assert not is_in(client)
    provider.claims["amr"] = ["pwd", "mfa"]
    assert log_in_there(provider)[1].url == "/desk/log-in/code/"
    use(settings, oidc_second_factor=("mfa",))
    client, answer = log_in_there(provider)
    assert answer.url == "/desk/"
    assert is_in(client)
    provider.claims |= {"amr": ["pwd"], "acr": "1"}
    assert log_in_there(provider)[1].url == "/desk/log-in/code/"


def test_a_role_that_needs_a_second_factor_has_one_by_the_trusted_provider(provider, settings):
    use(settings, second_factor_roles=("editor",), second_factor_days=0)
    client, _answer = log_in_there(provider)
    assert client.get("/desk/issues/").url == "/desk/account/"
    use(settings, oidc_second_factor=("mfa",))
    provider.claims["acr"] = "mfa"
    assert is_in(log_in_there(provider)[0])


def test_only_administrators_log_in_locally_if_the_setting_says_so(provider, settings):
    use(settings, local_sign_in="administrators")
    client = Client()
    answer = client.post("/desk/log-in/", {"username": "ruth", "password": PASSWORD})
    assert "Log in with Acme. Only administrators" in text_of(answer)
    assert not is_in(client)
    assert "Only administrators" not in text_of(
        client.post("/desk/log-in/", {"username": "ruth", "password": "wrong"})
    )
    assert is_in(log_in("ada"))


def test_no_other_way_to_log_in_passes_that_setting(provider, settings, people):
    with acting_as(SYSTEM):
        invitation = invite("jo@example.org", [Role.EDITOR])
    use(settings, local_sign_in="administrators")
    client = Client()
    form = {"token": invitation.token, "name": "jo", "password": "a lantern above the weir"}
    client.post("/desk/invitation/", form)
    assert find_user("jo").email == "jo@example.org"
    assert not is_in(client)
    assert "Log in with Acme. Only administrators" in text_of(client.get("/desk/log-in/"))
    with pytest.raises(Refused, match="Log in with Acme"):
        authenticate_actor("ruth", PASSWORD)
    assert authenticate_actor("ada", PASSWORD).name == "ada"


def test_a_new_account_ends_the_invitation_of_its_verified_address(provider):
    with acting_as(SYSTEM):
        invite("nina@example.org", [Role.ADMINISTRATOR])
    provider.claims |= {"email": "Nina@example.org", "email_verified": True}
    assert is_in(log_in_there(provider)[0])
    assert not open_invitations().exists()
    assert roles_assigned(find_user("nina")) == {Role.EDITOR}


def test_somebody_may_prove_their_account_by_password_even_then(provider, settings):
    use(settings, local_sign_in="administrators")
    with_address("ruth")
    provider.claims |= {"email": "ruth@example.org", "email_verified": True}
    client, _answer = log_in_there(provider)
    log_in(client=client)
    client.post(LINK)
    assert subjects() == {"u-1": "ruth"}


def test_protected_acts_ask_the_provider_again(provider):
    provider.claims["roles"] = ["chiefs"]
    client, _answer = log_in_there(provider)
    invite = "/desk/settings/people/invite/"
    form = {"address": "jo@example.org", "roles": "administrator"}
    asked = client.get(client.post(invite, form)["Location"])
    assert asked["Location"] == f"{BEGIN}?confirm=yes&next=%2Fdesk%2Fsettings%2Fpeople%2Finvite%2F"
    begin = f"{BEGIN}?confirm=now&next=%2Fdesk%2Fsettings%2Fpeople%2Finvite%2F"
    assert begin.replace("&", "&amp;") in text_of(client.get(asked["Location"]))
    _client, answer = log_in_there(provider, client, begin)
    assert "did not confirm that it has asked you to log in again" in text_of(answer)
    assert provider.queries[-1]["max_age"] == "0"
    provider.claims["sub"] = "u-2"
    provider.claims["auth_time"] = 9_000_000_000
    assert "as somebody else" in text_of(log_in_there(provider, client, begin)[1])
    provider.claims["sub"] = "u-1"
    assert Invitation.objects.count() == 0
    client.post(invite, form)
    log_in_there(provider, client, begin)
    assert Invitation.objects.get().address == "jo@example.org"


@pytest.mark.parametrize(
    "wished", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_no_next_leads_to_another_site(provider, wished):
    _client, answer = log_in_there(provider, begin=f"{BEGIN}?next={wished}")
    assert answer.url == "/desk/"


def test_the_session_has_a_new_key_after_the_log_in_and_no_token_is_kept(provider, caplog):
    client = Client()
    query = at_provider(provider, client)
    before = client.session.session_key
    client.get(ANSWER, query)
    assert client.session.session_key != before
    kept = signing.dumps(dict(client.session), compress=False)
    whole = str(dict(client.session)) + kept + caplog.text
    assert "access-1" not in whole
    assert query["code"] not in whole
    assert SECRET not in caplog.text


UNLINK = "/desk/account/provider/unlink/"


def confirmed(name):
    return just_now(log_in(name))


def test_the_owner_sees_the_link_and_ends_it(provider):
    with_address("ruth")
    client = confirmed("ruth")
    assert "Not linked. To link it, log out and then log in with Acme" in text_of(
        client.get("/desk/account/")
    )
    assert client.post(UNLINK).status_code == 409
    link(find_user("ruth"), "u-1")
    assert "You can log in with Acme." in text_of(client.get("/desk/account/"))
    answer = client.post(UNLINK)
    assert (answer.status_code, answer.url) == (303, "/desk/account/#details")
    assert "Your account is no longer linked to Acme." in text_of(client.get("/desk/account/"))
    assert subjects() == {}
    assert AuditEntry.objects.filter(actor="ruth", sentence="Unlinked ruth’s account from Acme.").exists()
    told = AccountMail.objects.get(kind="single-sign-on-unlinked")
    assert (told.address, "ruth has unlinked" in told.paragraphs[0]) == ("ruth@example.org", True)
    # The address is the same, so they are asked to prove again that the account is theirs.
    provider.claims |= {"email": "ruth@example.org", "email_verified": True}
    assert log_in_there(provider)[1].url == LINK


def test_the_link_is_ended_only_after_confirming_who_it_is(provider):
    link(find_user("ruth"), "u-1")
    client = log_in("ruth")
    session = client.session
    del session["account_authentication_methods"]
    session.save()
    assert "/account/confirm/" in client.post(UNLINK).url
    assert subjects() == {"u-1": "ruth"}


def test_nobody_ends_the_only_way_in(provider, settings):
    client, _answer = log_in_there(provider)
    just_now(client)
    assert "You have no password, and no passkey" in text_of(client.get("/desk/account/"))
    answer = client.post(UNLINK)
    assert answer.status_code == 409
    assert subjects() == {"u-1": "nina"}
    nina = find_user("nina")
    nina.set_password(PASSWORD)
    nina.save()
    client = confirmed("nina")
    use(settings, local_sign_in="administrators")
    assert client.post(UNLINK).status_code == 409
    assert subjects() == {"u-1": "nina"}
    use(settings, local_sign_in="all")
    assert client.post(UNLINK).status_code == 303


def test_an_administrator_ends_the_link_of_a_colleague_who_is_logged_out(provider, desk_of):
    client, _answer = log_in_there(provider)
    ada, page = confirmed("ada"), f"/desk/settings/people/{find_user('nina').pk}/"
    assert "nina can log in with Acme" in text_of(ada.get(page))
    assert desk_of("ruth").post(f"{page}unlink/").status_code == 409
    assert is_in(client)
    assert ada.post(f"{page}unlink/").url == page
    assert "nina is no longer linked to Acme." in text_of(ada.get(page))
    assert subjects() == {}
    assert not is_in(client)
    assert AuditEntry.objects.filter(actor="ada", sentence="Unlinked nina’s account from Acme.").exists()
    assert ada.post(f"{page}unlink/").status_code == 409
    own = f"/desk/settings/people/{find_user('ada').pk}/"
    assert "To unlink your own account" in text_of(ada.get(own))


def test_an_address_that_changes_at_the_provider_changes_nothing_here(provider):
    with_address("ruth")
    provider.claims |= {"email": "nina@example.org", "email_verified": True}
    log_in_there(provider)
    provider.claims["email"] = "ruth@example.org"
    client, _answer = log_in_there(provider)
    assert is_in(client)
    assert subjects() == {"u-1": "nina"}
    assert find_user("nina").email == "nina@example.org"
    # Another subject with the address of somebody here is a stranger.
    provider.claims["sub"] = "u-2"
    client, answer = log_in_there(provider)
    assert answer.url == LINK
    assert not is_in(client)


@pytest.mark.parametrize(("seconds", "comes_in"), [(-50, True), (50, True), (-400, False), (120, False)])
def test_clocks_may_be_a_minute_apart(provider, seconds, comes_in):
    now = int(time.time()) + seconds
    provider.wrong = {"iat": now, "nbf": now, "exp": now + 300}
    assert is_in(log_in_there(provider)[0]) is comes_in


def test_a_provider_that_changes_its_keys_is_asked_for_them_again(provider):
    assert is_in(log_in_there(provider)[0])
    provider.key = provider.signed_by = provider.other_key
    assert is_in(log_in_there(provider)[0])


@pytest.mark.parametrize(
    "roles", [None, {}, 7, [7, None], "", "chief", ["news-editors "], {"news-editors": True}]
)
def test_a_claim_that_is_missing_or_of_another_kind_gives_no_role(provider, roles):
    provider.claims["roles"] = roles
    client, answer = log_in_there(provider)
    assert answer.status_code == 403
    assert not is_in(client)


def test_without_the_setting_there_is_no_button_and_no_page(people, client):
    assert "/desk/log-in/provider/" not in text_of(client.get("/desk/log-in/"))
    for address in (BEGIN, ANSWER, LINK):
        assert client.get(address).status_code == 404

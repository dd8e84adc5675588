"""The lawful basis at the desk: one click to the proof, another basis, and who is left out of an issue."""

import re

import pytest

from newsletter.accounts.actor import acting_as
from newsletter.issues.change_articles_for_all_issues import change_terms
from newsletter.issues.models import AuditEntry, StandingBlock
from subscribers.consent import ConsentSource
from subscribers.consent_by_editor import add_by_editor
from subscribers.models import Basis, ConsentEntry, List, SourceKind, Subscription
from tests.web.desk.test_changed_meanwhile import form_of
from tests.web.desk.test_contents import article

EDITOR = ConsentSource(SourceKind.EDITOR, "Ruth")


@pytest.fixture
def ruth(desk_of, publication):
    return desk_of("ruth")


@pytest.fixture
def ada(just_logged_in, publication):
    return just_logged_in("ada")


@pytest.fixture
def amara(publication):
    return add_by_editor(publication.mailing_list, "amara@example.com", EDITOR, consent="She asked.")


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def address_of(one):
    return f"/desk/subscribers/{one.subscriber_id}/basis/"


def test_a_persons_page_leads_to_the_proof_of_their_basis(ruth, ada, amara):
    page = text(ruth.get(f"/desk/subscribers/{amara.subscriber_id}/"))
    link = f"{address_of(amara)}?list={amara.list.slug}"
    assert f'href="{link}"' in page
    proof = text(ruth.get(link))
    for words in ("She asked.", "Added by an editor", "Editor: Ruth", "Consent", "UTC"):
        assert words in proof
    form = {"act": "download", "list": amara.list.slug}
    assert ruth.post(address_of(amara), form).status_code == 409
    answer = ada.post(address_of(amara), form)
    assert answer["Content-Disposition"] == f'attachment; filename="lawful-basis-{amara.pk}.txt"'
    assert "Wording: She asked.\n" in answer.content.decode()
    [entry] = AuditEntry.objects.filter(act="export")
    assert "amara" not in f"{entry.sentence} {entry.thing}"


def test_another_basis_is_recorded_or_refused_with_what_was_typed(ruth, amara):
    form = {"list": amara.list.slug, "basis": "charitable", "consent": "Gave it at the fun run"}
    answer = ruth.post(address_of(amara), {**form, "collected_on": "2026-02-04", "own_details": "on"})
    assert answer.status_code == 422
    assert "only covers details collected since 5 February 2026" in text(answer)
    assert "Gave it at the fun run" in text(answer)
    for wrong in ({"basis": "magic"}, {"collected_on": "soon"}, {"consent": ""}, {"own_details": ""}):
        good = {**form, "collected_on": "2026-03-01", "own_details": "on"}
        assert ruth.post(address_of(amara), {**good, **wrong}).status_code == 422
    assert Subscription.objects.get().basis == Basis.CONSENT
    assert ruth.post(address_of(amara), good).status_code == 303
    assert Subscription.objects.get().basis == Basis.CHARITABLE
    entry = ConsentEntry.objects.get(act="basis")
    assert (entry.source_name, entry.note) == ("ruth", "Details collected from the person on 1 March 2026.")
    assert "Charitable soft opt-in" in text(ruth.get(f"/desk/subscribers/{amara.subscriber_id}/"))
    assert ruth.post(address_of(amara), {**good, "list": "nothing"}).status_code == 404


def test_send_and_review_name_who_is_left_out_and_why(ruth, ruths_draft, amara, people):
    Subscription.objects.filter(pk=amara.pk).update(basis=Basis.CHARITABLE)
    with acting_as(people["amir"]):
        change_terms(article(ruths_draft, 2), {"promotes": "others"})
    here = f"/desk/issues/{ruths_draft.publication.slug}/{ruths_draft.number}"
    sentence = "1 person will not get this issue because of the lawful basis “Charitable soft opt-in”. This issue has “"
    assert sentence in text(ruth.get(f"{here}/send/"))
    review = text(ruth.get(f"{here}/review/?count=1"))
    assert "Lawful basis does not cover the issue" in review
    assert sentence in review
    names = text(ruth.get(f"{here}/review/people/basis/"))
    assert "amara@example.com" in names
    assert "the charitable soft opt-in does not cover promotions for somebody else" in names


def test_a_block_says_what_it_promotes(ada, publication):
    block = StandingBlock.objects.create(
        publication=publication, name="sponsor", kind="promotion", title="Boots"
    )
    here = f"/desk/settings/publications/{publication.slug}/blocks/one/sponsor/"
    fields = form_of(ada.get(here), here)
    assert fields["data-promotes"] == "services"
    assert ada.post(here, {**fields, "data-promotes": "others"}).status_code == 303
    block.refresh_from_db()
    assert block.data == {"promotes": "others"}
    ada.get(here)  # the page after the act has “Undo” with the earlier values
    assert form_of(ada.get(here), here)["data-promotes"] == "others"


def test_the_number_before_saving_an_audience_takes_the_bases_into_account(
    ruth, ada, ruths_draft, amara, people
):
    Subscription.objects.filter(pk=amara.pk).update(basis=Basis.CHARITABLE)
    with acting_as(people["amir"]):
        change_terms(article(ruths_draft, 2), {"promotes": "others"})
    everybody = amara.list.subscriptions.filter(state="active").count()
    choose = f"/desk/issues/{ruths_draft.publication.slug}/{ruths_draft.number}/review/audience/choose/"
    for whose in ("own", "every"):
        page = text(ruth.post(choose, {"whose": whose, "act": "count"}))
        assert f"This audience now has <strong>{everybody - 1} " in page
        assert (
            "1 person will not get this issue because of the lawful basis “Charitable soft opt-in”." in page
        )
    depends = (
        "1 of these people has a lawful basis other than consent. Whether they get an issue depends on what "
        "it contains."
    )
    every = f"/desk/settings/publications/{ruths_draft.publication.slug}/audience/"
    page = text(ada.post(every, {"act": "count"}))
    assert f"This audience now has <strong>{everybody} " in page
    assert depends in page


GOOD = {"collected_on": "2026-03-01", "own_details": "on"}
ADDED = [
    ({}, "consent"),
    ({"basis": "consent"}, "consent"),
    ({"basis": "charitable", **GOOD}, "charitable"),
    (
        {"basis": "charitable", **GOOD, "collected_on": "2026-02-04"},
        "only covers details collected since 5 February",
    ),
    (
        {"basis": "charitable", **GOOD, "collected_on": ""},
        "needs the day on which the person gave their details",
    ),
    (
        {"basis": "charitable", **GOOD, "own_details": ""},
        "only counts if the person gave you their details themselves",
    ),
    ({"basis": "customer", "own_details": "on"}, "customer"),
    ({"basis": "customer"}, "only counts if the person gave you their details themselves"),
    ({"basis": "business"}, "business"),
    ({"basis": "business", "address": "cem@gmail.com"}, "provides personal email addresses"),
    ({"basis": "membership"}, "membership"),
    ({"basis": "membership", "collected_on": "soon"}, "is not a date"),
    ({"basis": "membership", "collected_on": "2999-01-01"}, "is in the future"),
    ({"basis": "membership", "ask": "on"}, "If the person confirms by email, their lawful basis is consent."),
    ({"basis": "magic"}, "Choose a lawful basis."),
]


@pytest.mark.parametrize(("said", "expected"), ADDED)
def test_a_person_is_added_on_each_basis_with_what_it_needs(ruth, publication, said, expected):
    form = {
        "list": publication.mailing_list.slug,
        "address": "cem@works.example",
        "consent": "Gave it at the run",
    }
    answer = ruth.post("/desk/subscribers/add/", {**form, **said})
    if expected in Basis.values:
        assert answer.status_code == 303
        one = Subscription.objects.get(subscriber__address_key="cem@works.example")
        entry = ConsentEntry.objects.get(act="added")
        assert one.basis == expected
        assert entry.basis == ("" if expected == "consent" else expected)
        assert entry.wording.text == "Gave it at the run"
        return
    assert answer.status_code == 422
    page = text(answer)
    assert expected in page
    assert re.search(r"<details open><summary>The person has not consented", page)
    assert re.search(r'id="(basis|collected_on|own_details)-error"', page)
    assert not Subscription.objects.exists()


def test_somebody_whom_we_know_is_subscribed_on_another_basis(ruth, amara, publication):
    other = List.objects.create(slug="other", name="Other")
    page = f"/desk/subscribers/{amara.subscriber_id}/subscribe/"
    form = {"list": "other", "consent": "Member since May", "basis": "membership"}
    assert "Membership or contract" in text(ruth.get(page))
    assert ruth.post(page, {**form, "ask": "on"}).status_code == 422
    assert ruth.post(page, form).status_code == 303
    assert other.subscriptions.get().basis == Basis.MEMBERSHIP


def test_the_command_line_adds_a_person_by_the_same_rules(cli, publication):
    add = (
        "subscribers",
        "add",
        "cem@works.example",
        "--list",
        publication.mailing_list.slug,
        "--consent",
        "Fun run",
    )
    charitable = ("--basis", "charitable", "--collected-on", "2026-03-01")
    assert "A soft opt-in only counts" in cli(*add, *charitable).err
    assert "is not a lawful basis" in cli(*add, "--basis", "magic").err
    assert cli(*add, *charitable, "--own-details").code == 0
    assert Subscription.objects.get().basis == Basis.CHARITABLE

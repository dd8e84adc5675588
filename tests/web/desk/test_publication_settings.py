"""The settings of a publication in the desk: who may change them, what the forms do, and that nothing is lost."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from lxml import html

from newsletter.accounts.actor import Role, acting_as
from newsletter.accounts.users import actor_of, add_user
from newsletter.errors import InvalidFields, NotFound, Refused
from newsletter.issues.draft_new_issue import draft_empty
from newsletter.issues.edit_issue_texts import set_subject
from newsletter.issues.issue_audit import entries
from newsletter.issues.models import Approval, Publication
from newsletter.issues.publication_settings import (
    PARTS,
    SettingsChangedError,
    change_settings,
    settings_version,
    undo_settings,
)
from newsletter.issues.selection_rule import selection_from_json
from newsletter.scheduling.add_or_change_series import add_series
from newsletter.scheduling.approval import approve

PARTS_IN_ORDER = sorted(PARTS)


def address(publication, part=""):
    return f"/desk/settings/publications/{publication.slug}/{part and part + '/'}"


def form_of(answer, part):
    page = html.fromstring(answer.content)
    form = next(each for each in page.forms if (each.action or "").endswith(f"/{part}/"))
    values = {}
    for name, value in form.form_values():
        values.setdefault(name, []).append(value)
    return {name: texts[0] if len(texts) == 1 else texts for name, texts in values.items()}


def text(answer):
    return re.sub(r"\s+", " ", html.fromstring(answer.content).text_content())


def typed(client, publication, part, **changes):
    return form_of(client.get(address(publication, part)), part) | changes


@pytest.mark.parametrize("part", PARTS_IN_ORDER)
def test_a_form_that_is_saved_as_it_came_changes_nothing(ada, publication, part):
    before = Publication.objects.values().get()
    form = typed(ada, publication, part)
    answer = ada.post(address(publication, part), form, follow=True)
    assert "Nothing was changed." in text(answer), text(answer)
    assert Publication.objects.values().get() == before


@pytest.mark.parametrize(
    ("part", "name", "value", "stored"),
    [
        ("identity", "name", "The Quay Letter", "The Quay Letter"),
        ("identity", "website", "www.quay.example.org", "https://www.quay.example.org/"),
        ("identity", "zone", "Europe/Berlin", "Europe/Berlin"),
        ("sender", "reply_to", "desk@example.org", "desk@example.org"),
        ("sender", "postal_address", "1 Quay\r\nNewtown", "1 Quay\nNewtown"),
        ("look", "theme", "plain", "plain"),
        ("look", "ask_useful", "on", True),
        ("selection", "subject_pattern", "{name}: {lead}", "{name}: {lead}"),
        ("questions", "working_days", "scotland", "scotland"),
        ("questions", "acknowledge_days", "3", 3),
        ("questions", "show_question_figures", "on", True),
        ("approval", "four_eyes", "on", True),
        ("approval", "undo_minutes", "30", 30),
    ],
)
def test_a_setting_is_saved_and_the_change_can_be_undone(ada, publication, part, name, value, stored):
    before = getattr(publication, name)
    answer = ada.post(address(publication, part), typed(ada, publication, part, **{name: value}), follow=True)
    publication.refresh_from_db()
    assert getattr(publication, name) == stored
    page = html.fromstring(answer.content)
    undo = next(each for each in page.forms if (each.action or "").endswith("/undo/"))
    ada.post(undo.action, dict(undo.form_values()))
    publication.refresh_from_db()
    assert getattr(publication, name) == before


def test_the_choice_of_articles_is_saved(ada, publication):
    form = typed(
        ada,
        publication,
        "selection",
        at_most="9",
        at_least="2",
        at_most_per_source="3",
        since="days",
        days="14",
    )
    ada.post(address(publication, "selection"), form)
    publication.refresh_from_db()
    selection = selection_from_json(publication.selection)
    assert (selection.at_most, selection.at_least, selection.since) == (9, 2, 14)
    assert selection.at_most_per_source == 3


def test_sections_are_written_moved_and_saved(ada, publication):
    publication.sections = []
    publication.save()
    form = typed(ada, publication, "sections")
    form |= {"row": ["0", "1"], "title-0": "Research", "topics-0": ["research"], "title-1": "The rest"}
    moved = ada.post(address(publication, "sections"), form | {"move": "down:0"})
    assert form_of(moved, "sections")["title-0"] == "The rest"
    publication.refresh_from_db()
    assert publication.sections == []
    ada.post(address(publication, "sections"), form | {"row": ["1", "0"]})
    publication.refresh_from_db()
    assert publication.sections == [
        {"title": "The rest", "topics": []},
        {"title": "Research", "topics": ["research"]},
    ]


@pytest.mark.parametrize(
    ("part", "name", "value", "sentence"),
    [
        ("identity", "name", "", "Enter the name of your newsletter."),
        ("identity", "website", "ftp://example.org", "is not a link that a reader can open"),
        ("sender", "sender_address", "news@", "Enter a valid email address."),
        ("sender", "postal_address", " ", "must include one by law"),
        ("sender", "sender_name_ascii", "Prévention", "without accents"),
        ("look", "accent_colour", "red", "Enter a colour as #"),
        ("selection", "at_most", "0", "from 1 to 200"),
        ("selection", "at_least", "99", "must not be more than"),
        ("selection", "at_most_per_source", "0", "leave the field empty"),
        (
            "selection",
            "days",
            "14",
            "You made changes below, but they have no effect while “Since the last issue”",
        ),
        ("selection", "subject_pattern", "{title}", "A subject pattern can only contain"),
        ("questions", "takes_questions", "on", "Nobody has the board role"),
        ("questions", "answer_days", "0", "greater than or equal to 1"),
        ("approval", "undo_minutes", "-1", "Enter a whole number."),
        ("approval", "undo_minutes", "9999", "less than or equal to 1440"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    ada, publication, part, name, value, sentence
):
    before = Publication.objects.values().get()
    answer = ada.post(address(publication, part), typed(ada, publication, part, **{name: value}))
    assert answer.status_code == 422
    page = html.fromstring(answer.content)
    beside = "since" if name == "days" else name
    assert sentence in page.get_element_by_id(f"{beside}-error").text_content()
    assert [each.get("href") for each in page.cssselect(".error-summary a")] == [f"#{beside}"]
    assert form_of(answer, part)[name].strip() == value.strip()
    assert Publication.objects.values().get() == before


def test_settings_that_a_colleague_changed_are_not_overwritten_unseen(ada, publication, people):
    form = typed(ada, publication, "sender", sender_name="Ada’s name")
    with acting_as(people["ada"]):
        change_settings(publication, "sender", {"sender_name": "Another name"})
    answer = ada.post(address(publication, "sender"), form)
    assert answer.status_code == 409
    assert "Saved now" in text(answer)
    assert "Another name" in text(answer)
    again = form_of(answer, "sender")
    assert again["sender_name"] == "Ada’s name"
    ada.post(address(publication, "sender"), again)
    publication.refresh_from_db()
    assert publication.sender_name == "Ada’s name"


def test_a_change_of_another_part_is_no_conflict(publication, people):
    seen = settings_version(publication, "sender")
    with acting_as(people["ada"]):
        change_settings(publication, "identity", {"tagline": "From the quay"})
        assert change_settings(publication, "sender", {"reply_to": "desk@example.org"}, seen=seen)
        with pytest.raises(SettingsChangedError):
            change_settings(publication, "sender", {"reply_to": "a@example.org"}, seen=seen)


def test_the_log_names_what_was_changed_and_undone_and_nothing_else(publication, people):
    Publication.objects.filter(pk=publication.pk).update(postal_address="1 Quay\r\nHarbour")
    with acting_as(people["ada"]):
        form = {"postal_address": "1 Quay\r\nHarbour", "charity_number": "1234567"}
        done = change_settings(publication, "sender", form)
        undone = undo_settings(publication, done.pk)
    assert (done.sentence, undone.sentence) == ("Changed charity number.", "Undid: Changed charity number.")


def test_a_change_is_not_undone_past_another_one(publication, people):
    with acting_as(people["ada"]):
        first = change_settings(publication, "identity", {"tagline": "One"})
        change_settings(publication, "identity", {"tagline": "Two"})
        with pytest.raises(Refused, match="changed these settings again"):
            undo_settings(publication, first.pk)
        added = entries(publication=publication).filter(sentence__startswith="Added").first()
        for number in (0, added.pk if added else 0):
            with pytest.raises(NotFound):
                undo_settings(publication, number)
    publication.refresh_from_db()
    assert publication.tagline == "Two"


def test_characters_that_turn_words_round_are_not_stored(publication, people):
    with acting_as(people["ada"]):
        change_settings(publication, "identity", {"tagline": "a\u202eb\x07 "})
        with pytest.raises(InvalidFields):
            change_settings(publication, "identity", {"name": "a\nBcc: b"})
    publication.refresh_from_db()
    assert publication.tagline == "ab"


def test_an_administrator_of_one_newsletter_changes_this_one_alone(publication, people):
    other = Publication.objects.get()
    other.pk, other.slug, other.name = None, "other", "The Other Letter"
    other.save()
    user = add_user(
        "una", password="ebb and flow", roles=[], publication_roles=[(publication.pk, Role.ADMINISTRATOR)]
    )
    una = Client()
    una.force_login(get_user_model().objects.get(username="una"))
    page = una.get("/desk/settings/", follow=True)
    assert publication.name in text(page)
    assert other.name not in text(page)
    assert reverse("desk:people") not in page.content.decode()
    form = typed(una, publication, "identity", tagline="From the quay")
    assert una.post(address(publication, "identity"), form).status_code == 303
    assert una.get(address(other)).status_code == 404
    assert una.post(address(other, "identity"), form).status_code == 404
    with acting_as(actor_of(user)), pytest.raises(Refused):
        change_settings(other, "identity", {"tagline": "Mine"})


@pytest.mark.parametrize("name", ["ruth", "amir"])
def test_others_are_told_who_can_change_settings(desk_of, publication, name):
    client = desk_of(name)
    assert "/desk/settings/" not in client.get("/desk/").content.decode()
    for path in ("/desk/settings/publications/", address(publication), address(publication, "sender")):
        answer = client.get(path)
        assert answer.status_code == 409
        assert "Only an administrator" in text(answer)
    assert client.post(address(publication, "sender"), {"sender_name": "Mine"}).status_code == 409


def test_an_approved_issue_is_named_before_its_approval_ends(ada, ruths_draft, people):
    publication = ruths_draft.publication
    assert "is approved" not in text(ada.get(address(publication, "sender")))
    with acting_as(people["amir"]):
        approve(ruths_draft)
    assert "Issue 1 is approved." in text(ada.get(address(publication, "sender")))
    assert "is approved" not in text(ada.get(address(publication, "selection")))
    with acting_as(people["amir"]):
        another = draft_empty(publication)
        another.items.create(article=ruths_draft.items.first().article, position=1)
        set_subject(another, "Another")
        approve(another)
    count = Approval.objects.filter(issue__publication=publication, withdrawn_at=None).count()
    assert f"{count} issues are approved." in text(ada.get(address(publication, "sender")))


def test_hostile_settings_do_nothing_on_the_page(ada, publication):
    hostile = '"><script>alert(1)</script>'
    for part, name in (("identity", "tagline"), ("sender", "reason")):
        ada.post(address(publication, part), typed(ada, publication, part, **{name: hostile}))
    ada.post(address(publication, "sections"), {"row": ["0"], "title-0": hostile, "topics-0": [hostile]})
    publication.refresh_from_db()
    assert publication.sections[0]["title"] == hostile
    for part in ("", *PARTS_IN_ORDER):
        assert b"<script>alert" not in ada.get(address(publication, part)).content


@pytest.mark.parametrize("part", ["", *PARTS_IN_ORDER])
def test_a_page_asks_the_database_a_bounded_number_of_times(
    ada, publication, django_assert_max_num_queries, part
):
    publication.sections = [{"title": f"Section {n}", "topics": [f"topic {n}"]} for n in range(20)]
    publication.save()
    with django_assert_max_num_queries(30):
        assert ada.get(address(publication, part)).status_code == 200


def test_a_new_newsletter_is_made_once_with_a_list_of_its_name(ada, publication):
    page = "/desk/settings/new-publication/"
    form = form_of(ada.get(page), "new-publication")
    assert form["organisation"] == publication.organisation
    wrong = ada.post(page, form)
    assert wrong.status_code == 422
    assert "Enter the name of your newsletter." in text(wrong)
    form = form_of(wrong, "new-publication") | {"name": "The Quay <b>Letter</b>"}
    for _press in range(2):
        assert "The newsletter was created" in text(ada.post(page, form, follow=True))
    made = Publication.objects.exclude(pk=publication.pk).get()
    assert made.mailing_list.name == made.sender_name == made.name == "The Quay <b>Letter</b>"
    assert made.mailing_list != publication.mailing_list


def test_only_an_administrator_of_all_makes_a_newsletter(publication, people):
    add_user(
        "una", password="ebb and flow", roles=[], publication_roles=[(publication.pk, Role.ADMINISTRATOR)]
    )
    una = Client()
    una.force_login(get_user_model().objects.get(username="una"))
    assert "New newsletter" not in text(una.get("/desk/settings/publications/"))
    assert una.post("/desk/settings/new-publication/", {"name": "Mine"}).status_code == 409
    assert Publication.objects.count() == 1


def test_the_settings_show_the_next_five_dates_of_each_recurring_issue(
    ada, publication, django_assert_max_num_queries
):
    add_series(publication, "every Tuesday at 07:30")
    add_series(publication, "every Friday at 09:00")
    with django_assert_max_num_queries(30):
        page = html.fromstring(ada.get(address(publication)).content)
    dates = [[each.text_content() for each in row.cssselect("li")] for row in page.cssselect(".recurring")]
    assert [len(each) for each in dates] == [5, 5]
    assert all(each.startswith("Tuesday") for each in dates[0])

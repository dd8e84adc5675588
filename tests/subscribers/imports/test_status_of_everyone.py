"""A file whose name says that its people left is asked about, and a person can give everybody in it one status."""

import io

import pytest

from subscribers import suppression
from subscribers.errors import Invalid, Refused
from subscribers.imports.import_options import ImportOptions
from subscribers.imports.run_import import import_people
from subscribers.models import ConsentEntry, List, Subscriber
from tests.subscribers.imports.bring_file import bring, states

# What a file says is understood before either database is asked; test_run_import.py writes to both.
pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_full]


@pytest.fixture
def news():
    return List.objects.create(slug="news", name="News")


LEAVERS = "email,created\nwilma@example.org,1700000000\n"


@pytest.mark.parametrize(
    "name",
    [
        "global_unsubscribes.csv",
        "Bounces.csv",
        "suppression-list 2026.csv",
        "hardBounces.csv",
        "Abmeldungen.csv",
        "désinscrits.csv",
        "退订.csv",
    ],
)
def test_a_file_whose_name_says_that_people_left_is_asked_about(news, name):
    for dry_run in (True, False):
        with pytest.raises(Refused, match=f"The name “{name}” suggests .* --everyone unsubscribed"):
            import_people(io.BytesIO(LEAVERS.encode()), news, consent="There", name=name, dry_run=dry_run)

    assert not Subscriber.objects.exists()


def test_a_name_is_not_asked_about_where_a_column_or_a_person_says_who_left(news):
    text = "email,status\nwilma@example.org,active\notto@example.org,unsubscribed\n"
    import_people(io.BytesIO(text.encode()), news, consent="There", name="with unsubscribed.csv")
    wishes = ImportOptions(everyone="active")
    import_people(
        io.BytesIO(b"email\npia@example.org\n"), news, consent="There", name="not bounced.csv", wishes=wishes
    )

    assert states() == {
        "wilma@example.org": "active",
        "otto@example.org": "unsubscribed",
        "pia@example.org": "active",
    }
    wordings = ConsentEntry.objects.filter(act="imported").values_list("wording__text", flat=True)
    assert "There\nEveryone in the file: active." in wordings


@pytest.mark.parametrize(
    ("everyone", "state", "reasons"),
    [
        ("unsubscribed", "unsubscribed", set()),
        ("bounced", None, {"hard bounce"}),
        ("complained", None, {"complaint"}),
    ],
)
def test_everyone_of_a_file_can_have_a_status(news, everyone, state, reasons):
    bring(news, "email\nwilma@example.org\n")
    wishes = ImportOptions(everyone=everyone)
    outcome = import_people(io.BytesIO(LEAVERS.encode()), news, consent="There", wishes=wishes)

    assert states()["wilma@example.org"] != "active"
    assert state is None or states() == {"wilma@example.org": state}
    assert {str(reason) for reason in suppression.reasons("wilma@example.org")} == reasons
    assert outcome.record.answers == {"everyone": everyone}
    assert Subscriber.objects.count() == 1


@pytest.mark.parametrize("everyone", ["perhaps", "pending"])
def test_a_status_that_everyone_cannot_have_is_a_sentence(news, everyone):
    with pytest.raises(Invalid, match=r"is not a status|have not confirmed"):
        import_people(
            io.BytesIO(LEAVERS.encode()), news, consent="There", wishes=ImportOptions(everyone=everyone)
        )


def test_a_name_is_watched_until_a_person_says_that_it_is_one(news):
    text = "email,Name\nwilma@example.org,Wilma Lind\notto@example.org,Otto (unsubscribed)\n"

    with pytest.raises(Refused, match=r"“Name” .*“Otto \(unsubscribed\)”"):
        bring(news, text)
    assert bring(news, text, "Name=name").added == 2

"""A file comes in: what becomes of every row, and of a second and a third go."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from subscribers import suppression
from subscribers.consent_log import ConsentSource
from subscribers.errors import Invalid, KeyMissing
from subscribers.imports import staging_tables
from subscribers.imports.import_options import ImportOptions
from subscribers.imports.run_import import import_people
from subscribers.models import ConsentEntry, List, SourceKind, Subscriber, Subscription, Suppression, Topic

pytestmark = pytest.mark.django_db
EDITOR = ConsentSource(SourceKind.EDITOR, "Ed")


@pytest.fixture
def news():
    news = List.objects.create(slug="news", name="News")
    Topic.objects.create(list=news, slug="prostate", name="Prostate cancer")
    Topic.objects.create(list=news, slug="diet", name="Diet")
    return news


def bring(news, text, **options):
    options.setdefault("consent", "Sign-up sheet of the open day, 3 May")
    if choices := options.pop("choices", ()):
        options["wishes"] = ImportOptions(choices=choices)
    return import_people(io.BytesIO(text.encode()), news, **options)


def counts(outcome):
    return {name: count for name, count in outcome.counts().items() if count}


def states(news):
    return dict(Subscription.objects.filter(list=news).values_list("subscriber__address_key", "state"))


def test_people_are_added_with_the_consent_that_was_stated(news):
    outcome = bring(
        news,
        "Email,First name,Last name\nada@example.org,Ada,Lovelace\nBob@Example.org,Bob,\n",
        name="people.csv",
    )

    assert counts(outcome) == {"rows": 2, "added": 2}
    ada = Subscriber.objects.get(address_key="ada@example.org")
    assert (ada.address, ada.first_name, ada.last_name, ada.attributes) == (
        "ada@example.org",
        "Ada",
        "Lovelace",
        {},
    )
    assert Subscriber.objects.get(address_key="bob@example.org").address == "Bob@Example.org"
    subscription = ada.subscriptions.get()
    assert (subscription.list, subscription.state, subscription.source) == (news, "active", "import")
    entry = ConsentEntry.objects.get(subscriber=ada)
    assert (entry.act, entry.source, entry.source_name) == ("imported", "import", "people.csv")
    assert entry.wording.text == "Sign-up sheet of the open day, 3 May"
    assert (entry.list, entry.topics) == (news, [])


def test_a_second_import_of_the_same_file_changes_nothing(news):
    text = (
        "email;name;country;topics;joined\n"
        "ada@example.org;Ada Lovelace;UK;diet, prostate;2024-05-03\n"
        "bob@example.org;Bob;Österreich;;\n"
    )
    assert counts(bring(news, text)) == {"rows": 2, "added": 2}
    before = everything()

    assert counts(bring(news, text)) == {"rows": 2, "unchanged": 2}

    assert everything() == before


def everything():
    models = (Subscriber, Subscription, ConsentEntry, Suppression, Subscription.topics.through)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_what_the_file_says_replaces_and_what_it_leaves_empty_does_not(news):
    bring(news, "email,first name,last name,country,city\nada@example.org,Ada,Byron,UK,London\n")

    outcome = bring(news, "email,first name,last name,country\nada@example.org,,Lovelace,France\n")

    assert counts(outcome) == {"rows": 1, "changed": 1}
    ada = Subscriber.objects.get()
    assert (ada.first_name, ada.last_name) == ("Ada", "Lovelace")
    assert ada.attributes == {"country": "France", "city": "London"}
    assert list(ConsentEntry.objects.order_by("pk").values_list("act", "list")) == [
        ("imported", news.pk),
        ("changed", None),
    ]


def test_who_left_bounced_or_was_erased_never_becomes_active(news):
    text = "email\nleft@example.org\nbounced@example.org\nerased@example.org\nada@example.org\n"
    bring(news, "email\nleft@example.org\n")
    Subscription.objects.update(state="unsubscribed")
    suppression.suppress("bounced@example.org", Suppression.Reason.HARD_BOUNCE, EDITOR)
    suppression.suppress("erased@example.org", Suppression.Reason.ERASED, EDITOR)

    outcome = bring(news, text)

    assert counts(outcome) == {"rows": 4, "added": 1, "suppressed": 2, "unsubscribed": 1}
    assert states(news) == {"left@example.org": "unsubscribed", "ada@example.org": "active"}
    assert not Subscriber.objects.filter(
        address_key__in=["bounced@example.org", "erased@example.org"]
    ).exists()


def test_who_was_suppressed_under_an_older_key_never_becomes_active(news, settings):
    """Under three keys, and more people than are looked up at once."""
    for name in ("bounced", "erased", "manual"):
        suppression.suppress(f"{name}@example.org", Suppression.Reason.MANUAL, EDITOR)
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        settings.SECRET_KEY = f"the key after {name}"
    suppression.suppress("new@example.org", Suppression.Reason.MANUAL, EDITOR)
    many = "".join(f"p{number}@example.org\n" for number in range(staging_tables.BATCH + 5))

    outcome = bring(
        news, f"email\nmanual@example.org\nnew@example.org\n{many}bounced@example.org\nerased@example.org\n"
    )

    assert counts(outcome) == {
        "rows": staging_tables.BATCH + 9,
        "added": staging_tables.BATCH + 5,
        "suppressed": 4,
    }


def test_nothing_is_imported_while_a_key_that_suppressions_need_is_missing(news, settings):
    suppression.suppress("erased@example.org", Suppression.Reason.ERASED, EDITOR)
    settings.SECRET_KEY = "another key"
    with pytest.raises(KeyMissing):
        bring(news, "email\nada@example.org\n")
    assert not Subscriber.objects.exists()


def test_every_person_of_a_file_has_a_random_value_of_their_own_for_links(news):
    bring(news, "email\n" + "".join(f"p{number}@example.org\n" for number in range(200)))
    for model in (Subscriber, Subscription):
        nonces = set(model.objects.values_list("link_nonce", flat=True))
        assert len(nonces) == 200
        assert 0 <= min(nonces) < max(nonces) < 2**48
        assert max(nonces) > 2**40


def test_who_is_suppressed_while_the_file_is_read_is_kept_out_too(news):
    def meanwhile(_done):
        suppression.suppress("ada@example.org", Suppression.Reason.COMPLAINT, EDITOR)

    outcome = bring(news, "email\nada@example.org\nbob@example.org\n", advance=meanwhile)

    assert counts(outcome) == {"rows": 2, "added": 1, "suppressed": 1}
    assert states(news) == {"bob@example.org": "active"}


def test_what_another_service_says_against_mailing_holds(news):
    bring(news, "email\nbounced@example.org\nleft@example.org\n")
    text = (
        "email,status\nada@example.org,subscribed\nleft@example.org,unsubscribed\nnew@example.org,unsubscribed\n"
        "bounced@example.org,cleaned\nspam@example.org,complained\nwait@example.org,pending\nx@example.org,lunch\n"
    )

    outcome = bring(news, text, choices=["status=status"])

    assert counts(outcome) == {"rows": 7, "added": 1, "refused": 2, "suppressed": 2, "unsubscribed": 2}
    assert states(news) == {
        "ada@example.org": "active",
        "left@example.org": "unsubscribed",
        "new@example.org": "unsubscribed",
        "bounced@example.org": "unsubscribed",
    }
    assert suppression.reasons("bounced@example.org") == {Suppression.Reason.HARD_BOUNCE}
    assert suppression.reasons("spam@example.org") == {Suppression.Reason.COMPLAINT}
    assert [refused.reason for refused in outcome.first_refused] == [
        "“status” says that this person has not confirmed.",
        "“status” says “lunch”, which is not a status. Enter active or unsubscribed.",
    ]
    before = everything()
    bring(news, text, choices=["status=status"])
    assert everything() == before


def test_a_person_is_one_however_often_the_file_has_them(news):
    outcome = bring(
        news, "email,first name\nada@example.org,Old\nADA@example.org,Ada\n ada@EXAMPLE.org ,New\n"
    )

    assert counts(outcome) == {"rows": 3, "added": 1, "duplicates": 2}
    assert Subscriber.objects.get().first_name == "New"


def test_one_no_is_enough_wherever_it_stands(news):
    bring(news, "email,status\nada@example.org,unsubscribed\nada@example.org,active\n")

    assert states(news) == {"ada@example.org": "unsubscribed"}


def test_who_had_not_confirmed_becomes_active_on_the_consent_that_is_stated(news):
    ada = Subscriber.objects.create(address="ada@example.org", address_key="ada@example.org")
    Subscription.objects.create(subscriber=ada, list=news, state="pending")

    outcome = bring(news, "email\nada@example.org\n")

    assert counts(outcome) == {"rows": 1, "changed": 1}
    assert states(news) == {"ada@example.org": "active"}
    assert ConsentEntry.objects.get().act == "imported"


def test_topics_are_chosen_by_name_or_slug_and_an_unknown_one_is_named_and_kept(news):
    outcome = bring(
        news,
        "email,topics\nada@example.org,Prostate cancer; diet\nbob@example.org,prostrate\ncy@example.org,\n",
    )

    assert counts(outcome) == {"rows": 3, "added": 3}
    assert outcome.notes == [
        (
            "“topics”, row 3: “prostrate” is not a topic on this list. Did you mean “prostate”? We "
            "keep the text as the detail topics."
        )
    ]
    assert Subscriber.objects.get(address="bob@example.org").attributes == {"topics": "prostrate"}
    ada = Subscription.objects.get(subscriber__address_key="ada@example.org")
    assert set(ada.topics.values_list("slug", flat=True)) == {"prostate", "diet"}
    assert ConsentEntry.objects.get(subscriber=ada.subscriber).topics == ["diet", "prostate"]


def test_topics_change_unless_the_person_chose_for_themselves(news):
    bring(news, "email,topics\nada@example.org,diet\nbob@example.org,diet\n")
    ConsentEntry.objects.create(
        subscriber=Subscriber.objects.get(address_key="bob@example.org"),
        list=news,
        act="changed",
        source="form",
    )

    outcome = bring(news, "email,topics\nada@example.org,prostate\nbob@example.org,prostate\n")

    assert counts(outcome) == {"rows": 2, "changed": 1, "unchanged": 1}
    chosen = dict(Subscription.objects.values_list("subscriber__address_key", "topics__slug"))
    assert chosen == {"ada@example.org": "prostate", "bob@example.org": "diet"}
    assert ConsentEntry.objects.get(act="changed", source="import").topics == ["prostate"]


def test_a_known_person_joins_another_list_with_what_the_file_knows_better(news):
    bring(news, "email,first name\nada@example.org,A.\n")
    other = List.objects.create(slug="other", name="Other")

    assert counts(bring(other, "email,first name\nada@example.org,Ada\n")) == {"rows": 1, "added": 1}

    assert Subscriber.objects.get().first_name == "Ada"
    assert states(other) == states(news) == {"ada@example.org": "active"}


def test_a_dry_run_says_the_same_and_leaves_nothing(news):
    bring(news, "email\nleft@example.org\n")
    Subscription.objects.update(state="unsubscribed")
    before = everything()
    text = "email,status\nada@example.org,active\nleft@example.org,active\nspam@example.org,complained\nnonsense,\n"

    tried = bring(news, text, dry_run=True)
    assert everything() == before

    assert counts(tried) == counts(bring(news, text))


def test_the_report_names_every_row_that_was_left_out_and_is_safe_to_open(news):
    suppression.suppress("bounced@example.org", Suppression.Reason.HARD_BOUNCE, EDITOR)
    report = io.StringIO()

    bring(
        news,
        "email,name\nada@example.org,Ada\n=cmd|' /C calc'!A0,+1\nbounced@example.org,B\nADA@example.org,Ada\n",
        report=report,
    )

    rows = list(csv.reader(io.StringIO(report.getvalue())))
    assert rows[0] == ["row", "reason", "email", "name"]
    assert rows[1][0] == "3"
    assert rows[1][2:] == ["'=cmd|' /C calc'!A0", "'+1"]
    assert rows[2:] == [
        [
            "4",
            (
                "The address is suppressed, because emails to it bounced, its owner complained, or it was blocked "
                "or erased."
            ),
        ],
        ["2", "The same person is in row 5, which counts."],
    ]


def test_consent_must_be_said(news):
    with pytest.raises(Invalid, match="Enter where these people’s consent comes from"):
        bring(news, "email\nada@example.org\n", consent="  ")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The file is empty"),
        ("a,b\n1,2\n", "We could not find a column with email addresses"),
    ],
)
def test_a_file_without_addresses_is_refused_in_a_sentence(news, text, sentence):
    with pytest.raises(Invalid, match=sentence):
        bring(news, text)


@pytest.mark.parametrize("joined", ["2999-12-31", "1899-01-01", "31.12.2999"])
def test_a_date_of_joining_that_cannot_be_costs_nobody_their_row(news, joined):
    outcome = bring(news, f"email,joined\nada@example.org,{joined}\nbob@example.org,2020-01-31\n")

    assert counts(outcome) == {"rows": 2, "added": 2}
    assert f"“joined”, row 2: “{joined}” is " in outcome.notes[0]
    ada = Subscription.objects.get(subscriber__address="ada@example.org")
    assert ada.subscriber.attributes == {"joined": joined}
    assert timezone.now() - ada.joined_at < timedelta(minutes=5)


@pytest.mark.parametrize("never", ["0001-01-01T00:00:00Z", "0000-00-00 00:00:00"])
def test_a_time_that_other_services_write_for_never_is_no_time(news, never):
    outcome = bring(news, f"email,joined,unsubscribed at\nada@example.org,{never},{never}\n")

    assert (counts(outcome), outcome.notes) == ({"rows": 1, "added": 1}, [])
    assert Subscriber.objects.get().attributes == {}


def test_a_first_row_with_a_misspelt_address_is_refused_and_not_taken_for_headings(news):
    outcome = bring(news, "ada@@example.org,Ada\nbob@example.org,Bob\n")

    assert (outcome.rows, outcome.added) == (2, 1)
    assert [one.row for one in outcome.first_refused] == [1]
    assert bring(news, "email,m@il sent\nada@example.org,May\n").added == 1


def test_a_date_that_cannot_be_read_is_kept_as_it_came_and_changes_no_other(news):
    dates = ["soon", "2020/01/31", "2999-12-31", "2020-2-1", "1.2.2020", "2020.2.1 10:00"]
    rows = [f"p{number}@example.org,{said}\n" for number, said in enumerate(dates)]
    outcome = bring(news, "email,joined\n" + "".join(rows))

    assert outcome.added == len(dates)
    kept = Subscriber.objects.exclude(attributes={}).order_by("address_key")
    assert [one.attributes["joined"] for one in kept] == ["soon", "2999-12-31", "2020-2-1"]
    joined = (
        Subscription.objects.filter(subscriber__attributes={})
        .order_by("subscriber__address_key")
        .values_list("joined_at", flat=True)
    )
    assert [f"{at:%Y-%m-%d %H:%M}" for at in joined] == [
        "2020-01-31 00:00",
        "2020-02-01 00:00",
        "2020-02-01 10:00",
    ]


def test_a_column_with_a_date_that_could_be_two_is_kept_as_it_stands(news):
    outcome = bring(news, "email,joined\nada@example.org,03/04/2025\nbob@example.org,2025-04-25\n")

    assert outcome.added == 2
    assert Subscriber.objects.get(address="ada@example.org").attributes == {"joined": "03/04/2025"}


def test_nobody_joined_later_than_now_whatever_zone_a_time_was_written_in(news):
    with time_machine.travel(datetime(2026, 11, 30, 12, tzinfo=UTC), tick=False):
        bring(news, "email,joined\nada@example.org,2026-11-30 21:00\n")

    assert Subscription.objects.get().joined_at == datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_a_row_that_says_no_is_heard_whatever_its_date(news):
    bring(news, "email\nada@example.org\n")

    outcome = bring(news, "email,joined,status\nada@example.org,2999-12-31,unsubscribed\n")

    assert counts(outcome) == {"rows": 1, "unsubscribed": 1}
    assert states(news) == {"ada@example.org": "unsubscribed"}

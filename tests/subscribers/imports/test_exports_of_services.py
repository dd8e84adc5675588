"""Files as other services write them are recognised, and what those services know of people is kept."""

import io

import pytest

from subscribers import suppression
from subscribers.errors import Invalid
from subscribers.imports.import_options import ImportOptions
from subscribers.imports.run_import import import_people, preview_file
from subscribers.models import List, Subscriber, Subscription

# What a file says is understood before either database is asked; test_run_import.py writes to both.
pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_full]

MAILCHIMP = (
    '"Email Address","First Name","Last Name",Address,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,'
    "LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,{more}LAST_CHANGED,LEID,EUID,NOTES,TAGS\n"
    'ada@example.org,Ada,Lovelace,"1 St James\'s Square  London",2,"2023-05-01 09:00:00",192.0.2.1,'
    '"2023-05-01 10:20:30",192.0.2.1,51.5,-0.1,0,1,Europe/London,gb,eng,{values}"2024-01-01 00:00:00",1,abc,,'
    '"""donor"",""reader"""\n'
)
LISTMONK = (
    "uuid,email,name,attributes,status,created_at,updated_at\n"
    'u1,ada@example.org,Ada Lovelace,"{""city"": ""London"", ""home"": {""floor"": 2}}",enabled,'
    "2023-05-01 12:20:30.123456 +0200 CEST,2024-01-01 00:00:00 +0100 CET\n"
    # As its export writes times: Go's Time.String().
    "u2,bob@example.org,Bob,{},disabled,2023-05-01 10:20:30.123456 +0000 UTC,2024-01-01 00:00:00 +0000 UTC\n"
    "u3,spam@example.org,Spam,{},blocklisted,2023-05-01 10:20:30 +0000 +0000,2024-01-01 00:00:00 +0000 +0000\n"
)
GHOST = (
    "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers\n"
    "1,ada@example.org,Ada Lovelace,,true,false,,2023-05-01T10:20:30.000Z,,VIP,\n"
    "2,bob@example.org,Bob,,false,false,,2023-05-01T10:20:30.000Z,,,\n"
)
SUBSTACK = (
    "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at\n"
    "ada@example.org,false,,other,false,2023-05-01T10:20:30.000Z,\n"
    "bob@example.org,false,,other,true,2023-05-01T10:20:30.000Z,\n"
)
SUBSTACK_DASHBOARD = (
    "Email,Name,Subscription type,Activity,Subscription date,Revenue,Subscriber country,Email receives (last 6 months),"
    "Link clicks,Expires at,First payment at,Receiving emails for,Is Bestseller\n"
    "ada@example.org,Ada Lovelace,Free,3,2023-05-01T10:20:30.000Z,$0.00,GB,5,1,,,,No\n"
)
BREVO = (
    "CONTACT ID;EMAIL;FIRSTNAME;LASTNAME;SMS;EMAIL_BLACKLISTED;ADDED_TIME;MODIFIED_TIME\n"
    "1;ada@example.org;Ada;Lovelace;;false;01-05-2023 10:20:30;02-05-2023 10:20:30\n"
    "2;spam@example.org;Spam;;;true;01-05-2023 10:20:30;02-05-2023 10:20:30\n"
)


@pytest.fixture
def news():
    return List.objects.create(slug="news", name="News")


def bring(news, text, *choices):
    return import_people(
        io.BytesIO(text.encode()), news, consent="Their sign-up there", wishes=ImportOptions(choices=choices)
    )


@pytest.mark.parametrize(
    ("service", "text", "states", "suppressed", "attributes"),
    [
        (
            "Mailchimp",
            MAILCHIMP.format(more="", values=""),
            {"ada@example.org": "active"},
            None,
            {
                "address": "1 St James's Square  London",
                "opted_in_at": "2023-05-01 09:00:00",
                "country": "gb",
                "region": "eng",
                "tags": '"donor","reader"',
            },
        ),
        (
            "Mailchimp",
            MAILCHIMP.format(more="UNSUB_TIME,UNSUB_REASON,", values='"2024-02-02 10:00:00","TOO_MANY",'),
            {"ada@example.org": "unsubscribed"},
            None,
            None,
        ),
        (
            "Mailchimp",
            MAILCHIMP.format(more="CLEAN_TIME,", values='"2024-02-02 10:00:00",'),
            {},
            "ada@example.org",
            None,
        ),
        (
            "listmonk",
            LISTMONK,
            {"ada@example.org": "active", "bob@example.org": "unsubscribed"},
            "spam@example.org",
            {"city": "London", "home.floor": 2},
        ),
        (
            "Ghost",
            GHOST,
            {"ada@example.org": "active", "bob@example.org": "unsubscribed"},
            None,
            {"labels": "VIP"},
        ),
        (
            "Substack",
            SUBSTACK,
            {"ada@example.org": "active", "bob@example.org": "unsubscribed"},
            None,
            {"paying": "false", "plan": "other"},
        ),
        (
            "Substack",
            SUBSTACK_DASHBOARD,
            {"ada@example.org": "active"},
            None,
            {"plan": "Free", "country": "GB"},
        ),
        ("Brevo", BREVO, {"ada@example.org": "active"}, "spam@example.org", {}),
    ],
)
def test_exports_of_other_services_are_recognised(news, service, text, states, suppressed, attributes):
    outcome = bring(news, text)

    assert outcome.look.guess.service == service
    assert outcome.refused == 0, outcome.first_refused
    assert dict(Subscription.objects.values_list("subscriber__address_key", "state")) == states
    if suppressed:
        assert suppression.reasons(suppressed)
        assert not Subscriber.objects.filter(address_key=suppressed).exists()
    if attributes is not None:
        ada = Subscriber.objects.get(address_key="ada@example.org")
        assert ada.attributes == attributes
        assert f"{ada.subscriptions.get().joined_at:%Y-%m-%d %H:%M:%S}" == "2023-05-01 10:20:30"
    again = bring(news, text).counts()
    assert again["added"] == again["changed"] == 0


@pytest.mark.parametrize(
    ("headings", "language", "targets"),
    [
        ("E-Mail-Adresse;Vorname;Nachname;Sprache", "German", ["address", "first_name", "last_name", "locale"]),
        ("Nom;Prénom;Courriel", "French", ["last_name", "first_name", "address"]),
        ("Correo electrónico;Nombre;Apellidos", "Spanish", ["address", "first_name", "last_name"]),
        ("Nome;Cognome;Posta elettronica", "Italian", ["first_name", "last_name", "address"]),
        ("E-mailadres;Voornaam;Achternaam", "Dutch", ["address", "first_name", "last_name"]),
        ("EMAIL_ADDRESS;First-Name;SURNAME;Favourite colour", "English",
         ["address", "first_name", "last_name", "attribute:favourite_colour"]),
        ("email;email;name;name", "English", ["address", "attribute:email_2", "name", "attribute:name_2"]),
    ],
)  # fmt: skip
def test_headings_are_understood_in_the_language_of_the_file(headings, language, targets):
    _lines, look = preview_file(io.BytesIO(f"{headings}\n".encode()))

    assert look.guess.language == language
    assert [column.target for column in look.mapping.columns] == targets


@pytest.mark.parametrize(
    ("headings", "cells"),
    [
        ("status,email status", "active,unsubscribed"),
        ("status,subscription_status", "unsubscribed,active"),
        ("status,email status", "active,bounced"),
        ("status,email status", "active,pending"),
        ("email opt out", "true"),
        ("Accepts Email Marketing", "no"),
        ("Do not email", "1"),
        ("spam", "yes"),
        ("Unsubscribed from all email", "2024-05-01 10:20"),
        ("left", "yes"),
        ("left", "2026-05-01"),
        ("Left on", "2026-05-01"),
        ("inactive", "true"),
        ("active", "no"),
    ],
)
def test_a_no_in_any_column_is_heard(news, headings, cells):
    others = "active,active" if "," in cells else "yes" if cells == "no" else ""
    bring(news, f"email,{headings}\nada@example.org,{cells}\nbob@example.org,{others}\n")

    active = Subscription.objects.filter(state="active").values_list("subscriber__address", flat=True)
    assert list(active) == ["bob@example.org"]


def test_a_state_may_be_a_place(news):
    assert bring(news, "email,state\nada@example.org,Ohio\n").added == 1
    assert Subscriber.objects.get().attributes == {"state": "Ohio"}


@pytest.mark.parametrize(
    ("cell", "becomes"),
    [
        ("yes", "active"), ("TRUE", "active"), ("1", "active"), ("✓", "active"), ("2024-05-01 10:20", "active"),
        ("03/04/2025", "active"), ("subscribed", "active"), ("Sí", "active"), ("", "active"),
        ("no", "unsubscribed"), ("0", "unsubscribed"), ("opted out", "unsubscribed"), ("Unsubscribed", "unsubscribed"),
        ("pending", ""), ("0.0", ""), ("not any more", ""), ("unsubscribed 2024-05-01", "unsubscribed"),
    ],
)  # fmt: skip
def test_a_word_about_being_subscribed_is_understood_or_refuses_the_row(news, cell, becomes):
    outcome = bring(news, f"email,opt in\nada@example.org,{cell}\n", "opt in=subscribed")

    states = list(Subscription.objects.values_list("state", flat=True))
    assert (states, outcome.refused) == (([becomes], 0) if becomes else ([], 1))


@pytest.mark.parametrize("heading", ["courriel", "Correo electrónico", "e-post", "email"])
def test_a_heading_for_addresses_is_believed_where_every_address_is_misspelt(news, heading):
    assert bring(news, f"{heading},name\nnobody,Ada\n").refused == 1


def test_a_status_that_a_person_maps_takes_no_other_away(news):
    text = "email,status,note\nada@example.org,unsubscribed,active\nbob@example.org,active,active\n"

    assert bring(news, text, "note=status").unsubscribed == 1


def test_a_file_without_headings_is_known_by_its_addresses(news):
    outcome = bring(news, "Ada;ada@example.org\nBob;bob@example.org\n", "1=first_name")

    assert not outcome.look.guess.has_headings
    assert (outcome.rows, outcome.added) == (2, 2)
    assert Subscriber.objects.get(address_key="ada@example.org").first_name == "Ada"


def test_columns_become_what_the_person_says(news):
    news.topics.create(slug="diet", name="Diet")
    text = "Mail,Who,Diet,Since,Secret\nada@example.org,Ada Lovelace,yes,2023-05-01,x\nbob@example.org,Bob,no,,y\n"

    outcome = bring(news, text, "who=name", "Diet=topic:diet", "4=joined", "Secret=ignore")

    assert outcome.added == 2
    ada = Subscription.objects.get(subscriber__address_key="ada@example.org")
    assert (ada.subscriber.last_name, ada.subscriber.attributes) == ("Lovelace", {})
    assert [topic.slug for topic in ada.topics.all()] == ["diet"]
    assert f"{ada.joined_at:%Y-%m-%d}" == "2023-05-01"
    assert not Subscription.objects.get(subscriber__address_key="bob@example.org").topics.exists()


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ("Who", "“Who” is not a mapping. Enter COLUMN=FIELD"),
        ("Whom=name", "The file has no column “Whom”. Its columns are “Mail”, “Who”."),
        ("Who=nmae", "“nmae” is not a field. The fields are address, first_name"),
        ("Who=address", ""),
        ("Who=topic:cooking", "“cooking” is not a topic on this list"),
        ("Mail=ignore", "We could not find a column with email addresses"),
    ],
)
def test_a_wrong_mapping_is_named(news, choice, sentence):
    text = "Mail,Who\nada@example.org,bob@example.org\n"
    if not sentence:
        assert bring(news, text, choice).added == 1
        assert Subscriber.objects.get().address == "bob@example.org"
        return
    with pytest.raises(Invalid, match=sentence):
        bring(news, text, choice)


def test_a_street_called_address_is_not_taken_for_the_mail_address():
    _lines, look = preview_file(io.BytesIO(b"Address,Email\n1 High Street,ada@example.org\n"))

    assert [column.target for column in look.mapping.columns] == ["attribute:address", "address"]


def test_a_time_zone_is_known_whatever_its_capitals(news):
    outcome = bring(
        news, "email,timezone\nada@example.org,America/New_york\nbob@example.org,Europe/Atlantis\n"
    )

    assert dict(Subscriber.objects.values_list("address", "zone")) == {
        "ada@example.org": "America/New_York",
        "bob@example.org": "",
    }
    assert Subscriber.objects.get(zone="").attributes == {"timezone": "Europe/Atlantis"}
    assert outcome.notes == [
        (
            "“timezone”, row 3: “Europe/Atlantis” is not a time zone that we know. Enter a time zone such "
            "as Europe/London. We keep the text as the detail timezone."
        )
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "undefined", "base64"])
def test_a_wrong_encoding_is_a_sentence(news, encoding):
    with pytest.raises(Invalid, match=f"{encoding}"):
        import_people(
            io.BytesIO(b"email\nada@example.org\n"),
            news,
            consent="x",
            wishes=ImportOptions(encoding=encoding),
        )


def test_a_first_line_that_names_the_delimiter_is_no_row(news):
    outcome = bring(news, "sep=;\r\nE-Mail;Vorname\r\nada@example.org;Ada\r\nbroken;Bob\r\n")

    assert outcome.look.guess.delimiter == ";"
    assert Subscriber.objects.get().first_name == "Ada"
    assert [one.row for one in outcome.first_refused] == [4]


@pytest.mark.parametrize(
    ("headings", "language", "row"),
    [
        ("E-mail;Fornavn;Efternavn;Sprog", "Danish", "ada@example.org;Ada;Lind;da"),
        ("Sähköposti;Etunimi;Sukunimi", "Finnish", "ada@example.org;Ada;Lind"),
        ("E-mailová adresa;Jméno;Příjmení", "Czech", "ada@example.org;Ada;Lind"),
        ("E-mail cím;Vezetéknév;Keresztnév", "Hungarian", "ada@example.org;Lind;Ada"),
        ("Adresă de e-mail;Nume;Prenume", "Romanian", "ada@example.org;Lind;Ada"),
        ("E-posta;Ad;Soyad", "Turkish", "ada@example.org;Ada;Lind"),
        ("Эл. почта;Имя;Фамилия", "Russian", "ada@example.org;Ada;Lind"),
        ("Эл. почта;Имя", "Russian", "ada@example.org;Ada Lind"),
        ("Ηλεκτρονική διεύθυνση;Όνομα;Επώνυμο", "Greek", "ada@example.org;Ada;Lind"),
        ("メールアドレス;姓;名", "Japanese", "ada@example.org;Lind;Ada"),
        ("电子邮件;姓;名", "Chinese", "ada@example.org;Lind;Ada"),
        ("이메일;성;이름", "Korean", "ada@example.org;Lind;Ada"),
        ("البريد الإلكتروني;الاسم الأول;اسم العائلة", "Arabic", "ada@example.org;Ada;Lind"),
        ("דואר אלקטרוני;שם פרטי;שם משפחה", "Hebrew", "ada@example.org;Ada;Lind"),
    ],
)
def test_names_are_found_under_the_headings_of_more_languages(news, headings, language, row):
    outcome = bring(news, f"{headings}\n{row}\n")

    ada = Subscriber.objects.get()
    assert outcome.look.guess.language == language
    assert (ada.address, ada.first_name, ada.last_name) == ("ada@example.org", "Ada", "Lind")


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Straße", "strasse"),
        ("Любимый цвет", "любимый_цвет"),
        ("好きな本が", "好きな本が"),
        ("पसंदीदा रंग", "पसंदीदा_रंग"),
    ],
)
def test_an_attribute_keeps_the_letters_of_its_heading(news, heading, name):
    bring(news, f"email,{heading}\nada@example.org,17a\n")

    assert Subscriber.objects.get().attributes == {name: "17a"}

"""A file with a column that could say no is imported only if that column is understood, or a person says what it is."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from subscribers import suppression
from subscribers.errors import Invalid, Refused
from subscribers.find_people import find_people
from subscribers.imports.status_at_other_service import is_clear_denial, status_of, subscribed_of
from subscribers.models import ConsentEntry, List, Subscriber, Subscription
from subscribers.people_filter import PeopleFilter
from tests.subscribers.imports.bring_file import bring, states

# What a file says is understood before either database is asked; test_run_import.py writes to both.
pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_full]


@pytest.fixture
def news():
    return List.objects.create(slug="news", name="News")


SHOP = (
    "Customer ID,Email,Accepts Email Marketing,Accepts SMS Marketing,Tax Exempt\n"
    "7,wilma@example.org,YES,no,no\n8,otto@example.org,No,yes,no\n9,pia@example.org,,no,no\n"
)
PLUGIN = (
    "Email,Subscription status,Global status\n"
    "wilma@example.org,subscribed,subscribed\notto@example.org,subscribed,unsubscribed\n"
    "pia@example.org,subscribed,bounced\n"
)
PERMISSION = (
    "Email address,Email status,Email permission status\n"
    "wilma@example.org,Active,Implied\notto@example.org,Active,Unsubscribed\n"
    "pia@example.org,Unsubscribed,Awaiting confirmation\nkim@example.org,Active,Not set\n"
)
OPT_OUT = (
    "Record ID,Email,Unsubscribed from all email,Marketing contact status,Email hard bounce reason\n"
    "1,wilma@example.org,false,Marketing contact,\n2,otto@example.org,true,Marketing contact,\n"
    "3,pia@example.org,false,Non-marketing contact,\n4,kim@example.org,,Marketing contact,unknown user\n"
)
PHPLIST = (
    "id,email,confirmed,blacklisted,bouncecount,uniqid\n1,wilma@example.org,1,0,0,a\n2,otto@example.org,1,1,0,b\n"
    "3,pia@example.org,0,0,3,c\n"
)
CIVICRM = (
    "Email,Do Not Email,Do Not Mail,Do Not Phone,No Bulk Emails (User Opt Out),On Hold\n"
    "wilma@example.org,0,1,1,No,No\notto@example.org,1,0,0,No,No\npia@example.org,0,0,0,Yes,No\n"
    "kim@example.org,0,0,0,No,On Hold Bounce\n"
)
BUTTONDOWN = (
    "email,subscriber_type,creation_date,unsubscription_date\nwilma@example.org,premium,2026-02-01T00:00:00Z,\n"
    "otto@example.org,unsubscribed,2026-02-01T00:00:00Z,2026-03-02T00:00:00Z\n"
    "pia@example.org,unactivated,2026-02-01T00:00:00Z,\n"
)
KEILA = (
    "email,external_id,data,status\nwilma@example.org,,{},active\notto@example.org,,{},unsubscribed\n"
    "pia@example.org,,{},unreachable\n"
)
LETTERS = (
    "Email;Name;Surname;Status\nwilma@example.org;W;M;C\notto@example.org;O;K;U\npia@example.org;P;N;S\n"
)


@pytest.mark.parametrize(
    ("service", "text", "unsubscribed", "suppressed"),
    [
        ("", SHOP, ["otto"], []),
        ("MailPoet", PLUGIN, ["otto"], ["pia"]),
        ("Constant Contact", PERMISSION, ["otto", "pia"], []),
        ("HubSpot", OPT_OUT, ["otto"], ["kim"]),
        ("phpList", PHPLIST, [], ["otto"]),
        ("CiviCRM", CIVICRM, ["otto", "pia"], ["kim"]),
        ("Buttondown", BUTTONDOWN, ["otto"], []),
        ("Keila", KEILA, ["otto"], ["pia"]),
        ("Newsletter (WordPress)", LETTERS, ["otto"], []),
        ("", "email,Do Not Contact\nwilma@example.org,0\notto@example.org,1\n", [], ["otto"]),
        ("", "email,hs_email_optout\nwilma@example.org,false\notto@example.org,true\n", ["otto"], []),
        ("", "email,emailOptedOut\nwilma@example.org,0\notto@example.org,2026-03-04\n", ["otto"], []),
        ("", "email,Marketing consent date\nwilma@example.org,2026-01-01\notto@example.org,\n", [], []),
        ("", "email,GDPR consent\nwilma@example.org,Granted\notto@example.org,Denied\n", ["otto"], []),
        ("", "email,Wants newsletter\nwilma@example.org,x\notto@example.org,\n", [], []),
        ("", "E-Mail,Keine E-Mails\nwilma@example.org,nein\notto@example.org,ja\n", [], ["otto"]),
        (
            "",
            "email,status\nwilma@example.org,active\notto@example.org,Unsubscribed by admin\n",
            ["otto"],
            [],
        ),
    ],
)
def test_only_those_who_agreed_become_active(news, service, text, unsubscribed, suppressed):
    outcome = bring(news, text)

    assert outcome.look.guess.service == service
    assert states() == {"wilma@example.org": "active"} | {
        f"{name}@example.org": "unsubscribed" for name in unsubscribed
    }
    assert all(suppression.reasons(f"{name}@example.org") for name in suppressed)


def test_a_file_that_calls_people_bounced_makes_them_findable_as_suppressed(news):
    bring(news, "email\npia@example.org\nwilma@example.org\n")
    bring(news, PLUGIN)
    assert [each.address for each in find_people(PeopleFilter(suppressed=True)).people] == ["pia@example.org"]


@pytest.mark.parametrize(
    ("heading", "values"),
    [
        ("Mailing preference", ("weekly", "nothing")),
        ("Deleted by", ("", "admin")),
        ("Archived?", ("", "2026-01-01")),
        ("status", ("active", "opgeschort")),
        ("Status", ("1", "2")),
        ("unsubscribed", ("no", "perhaps")),
        ("opt in", ("yes", "not any more")),
        ("Notes", ("met at the fair", "please do not email her again")),
        ("Group", ("choir", "Bounced")),
        ("Newsletter", ("A", "B")),
        ("Contact", ("yes", "no")),
        ("Zgoda", ("tak", "może")),
        ("Согласие", ("а", "б")),
        ("", ("1", "0")),
        ("Customer State", ("ok", "lost")),
        ("deactivated_at", ("", "2026-02-03")),
        ("Ausgetreten am", ("", "03.02.2026")),
        ("Do not disturb", ("", "x")),
        ("Datenschutz", ("ja", "nein")),
        ("Type", ("reader", "unsubscribed")),
        ("reception", ("mail", "nomail")),
        ("Rozesílání", ("ano", "ne")),
        ("Markkinointilupa", ("kyllä", "ei")),
        ("E-posta izni", ("evet", "hayır")),
        ("メルマガ希望", ("希望する", "希望しない")),
        ("メルマガ", ("○", "×")),
        ("موافقة", ("نعم", "لا")),
        ("הסכמה לדיוור", ("כן", "לא")),
        ("Caniatâd", ("Ydw", "Nac ydw")),
        ("Hủy đăng ký", ("", "Có")),
        ("Obavijesti", ("da", "ne")),
        ("通知", ("是", "否")),
        ("status", ("active", "✗")),
        ("unsubscribed", ("no", "×")),
        ("error", ("", "No such mailbox")),
        ("info", ("", "550 5.1.1 rejected")),
        ("info", ("", "5.1.1")),
        ("How would you like to hear from us?", ("By email", "By post")),
        ("Keep me informed", ("Yes", "No")),
        ("Souhaitez-vous recevoir nos actualités ?", ("oui", "non")),
        ("Wilt u op de hoogte blijven?", ("ja", "nee")),
        ("Aktuelles", ("ja", "nein")),
        ("Send?", ("Y", "N")),
        ("Date of death", ("", "2020-01-02")),
        ("Sterbedatum", ("", "02.01.2020")),
        ("RIP", ("", "x")),
        ("NDR", ("", "1")),
        ("Exclude", ("", "x")),
        ("Legal basis for processing", ("Consent", "Not applicable")),
        ("AGB akzeptiert", ("1", "0")),
        ("Verteiler", ("1", "0")),
        ("Exit date", ("", "2024-01-01")),
        ("Preferred contact method", ("Email", "Post")),
        ("Remarks", ("", "please remove from list")),
        ("Notizen", ("", "will keinen Newsletter")),
        ("Commentaire", ("", "ne plus envoyer")),
        ("Observaciones", ("", "no enviar correos")),
        ("Notes", ("", "deceased 2021")),
        ("Bemerkung", ("", "† 2020")),
        ("Note", ("", "stop emails please")),
        ("Segment", ("A", "Unsubs")),
        ("Category", ("x", "Ex-subscriber")),
        ("Membership", ("current", "lapsed")),
        ("Mitgliedschaft", ("aktiv", "beendet")),
        ("Subscribed", ("2024-01-02", "2024-01-02 to 2024-06-01")),
        ("Consent valid until", ("2099-01-01", "2020-01-01")),
        ("Einwilligung gültig bis", ("01.01.2099", "01.01.2020")),
        ("Consent requested", ("", "2024-01-02")),
        ("Opt-in email sent", ("", "2024-01-02")),
        ("Email frequency", ("Weekly", "Never")),
        ("Häufigkeit", ("wöchentlich", "nie")),
        ("Email format", ("HTML", "None")),
        ("Interest", ("high", "Not interested")),
        ("Infomail", ("1", "0")),
        ("Subject", ("1", "0")),
        ("Notify", ("true", "false")),
        ("Kommunikation", ("a", "b")),
        ("Photo consent", ("yes", "no")),
        ("First name", ("Wilma", "DO NOT EMAIL")),
        ("Last name", ("Lind", "Post only")),
        ("Group", ("choir", "GDPR withdrawn")),
        ("Group", ("choir", "Withdrawn (GDPR)")),
        ("Group", ("choir", "consent revoked")),
        ("Gruppe", ("Chor", "DSGVO-Widerrufen")),
        ("Contact by", ("email", "Post only")),
        ("Contact by", ("email", "By phone only")),
        ("Contact by", ("email", "Post or phone only")),
        ("Contact by", ("email", "post/phone only")),
        ("Group", ("choir", "GDPR: withdrawn 2024")),
        ("Gruppe", ("Chor", "DSGVO-Widerruf")),
        ("Category", ("donor", "Stop all")),
        ("Weg", ("E-Mail", "Nur per Post")),
        ("Canal", ("e-mail", "Courrier uniquement")),
        ("Category", ("donor", "STOP")),
        ("Category", ("donor", "No contact")),
        ("Rubrik", ("Chor", "Kein Kontakt")),
    ],
)
def test_a_column_that_could_say_no_and_is_not_understood_stops_the_file(news, heading, values):
    text = f"email,{heading}\nwilma@example.org,{values[0]}\notto@example.org,{values[1]}\n"

    with pytest.raises(Refused, match="Nothing was imported") as stopped:
        bring(news, text)

    assert f"“{values[1]}”" in str(stopped.value)
    assert f'--ignore "{heading or 2}"' in str(stopped.value)
    assert not Subscriber.objects.exists()
    tried = bring(news, text, dry_run=True)
    assert [question.column.heading for question in tried.questions] == [heading]

    assert bring(news, text, ignored=[heading or "2"]).added == 2


def test_a_no_among_tags_stops_the_file(news):
    text = 'email,Tags\nwilma@example.org,"choir, donor"\notto@example.org,"choir; GDPR withdrawn"\n'

    with pytest.raises(Refused, match="“choir; GDPR withdrawn”"):
        bring(news, text)


def test_what_the_person_said_of_a_column_is_in_the_consent_log(news):
    text = "email,Standing,Mailing group\nwilma@example.org,ok,a\notto@example.org,lapsed,b\n"

    bring(news, text, "Standing:lapsed=unsubscribed", "Standing:ok=active", ignored=["Mailing group"])

    assert states() == {"wilma@example.org": "active", "otto@example.org": "unsubscribed"}
    imported = ConsentEntry.objects.get(act="imported")
    assert imported.wording.text == (
        "Their sign-up there\n"
        "Columns mapped for this import: Standing:lapsed=unsubscribed, Standing:ok=active. "
        "Columns ignored in this import: Mailing group."
    )


def test_a_value_that_nobody_gave_a_meaning_still_stops_the_file(news):
    text = "email,Standing\nwilma@example.org,ok\notto@example.org,resting\n"

    with pytest.raises(Refused, match="resting"):
        bring(news, text, "Standing:ok=active")
    with pytest.raises(Invalid, match="“perhaps” is not a status"):
        bring(news, text, "Standing:ok=perhaps")


def test_a_doubt_far_down_in_the_file_is_seen_before_anybody_is_imported(news):
    rows = "".join(f"p{number}@example.org,active\n" for number in range(12_000))

    with pytest.raises(Refused, match="“resting”"):
        bring(news, f"email,status\n{rows}last@example.org,resting\n")

    assert not Subscriber.objects.exists()


@pytest.mark.parametrize(
    ("heading", "yes", "no"),
    [
        ("Souhlas se zasíláním", "ano", "ne"),
        ("Suostumus", "kyllä", "ei"),
        ("Hozzájárulás", "igen", "nem"),
        ("Согласие на рассылку", "да", "нет"),
        ("Συγκατάθεση", "Ναι", "Όχι"),
        ("Privola", "Da", "Ne"),
        ("Leiratkozott", "nem", "igen"),
        ("Отписан", "нет", "да"),
        ("Dezabonat", "nu", "da"),
        ("Odhlášen", "", "3.5.2024"),
        ("Status", "подписан", "отписан"),
        ("Status", "已订阅", "已退订"),
        ("Consent", "✓", "✗"),
        ("Status", "Activated", "Not Activated"),
        ("Status", "Confirmed", "NotConfirmed"),
        ("Status", "member", "bouncing"),
    ],
)
def test_consent_is_read_in_languages_of_which_we_know_few_headings(news, heading, yes, no):
    bring(news, f"email,{heading}\nwilma@example.org,{yes}\notto@example.org,{no}\n")

    active = Subscription.objects.filter(state="active").values_list("subscriber__address", flat=True)
    assert list(active) == ["wilma@example.org"]


@pytest.mark.parametrize(
    "column",
    [
        "Contact ID,7",
        "Kontakt-ID,7",
        "Marital status,married",
        "State,Ohio",
        "SMS consent,no",
        "Volunteer,no",
        "Subscriber ID,17",
        "Vegetarian,no",
        "Is customer,no",
        "Ehrenamtlich,nein",
        "Choir,x",
        "Has account,true",
        "Gender,F",
        "Middle name,J.",
        "会社,X",
        "Телефон,1",
        "Total orders,0",
        "Visits,1",
        "Membership type,adult",
        "Promo code,SPRING",
        "City,Reading",
        "Group,Post office choir",
        "Delivery,Post and email only",
        "Street,Bus stop 7",
        "Directions,Get off at the last stop",
        "Category,Only members",
        "Edition,Text only",
        "Weekdays only,Mondays only",
        "Role,Contact",
        "Delivery,Post",
        "Job,Retired",
        "Job,GDPR officer",
    ],
)
def test_a_column_about_something_else_asks_nothing(news, column):
    heading, cell = column.split(",")

    assert bring(news, f"email,{heading}\nwilma@example.org,{cell}\n").added == 1


PARTS_OF_HEADINGS = st.sampled_from(
    [
        "Email",
        "Contact",
        "Customer",
        "Member",
        "Your",
        "E-Mail",
        "Global",
        "is_",
        "has_",
        "Date",
        "Liste",
        "Kontakt",
    ]
)
SPEAKING = st.sampled_from([
    "Status", "Consent", "Permission", "Unsubscribed", "Bounced", "Suppressed", "Deleted", "Opt-out", "Blacklisted",
    "Abgemeldet", "Désinscrit", "Einwilligung", "Consenso", "Baja", "Zgoda", "Samtycke", "Removed", "Archived",
    "Inactive", "GDPR", "Complained", "Cancelled", "Newsletter",
])  # fmt: skip
WORDS = st.one_of(
    st.sampled_from([
        "yes", "no", "0", "1", "x", "maybe", "active", "Unsubscribed", "bounced", "2026-01-01", "0000-00-00", "C", "U",
        "pending", "VIP", "ok", "nein", "Ja",
    ]),
    st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=8),
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.lists(PARTS_OF_HEADINGS, max_size=2),
    speaking=SPEAKING,
    after=st.lists(PARTS_OF_HEADINGS, max_size=1),
    cells=st.lists(WORDS, min_size=1, max_size=4),
)
def test_nobody_becomes_active_by_a_column_about_consent_that_is_not_understood(
    news, before, speaking, after, cells
):
    heading = " ".join([*before, speaking, *after])
    assume('"' not in heading)
    rows = "".join(f"p{number}@example.org,{cell}\n" for number, cell in enumerate(cells))
    outcome = bring(news, f"email,{heading}\n{rows}", dry_run=True)
    target = outcome.look.mapping.columns[1].target

    if target.startswith("attribute:"):
        assert outcome.questions, heading
        return
    meanings = {
        "status": lambda cell: status_of(cell) is not None,
        "subscribed": lambda cell: subscribed_of(cell) is not None,
    }
    is_understood = meanings.get(target, is_clear_denial)
    if all(map(is_understood, cells)):
        assert outcome.questions == []
    else:
        assert outcome.questions, (heading, target, cells)
        with pytest.raises(Refused):
            bring(news, f"email,{heading}\n{rows}")
        assert not Subscriber.objects.exists()

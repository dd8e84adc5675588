"""What the words of a text say: placeholders, attachments, replies, drafts and shouting."""

import pytest

from newsletter.preflight.attachment_words import promised_attachments
from newsletter.preflight.checks.mistakes_in_texts import repeated_word
from newsletter.preflight.issue_texts import markdown_lines
from newsletter.preflight.placeholder_words import placeholders_in, placeholders_in_address
from newsletter.preflight.reply_prefixes import reply_prefix, without_reply_prefixes
from newsletter.preflight.subject_words import is_shouted, mark_of_draft


@pytest.mark.parametrize(
    ("text", "placeholder"),
    [
        ("Dear &lt;&lt;FNAME&gt;&gt;, welcome.", "<<FNAME>>"),
        ("Dear <first name>, welcome.", "<first name>"),
        ("Guten Tag [VORNAME], danke.", "[VORNAME]"),
        ("Bonjour [Prénom], merci.", "[Prénom]"),
        ("عزيزي [الاسم]، شكرا.", "[الاسم]"),
        ("Annwyl [Enw cyntaf], diolch.", "[Enw cyntaf]"),
        ("We meet on [date of event].", "[date of event]"),
        ("We are [Organisation name], a charity.", "[Organisation name]"),
        ("[Charity’s name] thanks you.", "[Charity’s name]"),
        ("Come to [Event name].", "[Event name]"),
        ("[Vereinsname] lädt ein.", "[Vereinsname]"),
        ("Mae [enw’r elusen] yn diolch.", "[enw’r elusen]"),
        ("نحن [اسم الجمعية].", "[اسم الجمعية]"),
        ("She said: [quote from Ruth]", "[quote from Ruth]"),
        ("[add photo]", "[add photo]"),
        ("Next date: XX/XX/2026.", "XX/XX/2026"),
        ("Tickets cost £??.", "£??"),
        ("The plan is here: [link to follow].", "[link to follow]"),
        ("[Text hier einfügen]", "[Text hier einfügen]"),
        ("Dear #FIRSTNAME#, welcome.", "#FIRSTNAME#"),
        ("Dear ##First_Name##, welcome.", "##First_Name##"),
        ("Dear FIRSTNAME, welcome.", "FIRSTNAME"),
        ("Dear -firstname-, welcome.", "-firstname-"),
        ("Dear [%first_name | reader%], welcome.", "[%first_name | reader%]"),
        ("Dear ${firstName}, welcome.", "${firstName}"),
        ("Dear {contact.firstname}, welcome.", "{contact.firstname}"),
        ("Dear %%First Name%%, welcome to %%ORG_NAME%%.", "%%ORG_NAME%%"),
        ("Dear [[first_name]], welcome.", "[[first_name]]"),
        ("Dear @@firstname@@, welcome.", "@@firstname@@"),
        ("Dear «First_Name», welcome.", "«First_Name»"),
        ("The meeting is in room XXX at ten.", "room XXX"),
        ("Tickets cost £XX each.", "£XX"),
        ("We begin on a date TBC.", "a date TBC"),
        ("Apply by DD/MM/YYYY.", "DD/MM/YYYY"),
        ("Lorem ipsum dolor sit amet", "Lorem ipsum"),
        ("HEADLINE HERE", "HEADLINE HERE"),
        ("INSERT HEADLINE for the garden", "INSERT HEADLINE"),
        ("Headline to come", "Headline to come"),
        ("Your text here", "Your text here"),
        ("Welcome to the TK number", "TK number"),
        ("**TODO**, and TODO: thank the volunteers.", "TODO"),
    ],
)
def test_a_placeholder_is_found(text, placeholder):
    assert placeholder in placeholders_in(markdown_lines(text))


@pytest.mark.parametrize(
    "text",
    [
        "It was “an [sic] hotel”, said [our emphasis] Ada [2] [PDF] [in Welsh] [name withheld].",
        "Sizes XS to XXL. Chapter XXX, Super Bowl XXX, Louis XXX. Love from all of us xxx",
        "Todo sobre el jardín, and the TODO list.",
        "“We trust [the organisation] and [company]”, he said.",
        "The first name on the list, and the name and date of birth.",
        "Emails that begin “Dear [First Name]” are often fraud.",
        "`%FIRSTNAME%`, `[Name]` and `TODO`",
        "The set {1, 2, 3}, 20%OFF% and {x}.",
        "A pass-name-card, #name, and 5-name-tags.",
        "“Lorem ipsum” is the standard text of printers.",
        "The speaker is to be confirmed. The venue: TBC.",
        "[the tent programme](https://example.org/tent), [date](https://example.org/date)",
        "« Bonjour » et «fleur»",
        "1 < 2 and 3 > 2. Insert the key here and turn it.",
        "XX century, XXX Olympiad in Los Angeles. HOW TO DATE A HERE AND NOW.",
        "Ask at the desk on XXX Corps Square",
    ],
)
def test_other_words_are_not_placeholders(text):
    assert placeholders_in(markdown_lines(text)) == []


def test_placeholders_in_an_address():
    assert placeholders_in_address("https://example.org/?id=%5BID%5D") == ["[ID]"]
    assert placeholders_in_address("https://example.org/?filter%5Bname%5D=a&b[date]=1#-name-") == []


@pytest.mark.parametrize(
    "text",
    [
        "Please find enclosed our annual report.",
        "Please find attached the report.",
        "The report is enclosed with this email.",
        "The annual report for members is attached.",
        "We have attached the programme for May.",
        "Enclosed is the form that you need.",
        "See attached.",
        "Fill in the attached form.",
        "Den Bericht finden Sie in der Anlage.",
        "Anbei unser Bericht.",
        "Wir haben Ihnen das Programm angehängt.",
        "Das Programm steht im Anhang dieser E-Mail.",
        "Vous trouverez ci-joint le rapport.",
        "Le programme est en pièce jointe.",
        "Mae’r adroddiad ynghlwm.",
        "Gweler y ffurflen ynghlwm wrth yr e-bost hwn.",
        "Atodir ein hadroddiad blynyddol.",
        "تجدون التقرير مرفقًا.",
        "انظر المرفقات.",
        "W załączniku przesyłamy raport.",
    ],
)
def test_a_promise_of_an_attachment_is_found(text):
    assert promised_attachments(text)


@pytest.mark.parametrize(
    "text",
    [
        "The nurse is attached to the hospital, and a car park is attached.",
        "The garden is enclosed by a wall. See the enclosed garden.",
        "Attachment theory is about children who are attached to their parents.",
        "The hospital attached to the harbour has a new ward.",
        "We have attached a camera to the mast and enclosed the yard.",
        "A warning: emails that say “see attached” are often fraud.",
        "Never open the attachment of an email that you do not expect.",
        "Scammers ask you to open the attachment.",
        "The map is attached to the wall.",
        "Anna hängt im Anhang ihres Buches eine Karte an.",
        "In der Anlage am Hafen spielen Kinder. Die beigefügte Wiese ist grün.",
        "Öffnen Sie niemals eine Datei im Anhang.",
        "N’ouvrez jamais un fichier en pièce jointe.",
        "Mae dyfodol y dref ynghlwm wrth yr harbwr.",
        "هذا مرفق صحي جديد في المدينة.",
    ],
)
def test_other_attached_things_are_not_attachments(text):
    assert promised_attachments(text) == []


@pytest.mark.parametrize(
    ("subject", "prefix", "is_certain"),
    [
        ("Re: sleep", "Re:", True),
        ("RE : sleep", "RE :", True),
        ("Re[2]: sleep", "Re[2]:", True),
        ("Re：sleep", "Re：", True),
        ("Re: generation of a harbour", "Re:", True),
        ("رد: النوم", "رد:", True),
        ("Atb: cwsg", "Atb:", True),
        ("Odp: sen", "Odp:", True),
        ("[News] Re: sleep", "Re:", True),
        ("💬 Fwd: sleep", "Fwd:", True),
        ("Antwort: ja", "Antwort:", False),
        ("WG: Leben zu dritt", "WG:", False),
        ("re:publica 2026", "re:", False),
    ],
)
def test_the_prefix_of_a_reply_is_found(subject, prefix, is_certain):
    found = reply_prefix(subject)
    assert (found.words, found.is_certain) == (prefix, is_certain)


@pytest.mark.parametrize(
    "subject",
    [
        "Reading week",
        "Re-opening",
        "Re-Zertifizierung",
        "RE teachers",
        "Tr. Alun",
        "Antworten: 12",
        "“Re: x”",
    ],
)
def test_other_beginnings_are_not_prefixes(subject):
    assert reply_prefix(subject) is None


def test_the_prefixes_are_removed_behind_a_tag():
    assert without_reply_prefixes("[News] Re: AW: sleep") == "[News] sleep"


@pytest.mark.parametrize(
    "subject",
    [
        "Copy of: News",
        "[Test] News",
        "Draft: News",
        "Entwurf: News",
        "News (draft 2)",
        "News - Copy",
        "Test 2",
    ],
)
def test_the_mark_of_a_draft_is_found(subject):
    assert mark_of_draft(subject)


@pytest.mark.parametrize(
    "subject",
    [
        "Drafty houses: what to do",
        "Test: how well do you sleep?",
        "A copy of the plan",
        "The final test of time",
    ],
)
def test_other_subjects_have_no_mark_of_a_draft(subject):
    assert mark_of_draft(subject) == ""


def test_capitals_are_shouted_unless_they_are_abbreviations():
    loud = ["SLEEP: WHAT THE STUDIES SAY", "WIR SIND DRIN", "WE WON", "OUR NHS", "Sleep!!!"]
    assert [is_shouted(each) for each in loud] == [True] * len(loud)
    quiet = ["COVID-19: FAQ", "DNA, RNA, MRI, PSA", "BBC", "NHS and DNA", "HIV: PrEP", "2026"]
    assert [is_shouted(each) for each in quiet] == [False] * len(quiet)


def test_a_word_is_repeated_only_where_it_cannot_be_meant():
    assert repeated_word("We answer the the calls.") == "the the"
    assert repeated_word("The the calls") == "The the"
    assert repeated_word("Wir kommen mit mit dem Zug") == "mit mit"
    assert repeated_word("Nous parlons d’une une nouvelle salle") == "une une"
    assert repeated_word("Wir sitzen im im Garten") == "im im"
    assert repeated_word("The garden room is is ready.") == "is is"
    for text in (
        "What it was was a place to sit.",
        "Will will plant it.",
        "She had had it.",
        "The The played.",
        "Menschen, die die Zeitung lesen",
        "“the the”",
        "bye bye",
    ):
        assert repeated_word(text) == ""

"""Emails with something wrong in their words, one fault each, and unbroken ones that look similar."""

from newsletter.issues.models import Issue
from tests.preflight.broken_emails import (
    Broken,
    article_has,
    block_has,
    both,
    calls_in_polish,
    issue_has,
    item_has,
    matched,
    on_topic,
    opening_says,
    publication_has,
    sent_before,
)
from tests.preflight.good_emails import PREHEADER

PARAGRAPH = "The nurses answer the phone on weekday evenings, and nobody waits for long."
BROKEN_WORDS = (
    Broken(
        "words.subject-cut",
        "of the 66 characters in the subject",
        issue_has(subject="Sleep: what the studies say, what they do not, and what to read on"),
    ),
    Broken(
        "words.preheader-cut",
        "characters in the preheader",
        issue_has(preheader="Twelve articles from November, and how to read them. " * 3),
    ),
    Broken(
        "words.preheader-repeats",
        "is the same as the subject",
        issue_has(preheader="Sleep: what the studies say!"),
    ),
    Broken(
        "words.preheader-repeats",
        "is the same as the subject",
        issue_has(
            subject="We asked what four studies say about sleep",
            preheader="We asked what four studies say about sleep",
        ),
    ),
    Broken("words.preheader-repeats", "introduction", issue_has(preheader=PARAGRAPH, opening=PARAGRAPH)),
    Broken(
        "words.same-subject",
        "Issue 11 had the same subject",
        sent_before(subject="Sleep: what the studies say"),
    ),
    Broken(
        "words.same-subject",
        "Issue 11 had the same subject",
        sent_before(subject="Sleep: what the studies say", state=Issue.State.SENDING, sent_at=None),
    ),
    Broken("words.attachment", "says “programme is attached”", opening_says("The programme is attached.")),
    Broken("words.attachment", "im Anhang", opening_says("Das Programm finden Sie im Anhang.")),
    Broken("words.attachment", "see attached", item_has(blurb="For the whole table, see attached.")),
    Broken("words.placeholder", "contains “TODO”", opening_says("TODO: thank the volunteers.")),
    Broken(
        "words.placeholder", "Lorem ipsum".lower(), item_has(blurb="And then lorem ipsum dolor sit amet.")
    ),
    Broken("words.placeholder", "[insert date]", block_has("notice", body="Come on [insert date].")),
    Broken("words.placeholder", "{first_name}", opening_says("Dear {first_name}, here are our news.")),
    Broken("words.placeholder", "|FNAME|", opening_says("Dear *|FNAME|*, here are our news.")),
    Broken("words.placeholder", "|FNAME:Friend|", opening_says("Dear *|FNAME:Friend|*, welcome.")),
    Broken("words.placeholder", "[First Name]", opening_says("Dear [First Name], welcome.")),
    Broken("words.placeholder", "%FIRSTNAME%", opening_says("Dear %FIRSTNAME%, welcome.")),
    Broken(
        "words.placeholder", "{ contact.first_name }", opening_says("Dear { contact.first_name }, welcome.")
    ),
    Broken("words.placeholder", "XXXX", issue_has(subject="Sleep: XXXX")),
    Broken("words.shouting", "subject looks like shouting", issue_has(subject="SLEEP: WHAT THE STUDIES SAY")),
    Broken(
        "words.shouting", "subject looks like shouting", issue_has(subject="Sleep: what the studies say!!!")
    ),
    Broken("law.false-reply", "begins with “Re:”", issue_has(subject="Re: your sleep")),
    Broken("law.false-reply", "begins with “Fwd:”", issue_has(subject="Fwd: sleep")),
    Broken(
        "words.placeholder",
        "{{ first_name }}",
        article_has(standfirst="Tides, explained to {{ first_name }}."),
    ),
    Broken("words.placeholder", "[Vorname]", opening_says("Liebe [Vorname], das ist neu.")),
    Broken("words.placeholder", "“[NAME]” and “[DATE]”", opening_says("Dear [NAME], we meet on [DATE].")),
    Broken("words.placeholder", "[Standfirst to come]", article_has(standfirst="[Standfirst to come]")),
    Broken("words.placeholder", "INSERT HEADLINE", item_has(headline="INSERT HEADLINE for the lead")),
    Broken("words.placeholder", "Lorem ipsum", issue_has(preheader="Lorem ipsum dolor sit amet.")),
    Broken("words.placeholder", "[Organisation]", publication_has(organisation="[Organisation]")),
    Broken(
        "words.placeholder", "[Your address]", publication_has(postal_address="[Your address], Newtown 12")
    ),
    Broken("words.placeholder", "“[ID]”", opening_says("[The plan](https://example.org/?id=[ID])")),
    Broken("words.placeholder", "[Vorname]", block_has("notice", title="Für [Vorname]")),
    Broken(
        "words.placeholder",
        "TODO",
        html=matched(r"(<p class=.small quiet.[^>]*>)", r"\1TODO: the charity’s number. "),
    ),
    Broken(
        "words.placeholder", "[Insert charity number]", text=lambda text: f"{text}\n[Insert charity number]"
    ),
    Broken("words.attachment", "find enclosed", opening_says("Please find enclosed our annual report.")),
    Broken("words.attachment", "find attached", article_has(standfirst="Please find attached the report.")),
    Broken("words.attachment", "ynghlwm", opening_says("Mae’r adroddiad ynghlwm.")),
    Broken(
        "words.attachment",
        "مرفق",
        opening_says("تجدون التقرير مرفقا."),
        also=("accessibility.language-of-parts",),
    ),
    Broken("words.shouting", "subject looks like shouting", issue_has(subject="WIR SIND DRIN")),
    Broken("words.subject-without-words", "“🎄🎄🎄”", issue_has(subject="🎄🎄🎄")),
    Broken("words.subject-without-words", "“...”", issue_has(subject="...")),
    Broken("words.subject-of-draft", "“Copy of:”", issue_has(subject="Copy of: Sleep")),
    Broken(
        "words.subject-of-draft",
        "copied from issue 11",
        both(sent_before(subject="A garden room"), issue_has(subject="Copy of A garden room")),
    ),
    Broken("words.subject-of-draft", "“[Test]”", issue_has(subject="[Test] Sleep")),
    Broken("words.subject-of-draft", "“Draft:”", issue_has(subject="Draft: Sleep")),
    Broken("words.subject-of-draft", "“Entwurf:”", issue_has(subject="Entwurf: Schlaf")),
    Broken(
        "words.preheader-repeats",
        "introduction",
        issue_has(preheader=PARAGRAPH, opening=f"{PARAGRAPH} And more."),
    ),
    Broken(
        "words.preheader-about-viewing",
        "cannot read this email",
        issue_has(preheader="If you cannot read this email, view it in your browser"),
    ),
    Broken(
        "words.same-preheader",
        "Issue 11",
        sent_before(subject="Other", preheader=PREHEADER.removesuffix(".")),
    ),
    Broken("words.repeated-word", "“the the”", opening_says("The nurses answer the the calls.")),
    Broken("words.repeated-paragraph", "appears twice", opening_says(f"{PARAGRAPH}\n\n{PARAGRAPH}")),
    Broken(
        "words.greeting-without-name", "“Dear undefined,”", issue_has(opening="Dear undefined,\n\nthank you.")
    ),
    Broken("words.greeting-without-name", "“Hi !”", issue_has(opening="Hi !\n\nThank you.")),
    Broken("words.greeting-without-name", "“Dear ,”", issue_has(opening="Dear ,\n\nthank you.")),
    Broken("words.garbled", "â€™", opening_says("The nursesâ€™ line is open.")),
    Broken("words.garbled", "&nbsp;", article_has(standfirst="The line is open&nbsp;again.")),
    Broken(
        "words.garbled",
        "<a href=",
        opening_says('Read <a href="https://example.org/notes">the notes</a> and <a>more</a>.'),
    ),
    Broken(
        "words.garbled",
        "<a href=",
        article_has(standfirst='See <a href="https://example.org/a b">notes</a>.'),
    ),
    Broken("words.garbled", "<!--", opening_says("The line is open. <!-- ask Ruth -->")),
    Broken("words.garbled", "<script>", item_has(blurb="The line is open. <script>alert(1)</script>")),
    Broken("words.garbled", "<b>", opening_says("The line is <b>open</b> again.")),
    Broken("law.false-reply", "begins with “رد:”", issue_has(subject="رد: النوم")),
    Broken("law.false-reply", "begins with “Re:”", issue_has(subject="[News] Re: sleep")),
    Broken("law.perhaps-reply", "begins with “WG:”", issue_has(subject="WG: Leben zu dritt")),
    Broken(
        "law.postal-address",
        "looks like an example",
        publication_has(postal_address="The Example Trust, 1 Example Street, Anytown AB1 2CD"),
    ),
    Broken(
        "accessibility.link-words", "“Cliciwch yma”", opening_says("[Cliciwch yma](https://example.org/a)")
    ),
    # Notices about topics: the newsletter’s own, and those in other languages.
    Broken("words.placeholder", "[Name]", on_topic(notice={"en": "Dear [Name], ask a nurse."})),
    Broken("words.placeholder", "[Name]", calls_in_polish("Szanowny [Name], zadzwoń pod 999.")),
    Broken("words.placeholder", "%FIRSTNAME%", calls_in_polish("%FIRSTNAME%, zadzwoń pod 999.")),
    Broken("words.placeholder", "TODO", calls_in_polish("TODO: zadzwoń pod 999.")),
    Broken("words.repeated-word", "“the the”", on_topic(notice={"en": "Please ask the the nurse first."})),
    Broken("words.garbled", "&nbsp;", calls_in_polish("Zadzwoń pod&nbsp;999.")),
    Broken("markdown.link", "instead of a link", calls_in_polish("[Zadzwoń](tel: 999).")),
    Broken("markdown.formatting", "“**", calls_in_polish("Zadzwoń pod **999**.")),
)
UNBROKEN_WORDS = (
    calls_in_polish("W nagłym wypadku zadzwoń pod numer 999 i czekaj."),
    # These readers get the notice in English, and understand it.
    calls_in_polish("Dial 999.", confirmed=False, language="en-US"),
    opening_says("Our form says `%FIRSTNAME%`, and so does this:\n\n    Dear [Name]"),
    opening_says("The **TODO** list app and [TODO](https://example.org/todo) are free [sic]."),
    opening_says(
        "“We love [the company]”, she said [our emphasis] [2]. Chapter XXX, in size XXL. Todo sobre."
    ),
    opening_says("See the [date](https://example.org/date) (a fruit)."),
    opening_says("The nurse is attached to the hospital, and a car park is attached."),
    opening_says("Anna hängt im Anhang ihres Buches eine Karte an. In der Anlage am Hafen spielen Kinder."),
    opening_says("In spring, you find the enclosed garden behind the chapel."),
    opening_says("Beware of emails that say “see attached invoice”."),
    opening_says("Thank you to everybody that that helped, and to The The, who had had a long year."),
    opening_says("The prices: A < B, AT&T, and x<y."),
    issue_has(subject="COVID-19: FAQ"),
    issue_has(subject="DNA, RNA, MRI, PSA"),
    issue_has(subject="Reading week: the drafts of the studies"),
    issue_has(subject="Re-opening: what the studies say"),
    issue_has(subject="Copy of Magna Carta found"),
    issue_has(preheader="This month we read the news that others made."),
    publication_has(postal_address="PO Box 12, Exampleton"),
)

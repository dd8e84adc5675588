"""Emails in which a text is in another language than it declares, and unbroken ones that only quote one."""

from newsletter.articles.models import Article
from tests.preflight.broken_emails import Broken, article_has, block_has, both, item_has, opening_says

RULE = "accessibility.other-language"
TEXTS = {
    "German": "Vier Pflegekräfte nehmen jetzt am Abend Anrufe an, und niemand muss länger als zehn Minuten warten.",
    "French": "Quatre infirmières répondent désormais le soir, et personne n’attend plus de dix minutes une réponse.",
    "Welsh": "Mae pedair nyrs bellach yn ateb galwadau gyda'r nos, ac nid oes neb yn aros mwy na deg munud.",
    "Spanish": "Cuatro enfermeras atienden ahora las llamadas por la tarde, y nadie espera más de diez minutos.",
    "Italian": "Quattro infermiere ora rispondono alle chiamate la sera, e nessuno aspetta più di dieci minuti.",
    "Dutch": "Vier verpleegkundigen beantwoorden nu de telefoon, en niemand wacht langer dan tien minuten.",
    "Polish": "Kolejka jest teraz otwarta we wszystkie wieczory, a pielęgniarki odpowiadają na pytania cierpliwie.",
}
ENGLISH = "Four nurses now answer calls on weekday evenings, and nobody waits longer than ten minutes."


def whole_email_is_in(text):
    def change(issue):
        opening_says(text)(issue)
        Article.objects.filter(pk__in=issue.items.values("article")).update(standfirst=f"{text} {text}")

    return change


BROKEN_LANGUAGES = (
    *(
        Broken(RULE, f"seems to be in {name}, but is marked as English", opening_says(text))
        for name, text in TEXTS.items()
    ),
    Broken(RULE, "seems to be in German", item_has(blurb=TEXTS["German"])),
    Broken(
        RULE,
        "seems to be in German",
        article_has(
            title="Der Garten öffnet",
            standfirst="Er ist ruhig, eben und für alle offen, die uns dort besuchen.",
        ),
    ),
    Broken(RULE, "seems to be in French", block_has("notice", body=TEXTS["French"])),
    Broken(
        RULE,
        "seems to be in English, but is marked as German",
        article_has(language="de", standfirst=ENGLISH, title="Nachts"),
    ),
    Broken(
        RULE,
        "seems to be in English, but is marked as Arabic",
        article_has(language="ar", standfirst=ENGLISH),
    ),
    Broken(RULE, "Most of the email seems to be in German", whole_email_is_in(TEXTS["German"])),
)
UNBROKEN_LANGUAGES = (
    both(article_has(language="de"), item_has(blurb=TEXTS["German"], headline="Vier am Telefon")),
    item_has(headline="Nous avons ouvert la ligne", blurb=ENGLISH),
    opening_says(
        "The choir sings “Die Himmel erzählen die Ehre Gottes, und seiner Hände Werk zeigt an das Firmament” in May."
    ),
    opening_says(
        "We read Die Leiden des jungen Werthers and Auf der Suche nach der verlorenen Zeit this spring."
    ),
    opening_says(
        "Carlos de la Cruz, Maria van der Berg, José de los Santos and Ana de la Torre won the prize."
    ),
    article_has(language="ar", title="النوم", standfirst=f"تقول الدراسة في لندن: “{ENGLISH}”"),
    opening_says("Wir sind jetzt da, und das ist gut."),
    opening_says(f"Our choir sings this on Sunday:\n\n> {TEXTS['Welsh']}"),
    opening_says(f"A reader writes: ‘{TEXTS['French']}’"),
)

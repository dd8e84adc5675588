"""An email in which nothing is wrong, in both themes and several languages, for the table of broken ones."""

from dataclasses import replace
from datetime import date

from newsletter.articles.models import Article
from newsletter.issues.models import StandingBlock
from newsletter.preflight.checked_issue import CheckedIssue
from subscribers.models import Subscriber, Subscription
from tests.rendering.example_issues import add_blocks, edit, publish, write

LANGUAGES = ("en-GB", "de", "fr", "es", "ar", "cy")
OPENINGS = {
    "en-GB": "Dear {{ first_name }},\n\nThis month we read [the studies](https://example.org/studies) behind the news.",
    "de": "Guten Tag {{ first_name }},\n\ndiesen Monat lesen wir [die Studien](https://example.org/studien).",
    "fr": "Bonjour {{ first_name }},\n\nCe mois-ci, nous lisons [les études](https://example.org/etudes).",
    "ar": "مرحبا {{ first_name }}،\n\nنقرأ هذا الشهر [الدراسات](https://example.org/studies).",
    "cy": "Annwyl {{ first_name }},\n\nY mis hwn rydym yn darllen [yr astudiaethau](https://example.org/studies).",
    "es": "Hola {{ first_name }},\n\nEste mes leemos [los estudios](https://example.org/estudios).",
}
# The titles and texts of blocks by their kinds.
BLOCKS = {
    "ar": {
        "appeal": ("ساعدونا على الرد على الهاتف", "تكلفنا كل مكالمة حوالي 12 جنيها."),
        "promotion": ("كيف تقرأ دراسة", "كتيب من ست عشرة صفحة لكل من يريد القراءة."),
        "community": ("احكوا لنا قصتكم", "ما ساعدكم قد يساعد غيركم أيضا."),
        "notice": ("معلومات وليست نصيحة", "لا تغيروا علاجكم بسبب مقال قرأتموه هنا."),
        "corrections": ("", "هل وجدتم خطأ في هذا العدد؟ أخبرونا."),
        "copyright": ("", "© 2026 The Example Trust. يمكنكم استخدام نصوصنا."),
    },
    "cy": {
        "appeal": ("Helpwch ni i ateb y ffôn", "Mae pob galwad yn costio tua £12 i ni."),
        "promotion": (
            "Sut i ddarllen astudiaeth",
            "Llyfryn un ar bymtheg tudalen ar gyfer pawb sydd am ei ddarllen.",
        ),
        "community": ("Dywedwch eich stori", "Mae’r hyn a helpodd chi yn gallu helpu eraill hefyd."),
        "notice": ("Gwybodaeth, nid cyngor", "Peidiwch â newid eich triniaeth oherwydd erthygl yma."),
        "corrections": ("", "Oes gwall yn y rhifyn hwn? Rhowch wybod i ni."),
        "copyright": ("", "© 2026 The Example Trust. Cewch ddefnyddio ein testun."),
    },
    "de": {
        "appeal": ("Helfen Sie uns am Telefon", "Jeder Anruf kostet uns etwa 12 Pfund."),
        "promotion": ("Eine Studie lesen", "Ein Heft mit sechzehn Seiten, auch für alle ohne Statistik."),
        "community": ("Erzählen Sie uns davon", "Was Ihnen geholfen hat, kann auch anderen helfen."),
        "notice": (
            "Information, kein Rat",
            "Ändern Sie keine Behandlung, nur weil Sie hier etwas gelesen haben.",
        ),
        "corrections": ("", "Haben wir etwas Falsches geschrieben? Bitte sagen Sie es uns."),
        "copyright": ("", "© 2026 The Example Trust. Sie dürfen unsere Texte verwenden."),
    },
    "fr": {
        "appeal": ("Aidez-nous à répondre", "Chaque appel nous coûte environ 12 livres."),
        "promotion": ("Lire une étude", "Un livret de seize pages, pour tous ceux qui le veulent."),
        "community": ("Racontez-nous", "Ce qui vous a aidé peut aussi aider les autres."),
        "notice": ("Une information, pas un conseil", "Ne changez pas de traitement à cause d’un article."),
        "corrections": ("", "Avons-nous fait une erreur ? Dites-le-nous."),
        "copyright": ("", "© 2026 The Example Trust. Vous pouvez reprendre nos textes."),
    },
    "es": {
        "appeal": ("Ayúdenos a responder", "Cada llamada nos cuesta unas 12 libras."),
        "promotion": ("Leer un estudio", "Un folleto de dieciséis páginas para todos los lectores."),
        "community": ("Cuéntenos su historia", "Lo que le ayudó puede ayudar también a otros."),
        "notice": ("Información, no consejo", "No cambie su tratamiento por lo que ha leído en un artículo."),
        "corrections": ("", "¿Hay un error en este número? Díganoslo."),
        "copyright": ("", "© 2026 The Example Trust. Puede usar nuestros textos."),
    },
}
PREHEADER = "Twelve articles from November, and how to read them."


def good_issue(*, articles=3, theme="classic", language="en-GB", **changes):
    """An issue about which the checks have nothing to say, with three readers."""
    # In English, the foot of the email says it.
    changes.setdefault("charity_number", "" if language == "en-GB" else "123456")
    publication = publish(theme=theme, language=language, name="Health News", **changes)
    add_blocks(publication)
    StandingBlock.objects.filter(kind="copyright").update(
        body="© 2026 The Example Trust, registered charity 123456. You may reuse our text under "
        "[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)."
    )
    appeal = StandingBlock.objects.get(kind="appeal")
    appeal.data |= {
        "figures_on": "2026-10-31",
        "figures_source": "Annual report",
        "second_purpose": "Anything more pays for the text service.",
        "tax_note": "If you are a UK taxpayer, we can claim an extra 25p for every £1 you give.",
    }
    appeal.save()
    written = [
        write(
            f"What study {number} says about sleep",
            image_url=f"https://example.org/{number}.jpg",
            image_alt=f"A woman who sleeps in a chair, seen from side {number}",
            image_width=640,
            image_height=360,
        )
        for number in range(1, articles + 1)
    ]
    if language in BLOCKS:
        _write_in(language, publication, written)
    issue = edit(
        publication,
        written,
        sections=("Research", "Opinion"),
        subject="Sleep: what the studies say",
        preheader=PREHEADER,
        opening=OPENINGS[language],
    )
    subscribe(publication, "ana", "ben", "cem")
    return issue


def _write_in(language, publication, articles):
    """Translate the blocks, and say that the articles are in English."""
    for kind, (title, body) in BLOCKS[language].items():
        StandingBlock.objects.filter(publication=publication, kind=kind).update(title=title, body=body)
    appeal = StandingBlock.objects.get(publication=publication, kind="appeal")
    appeal.data = {**appeal.data, "tax_note": ""}
    appeal.save()
    Article.objects.filter(pk__in=[each.pk for each in articles]).update(language="en-GB")
    for article in articles:
        article.refresh_from_db()


def subscribe(publication, *names):
    """Put people on the list."""
    for name in names:
        person, _ = Subscriber.objects.get_or_create(
            address=f"{name}@example.net", address_key=f"{name}@example.net"
        )
        Subscription.objects.create(
            subscriber=person, list=publication.mailing_list, state=Subscription.State.ACTIVE
        )


def checked(issue, *, html=None, text=None):
    """The issue as the checks see it, on a fixed day; `html` and `text` change the parts of its email."""
    found = CheckedIssue(issue, date(2026, 11, 23))
    if html is None and text is None:
        return found
    changed = found.emails.each_email(
        lambda email: replace(email, html=(html or str)(email.html), text=(text or str)(email.text))
    )
    return CheckedIssue(issue, date(2026, 11, 23), emails=changed)

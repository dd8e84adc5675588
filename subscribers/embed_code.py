"""The HTML of a sign-up form for another website: plain HTML that needs no script and no cookie.

The form has no signed time, because a page of another site is written once: see docs/decisions/0072. The robots' field,
the limits and the confirmation email stop robots there, and our page shows what is wrong.
"""

from django.template import engines

from subscribers import consent_wordings
from subscribers.lists import sign_up_url
from subscribers.models import List
from subscribers.translated_languages import direction, texts_in, written_in


def embed_code(mailing_list: List, *, names_language: bool = False) -> str:
    """Return the HTML of the sign-up form of a list, in the language and with the texts of this list.

    It names the consent wording that it shows, and with `names_language` its language, in which our page then
    answers.
    """
    context = {
        "list": mailing_list,
        "action": sign_up_url(mailing_list.slug, mailing_list.language if names_language else ""),
        "topics": list(mailing_list.topics.all()) if mailing_list.asks_topics else [],
        "wording": consent_wordings.wording_shown(mailing_list),
        "_": texts_in(mailing_list.language).gettext,
        "lang": written_in(mailing_list.language),
        "direction": direction(written_in(mailing_list.language)),
    }
    html: str = engines["jinja2"].get_template("public/snippet_form.html").render(context)
    return html.strip()

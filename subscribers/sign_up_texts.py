"""The sign-up form of a list in several languages: which there are, which a visitor sees, and their texts.

The main language is the list's own. Each further one has a row of SignUpTexts.
"""

import copy
from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation.trans_real import parse_accept_lang_header

from subscribers import consent_wordings
from subscribers.errors import NotFound
from subscribers.language_tags import why_not_language_tag
from subscribers.lists import WrongListField, wrong_list_field
from subscribers.models import ConsentEntry, List, SignUpTexts, Subscription
from subscribers.personal_details import LANGUAGE_TAG
from subscribers.translated_languages import script_of

TEXTS = ("sign_up_heading", "description", "consent_wording", "sign_up_button", "after_sign_up")
IS_MAIN = "This is the list’s main language. To change its text, edit the sign-up form itself."


def languages_of(mailing_list: List) -> list[str]:
    """Return the languages in which a list has a sign-up form: the main one first, then by tag."""
    return [mailing_list.language, *(each.language for each in mailing_list.sign_up_texts.all())]


def in_language(mailing_list: List, texts: SignUpTexts | None) -> List:
    """Return a copy of a list that has the language and the texts of this row. It is for showing, never for saving."""
    if texts is None:
        return mailing_list
    shown = copy.copy(mailing_list)
    for name in ("language", *TEXTS):
        setattr(shown, name, getattr(texts, name))
    return shown


def shown_in(mailing_list: List, language: str, accepted: str = "") -> tuple[List, list[str]]:
    """Return a list with the texts for a visitor, and all languages that it has.

    `language` is what the address or the form asks for, `accepted` the browser's Accept-Language header. If the list
    has neither, the texts are those of its main language.
    """
    further = {each.language: each for each in mailing_list.sign_up_texts.all()}
    offered = [mailing_list.language, *further]
    found = best_language([language, *_preferred(accepted)], offered) if further else ""
    return in_language(mailing_list, further.get(found)), offered


def best_language(wanted: Iterable[str], offered: Iterable[str]) -> str:
    """Return the first offered language that suits the wanted ones in their order, or an empty string.

    `de` suits `de-AT` and the reverse, but not if the script is another.
    """
    offered = list(offered)
    for tag in wanted:
        if not LANGUAGE_TAG.fullmatch(tag[:35]):
            continue
        same = [each for each in offered if each.lower() == tag.lower()]
        related = [each for each in offered if _family(each) == _family(tag)]
        if found := [*same, *related]:
            return found[0]
    return ""


def language_of(subscription: Subscription) -> str:
    """Return the language in which a person signed up if the list still has it, and otherwise the main one."""
    mailing_list = subscription.list
    further = languages_of(mailing_list)[1:]
    if not further:
        return mailing_list.language
    signed_up = ConsentEntry.objects.filter(
        subscriber=subscription.subscriber_id, list=mailing_list, act=ConsentEntry.Act.SIGNED_UP
    )
    agreed = signed_up.order_by("-pk").values_list("wording__language", flat=True).first()
    return agreed if agreed in further else mailing_list.language


def find_texts(mailing_list: List, language: str) -> SignUpTexts | None:
    """Return the texts in a further language, if the list has them."""
    return mailing_list.sign_up_texts.filter(language=language).first()


@transaction.atomic
def set_texts(mailing_list: List, language: str, values: Mapping[str, str]) -> None:
    """Write texts in a further language, and keep the consent wording. A text that is not named stays as it is.

    Raises WrongListField.
    """
    if wrong := why_not_language_tag(language):
        raise WrongListField("language", wrong)
    if language.lower() == mailing_list.language.lower():
        raise WrongListField("language", IS_MAIN)
    texts = find_texts(mailing_list, language) or SignUpTexts(list=mailing_list, language=language)
    for name, value in values.items():
        setattr(texts, name, value)
    try:
        texts.full_clean()
    except ValidationError as error:
        raise wrong_list_field(error) from None
    texts.save()
    # Stored from the start, so that looking at the sign-up page writes nothing.
    consent_wordings.keep_wording(in_language(mailing_list, texts))


def remove_texts(mailing_list: List, language: str) -> None:
    """Remove the texts in a further language. The consent wordings that people agreed to stay. Raises NotFound."""
    if not mailing_list.sign_up_texts.filter(language=language).delete()[0]:
        raise NotFound("The sign-up form has not been translated into this language.")


def _preferred(accepted: str) -> list[str]:
    """Return the languages of an Accept-Language header, the most wanted first."""
    return [tag for tag, _weight in parse_accept_lang_header(accepted[:500]) if tag != "*"]


def _family(tag: str) -> tuple[str, str]:
    return tag.lower().split("-")[0], script_of(tag)

"""What people agreed to, word for word: each text is stored once, with a version number per list."""

from django.db import IntegrityError, transaction
from django.db.models import Max

from subscribers.models import List, Wording
from subscribers.translated_languages import texts_in

TRIES = 5
ERASED = "(erased)"  # stands for an erased person's address


def wording_shown(mailing_list: List) -> Wording:
    """Return the wording that the list's sign-up page shows now in the list's language. Writes nothing: a new
    wording is returned unsaved.
    """
    text = _text_shown_by(mailing_list)
    found = _found(mailing_list, text, mailing_list.language)
    return found or Wording(list=mailing_list, text=text, language=mailing_list.language, version=0)


def keep_wording(mailing_list: List) -> Wording:
    """Store the wording that the list's sign-up page shows from now on, when a list is created or edited, or
    somebody signs up.
    """
    return kept_wording(mailing_list, _text_shown_by(mailing_list), mailing_list.language)


def sign_up_wordings(mailing_list: List, *, at_most: int) -> list[Wording]:
    """Return the newest wordings that the sign-up page showed, the newest first. What editors and imports state
    about somebody's consent has no language, and is left out.
    """
    return list(mailing_list.wordings.exclude(language="").order_by("-version")[:at_most])


def _text_shown_by(mailing_list: List) -> str:
    _ = texts_in(mailing_list.language).gettext
    return mailing_list.consent_wording.strip() or _(
        "I agree to receive “%(list)s” by email. I can unsubscribe at any time using the link in every email."
    ) % {"list": mailing_list.name}


def _found(mailing_list: List | None, text: str, language: str) -> Wording | None:
    return Wording.objects.filter(list=mailing_list, text=text, language=language).first()


def kept_wording(mailing_list: List | None, text: str, language: str = "") -> Wording:
    """Return the row of this text: an existing one if the text was used before, otherwise the next version."""
    for _attempt in range(TRIES):
        found = _found(mailing_list, text, language)
        if found is not None:
            return found
        last = Wording.objects.filter(list=mailing_list).aggregate(last=Max("version"))["last"]
        try:
            with transaction.atomic():
                return Wording.objects.create(
                    list=mailing_list, text=text, language=language, version=(last or 0) + 1
                )
        except IntegrityError:
            continue  # another process took that version
    raise IntegrityError("We could not give this wording a version number. Try again.")

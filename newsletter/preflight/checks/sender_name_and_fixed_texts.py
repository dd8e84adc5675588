"""Check the sender’s name and the fixed texts of the email."""

from collections.abc import Iterator

from newsletter.errors import NewsletterError
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule
from newsletter.preflight.link_words import names_another_address
from newsletter.rendering.ascii_sender_names import ascii_name_warning
from newsletter.rendering.find_theme import find_theme
from newsletter.rendering.fixed_words import missing_words, words_warning
from newsletter.sending_settings.current import sending_settings

CHECK = "sender"
NAME_CHANGED = Rule(
    "sender.name-transliterated",
    "SendGrid cannot show the sender’s name",
    Level.WARNING,
    "SendGrid cannot show accents or other scripts in a sender’s name, so readers see a different spelling.",
    "Choose the spelling yourself in the publication’s settings.",
    Basis("What SendGrid’s API accepts"),
)
WORDS = Rule(
    "sender.words-missing",
    "The email’s standard wording is in a different language",
    Level.WARNING,
    "Words such as “Unsubscribe” are in a different language from the articles.",
    "Add translations of these words to the theme.",
    Basis("Languages that we have translations for"),
)
OTHER_ADDRESS = Rule(
    "sender.other-address",
    "The sender’s name is an email address that differs from the sender’s address",
    Level.WARNING,
    "Phishing emails often have such names, so spam filters look for them.",
    "Use the name of your organisation or newsletter as the sender’s name.",
    Basis("How spam filters recognise phishing", as_of="November 2026"),
)
RULES = (OTHER_ADDRESS, NAME_CHANGED, WORDS)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Say whether the sender’s name or the fixed texts are not what readers expect."""
    if checked.email is None:
        return
    name, address = checked.email.sender_name, checked.email.sender_address
    if names_another_address(name, f"mailto:{address}"):
        what = f"The sender’s name “{name}” is an address, but emails are sent from {address}."
        yield OTHER_ADDRESS.found(what, Place("settings", "sender"))
    if sending_settings().transport == "sendgrid":
        sentence = ascii_name_warning(name, checked.publication.sender_name_ascii)
        if sentence:
            yield NAME_CHANGED.found(sentence, Place("settings", "sender"))
    try:
        words = find_theme(checked.publication.theme).words
    except NewsletterError:
        words = {}
    # Words that nobody has reviewed are the doctor’s: they are the same in every issue.
    if missing_words(checked.email.language, words):
        yield WORDS.found(words_warning(checked.email.language, words), Place("settings", "look"))

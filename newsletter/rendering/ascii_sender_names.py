"""The sender's name where a provider takes only ASCII: SendGrid does not take other characters reliably in From."""

import unicodedata

from anyascii import anyascii

from subscribers.clean_text import on_one_line

# They mean something else in an address header, even to programs that should know better.
_SPACED = str.maketrans(dict.fromkeys(";,<>", " "))


def ascii_name(name: str, chosen: str = "") -> str:
    """Return the name that the publication chose for such providers, or else its name, transliterated.

    Emoji are left out. An encoded word (RFC 2047) cannot come of it. The result may be empty.
    """
    characters = "".join(sign for sign in chosen or name if unicodedata.category(sign) not in ("So", "Sk"))
    return on_one_line(anyascii(characters).translate(_SPACED).replace("=?", "= ?"))


def ascii_name_warning(name: str, chosen: str = "") -> str:
    """Say what readers see instead of a sender's name that SendGrid cannot show; empty if it shows the name."""
    shown = ascii_name(name, chosen)
    if chosen or shown == on_one_line(name):
        return ""
    if not any(map(str.isalnum, shown)):
        return (
            f"SendGrid cannot show “{name}” as the sender’s name, so readers would see only the address. "
            "Set sender_name_ascii to a name without accents."
        )
    return (
        f"SendGrid cannot show “{name}” as the sender’s name. Readers will see “{shown}”. "
        "To choose a different spelling, set sender_name_ascii."
    )

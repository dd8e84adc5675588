"""Email addresses of people: which are valid, and when two are the same.

They follow RFC 5321, 5322 and 6531 as the library email-validator reads them. Plain ASCII addresses, nearly all
there are, are recognised by one expression that accepts only what the library accepts. Dots and plus signs are
kept.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from subscribers import domain_names
from subscribers.errors import Invalid

if TYPE_CHECKING:
    from email_validator import EmailNotValidError, ValidatedEmail

LONGEST = 1_000  # longer text cannot be an address with its display name, and is not worth reading
PLAIN = re.compile(
    r"(?=[^@]{1,64}@)(?=.{3,254}\Z)"
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@"
    r"(?:(?=[^.]{1,63}\.)[a-z0-9]+(?:-[a-z0-9]+)*\.)+"
    r"(?!(?:arpa|invalid|local|localhost|onion|test)\Z)"  # special by RFC 6761: the library decides
    r"[a-z]{2,63}",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Address:
    """`address` is as given, without what surrounded it. `key` is the same for all spellings that reach one
    person.
    """

    address: str
    key: str
    name: str = ""


def fold(text: str) -> str:
    """Return the key of an address: one person has one. Raises Invalid for an invalid address."""
    if plain(text):
        return text.lower()
    return parse(text).key


def plain(text: str) -> bool:
    """Return whether this is an everyday ASCII address with nothing around it, whose key is its lower case."""
    return PLAIN.fullmatch(text) is not None


def parse(text: str) -> Address:
    """Read an address as people paste it: with spaces around it, `mailto:`, angle brackets or a display name.

    Raises Invalid with the library's sentence about what is wrong, which does not repeat the address.
    """
    if plain(text):
        return Address(text, text.lower())
    bare = _without_mailto(text.strip())
    if not bare:
        raise Invalid("The address is missing. Enter an address such as ada@example.org.")
    if len(bare) > LONGEST:
        raise Invalid(f"The address is {len(bare):,} characters long. The maximum is 254.")
    # Its tables of characters take longer to import than most commands take to run.
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(
            bare,
            check_deliverability=False,
            strict=True,  # RFC 5321, 4.5.3.1.1: 64 octets before the @
            allow_quoted_local=True,
            allow_display_name=True,
            test_environment=True,  # accepts .test, which is made for trying things out
        )
    except EmailNotValidError as error:
        raise Invalid(f"This is not an email address: {_sentence(error)}") from None
    if "=?" in found.local_part:
        raise Invalid(
            "This is not an email address: “=?” is not allowed, because mail programs read it as the "
            "start of encoded text."
        )
    return Address(found.normalized, _key(found), found.display_name or "")


def _without_mailto(text: str) -> str:
    if text[:7].lower() != "mailto:":
        return text
    return unquote(text[7:].partition("?")[0]).strip()


def folded_local(text: str) -> str:
    """Return the part before the @ as keys have it: composed and in lower case.

    Nothing else is folded: `straße` and `strasse`, `ﬁ` and `fi` are two mailboxes.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())


def in_ascii(domain: str) -> str:
    """Return a domain, or some whole labels of one, as keys have it: in lower case, by IDNA 2008 (RFC 5891).

    An invalid label stays as it is.
    """
    return ".".join(map(_label_in_ascii, domain.lower().split(".")))


def _label_in_ascii(label: str) -> str:
    try:
        return domain_names.in_ascii(label)
    except Invalid:
        return label


def _key(found: "ValidatedEmail") -> str:
    return f"{folded_local(found.local_part)}@{found.ascii_domain.lower()}"


def _sentence(error: "EmailNotValidError") -> str:
    sentence = str(error).splitlines()[0][:200].replace("@-sign", "@").replace("period", "full stop")
    if sentence.endswith("It should have a full stop."):
        return "the part after the @ must contain a full stop, as in example.org."
    return sentence[0].lower() + sentence[1:]

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
LONGEST_NAMED = 100
PLAIN = re.compile(
    r"(?=[^@]{1,64}@)(?=.{3,254}\Z)"
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@"
    r"(?:(?=[^.]{1,63}\.)[a-z0-9]+(?:-[a-z0-9]+)*\.)+"
    r"(?!(?:arpa|invalid|local|localhost|onion|test)\Z)"  # special by RFC 6761: the library decides
    r"[a-z]{2,63}",
    re.IGNORECASE | re.ASCII,
)

NAMED = re.compile(r"([^<>]*)<([^<>]*)>")


@dataclass(frozen=True, slots=True)
class Address:
    """`address` is as given, without what surrounded it. `key` is the same for all spellings that reach one
    person.
    """

    address: str
    key: str
    name: str = ""


class NotAnAddress(Invalid):
    """A text is not an email address. The sentence does not repeat the text, which may be kept in a report."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"This is not an email address: {reason}")
        self.reason = reason

    def naming(self, text: str) -> str:
        """Return the sentence with the text, for a form in which several addresses are entered."""
        return f"“{text[:LONGEST_NAMED]}” is not an email address: {self.reason}"


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
    name, bare = _without_name(bare)
    # Its tables of characters take longer to import than most commands take to run.
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(
            bare,
            check_deliverability=False,
            strict=True,  # RFC 5321, 4.5.3.1.1: 64 octets before the @
            allow_quoted_local=True,
            test_environment=True,  # accepts .test, which is made for trying things out
        )
    except EmailNotValidError as error:
        raise NotAnAddress(_sentence(error)) from None
    if "=?" in found.local_part:
        raise NotAnAddress("“=?” is not allowed, because mail programs read it as the start of encoded text.")
    return Address(found.normalized, _key(found), name)


def _without_name(text: str) -> tuple[str, str]:
    """Return the display name and the address of `Zoë Müller <zoe@example.org>`, as mail programs copy it.

    RFC 5322 would have such a name in quotation marks, but mail programs show it without them.
    """
    found = NAMED.fullmatch(text)
    if found is None:
        return "", text
    name = found[1].strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1]).strip()
    if not name.isprintable():
        raise NotAnAddress("the name has characters that cannot be shown.")
    return name, found[2].strip()


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

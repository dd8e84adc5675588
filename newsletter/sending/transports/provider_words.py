"""What a provider or a mail server said, in a form that may be kept: short, on one line, without anybody's address."""

import re

# An address with a quoted or a plain local part, whichever sign or code stands for the @.
ADDRESS = re.compile(
    r"""(?:"[^"]{0,200}"|[^\s@\uff20\ufe6b<>"]{1,200})\s{0,3}(?:[@\uff20\ufe6b]|%40|&\#0*64;|&commat;)\s{0,3}[^\s<>"]{1,300}""",
    re.IGNORECASE,
)
AT = re.compile("[@\uff20\ufe6b]")
LONGEST_TEXT = 1_000


def without_addresses(text: str) -> str:
    """The text with every mail address in it replaced, and no @ left."""
    return AT.sub(" at ", ADDRESS.sub("(address)", text))


def few_words(text: str, *, at_most: int) -> str:
    """The beginning of a text, of at most so many characters, without addresses and control characters."""
    if len(text) > LONGEST_TEXT:
        # The last word may be the beginning of an address.
        text = text[:LONGEST_TEXT].rpartition(" ")[0]
    visible = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(without_addresses(visible).split())[:at_most].rstrip()

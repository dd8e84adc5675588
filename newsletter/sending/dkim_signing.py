"""Signs messages with DKIM (RFC 6376) if the SMTP server does not: rsa-sha256, relaxed/relaxed, over the bytes we send.

The signature covers both List-Unsubscribe headers, as RFC 8058 requires. The key is read once, and again when its file
changes, so that a corrected file needs no restart.
"""

import hashlib
import re
import time
from base64 import b64encode
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.environment import Environment
from newsletter.errors import Invalid
from newsletter.sending.build_message import domain_of

# Few installations sign, and every command that can send would wait for `cryptography`: it is imported when it is used.
if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

SHORTEST_BITS = 1024  # RFC 8301, section 3.2
SIGNED = (
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-Language",
)
# Listed once more than they occur, so that nobody can add another one (RFC 6376, section 8.15).
NEVER_TWICE = frozenset({"From", "Subject"})
LONGEST_LINE = 72
_SPACES = re.compile(rb"[ \t]+")


@dataclass(frozen=True, slots=True)
class Signer:
    """The signing key of an installation and its selector in DNS. If `domain` is empty, the sender's domain signs."""

    key: "RSAPrivateKey"
    selector: str
    domain: str

    @property
    def record(self) -> str:
        """The DNS TXT record for the key."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        public = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return f"v=DKIM1; k=rsa; p={b64encode(public).decode()}"

    def domain_for(self, sender: str) -> str:
        """Return the domain that signs for a sender. Raises Invalid if the domains do not match: DMARC would fail."""
        theirs = domain_of(sender).lower()
        signs = self.domain or theirs
        if theirs != signs and not theirs.endswith(f".{signs}"):
            raise Invalid(
                f"The DKIM domain {signs} cannot sign emails from senders at {theirs}. Leave "
                "NEWSLETTER_DKIM_DOMAIN empty to sign with each sender's own domain, or give the "
                "publication a different sender address."
            )
        return signs

    def signed(self, message: bytes, sender: str) -> bytes:
        """Return a message, whose lines end with CRLF, with its signature. Raises Invalid as `domain_for` does."""
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        head, _, body = message.partition(b"\r\n\r\n")
        there_are = _fields(head)
        names = [name for name in SIGNED for _ in there_are[name.lower()]]
        listed = [*names, *sorted(NEVER_TWICE)]
        tags = (
            f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain_for(sender)};",
            f"s={self.selector}; t={int(time.time())};",
            *_folded("h=" + ":".join(listed) + ";", ":"),
            f"bh={b64encode(hashlib.sha256(_relaxed_body(body)).digest()).decode()};",
            "b=",
        )
        unsigned = ("DKIM-Signature: " + "\r\n ".join(tags)).encode("ascii")
        # Of several fields with the same name, the last is signed first (RFC 6376, section 5.4.2).
        fields = [field for name in SIGNED for field in reversed(there_are[name.lower()])]
        covered = b"".join(_relaxed(field) + b"\r\n" for field in fields) + _relaxed(unsigned)
        value = b64encode(self.key.sign(covered, PKCS1v15(), SHA256())).decode()
        lines = [value[start : start + LONGEST_LINE] for start in range(0, len(value), LONGEST_LINE)]
        return unsigned + "\r\n ".join(lines).encode("ascii") + b"\r\n" + message


def signer_of(environment: Environment) -> Signer | None:
    """Return the signer from the settings; None if the SMTP server signs. Raises Invalid for an unusable key."""
    path = environment.dkim_key_file
    if path is None:
        return None
    if not environment.dkim_selector:
        raise Invalid(
            "Set NEWSLETTER_DKIM_SELECTOR. Without it, other servers cannot find the public key for "
            "NEWSLETTER_DKIM_KEY_FILE."
        )
    try:
        found = path.stat()
        key = _key_in(path, found.st_mtime_ns, found.st_size)
    except OSError as error:
        raise Invalid(
            f"We could not read the DKIM key {path}: {(error.strerror or type(error).__name__).lower()}. "
            "Check NEWSLETTER_DKIM_KEY_FILE and the file."
        ) from None
    return Signer(key, environment.dkim_selector, environment.dkim_domain)


@lru_cache(maxsize=4)
def _key_in(path: Path, _changed_at: int, _size: int) -> "RSAPrivateKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except TypeError:
        raise Invalid(
            f"The DKIM key {path} is protected by a passphrase. Save a copy of the key without a passphrase."
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey) or key.key_size < SHORTEST_BITS:
        raise Invalid(
            f"The DKIM key {path} must be a private RSA key in PEM format with at least {SHORTEST_BITS} bits. To "
            "create one, run: openssl genrsa -out dkim.pem 2048"
        )
    return key


def _fields(head: bytes) -> defaultdict[str, list[bytes]]:
    """Return each whole header field, folded as it is, by its name in lower case."""
    found: defaultdict[str, list[bytes]] = defaultdict(list)
    for field in re.split(rb"\r\n(?![ \t])", head):
        name = field.partition(b":")[0]
        found[name.strip().lower().decode("ascii", "replace")].append(field)
    return found


def _relaxed(field: bytes) -> bytes:
    """Canonicalise a header field (RFC 6376, section 3.4.2)."""
    name, _, value = field.partition(b":")
    return name.strip().lower() + b":" + _SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")


def _relaxed_body(body: bytes) -> bytes:
    """Canonicalise the body (RFC 6376, section 3.4.4). A regular expression would take ten times as long."""
    text = body.replace(b"\t", b" ")
    while b"  " in text:
        text = text.replace(b"  ", b" ")
    text = text.replace(b" \r\n", b"\r\n")
    text = text.removesuffix(b" ")
    stripped = text.rstrip(b"\r\n")
    return stripped + b"\r\n" if stripped else b""


def _folded(tag: str, separator: str) -> list[str]:
    lines = [""]
    for piece in tag.split(separator):
        if len(lines[-1]) + len(piece) > LONGEST_LINE:
            lines.append("")
        lines[-1] += piece + separator
    lines[-1] = lines[-1].removesuffix(separator)
    return lines

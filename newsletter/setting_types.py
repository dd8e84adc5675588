"""Types of settings that need more than Python's own: each reads the value from the environment and checks it.

A wrong value raises a ValueError whose text continues the name of the setting. environment.py makes a sentence of
both.
"""

import re
import shlex
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

import dj_database_url
from pydantic import AfterValidator, BeforeValidator, PositiveInt, SecretStr, ValidationInfo
from pydantic_settings import NoDecode

from newsletter.errors import Invalid
from subscribers.domain_names import in_ascii

# Those of newsletter/accounts/actor.py.
ROLES = ("author", "editor", "approver", "sender", "board", "administrator")
NAME_SERVER = re.compile(r"(?:\d+(?:\.\d+){3}|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
SELECTOR = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{0,3}}", re.IGNORECASE)
# The name of the bounce mailbox is followed by a token (sending/return_path.py). RFC 5321 allows 64 octets in
# total.
MAILBOX = re.compile(r"(?=.{1,23}\Z)[A-Za-z0-9_=-]+(?:\.[A-Za-z0-9_=-]+)*")
DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{1,9}}", re.IGNORECASE)
EHLO_NAME = re.compile(
    rf"{_LABEL}(?:\.{_LABEL}){{0,9}}|\[\d{{1,3}}(?:\.\d{{1,3}}){{3}}\]|\[IPv6:[0-9a-f:.]{{2,45}}\]",
    re.IGNORECASE,
)
# Every such key has 91 bytes and begins with the name of its curve.
P256_KEY, P256_KEY_LENGTH = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE", 124


def command_words(command: str) -> list[str]:
    """Return the words of a command, parted as a shell does. Raises ValueError for a quote that does not end."""
    try:
        return shlex.split(command)
    except ValueError as error:
        raise ValueError("has an opening quotation mark, but no closing one") from error


def _split_words(value: object) -> object:
    if isinstance(value, str):
        return tuple(word.strip().lower() for word in value.split(",") if word.strip())
    return value


def _role_names(words: tuple[str, ...]) -> tuple[str, ...]:
    unknown = sorted(set(words) - set(ROLES))
    if unknown:
        raise ValueError(f"{unknown[0]} is not a role. The roles are {', '.join(ROLES)}")
    return words


def _split_secrets(value: object) -> object:
    if isinstance(value, str):
        return tuple(key.strip() for key in value.split(",") if key.strip())
    return value


def _split_keys(value: object) -> object:
    if not isinstance(value, str):
        return value
    keys = tuple("".join(key.split()) for key in value.split(",") if key.strip())
    if not all(key.startswith(P256_KEY) and len(key) == P256_KEY_LENGTH for key in keys):
        raise ValueError(
            "copy the verification key that SendGrid shows under Event Webhook, Signature Verification"
        )
    return keys


def _path_or_none(value: object) -> object:
    return value or None


def _folder_name(value: str) -> str:
    if not (value.isascii() and value.isprintable() and value.strip()):
        raise ValueError("use a folder name with ASCII characters only, such as INBOX or INBOX.Bounces")
    return value.strip()


def _host(value: str) -> str:
    try:
        return in_ascii(value.strip())
    except Invalid as error:
        raise ValueError(str(error)) from None


def _ehlo_name(value: str) -> str:
    name = _host(value)
    if name and not EHLO_NAME.fullmatch(name):
        raise ValueError("write a host name, such as news.example.org, or an address such as [192.0.2.1]")
    return name


def _domain(value: str) -> str:
    domain = _host(value).lower()
    if domain and not DOMAIN.fullmatch(domain):
        raise ValueError("write a domain, such as example.org")
    return domain


def _mailbox(value: str) -> str:
    local, at, domain = value.strip().rpartition("@")
    if not (local or at or domain):
        return ""
    domain = _host(domain).lower()
    if not (MAILBOX.fullmatch(local) and DOMAIN.fullmatch(domain)):
        raise ValueError(
            "write an address, such as bounces@example.org, with at most 23 characters before the @"
        )
    return f"{local}@{domain}"


def _known_database(value: str) -> str:
    try:
        engine = dj_database_url.parse(value)["ENGINE"] if value else ""
    except ValueError:
        engine = "unknown"
    if engine and not engine.endswith((".sqlite3", ".postgresql")):
        raise ValueError("use the form sqlite:///PATH or postgres://USER:PASSWORD@HOST/NAME")
    if engine.endswith(".postgresql") and not find_spec("psycopg"):
        raise ValueError(
            "the driver for PostgreSQL is not installed. Run pip install 'newsletter-press[postgres]'"
        )
    return value


def _carried_by_postgres(value: str, given: ValidationInfo) -> str:
    if value == "procrastinate" and not given.data.get("database_url", "").startswith("postgres"):
        raise ValueError(
            "the procrastinate engine needs PostgreSQL. Set DATABASE_URL to a PostgreSQL database, "
            "or use the local engine"
        )
    return value


def _name_server(value: str) -> str:
    if value and not NAME_SERVER.fullmatch(value):
        raise ValueError("write an IP address, such as 9.9.9.9 or 127.0.0.1:5353")
    return value


def _selector(value: str) -> str:
    if value and not SELECTOR.fullmatch(value):
        raise ValueError("write only the selector, such as mail, without “._domainkey” and the domain")
    return value.lower()


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    for word in value:
        try:
            ip_network(word)
        except ValueError as error:
            raise ValueError(
                f"“{word}” is not an address or a network. Write an address such as 10.0.0.7 or a "
                "network such as 172.18.0.0/16"
            ) from error
    return value


# `a, b` is two words, in lower case.
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_words)]
Numbers = Annotated[tuple[PositiveInt, ...], NoDecode, BeforeValidator(_split_words)]
# Addresses and networks, IPv4 and IPv6.
Networks = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_words), AfterValidator(_networks)]
Secrets = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split_secrets)]
# The base64 text of keys for ECDSA on P-256 (RFC 5480).
WebhookKeys = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_keys)]
RoleNames = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_words), AfterValidator(_role_names)]
# An empty value is None.
OptionalPath = Annotated[Path | None, BeforeValidator(_path_or_none)]
# A name that is allowed in an IMAP command.
FolderName = Annotated[str, AfterValidator(_folder_name)]
# In any script, kept in the form that the DNS and certificates use.
HostName = Annotated[str, AfterValidator(_host)]
# A domain name, or an address in brackets (RFC 5321, section 4.1.1.1).
EhloName = Annotated[str, AfterValidator(_ehlo_name)]
DomainName = Annotated[str, AfterValidator(_domain)]
# ASCII before the @, with room for a token after it. The domain is kept in ASCII.
MailboxAddress = Annotated[str, AfterValidator(_mailbox)]
# SQLite, or PostgreSQL if its driver is installed.
DatabaseUrl = Annotated[str, AfterValidator(_known_database)]
# Jobs in PostgreSQL need PostgreSQL.
EngineName = Annotated[Literal["local", "procrastinate"], AfterValidator(_carried_by_postgres)]
# An IP address, with or without a port.
NameServer = Annotated[str, AfterValidator(_name_server)]
# Labels of a name (RFC 6376, section 3.1).
DkimSelector = Annotated[str, AfterValidator(_selector)]

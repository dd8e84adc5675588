"""Every setting of the press, read from the environment and from `.env`, checked at the start.

The field descriptions are the documentation: docs/reference/settings.md is held to this table by a test.
"""

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, HttpUrl, PositiveInt, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from newsletter.errors import Invalid
from newsletter.setting_types import (
    DatabaseUrl,
    DkimSelector,
    DomainName,
    EhloName,
    EngineName,
    FolderName,
    HostName,
    MailboxAddress,
    NameServer,
    Networks,
    Numbers,
    OptionalPath,
    Secrets,
    WebhookKeys,
    Words,
)


class Environment(BaseSettings):
    """The settings of one installation."""

    model_config = SettingsConfigDict(env_prefix="NEWSLETTER_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Field(Path("var"), description="Folder of the database, outbox, media and secret key.")
    base_url: HttpUrl = Field(
        HttpUrl("http://localhost:8000"),
        description="Public address of this installation; links in letters start with it.",
    )
    database_url: DatabaseUrl = Field(
        "",
        validation_alias=AliasChoices("DATABASE_URL"),
        description="`sqlite:///PATH` or `postgres://…`; empty means SQLite in the home folder.",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signs links and sessions, at least 32 characters; empty means the key file in the home folder.",
    )
    secret_key_fallbacks: Secrets = Field(
        (),
        description="Earlier secret keys, separated by commas, the oldest last: they verify what they signed.",
    )
    engine: EngineName = Field(
        "local",
        description="What carries the work of sending: threads, or jobs in PostgreSQL for several machines.",
    )
    transport: Literal["maildir", "sendgrid", "smtp"] = Field(
        "maildir", description="Where letters go: a local Maildir, SendGrid, or an SMTP server."
    )
    sendgrid_api_key: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("SENDGRID_API_KEY"),
        description="The key of your SendGrid account; it needs Mail Send, and Email Logs to settle doubts.",
    )
    sendgrid_host: HttpUrl = Field(
        HttpUrl("https://api.sendgrid.com"),
        description="SendGrid's address; `https://api.eu.sendgrid.com` for an EU account.",
    )
    sendgrid_sandbox: bool = Field(False, description="SendGrid checks letters and sends none of them.")
    sendgrid_timeout_seconds: float = Field(
        60.0,
        gt=0,
        le=600,
        description="Longest time for one request to SendGrid; then its answer is unknown.",
    )
    sendgrid_webhook_key: WebhookKeys = Field(
        (),
        description="The verification key of SendGrid's Event Webhook; several, separated by commas, while it changes.",
    )
    lease_seconds: float = Field(
        0.0,
        ge=0,
        le=86_400,
        description="How long a process that posts a batch may give no sign before others take it for dead; "
        "0: as long as its transport needs.",
    )
    evidence_grace_seconds: float = Field(
        1_800.0,
        gt=0,
        le=86_400,
        description="How far apart, by SendGrid's own clock, two looks into Email Logs must be that find no trace of a "
        "request, before it is sent again.",
    )
    rate_per_second: int = Field(
        0, ge=0, description="Most letters let go in any second, by all processes together; 0: no limit."
    )
    rate_per_hour: int = Field(0, ge=0, description="Most letters let go in any hour; 0: no limit.")
    warm_up: Numbers = Field(
        (),
        description="Most letters on the first days that anything goes, such as `50,100,500`; empty: no limit.",
    )
    canary_percent: float = Field(
        0.0,
        ge=0,
        le=50,
        description="Percent of a mailing that go first and are watched before the rest; 0: all go alike.",
    )
    canary_minutes: float = Field(30.0, gt=0, le=10_080, description="How long they are watched.")
    hard_bounce_limit: float = Field(
        2.0,
        ge=0,
        le=100,
        description="Percent of hard bounces over which a mailing is paused, from the third on; 0: never.",
    )
    complaint_limit: float = Field(
        0.3, ge=0, le=100, description="The same for complaints: providers ask for less than 0.3."
    )
    smtp_host: HostName = Field("localhost", description="The SMTP server that takes letters.")
    smtp_port: int = Field(587, ge=1, le=65_535, description="Its port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection is protected; `none` only on a machine of your own."
    )
    smtp_user: str = Field("", description="User name at the SMTP server; empty: no log-in.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at the SMTP server.")
    smtp_ehlo_name: EhloName = Field(
        "",
        description="The name that this machine gives itself in EHLO, such as `news.example.org`; "
        "empty: its host name.",
    )
    smtp_timeout_seconds: float = Field(
        60.0,
        gt=0,
        le=600,
        description="Longest time to connect and log in to the SMTP server, and again to hand one email over to it.",
    )
    smtp_reply_timeout_seconds: float = Field(
        600.0,
        gt=0,
        le=3_600,
        description="Longest time to wait for the SMTP server's answer once it has the whole email.",
    )
    bounce_address: MailboxAddress = Field(
        "",
        description="The mailbox that bounces of emails by SMTP go to, such as `bounces@example.org`. Each email then "
        "has a signed return path of its own, `bounces+…@example.org`; empty: the sender's address.",
    )
    bounce_maildir: OptionalPath = Field(
        None, description="Folder of a Maildir that bounces come into; empty: they are not read from one."
    )
    bounce_imap_host: HostName = Field(
        "", description="The IMAP server with the bounce mailbox; empty: bounces are not read by IMAP."
    )
    bounce_imap_port: int = Field(993, ge=1, le=65_535, description="Its port.")
    bounce_imap_security: Literal["tls", "starttls", "none"] = Field(
        "tls", description="How the connection is protected; `none` only on a machine of your own."
    )
    bounce_imap_user: str = Field("", description="User name at the IMAP server.")
    bounce_imap_password: SecretStr = Field(SecretStr(""), description="Password at the IMAP server.")
    bounce_imap_folder: FolderName = Field("INBOX", description="The folder that bounces come into.")
    bounce_imap_timeout_seconds: float = Field(
        60.0, gt=0, le=600, description="Longest time for one session with the IMAP server."
    )
    dkim_selector: DkimSelector = Field(
        "",
        description="Selector of the DKIM key that emails by SMTP are signed with, such as `mail`; empty: "
        "`newsletter doctor` does not look at the key of your SMTP server.",
    )
    dkim_key_file: OptionalPath = Field(
        None,
        description="File of a private RSA key (PEM) that emails by SMTP are signed with here; empty: your SMTP server "
        "signs.",
    )
    dkim_domain: DomainName = Field(
        "", description="The domain that signs them (d=); empty: the domain of each sender's address."
    )
    track_opens: bool = Field(
        True, description="Let SendGrid put an invisible image in letters to see opens."
    )
    track_clicks: bool = Field(
        True, description="Let SendGrid lead links through its own address to see clicks."
    )
    grace_minutes: int = Field(
        120,
        ge=1,
        le=10_080,
        description="How late an issue may still go; missed by more, it is held and the editors are told.",
    )
    fetch_contact: str = Field(
        "",
        description="Address or page named in the user agent when sources are fetched; empty: the base URL.",
    )
    fetch_interval_minutes: int = Field(
        60,
        ge=1,
        le=10_080,
        description="How old a source's last fetch is when the scheduler fetches it again.",
    )
    fetch_allow_hosts: Words = Field(
        (),
        description="Hosts, separated by commas, that may be fetched though their address is private.",
    )
    fetch_timeout_seconds: float = Field(
        30.0, gt=0, le=600, description="Longest time for fetching one source."
    )
    fetch_cpu_seconds: float = Field(
        5.0,
        gt=0,
        le=600,
        description="Seconds of computing for reading one source, and again for cleaning it.",
    )
    fetch_max_bytes: int = Field(
        40_000_000, ge=1_000, description="Largest answer of a source, in bytes after unpacking."
    )
    webhook_timeout_seconds: float = Field(
        15.0,
        gt=0,
        le=120,
        description="Longest time for one post to a webhook of yours; then it is tried again.",
    )
    fetch_concurrency: int = Field(
        8, ge=1, le=64, description="How many sources are fetched at the same time."
    )
    dns_server: NameServer = Field(
        "",
        description="DNS server for `newsletter doctor`, such as `9.9.9.9` or `127.0.0.1:5353`; empty: the system's.",
    )
    proxy_count: int = Field(
        0,
        ge=0,
        le=10,
        description="How many reverse proxies stand in front; only then is X-Forwarded-For believed.",
    )
    proxy_addresses: Networks = Field(
        (),
        description="Addresses or networks of these proxies, separated by commas, such as `10.0.0.7, 172.18.0.0/16`; "
        "empty: this machine and private networks. Nobody else is believed.",
    )
    sign_ups_per_hour: PositiveInt = Field(
        30, description="Most sign-ups from one network (an IPv4 address, an IPv6 /48) in an hour."
    )
    sign_ups_per_hour_in_all: int = Field(
        1_000, ge=0, description="Most sign-ups from all networks together in an hour; 0: no limit."
    )
    sign_up_mails_per_day: PositiveInt = Field(
        3, description="Most confirmation mails to one mailbox in a day, whatever the list and the `+tag`."
    )
    confirm_hours: PositiveInt = Field(168, le=8_760, description="How long a confirmation link is good.")
    proof_of_work: int = Field(
        0,
        ge=0,
        le=10_000_000,
        description="Most hashes a browser tries before a sign-up (ALTCHA; needs a script and HTTPS); 0: none.",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="Whoever sends it may read `/metrics` from anywhere; empty: only this machine, without a proxy.",
    )
    debug: bool = Field(False, description="Show details of faults. Never on a public server.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("WARNING", description="What is logged.")
    log_format: Literal["plain", "json"] = Field(
        "plain", description="How it is logged: lines for people, or one JSON object a line."
    )

    @property
    def root_url(self) -> str:
        """The base URL without a slash at its end."""
        return str(self.base_url).rstrip("/")


def read_environment() -> Environment:
    """The settings as they are now. Raises Invalid with a sentence for each wrong value."""
    try:
        return Environment()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            "The file .env in this folder cannot be read as a text file in UTF-8. Correct it."
        ) from error
    except ValidationError as error:
        raise Invalid(
            " ".join(
                _sentence(item["loc"], item["msg"].removeprefix("Value error, ")) for item in error.errors()
            )
        ) from error


def variable_of(field: str) -> str:
    """The environment variable that sets a field: `home` is set by `NEWSLETTER_HOME`."""
    alias = Environment.model_fields[field].validation_alias
    if isinstance(alias, AliasChoices):
        return str(alias.choices[0])
    return f"NEWSLETTER_{field.upper()}"


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    name = str(location[0]) if location else ""
    variable = variable_of(name) if name in Environment.model_fields else name
    return f"{variable}: {message[0].lower()}{message[1:]}. Correct it in the environment or in .env."

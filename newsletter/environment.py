"""Read every setting from the environment and from `.env`, and check it when the program starts.

The field descriptions are the documentation: a test checks that docs/reference/settings.md lists each of them.
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
    RoleNames,
    Secrets,
    WebhookKeys,
    Words,
)


class Environment(BaseSettings):
    """The settings of one installation."""

    model_config = SettingsConfigDict(env_prefix="NEWSLETTER_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Field(
        Path("var"), description="Folder for the database, media, secret key and emails that are not sent."
    )
    base_url: HttpUrl = Field(
        HttpUrl("http://localhost:8000"),
        description="Public address of this installation, which links in emails start with.",
    )
    database_url: DatabaseUrl = Field(
        "",
        validation_alias=AliasChoices("DATABASE_URL"),
        description="Database, as `sqlite:///PATH` or `postgres://…`. If empty, an SQLite database in "
        "the home folder is used.",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Secret key that signs links and sessions, with at least 32 characters. If empty, "
        "the key in the home folder is used.",
    )
    secret_key_fallbacks: Secrets = Field(
        (),
        description="Earlier secret keys, separated by commas, the oldest last. Links signed with them "
        "stay valid.",
    )
    engine: EngineName = Field(
        "local",
        description="What sends the emails: threads in one process (`local`), or jobs in PostgreSQL, "
        "which several machines can share (`procrastinate`).",
    )
    transport: Literal["maildir", "sendgrid", "smtp"] = Field(
        "maildir",
        description=(
            "How emails are sent: through SendGrid, through an SMTP server, or not at all but saved in "
            "a local Maildir."
        ),
    )
    sendgrid_api_key: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("SENDGRID_API_KEY"),
        description="Your SendGrid API key. It needs the permissions Mail Send and, to check whether "
        "emails were sent after a failed connection, Email Logs.",
    )
    sendgrid_host: HttpUrl = Field(
        HttpUrl("https://api.sendgrid.com"),
        description="Address of SendGrid’s API. For an EU account, use `https://api.eu.sendgrid.com`.",
    )
    sendgrid_sandbox: bool = Field(
        False, description="Let SendGrid check emails without delivering them (sandbox mode)."
    )
    sendgrid_timeout_seconds: float = Field(
        60.0,
        gt=0,
        le=600,
        description="Maximum time for one request to SendGrid. After this time, we do not know whether "
        "the emails were accepted.",
    )
    sendgrid_webhook_key: WebhookKeys = Field(
        (),
        description="Verification key of SendGrid’s event webhook. While you change the key, give both "
        "keys, separated by a comma.",
    )
    lease_seconds: float = Field(
        0.0,
        ge=0,
        le=86_400,
        description="How long a process that is sending emails can be silent before another process "
        "takes over. 0 chooses a suitable time for the transport.",
    )
    evidence_grace_seconds: float = Field(
        1_800.0,
        gt=0,
        le=86_400,
        description="Before we repeat a request whose outcome is unknown, we search SendGrid’s Email "
        "Logs twice for a trace of it. This is the minimum time between the two searches.",
    )
    rate_per_second: int = Field(
        0,
        ge=0,
        description="Maximum number of emails sent per second, by all processes together. 0 means no limit.",
    )
    rate_per_hour: int = Field(
        0,
        ge=0,
        description="Maximum number of emails sent per hour, by all processes together. 0 means no limit.",
    )
    warm_up: Numbers = Field(
        (),
        description="Maximum number of emails on each of the first days of sending, such as "
        "`50,100,500`, while providers get to know your domain. If empty, the number "
        "is not limited.",
    )
    canary_percent: float = Field(
        0.0,
        ge=0,
        le=50,
        description="Percentage of a mailing that is sent first and watched for bounces and "
        "complaints, before the rest is sent. 0 sends everything at once.",
    )
    canary_minutes: float = Field(
        30.0,
        gt=0,
        le=10_080,
        description=(
            "How long we watch the first emails of a mailing for bounces and complaints before we send "
            "the rest."
        ),
    )
    hard_bounce_limit: float = Field(
        2.0,
        ge=0,
        le=100,
        description="Maximum percentage of permanent bounces. If a mailing has more, we pause it, but "
        "not before the third bounce. 0 never pauses a mailing.",
    )
    complaint_limit: float = Field(
        0.3,
        ge=0,
        le=100,
        description="Maximum percentage of spam complaints. If a mailing has more, we pause it, but "
        "not before the third complaint. Providers expect less than 0.3. 0 never pauses a "
        "mailing.",
    )
    smtp_host: HostName = Field(
        "localhost", description="Host name of the SMTP server that sends your emails."
    )
    smtp_port: int = Field(587, ge=1, le=65_535, description="Port of the SMTP server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="How the connection to the SMTP server is encrypted. Use `none` only if the "
        "server runs on this machine.",
    )
    smtp_user: str = Field("", description="User name for the SMTP server. If empty, we do not log in.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password for the SMTP server.")
    smtp_ehlo_name: EhloName = Field(
        "",
        description="Name that this machine introduces itself with (EHLO), such as `news.example.org`. "
        "If empty, its host name is used.",
    )
    smtp_timeout_seconds: float = Field(
        60.0,
        gt=0,
        le=600,
        description="Maximum time for connecting to the SMTP server and logging in, and also for "
        "transmitting one email.",
    )
    smtp_reply_timeout_seconds: float = Field(
        600.0,
        gt=0,
        le=3_600,
        description="How long to wait for the SMTP server’s reply after we have transmitted an email.",
    )
    bounce_address: MailboxAddress = Field(
        "",
        description="Mailbox that receives bounces of emails sent by SMTP, such as "
        "`bounces@example.org`. Each email then has its own return path, such as "
        "`bounces+…@example.org`. If empty, bounces are sent to the sender’s address. If we read the "
        "mailbox, readers can also unsubscribe by an email to it, with any transport.",
    )
    bounce_maildir: OptionalPath = Field(
        None, description="Maildir folder to read bounces from. If empty, no Maildir is read."
    )
    bounce_imap_host: HostName = Field(
        "",
        description=(
            "Host name of the IMAP server with the bounce mailbox. If empty, no mailbox is read by IMAP."
        ),
    )
    bounce_imap_port: int = Field(993, ge=1, le=65_535, description="Port of the IMAP server.")
    bounce_imap_security: Literal["tls", "starttls", "none"] = Field(
        "tls",
        description="How the connection to the IMAP server is encrypted. Use `none` only if the "
        "server runs on this machine.",
    )
    bounce_imap_user: str = Field("", description="User name for the IMAP server.")
    bounce_imap_password: SecretStr = Field(SecretStr(""), description="Password for the IMAP server.")
    bounce_imap_folder: FolderName = Field("INBOX", description="IMAP folder to read bounces from.")
    bounce_imap_timeout_seconds: float = Field(
        60.0, gt=0, le=600, description="Maximum time for one session with the IMAP server."
    )
    dkim_selector: DkimSelector = Field(
        "",
        description="Selector of the DKIM key that signs emails sent by SMTP, such as `mail`. If empty, "
        "`newsletter doctor` does not check the key of your SMTP server.",
    )
    dkim_key_file: OptionalPath = Field(
        None,
        description="File with the private RSA key (PEM) that we sign emails sent by SMTP with. If "
        "empty, we leave signing to your SMTP server.",
    )
    dkim_domain: DomainName = Field(
        "",
        description=(
            "Domain to name in the DKIM signature (d=). If empty, the domain of the sender’s address is used."
        ),
    )
    track_opens: bool = Field(
        True, description="Let SendGrid measure opens by adding an invisible image to emails."
    )
    track_clicks: bool = Field(
        True, description="Let SendGrid measure clicks by redirecting links through its own address."
    )
    grace_minutes: int = Field(
        120,
        ge=1,
        le=10_080,
        description="How late an issue can still be sent. If it is later than this, we block the issue "
        "and notify editors.",
    )
    fetch_contact: str = Field(
        "",
        description="Contact address or page to give to the sites that we fetch (in the user agent). "
        "If empty, the base URL is given.",
    )
    fetch_interval_minutes: int = Field(60, ge=1, le=10_080, description="How often we fetch each source.")
    fetch_allow_hosts: Words = Field(
        (),
        description="Hosts in private networks that we may connect to, separated by commas.",
    )
    fetch_timeout_seconds: float = Field(
        30.0, gt=0, le=600, description="Maximum time for fetching one source, with all its pages."
    )
    fetch_cpu_seconds: float = Field(
        5.0,
        gt=0,
        le=600,
        description="Maximum processor time for reading one source, and also for cleaning up its articles.",
    )
    fetch_max_bytes: int = Field(
        40_000_000,
        ge=1_000,
        description="Maximum size of one source in bytes, with all its pages and after decompression.",
    )
    fetch_max_pages: int = Field(
        20,
        ge=1,
        le=1_000,
        description="Maximum number of pages to read of one source in one fetch. 1 reads only the first page.",
    )
    webhook_timeout_seconds: float = Field(
        15.0,
        gt=0,
        le=120,
        description="Maximum time for one post to your webhook. After this time, we try again later.",
    )
    fetch_concurrency: int = Field(8, ge=1, le=64, description="Number of sources to fetch at the same time.")
    dns_server: NameServer = Field(
        "",
        description="DNS server for `newsletter doctor`, such as `9.9.9.9` or `127.0.0.1:5353`. If "
        "empty, this machine’s DNS server is used.",
    )
    proxy_count: int = Field(
        0,
        ge=0,
        le=10,
        description="Number of reverse proxies in front of this server. We only trust X-Forwarded-For "
        "if this is set.",
    )
    proxy_addresses: Networks = Field(
        (),
        description="Addresses or networks of your reverse proxies, separated by commas, such as "
        "`10.0.0.7, 172.18.0.0/16`. We trust no other proxies. If empty, we trust this "
        "machine and private networks.",
    )
    invitation_days: int = Field(
        7,
        ge=1,
        le=90,
        description="How many days the link works that invites a person to the desk.",
    )
    sign_ups_per_hour: PositiveInt = Field(
        30,
        description="Maximum number of sign-ups per hour from one network (an IPv4 address or an IPv6 /48).",
    )
    sign_ups_per_hour_in_all: int = Field(
        1_000,
        ge=0,
        description="Maximum number of sign-ups per hour from all networks together. 0 means no limit.",
    )
    sign_up_mails_per_day: PositiveInt = Field(
        3,
        description="Maximum number of confirmation emails per day to one mailbox, for all lists "
        "together. Addresses with a `+tag` count as the same mailbox.",
    )
    confirm_hours: PositiveInt = Field(168, le=8_760, description="How long a confirmation link is valid.")
    proof_of_work: int = Field(
        0,
        ge=0,
        le=10_000_000,
        description="How hard the puzzle is that a browser solves before a sign-up to keep out robots "
        "(ALTCHA, the maximum number of hashes). It needs JavaScript and HTTPS. 0 turns "
        "the puzzle off.",
    )
    second_factor_roles: RoleNames = Field(
        (),
        description="Roles that need a second factor to log in, separated by commas, such as "
        "`administrator, approver`. If empty, everybody can choose.",
    )
    second_factor_days: int = Field(
        14,
        ge=0,
        le=365,
        description="How many days people have to set up a second factor that their role needs. The days count from "
        "when they next use the desk.",
    )
    ask_again_minutes: PositiveInt = Field(
        30,
        le=1_440,
        description="Before people make a key, change roles, export subscribers or erase a person, we ask again for "
        "their password or second factor, unless they entered it within this number of minutes.",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="Token that allows programs to read `/metrics` from other machines. If empty, only "
        "this machine can read the page.",
    )
    debug: bool = Field(
        False, description="Show details of errors on web pages. Never use this on a public server."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "WARNING", description="Lowest level of messages that are written to the log."
    )
    log_format: Literal["plain", "json"] = Field(
        "plain", description="Format of the log: lines of text, or one JSON object per line."
    )

    @property
    def root_url(self) -> str:
        """Return the base URL without a trailing slash."""
        return str(self.base_url).rstrip("/")


def read_environment() -> Environment:
    """Return the current settings. Raises Invalid with a sentence for each wrong value."""
    try:
        return Environment()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            "We could not read the file .env in this folder, because it is not UTF-8 text. Save "
            "the file as UTF-8."
        ) from error
    except ValidationError as error:
        raise Invalid(
            " ".join(
                _sentence(item["loc"], item["msg"].removeprefix("Value error, ")) for item in error.errors()
            )
        ) from error


def variable_of(field: str) -> str:
    """Return the name of the environment variable that sets a field, such as `NEWSLETTER_HOME` for `home`."""
    alias = Environment.model_fields[field].validation_alias
    if isinstance(alias, AliasChoices):
        return str(alias.choices[0])
    return f"NEWSLETTER_{field.upper()}"


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    name = str(location[0]) if location else ""
    variable = variable_of(name) if name in Environment.model_fields else name
    return (
        f"{variable} is not valid: {message[0].lower()}{message[1:]}. Correct the setting in the "
        "environment or in the file .env."
    )

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
    Secrets,
    WebhookKeys,
    Words,
)


class Environment(BaseSettings):
    """The settings of one installation."""

    model_config = SettingsConfigDict(env_prefix="NEWSLETTER_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Field(Path("var"), description="Folder for the database, outbox, media and secret key.")
    base_url: HttpUrl = Field(
        HttpUrl("http://localhost:8000"),
        description="Public address of this installation. Links in emails start with it.",
    )
    database_url: DatabaseUrl = Field(
        "",
        validation_alias=AliasChoices("DATABASE_URL"),
        description="`sqlite:///PATH` or `postgres://…`. If empty, an SQLite database in the home folder is "
        "used.",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Secret key that signs links and sessions, at least 32 characters. If empty, the key "
        "file in the home folder is used.",
    )
    secret_key_fallbacks: Secrets = Field(
        (),
        description="Earlier secret keys, separated by commas, the oldest last. What they signed stays "
        "valid.",
    )
    engine: EngineName = Field(
        "local",
        description="Engine that runs the sending work: threads in one process (`local`), or jobs in "
        "PostgreSQL for several machines (`procrastinate`).",
    )
    transport: Literal["maildir", "sendgrid", "smtp"] = Field(
        "maildir",
        description="How emails are sent: to a local Maildir, through SendGrid, or through an SMTP server.",
    )
    sendgrid_api_key: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("SENDGRID_API_KEY"),
        description="Your SendGrid API key. It needs the Mail Send permission, and Email Logs to check "
        "whether uncertain emails were sent.",
    )
    sendgrid_host: HttpUrl = Field(
        HttpUrl("https://api.sendgrid.com"),
        description="SendGrid's address. Use `https://api.eu.sendgrid.com` for an EU account.",
    )
    sendgrid_sandbox: bool = Field(False, description="Have SendGrid check emails without sending them.")
    sendgrid_timeout_seconds: float = Field(
        60.0,
        gt=0,
        le=600,
        description="Timeout for one request to SendGrid. After this, we do not know whether the request "
        "succeeded.",
    )
    sendgrid_webhook_key: WebhookKeys = Field(
        (),
        description="The verification key of SendGrid's Event Webhook. While you change it, give both keys, "
        "separated by a comma.",
    )
    lease_seconds: float = Field(
        0.0,
        ge=0,
        le=86_400,
        description="How long a process that is sending a batch can be silent before another process takes "
        "over. 0 means as long as the transport needs.",
    )
    evidence_grace_seconds: float = Field(
        1_800.0,
        gt=0,
        le=86_400,
        description="Before a request is sent again, two searches in Email Logs must find no trace of it. "
        "This is the minimum time between them, by SendGrid's clock.",
    )
    rate_per_second: int = Field(
        0, ge=0, description="Maximum emails sent per second, across all processes. 0 means no limit."
    )
    rate_per_hour: int = Field(
        0, ge=0, description="Maximum emails sent per hour, across all processes. 0 means no limit."
    )
    warm_up: Numbers = Field(
        (),
        description="Maximum emails on each of the first days of sending, such as `50,100,500`. If empty, "
        "nothing is limited.",
    )
    canary_percent: float = Field(
        0.0,
        ge=0,
        le=50,
        description="Percentage of a mailing to send first and watch before the rest is sent. 0 sends "
        "everything at once.",
    )
    canary_minutes: float = Field(
        30.0,
        gt=0,
        le=10_080,
        description="How long to watch the first share of a mailing before the rest is sent.",
    )
    hard_bounce_limit: float = Field(
        2.0,
        ge=0,
        le=100,
        description="Percentage of hard bounces above which a mailing is paused, counted from the third "
        "bounce on. 0 never pauses a mailing.",
    )
    complaint_limit: float = Field(
        0.3,
        ge=0,
        le=100,
        description="Percentage of complaints above which a mailing is paused, counted "
        "from the third complaint on. Providers expect less than 0.3. 0 never pauses a mailing.",
    )
    smtp_host: HostName = Field("localhost", description="The SMTP server that sends your emails.")
    smtp_port: int = Field(587, ge=1, le=65_535, description="Port of the SMTP server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="How the connection to the SMTP server is encrypted. Use `none` only if the "
        "server runs on this machine.",
    )
    smtp_user: str = Field("", description="User name at the SMTP server. If empty, we do not log in.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at the SMTP server.")
    smtp_ehlo_name: EhloName = Field(
        "",
        description="The name that this machine gives in EHLO, such as `news.example.org`. If empty, its "
        "host name is used.",
    )
    smtp_timeout_seconds: float = Field(
        60.0,
        gt=0,
        le=600,
        description="Timeout for connecting and logging in to the SMTP server, and again for transmitting "
        "each email.",
    )
    smtp_reply_timeout_seconds: float = Field(
        600.0,
        gt=0,
        le=3_600,
        description="How long to wait for the SMTP server's reply once it has received the whole email.",
    )
    bounce_address: MailboxAddress = Field(
        "",
        description="The mailbox that receives bounces of emails sent by SMTP, such as "
        "`bounces@example.org`. Each email then has its own signed return path, `bounces+…@example.org`. If "
        "empty, bounces go to the sender's address.",
    )
    bounce_maildir: OptionalPath = Field(
        None, description="Maildir folder that bounces are read from. If empty, no Maildir is read."
    )
    bounce_imap_host: HostName = Field(
        "", description="The IMAP server of the bounce mailbox. If empty, no mailbox is read by IMAP."
    )
    bounce_imap_port: int = Field(993, ge=1, le=65_535, description="Port of the IMAP server.")
    bounce_imap_security: Literal["tls", "starttls", "none"] = Field(
        "tls",
        description="How the connection to the IMAP server is encrypted. Use `none` only if the "
        "server runs on this machine.",
    )
    bounce_imap_user: str = Field("", description="User name at the IMAP server.")
    bounce_imap_password: SecretStr = Field(SecretStr(""), description="Password at the IMAP server.")
    bounce_imap_folder: FolderName = Field("INBOX", description="The IMAP folder that bounces are read from.")
    bounce_imap_timeout_seconds: float = Field(
        60.0, gt=0, le=600, description="Timeout for one session with the IMAP server."
    )
    dkim_selector: DkimSelector = Field(
        "",
        description="Selector of the DKIM key that signs emails sent by SMTP, such as `mail`. If empty, "
        "`newsletter doctor` does not check the key of your SMTP server.",
    )
    dkim_key_file: OptionalPath = Field(
        None,
        description="File with the private RSA key (PEM) that we sign emails sent by SMTP with. If empty, "
        "we leave signing to your SMTP server.",
    )
    dkim_domain: DomainName = Field(
        "",
        description="The domain in the DKIM signature (d=). If empty, the domain of each sender's address.",
    )
    track_opens: bool = Field(
        True, description="Let SendGrid add an invisible image to emails to measure opens."
    )
    track_clicks: bool = Field(
        True, description="Let SendGrid redirect links through its own address to measure clicks."
    )
    grace_minutes: int = Field(
        120,
        ge=1,
        le=10_080,
        description="How late an issue can still be sent. An issue that is later than this is blocked, and "
        "editors are notified.",
    )
    fetch_contact: str = Field(
        "",
        description="Address or page to name in the user agent when sources are fetched. If empty, the base "
        "URL.",
    )
    fetch_interval_minutes: int = Field(
        60, ge=1, le=10_080, description="How often the scheduler fetches each source."
    )
    fetch_allow_hosts: Words = Field(
        (),
        description="Hosts that can be fetched even though their address is private, separated by commas.",
    )
    fetch_timeout_seconds: float = Field(
        30.0, gt=0, le=600, description="Timeout for fetching one source, with all its pages."
    )
    fetch_cpu_seconds: float = Field(
        5.0,
        gt=0,
        le=600,
        description="Maximum processor time for reading one source, and again for cleaning its articles.",
    )
    fetch_max_bytes: int = Field(
        40_000_000,
        ge=1_000,
        description="Maximum size of a source's response, in bytes after decompression. All its pages together count.",
    )
    fetch_max_pages: int = Field(
        20,
        ge=1,
        le=1_000,
        description="Maximum number of pages read of one source in one fetch. 1 reads no later pages.",
    )
    webhook_timeout_seconds: float = Field(
        15.0,
        gt=0,
        le=120,
        description="Timeout for one post to your webhook. After this, it is tried again later.",
    )
    fetch_concurrency: int = Field(8, ge=1, le=64, description="Number of sources fetched at the same time.")
    dns_server: NameServer = Field(
        "",
        description="DNS server for `newsletter doctor`, such as `9.9.9.9` or `127.0.0.1:5353`. If empty, "
        "the system's.",
    )
    proxy_count: int = Field(
        0,
        ge=0,
        le=10,
        description="Number of reverse proxies in front of this server. X-Forwarded-For is only trusted if "
        "this is set.",
    )
    proxy_addresses: Networks = Field(
        (),
        description="Addresses or networks of these proxies, separated by commas, such as `10.0.0.7, "
        "172.18.0.0/16`. If empty, this machine and private networks. No other proxy is trusted.",
    )
    sign_ups_per_hour: PositiveInt = Field(
        30, description="Maximum sign-ups per hour from one network (an IPv4 address or an IPv6 /48)."
    )
    sign_ups_per_hour_in_all: int = Field(
        1_000, ge=0, description="Maximum sign-ups per hour from all networks together. 0 means no limit."
    )
    sign_up_mails_per_day: PositiveInt = Field(
        3,
        description="Maximum confirmation emails per day to one mailbox, counting all lists and every "
        "`+tag`.",
    )
    confirm_hours: PositiveInt = Field(168, le=8_760, description="How long a confirmation link is valid.")
    proof_of_work: int = Field(
        0,
        ge=0,
        le=10_000_000,
        description="Maximum hashes that a browser computes before a sign-up (ALTCHA, which needs "
        "JavaScript and HTTPS). 0 switches the check off.",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="Token that lets a client read `/metrics` from anywhere. If empty, only this machine "
        "can read it, and not through a proxy.",
    )
    debug: bool = Field(False, description="Show error details on pages. Never use this on a public server.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "WARNING", description="Lowest level of log messages to write."
    )
    log_format: Literal["plain", "json"] = Field(
        "plain", description="Format of log messages: lines for people, or one JSON object per line."
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
            "We could not read the file .env in this folder because it is not UTF-8 text. Save it as UTF-8."
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
    return f"{variable}: {message[0].lower()}{message[1:]}. Correct it in the environment or in .env."

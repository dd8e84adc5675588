"""The SMTP server, the bounce mailbox and the DKIM key."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from newsletter.setting_types import (
    DkimSelector,
    DomainName,
    EhloName,
    FolderName,
    HostName,
    MailboxAddress,
    OptionalPath,
)


class SmtpSettings(BaseSettings):
    """Settings of SMTP, bounces and DKIM."""

    smtp_host: HostName = Field(
        "localhost", description="Host name of the SMTP server that sends your emails."
    )
    smtp_port: int = Field(587, ge=1, le=65_535, description="Port of the SMTP server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="How the connection to the SMTP server is encrypted. Use `none` only if the "
        "server runs on this machine.",
    )
    smtp_user: str = Field("", description="Username for the SMTP server. If empty, we do not log in.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password for the SMTP server.")
    smtp_ehlo_name: EhloName = Field(
        "",
        description="Name with which this machine introduces itself (EHLO), such as `news.example.org`. "
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
        "mailbox, readers can also unsubscribe by sending an email to it, whichever transport you use.",
    )
    bounce_maildir: OptionalPath = Field(
        None, description="Maildir folder to read bounces from. If empty, no Maildir is read."
    )
    bounce_imap_host: HostName = Field(
        "",
        description=(
            "Host name of the IMAP server with the bounce mailbox. If empty, no mailbox is read over IMAP."
        ),
    )
    bounce_imap_port: int = Field(993, ge=1, le=65_535, description="Port of the IMAP server.")
    bounce_imap_security: Literal["tls", "starttls", "none"] = Field(
        "tls",
        description="How the connection to the IMAP server is encrypted. Use `none` only if the "
        "server runs on this machine.",
    )
    bounce_imap_user: str = Field("", description="Username for the IMAP server.")
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
        description="File with the private RSA key (PEM) for signing emails sent by SMTP. If "
        "empty, we leave signing to your SMTP server.",
    )
    dkim_domain: DomainName = Field(
        "",
        description=(
            "Domain that the DKIM signature names (d=). If empty, the domain of the sender’s address is used."
        ),
    )

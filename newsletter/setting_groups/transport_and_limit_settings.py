"""How emails are sent: transport, SendGrid, limits and tracking."""

from typing import Literal

from pydantic import AliasChoices, Field, HttpUrl, SecretStr
from pydantic_settings import BaseSettings

from newsletter.setting_types import (
    Numbers,
    WebhookKeys,
)


class SendingSettings(BaseSettings):
    """Settings of sending."""

    transport: Literal["maildir", "sendgrid", "smtp"] = Field(
        "maildir",
        description=(
            "How emails are sent: through SendGrid or through an SMTP server. They can also be saved in a "
            "local Maildir instead of being sent."
        ),
    )
    sendgrid_api_key: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("SENDGRID_API_KEY"),
        description="Your SendGrid API key. It needs the Mail Send permission. To check whether "
        "emails were sent after a failed connection, it also needs the Email Activity permission.",
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
    sendgrid_monthly_emails: int = Field(
        0,
        ge=0,
        description=(
            "Number of emails that your SendGrid plan includes each month. We use this number if the API "
            "key cannot read the plan’s credits. We do not start a mailing that needs more emails than are "
            "left. Use 0 if you do not know the number."
        ),
    )
    sendgrid_allow_overage: bool = Field(
        False,
        description=(
            "Start a mailing even if it needs more emails than your SendGrid plan has left. SendGrid then "
            "charges for the additional emails or rejects them, depending on the plan."
        ),
    )
    sendgrid_push_suppressions: bool = Field(
        False,
        description=(
            "Send the addresses that are suppressed here to SendGrid every day. Your other programs that "
            "use SendGrid will then not email these addresses either."
        ),
    )
    lease_seconds: float = Field(
        0.0,
        ge=0,
        le=86_400,
        description="How long a process that is sending emails can show no progress before another process "
        "takes over. If 0, we choose a suitable time for the transport.",
    )
    evidence_grace_seconds: float = Field(
        1_800.0,
        gt=0,
        le=86_400,
        description=(
            "Before we repeat a request whose outcome is unknown, we search for it in SendGrid’s Email "
            "Logs twice. This is the minimum time between the two searches."
        ),
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
        "complaints, before the rest is sent. 0 turns this off.",
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
        "not before the third bounce. 0 turns this off.",
    )
    complaint_limit: float = Field(
        0.3,
        ge=0,
        le=100,
        description="Maximum percentage of spam complaints. If a mailing has more, we pause it, but "
        "not before the third complaint. Providers expect less than 0.3. 0 turns this off.",
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
        description=(
            "How long after its scheduled time an issue can still be sent. If an issue is later than "
            "this, we block it and notify editors."
        ),
    )

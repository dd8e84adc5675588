"""The web server: proxies, sign-ups, log-ins and metrics."""

from pydantic import Field, PositiveInt, SecretStr
from pydantic_settings import BaseSettings

from newsletter.setting_types import (
    Networks,
    RoleNames,
)


class WebSettings(BaseSettings):
    """Settings of the web server."""

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
        "`10.0.0.7, 172.18.0.0/16`. We do not trust any other proxies. If empty, we trust this "
        "machine and private networks.",
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
        description=(
            "Difficulty of the puzzle that a browser solves before a sign-up, to keep out robots (ALTCHA, "
            "the maximum number of hashes). The puzzle needs JavaScript and HTTPS. 0 turns the puzzle off."
        ),
    )
    second_factor_roles: RoleNames = Field(
        (),
        description=(
            "Roles that need a second factor to log in, separated by commas, such as `administrator, "
            "approver`. Roles that include one of these need a second factor too. If empty, everybody can "
            "choose whether to use a second factor."
        ),
    )
    second_factor_days: int = Field(
        14,
        ge=0,
        le=365,
        description=(
            "Number of days that people have to set up a second factor that their role needs, counted from "
            "when they next use the desk."
        ),
    )
    ask_again_minutes: PositiveInt = Field(
        30,
        le=1_440,
        description="Before people change accounts or export people with their addresses, we ask again for their "
        "password or second factor, unless they entered it within this number of minutes.",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="Token that allows programs to read `/metrics` from other machines. If empty, only "
        "this machine can read the page.",
    )
    invitation_days: int = Field(
        7,
        ge=1,
        le=90,
        description="Number of days for which an invitation to the desk is valid.",
    )

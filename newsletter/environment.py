"""Read every setting from the environment and from `.env`, and check it when the program starts.

Most settings are in setting_groups/. The field descriptions are the documentation: a test checks that
docs/reference/settings.md lists each of them.
"""

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, HttpUrl, SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from newsletter.errors import Invalid
from newsletter.setting_groups.backup_settings import BackupSettings
from newsletter.setting_groups.fetching_settings import FetchingSettings
from newsletter.setting_groups.single_sign_on_settings import SingleSignOnSettings
from newsletter.setting_groups.smtp_settings import SmtpSettings
from newsletter.setting_groups.transport_and_limit_settings import SendingSettings
from newsletter.setting_groups.web_server_settings import WebSettings
from newsletter.setting_types import (
    DatabaseUrl,
    EngineName,
    Secrets,
)


class Environment(
    SendingSettings, SmtpSettings, FetchingSettings, WebSettings, SingleSignOnSettings, BackupSettings
):
    """The settings of one installation."""

    model_config = SettingsConfigDict(env_prefix="NEWSLETTER_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Field(
        Path("var"), description="Folder for the database, media, secret key and emails that are not sent."
    )
    base_url: HttpUrl = Field(
        HttpUrl("http://localhost:8000"),
        description="Public address of this installation. Links in emails start with this address.",
    )
    database_url: DatabaseUrl = Field(
        "",
        validation_alias=AliasChoices("DATABASE_URL"),
        description="Database, as `sqlite:///PATH` or `postgres://…`. If empty, an SQLite database in "
        "the home folder is used.",
    )
    # After the database, because what can send depends on it.
    engine: EngineName = Field(
        "local",
        description="Engine that sends the emails: threads in one process (`local`), or jobs in PostgreSQL, "
        "which several machines can share (`procrastinate`).",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Secret key that signs links and sessions, with at least 32 characters. If empty, "
        "the key in the home folder is used.",
    )
    secret_key_fallbacks: Secrets = Field(
        (),
        description="Earlier secret keys, newest first, separated by commas. Links signed with them "
        "stay valid.",
    )
    debug: bool = Field(
        False, description="Show details of errors on web pages. Never use this on a public server."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "WARNING", description="Lowest level of messages that we write to the log."
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
            "We could not read the file .env in the current folder, because it is not UTF-8 text. Save "
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

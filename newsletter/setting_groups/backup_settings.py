"""Where backups are stored, and how they are copied to somewhere else."""

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from newsletter.setting_types import command_words


class BackupSettings(BaseSettings):
    """Settings of backups."""

    backup_folder: str = Field(
        "",
        description=(
            "Folder for nightly backups and for backups that you start in the desk. If empty, the folder "
            "`backups` in the "
            "home folder is used."
        ),
    )
    backup_copy_command: str = Field(
        "",
        description=(
            "Command that copies each of these backups to another place, such as `rclone copyto {file} "
            "remote:newsletter/{name}`. `{file}` is replaced with the path of the backup, and `{name}` with "
            "its name. The command is run without a shell. If empty, backups are not copied."
        ),
    )

    @field_validator("backup_copy_command")
    @classmethod
    def _require_words(cls, command: str) -> str:
        """Refuse a command that cannot be parted into words, or that would not get the backup."""
        if command and "{file}" not in " ".join(command_words(command)):
            raise ValueError("must contain {file}, which is replaced with the path of the backup")
        return command

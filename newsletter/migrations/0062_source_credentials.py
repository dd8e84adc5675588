"""A name and a password leave the address of their source for a field of their own."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.db import migrations, models


def split(apps: Any, _editor: Any) -> None:
    """Split every address that holds them. Two sources at one address stay two: the second gets a fragment."""
    source_model = apps.get_model("newsletter", "Source")
    for source in source_model.objects.filter(location__contains="@", from_this_machine=False):
        parts = urlsplit(source.location)
        credentials, at, rest = parts.netloc.rpartition("@")
        if not at:
            continue
        source.credentials, location = credentials, urlunsplit(parts._replace(netloc=rest))
        taken = source_model.objects.filter(location=location).exists()
        source.location = f"{location}#{source.pk}" if taken else location
        source.save(update_fields=["credentials", "location"])


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0032_promised_time")]

    operations = [
        migrations.AddField(
            "source", "credentials", models.CharField(blank=True, editable=False, max_length=2000)
        ),
        migrations.RunPython(split, migrations.RunPython.noop),
    ]

"""Call models and sources by the field's words: see "Words" in the architecture."""

from django.db import migrations

from subscribers import consent_guard

SOURCES = (("letter", "link"), ("clock", "scheduler"))
COLUMNS = (("ConsentEntry", "source"), ("ConsentEntry", "counted_by"), ("Subscription", "source"))


def rename_sources(apps, schema_editor):
    using = schema_editor.connection.alias
    # The guard keeps the log from being changed; it is put back after the migrations.
    consent_guard.remove(using=using)
    for model, column in COLUMNS:
        for old, new in SOURCES:
            rows = apps.get_model("subscribers", model).objects.using(using).filter(**{column: old})
            rows.update(**{column: new})


class Migration(migrations.Migration):
    dependencies = [("subscribers", "0031_mails_answered")]
    operations = [
        migrations.RenameModel("Tally", "RateCounter"),
        migrations.RenameModel("Notice", "QueuedMail"),
        migrations.RunPython(rename_sources, migrations.RunPython.noop),
    ]

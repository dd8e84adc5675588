"""Give every row that signed links are made for a random value of its own."""

from django.db import migrations, models

import subscribers.models

RANDOM = {
    "sqlite": "(random() & 281474976710655)",
    "postgresql": "floor(random() * 281474976710656)::bigint",
}


def fill(apps, schema_editor):
    """The column's default was worked out once, for all rows."""
    for name in ("Subscriber", "Subscription"):
        table = schema_editor.quote_name(apps.get_model("subscribers", name)._meta.db_table)
        schema_editor.execute(f"UPDATE {table} SET link_nonce = {RANDOM[schema_editor.connection.vendor]}")


class Migration(migrations.Migration):
    dependencies = [("subscribers", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="subscriber",
            name="link_nonce",
            field=models.BigIntegerField(default=subscribers.models.new_link_nonce, editable=False),
        ),
        migrations.AddField(
            model_name="subscription",
            name="link_nonce",
            field=models.BigIntegerField(default=subscribers.models.new_link_nonce, editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]

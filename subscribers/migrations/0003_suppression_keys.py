"""Have each suppression name the key of its digest: so far there was one key."""

import hmac

from django.db import migrations, models

from subscribers import app_settings


def name_the_key(apps, _schema_editor):
    key = app_settings.suppression_keys()[0].encode()
    name = hmac.digest(key, b"subscribers.key-id", "sha256")[:6].hex()
    apps.get_model("subscribers", "Suppression").objects.update(key_id=name)


class Migration(migrations.Migration):
    dependencies = [("subscribers", "0002_link_nonces")]

    operations = [
        migrations.AddField(
            model_name="suppression",
            name="key_id",
            field=models.CharField(default="", help_text="Which key the digest was made with: see suppression_keys.py.", max_length=16),
            preserve_default=False,
        ),
        migrations.RunPython(name_the_key, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="suppression",
            index=models.Index(
                condition=models.Q(("lifted_at__isnull", True)), fields=["key_id"], name="suppression_key_in_force"
            ),
        ),
    ]

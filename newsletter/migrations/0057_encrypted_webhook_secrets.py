"""Encrypt the secrets of webhooks that were stored as they are."""

from typing import Any

from django.db import migrations, models

from newsletter.encrypted_text import MARK, encrypt

PURPOSE = "secret of a webhook"
FIELDS = ("secret", "former_secret")
AT_ONCE = 500


def encrypt_secrets(apps: Any, _schema_editor: Any) -> None:
    """Encrypt each secret that is not encrypted yet."""
    webhooks, last = apps.get_model("newsletter", "Webhook").objects.order_by("pk"), 0
    while rows := list(webhooks.filter(pk__gt=last)[:AT_ONCE]):
        for row in rows:
            for field in FIELDS:
                text = getattr(row, field)
                if text and not text.startswith(MARK):
                    setattr(row, field, encrypt(text, purpose=PURPOSE))
        webhooks.bulk_update(rows, FIELDS)
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [
        ('newsletter', '0056_plain_help_texts'),
    ]

    operations = [
        migrations.AlterField(
            model_name='webhook',
            name='secret',
            field=models.CharField(help_text='Encrypted. See webhook_secrets.py.', max_length=500),
        ),
        migrations.AlterField(
            model_name='webhook',
            name='former_secret',
            field=models.CharField(blank=True, db_default='', default='', help_text='Encrypted. See webhook_secrets.py.', max_length=500),
        ),
        migrations.RunPython(encrypt_secrets, migrations.RunPython.noop),
    ]

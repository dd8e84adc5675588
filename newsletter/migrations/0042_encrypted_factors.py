"""Encrypt the secrets of authenticator apps and recovery codes that were stored as they are."""

import json
from typing import Any

from django.db import migrations

from newsletter.accounts.factor_secrets import FIELDS, encrypt_secret
from newsletter.encrypted_text import MARK

TABLE = "mfa_authenticator"


def encrypt_factors(_apps: Any, schema_editor: Any) -> None:
    """Encrypt each secret. The table is that of django-allauth, which is not there in another Django site."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return
        cursor.execute(f"SELECT id, data FROM {TABLE} WHERE type IN ('totp', 'recovery_codes')")
        for number, stored in cursor.fetchall():
            data = json.loads(stored) if isinstance(stored, str) else stored
            plain = [each for each in FIELDS if each in data and not data[each].startswith(MARK)]
            if plain:
                data |= {each: encrypt_secret(data[each]) for each in plain}
                cursor.execute(f"UPDATE {TABLE} SET data = %s WHERE id = %s", [json.dumps(data), number])


class Migration(migrations.Migration):
    dependencies = [
        ('newsletter', '0041_audit_indexes'),
    ]

    operations = [
        migrations.RunPython(encrypt_factors, migrations.RunPython.noop),
    ]

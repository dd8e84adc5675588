"""Give everybody the roles that they had: an approver could also edit and send, and a superuser was the administrator.

The groups that carried the roles go, because Django's administration is for superusers alone.
"""

from typing import Any

from django.conf import settings
from django.db import migrations

ROLES = {
    "editor": ("editor",),
    "approver": ("editor", "approver", "sender"),
    "administrator": ("administrator",),
}


def give_roles(apps: Any, _schema_editor: Any) -> None:
    """Give each user the roles of their groups, and each superuser the role administrator."""
    user_model = apps.get_model(*settings.AUTH_USER_MODEL.split("."))
    grants = apps.get_model("newsletter", "RoleGrant").objects
    given = set(user_model.objects.filter(is_superuser=True).values_list("pk", flat=True))
    found = {(user, "administrator") for user in given}
    groups = user_model.objects.filter(groups__name__in=ROLES).values_list("pk", "groups__name")
    found |= {(user, role) for user, group in groups for role in ROLES[group]}
    grants.bulk_create(grants.model(user_id=user, role=role) for user, role in sorted(found))
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()
    # A role opened parts of the administration before.
    user_model.objects.filter(is_superuser=False, pk__in={user for user, _role in found}).update(is_staff=False)


class Migration(migrations.Migration):
    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('newsletter', '0036_roles_per_publication'),
    ]

    operations = [
        migrations.RunPython(give_roles, migrations.RunPython.noop),
    ]

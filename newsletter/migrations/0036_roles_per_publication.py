"""Roles are kept in a table of their own, for all publications or for single ones."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('newsletter', '0035_forgotten_passwords'),
    ]

    operations = [
        migrations.CreateModel(
            name='RoleGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                (
                    'role',
                    models.CharField(
                        choices=[
                            ('author', 'author'),
                            ('editor', 'editor'),
                            ('approver', 'approver'),
                            ('sender', 'sender'),
                            ('administrator', 'administrator'),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    'publication',
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name='role_grants',
                        to='newsletter.publication',
                    ),
                ),
                (
                    'user',
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name='role_grants',
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('user', 'role', 'publication'), name='role_grant_once'),
                    models.UniqueConstraint(
                        condition=models.Q(('publication', None)),
                        fields=('user', 'role'),
                        name='role_grant_for_all_once',
                    ),
                ],
            },
        ),
    ]

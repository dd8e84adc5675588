"""Adds the search of people. The index of those who are there already is written later, by the scheduler."""

from typing import Any

from django.db import migrations, models

from subscribers.search import search_tables


def index_known_people(_apps: Any, schema_editor: Any) -> None:
    """Create the index and its triggers, and note everybody, which takes about a second for a million people."""
    search_tables.install(using=schema_editor.connection.alias)
    schema_editor.execute("INSERT INTO subscribers_searchtodo (id) SELECT id FROM subscribers_subscriber")


class Migration(migrations.Migration):

    dependencies = [
        ('subscribers', '0005_find_paused_people'),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchRemoval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('times', models.BigIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='SearchText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='SearchTodo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
        ),
        migrations.AddIndex(
            model_name='subscription',
            index=models.Index(fields=['list', 'joined_at'], name='subscription_joined'),
        ),
        migrations.RunPython(index_known_people, migrations.RunPython.noop),
    ]

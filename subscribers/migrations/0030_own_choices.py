"""Keep which fields people filled in themselves, and have the consent log say states and moves."""


import subscribers.models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscribers', '0003_suppression_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='consententry',
            name='counted_by',
            field=models.CharField(blank=True, choices=[('form', 'Form'), ('import', 'Import'), ('api', 'API'), ('editor', 'Editor'), ('letter', 'Link in a letter'), ('provider', 'Mail provider'), ('clock', 'Clock')], help_text='The door that growth counts a move under: who confirmed came by the door of their sign-up.', max_length=20),
        ),
        migrations.AddField(
            model_name='consententry',
            name='moved',
            field=models.SmallIntegerField(default=0, help_text='1: the list gained an active reader by the act; -1: it lost one.'),
        ),
        migrations.AddField(
            model_name='consententry',
            name='state',
            field=models.CharField(blank=True, choices=[('pending', 'Pending'), ('active', 'Active'), ('unsubscribed', 'Unsubscribed')], help_text='The state of the subscription after the act; empty: it is about none, or it was removed.', max_length=20),
        ),
        migrations.AddField(
            model_name='subscriber',
            name='own_fields',
            field=models.CharField(blank=True, editable=False, help_text="Which of the fields above the person filled in themselves: no import or editor's add changes them.", max_length=80),
        ),
        migrations.AlterField(
            model_name='consententry',
            name='topics',
            field=models.JSONField(default=subscribers.models.no_topics, help_text='Slugs of the topics chosen, as they were after the act; none means every topic. Where somebody who left was asked to confirm, those that they get by confirming.'),
        ),
    ]

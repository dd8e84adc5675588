"""Give mailings a purpose, an audience rule and variants. For databases without mailings: none was released before."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('newsletter', '0077_bounce_folder'),
        ('subscribers', '0031_mails_answered'),
    ]

    operations = [
        migrations.CreateModel(
            name='Variant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(help_text='From 1 within the mailing.')),
                ('language', models.CharField(blank=True, max_length=35)),
                ('edition', models.CharField(blank=True, max_length=80)),
                ('topics', models.JSONField(blank=True, default=list)),
                ('subject', models.CharField(blank=True, max_length=300)),
                ('readers', models.TextField(blank=True, help_text='The segment that it is for; empty: everybody else.')),
                ('email', models.JSONField()),
                ('digest', models.CharField(help_text='Of this email alone.', max_length=64)),
                ('content_accepted', models.BooleanField(default=False, help_text='A post of it was accepted. Before that, one post goes at a time.')),
            ],
            options={
                'ordering': ('mailing', 'number'),
            },
        ),
        migrations.RemoveConstraint(
            model_name='recipient',
            name='issue_once_a_subscriber',
        ),
        migrations.RemoveField(
            model_name='approval',
            name='letter',
        ),
        migrations.RemoveField(
            model_name='mailing',
            name='content_accepted',
        ),
        migrations.RemoveField(
            model_name='mailing',
            name='letter',
        ),
        migrations.RemoveField(
            model_name='mailing',
            name='letter_digest',
        ),
        migrations.AddField(
            model_name='approval',
            name='emails',
            field=models.JSONField(),
        ),
        migrations.AddField(
            model_name='mailing',
            name='digest',
            field=models.CharField(help_text='Of all variants, as they were approved.', max_length=64),
        ),
        migrations.AddField(
            model_name='mailing',
            name='exclusions',
            field=models.JSONField(blank=True, default=list, help_text='Segments of the list that are left out.'),
        ),
        migrations.AddField(
            model_name='mailing',
            name='mailing_list',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='subscribers.list'),
        ),
        migrations.AddField(
            model_name='mailing',
            name='purpose',
            field=models.CharField(choices=[('issue', 'Issue'), ('correction', 'Correction'), ('sequence step', 'Step of a sequence')], default='issue', max_length=20),
        ),
        migrations.AddField(
            model_name='mailing',
            name='segment',
            field=models.TextField(blank=True, help_text='Who of the list; empty: everybody.'),
        ),
        migrations.AddField(
            model_name='recipient',
            name='mailing',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='newsletter.mailing'),
        ),
        migrations.AlterField(
            model_name='mailing',
            name='issue',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mailings', to='newsletter.issue'),
        ),
        migrations.AlterField(
            model_name='recipient',
            name='issue',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='newsletter.issue'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.UniqueConstraint(condition=models.Q(('purpose', 'issue')), fields=('issue',), name='one_mailing_sends_an_issue'),
        ),
        migrations.AddConstraint(
            model_name='recipient',
            constraint=models.UniqueConstraint(condition=models.Q(('issue__isnull', False)), fields=('issue', 'subscriber'), name='issue_once_a_subscriber'),
        ),
        migrations.AddConstraint(
            model_name='recipient',
            constraint=models.UniqueConstraint(condition=models.Q(('issue__isnull', True)), fields=('mailing', 'subscriber'), name='mailing_once_a_subscriber'),
        ),
        migrations.AddField(
            model_name='variant',
            name='mailing',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='variants', to='newsletter.mailing'),
        ),
        migrations.AddField(
            model_name='batch',
            name='variant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='batches', to='newsletter.variant'),
        ),
        migrations.AddConstraint(
            model_name='variant',
            constraint=models.UniqueConstraint(fields=('mailing', 'number'), name='variant_number_once'),
        ),
    ]

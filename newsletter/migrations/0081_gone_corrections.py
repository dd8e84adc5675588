from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('newsletter', '0080_hand_over_questions'),
    ]

    operations = [
        migrations.AddField(
            model_name='correction',
            name='gone_at',
            field=models.DateTimeField(blank=True, help_text='When its source stopped giving the correction. Empty if it still does.', null=True),
        ),
    ]

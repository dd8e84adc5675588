"""Call models, fields and states by the field's words: see "Words" in the architecture."""

from django.db import migrations, models

MODELS = (
    ("Residence", "Instance"),
    ("EditorNotice", "Notification"),
    ("NoticeMail", "NotificationMail"),
    ("NoMail", "NotificationOptOut"),
    ("Beginning", "NotificationEpoch"),
    ("Hook", "Webhook"),
    ("HookDelivery", "WebhookDelivery"),
    ("Departure", "SendRecord"),
    ("Pull", "SuppressionSync"),
    ("Disproof", "UntracedPost"),
    ("Watch", "MailingMonitor"),
    ("RawPost", "RawWebhookPost"),
    ("Arrival", "BatchArrival"),
)
FIELDS = {
    "article": (("held_back", "excluded"),),
    "publication": (("hold_minutes", "undo_minutes"), ("second_person", "four_eyes")),
    "issue": (("held_because", "blocked_reason"),),
    "approval": (("withdrawn_because", "withdrawn_reason"),),
    "schedule": (("wall", "local_time"), ("holding", "in_undo_window")),
    "series": (("look_at", "next_check_at"),),
    "mailing": (
        ("wait_reason", "defer_reason"),
        ("first_share", "canary_size"),
        ("holds_rest", "canary_pending"),
        ("attempts_from", "attempts_offset"),
        ("troubles", "failures"),
        ("trouble_seen", "bad_reports_seen"),
    ),
    "batch": (
        ("wave", "send_window"),
        ("refused", "rejected"),
        ("refused_in", "rejected_in"),
        ("both_refused", "both_rejected"),
        ("in_hand", "current_recipient"),
        ("looked_at", "untraced_since"),
    ),
    "recipient": (("refused_for", "rejected_for"),),
    "untracedpost": (("disproved_at", "untraced_at"),),
    "earlieracceptance": (("twice", "is_duplicate"),),
    "failingwork": (("well_at", "recovered_at"),),
    "instance": (
        ("place", "fingerprint"),
        ("words", "label"),
        ("held_at", "counted_at"),
        ("taken_by", "adopted_by"),
        ("taken_at", "adopted_at"),
    ),
    "notification": (("facts", "data"),),
    "webhook": (("taken_at", "accepted_at"),),
    "occurrence": (("wall", "local_time"),),
    "notificationmail": (("notice", "notification"),),
    "webhookdelivery": (("notice", "notification"), ("hook", "webhook")),
}
# Removed under its old name, and made again: (old model, old name, new model, new constraint).
CONSTRAINTS = (
    (
        "residence",
        "residence_once",
        "instance",
        models.CheckConstraint(condition=models.Q(id=1), name="instance_once"),
    ),
    (
        "occurrence",
        "occurrence_once",
        "occurrence",
        models.UniqueConstraint(fields=("series", "local_time"), name="occurrence_once"),
    ),
    (
        "noticemail",
        "notice_once_a_person",
        "notificationmail",
        models.UniqueConstraint(fields=("notification", "user"), name="notification_once_a_person"),
    ),
    (
        "hookdelivery",
        "notice_once_a_hook",
        "webhookdelivery",
        models.UniqueConstraint(fields=("webhook", "notification"), name="notification_once_a_webhook"),
    ),
    (
        "disproof",
        "disproof_once",
        "untracedpost",
        models.UniqueConstraint(fields=("batch", "attempt"), name="untraced_post_once"),
    ),
)
INDEXES = (
    ("notificationmail", "notice_mail_due", "notification_mail_due"),
    ("webhookdelivery", "hook_delivery_due", "webhook_delivery_due"),
)
STATES = (
    ("Issue", "state", "held", "blocked"),
    ("Recipient", "state", "refused", "rejected"),
    ("Notification", "kind", "issue.held", "issue.blocked"),
    ("AuditEntry", "act", "hold", "block"),
    ("AuditEntry", "act", "residence", "instance"),
    ("Heartbeat", "name", "clock", "scheduler"),
)


def rename_states(apps, schema_editor):
    for model, field, old, new in STATES:
        rows = apps.get_model("newsletter", model).objects.using(schema_editor.connection.alias)
        rows.filter(**{field: old}).update(**{field: new})


def _operations():
    for old_model, old, _model, _constraint in CONSTRAINTS:
        yield migrations.RemoveConstraint(old_model, old)
    for old, new in MODELS:
        yield migrations.RenameModel(old, new)
    for model, pairs in FIELDS.items():
        for old, new in pairs:
            yield migrations.RenameField(model, old, new)
    for _old_model, _old, model, constraint in CONSTRAINTS:
        yield migrations.AddConstraint(model, constraint)
    for model, old, new in INDEXES:
        yield migrations.RenameIndex(model, new_name=new, old_name=old)


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0100_purpose_and_variants")]
    operations = [*_operations(), migrations.RunPython(rename_states, migrations.RunPython.noop)]

"""Notifies editors of events, by email and by webhook.

No stage calls this package. Detectors find events in the rows of all stages (detectors/). Each event is stored once as
a notification (write_notifications.py), then emailed (notification_mails.py) and posted (webhook_deliveries.py) until
it has arrived or has failed too often.
"""

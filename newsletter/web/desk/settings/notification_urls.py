"""The URLs of notifications and webhooks."""

from django.urls import path

from newsletter.web.desk.settings import notification_pages, webhook_pages

ONE = "settings/webhooks/<int:webhook>/"

urlpatterns = [
    path("settings/notifications/", notification_pages.notifications, name="notifications"),
    path(
        "settings/notifications/people/<int:person>/",
        notification_pages.notification_mail,
        name="notification-mail",
    ),
    path(
        "settings/notifications/people/<int:person>/events/",
        notification_pages.notification_kinds,
        name="notification-kinds",
    ),
    path("settings/webhooks/add/", webhook_pages.add_webhook, name="add-webhook"),
    path(ONE, webhook_pages.webhook, name="webhook"),
    path(f"{ONE}secret/", webhook_pages.change_webhook_secret, name="change-webhook-secret"),
    path(f"{ONE}test/", webhook_pages.test_webhook, name="test-webhook"),
    path(f"{ONE}remove/", webhook_pages.remove_webhook, name="remove-webhook"),
    path(
        f"{ONE}deliveries/<int:delivery>/again/",
        webhook_pages.send_webhook_again,
        name="send-webhook-again",
    ),
]

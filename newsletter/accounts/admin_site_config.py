"""Tells Django to use our site for its administration pages (superusers_admin_site.py). It loads early."""

from django.contrib.admin.apps import SimpleAdminConfig


class AdministrationConfig(SimpleAdminConfig):
    """Django's administration, for superusers alone."""

    default_site = "newsletter.accounts.superusers_admin_site.SuperusersSite"

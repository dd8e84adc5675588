"""Tells Django to use our site for its administration pages: superusers_site.py. It is apart so that it loads early."""

from django.contrib.admin.apps import SimpleAdminConfig


class AdministrationConfig(SimpleAdminConfig):
    """Django's administration, for superusers alone."""

    default_site = "newsletter.accounts.superusers_site.SuperusersSite"
